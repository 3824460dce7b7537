//! Many clients lose the same server at once: they must not keep it down, nor come back in step.

use hivelog::follow::{Action, Follow, FollowPolicy, Moment, Refusal};
use hivelog::model::timestamp::Timestamp;
use std::collections::BTreeMap;
use std::time::Duration;

const CLIENTS: u64 = 1000;

fn at(run: Duration) -> Moment {
    Moment {
        run,
        wall: Timestamp::from_millis(i64::try_from(run.as_millis()).expect("short")),
    }
}

/// When a client connects while the server is away until then; the last time succeeds.
fn attempts(seed: u64, back: Duration) -> Vec<Duration> {
    let policy = FollowPolicy {
        reconnects: None,
        patient: false,
        follow: true,
        login: false,
        by_id: false,
    };
    let mut follow = Follow::new(policy, seed);
    follow.opened("x", false, at(Duration::ZERO));
    follow.closed("reset", at(Duration::ZERO));
    let (mut now, mut attempts) = (Duration::ZERO, Vec::new());
    loop {
        match follow.next(at(now)) {
            Action::Wait(until) => now = until,
            Action::Connect(_) => {
                attempts.push(now);
                if now >= back {
                    return attempts;
                }
                follow.refused(Refusal::Again("down".to_owned(), None), at(now));
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_thousand_clients_do_not_storm_a_server_that_comes_back() {
    let back = Duration::from_secs(600);
    let mut seconds = BTreeMap::<u64, usize>::new();
    let mut slowest = Duration::ZERO;
    for seed in 0..CLIENTS {
        let attempts = attempts(seed, back);
        // Six that are short, and then one every 15 s on average.
        assert!(attempts.len() < 100, "{}", attempts.len());
        slowest = slowest.max(attempts[attempts.len() - 1]);
        for attempt in attempts {
            *seconds.entry(attempt.as_secs()).or_default() += 1;
        }
    }
    assert!(slowest <= back + Duration::from_secs(30), "{slowest:?}");
    // Once they are spread, no second sees more than a fifth of them.
    let busiest = seconds.range(60..).map(|(_, count)| *count).max();
    assert!(
        busiest < Some(usize::try_from(CLIENTS).unwrap() / 5),
        "{busiest:?}"
    );
    // And the first minute is bounded too.
    let first: usize = seconds.range(..60).map(|(_, count)| count).sum();
    assert!(first < 15 * usize::try_from(CLIENTS).unwrap(), "{first}");
}
