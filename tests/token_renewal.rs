//! Tokens that live from seconds to days, under clocks that are wrong: each token is renewed once,
//! in time by the server's clock.

use hivelog::follow::{Action, Follow, FollowPolicy, Moment, Refusal};
use hivelog::model::timestamp::Timestamp;
use serde_json::{Value, json};
use std::time::Duration;

/// A JSON web token with these claims.
fn token(claims: &Value) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = "h.".to_owned();
    for three in claims.to_string().as_bytes().chunks(3) {
        let held = three
            .iter()
            .fold(0_u32, |sum, byte| sum << 8 | u32::from(*byte));
        let held = held << (8 * (3 - three.len()));
        for at in 0..=three.len() {
            text.push(char::from(DIGITS[(held >> (18 - 6 * at) & 63) as usize]));
        }
    }
    text + ".s"
}

/// Where the server states its time.
#[derive(Clone, Copy, Debug, PartialEq)]
enum ServerTime {
    /// A `Date` in its answers.
    Date,
    /// `iat` in its tokens.
    IssuedAt,
    /// Nowhere.
    Unknown,
}

/// A server whose tokens live so long, as a client sees it whose clock is `skew` ahead.
#[derive(Clone, Copy, Debug)]
struct Case {
    life: u64,
    skew: i64,
    time: ServerTime,
    /// How long its answers take.
    latency: Duration,
    seed: u64,
}

/// The requests that following for ten lives has caused.
#[derive(Debug, Default)]
struct Cost {
    logins: u64,
    renewals: u64,
    /// Renewals with a token that had expired.
    late: u64,
    /// The least and the largest part of a life after which a token was renewed.
    share: Option<(f64, f64)>,
}

impl Case {
    /// The server's clock in milliseconds since 1970, after so much of the run.
    fn server(run: Duration) -> i64 {
        1_700_000_000_000 + i64::try_from(run.as_millis()).expect("short")
    }

    fn moment(&self, run: Duration) -> Moment {
        let wall = Timestamp::from_millis(Self::server(run) + self.skew * 1000);
        Moment { run, wall }
    }

    /// Follows for ten lives. Each token is issued as soon as it is asked for, and the answer
    /// takes its time.
    fn cost(&self) -> Cost {
        let life = Duration::from_secs(self.life);
        let (mut follow, mut cost) = (Follow::new(POLICY, self.seed), Cost::default());
        let (mut run, mut issued) = (Duration::ZERO, None);
        let end = life * 10;
        let mut steps = 0;
        while run < end {
            steps += 1;
            assert!(steps < 10_000, "a storm: {self:?} {cost:?}");
            let asked = follow.next(self.moment(run));
            match asked {
                Action::Login | Action::Renew => {
                    let age = issued.map(|issued| run.saturating_sub(issued));
                    let dead = age.is_none_or(|age| age >= life);
                    if asked == Action::Login {
                        cost.logins += 1;
                    } else {
                        cost.renewals += 1;
                        cost.late += u64::from(dead);
                        let share = age.expect("a token").as_secs_f64() / life.as_secs_f64();
                        let (least, most) = cost.share.unwrap_or((share, share));
                        cost.share = Some((least.min(share), most.max(share)));
                    }
                    let at = run;
                    run += self.latency;
                    if asked == Action::Renew && dead {
                        let refusal = Refusal::Unauthorised("401".to_owned());
                        follow.renewal_failed(&refusal, self.moment(run));
                        continue;
                    }
                    issued = Some(at);
                    let seconds = Self::server(at) / 1000;
                    let mut claims =
                        json!({"exp": seconds + i64::try_from(self.life).expect("short")});
                    if self.time == ServerTime::IssuedAt {
                        claims["iat"] = seconds.into();
                    }
                    let date = Timestamp::from_millis(seconds * 1000);
                    let date = (self.time == ServerTime::Date).then_some(date);
                    follow.token(&token(&claims), date, self.moment(run));
                }
                Action::Connect(_) if issued.is_some_and(|issued| run < issued + life) => {
                    follow.opened("x", true, self.moment(run));
                }
                Action::Connect(_) => {
                    let refusal = Refusal::Unauthorised("401".to_owned());
                    follow.refused(refusal, self.moment(run));
                }
                Action::Read(until) => {
                    // A server hangs up on a token that has expired.
                    let dead = issued.map_or(end, |issued| issued + life);
                    run = until.unwrap_or(end).min(dead.max(run));
                    if run >= dead {
                        follow.closed("expired", self.moment(run));
                    }
                }
                Action::Wait(until) => run = until,
                Action::Stop(stopped) => panic!("{stopped:?} {self:?} {cost:?}"),
            }
        }
        cost
    }
}

const POLICY: FollowPolicy = FollowPolicy {
    reconnects: None,
    patient: false,
    follow: true,
    login: true,
    by_id: false,
};

const LIVES: [u64; 12] = [
    5, 10, 30, 60, 119, 121, 300, 900, 3_600, 14_400, 86_400, 604_800,
];
const SKEWS: [i64; 5] = [-600, -30, 0, 30, 600];

#[test]
fn a_life_costs_one_renewal_in_time_whatever_our_clock_says() {
    for life in LIVES {
        for skew in SKEWS {
            for (seed, time) in
                (0..16).flat_map(|seed| [(seed, ServerTime::Date), (seed, ServerTime::IssuedAt)])
            {
                let latency = Duration::from_millis(seed * 50);
                let case = Case {
                    life,
                    skew,
                    time,
                    latency,
                    seed,
                };
                let cost = case.cost();
                let (least, most) = cost.share.unwrap();
                assert_eq!((cost.logins, cost.late), (1, 0), "{case:?} {cost:?}");
                assert!(most <= 0.801 && least >= 0.40, "{case:?} {cost:?}");
                if life > 300 {
                    assert!(least >= 0.719, "{case:?} {cost:?}");
                }
                assert!(cost.renewals <= 25, "{case:?} {cost:?}");
            }
        }
    }
}

#[test]
fn a_server_that_does_not_state_its_time_costs_a_login_a_life_at_most() {
    for life in LIVES {
        for skew in SKEWS {
            for seed in 0..16 {
                let case = Case {
                    life,
                    skew,
                    time: ServerTime::Unknown,
                    latency: Duration::from_millis(20),
                    seed,
                };
                let cost = case.cost();
                assert!(cost.logins <= 11, "{case:?} {cost:?}");
                // Clocks that are ahead see less of a life, and renew more often.
                assert!(cost.renewals <= 400, "{case:?} {cost:?}");
                if skew == 0 {
                    assert_eq!((cost.logins, cost.late), (1, 0), "{case:?} {cost:?}");
                }
            }
        }
    }
}

#[test]
fn tokens_that_live_no_time_and_answers_that_come_too_late_are_no_storm() {
    for (life, latency) in [(1, 0), (1, 900), (2, 1_500), (5, 10_000), (5, 30_000)] {
        let case = Case {
            life,
            skew: 0,
            time: ServerTime::Date,
            latency: Duration::from_millis(latency),
            seed: 7,
        };
        let mut follow = Follow::new(POLICY, 7);
        let (mut run, mut asked, mut read) = (Duration::ZERO, Vec::new(), 0);
        while run < Duration::from_secs(600) {
            match follow.next(case.moment(run)) {
                Action::Login | Action::Renew => {
                    asked.push(run);
                    let seconds = Case::server(run) / 1000;
                    let claims = json!({"exp": seconds + i64::try_from(life).unwrap()});
                    let date = Timestamp::from_millis(seconds * 1000);
                    run += case.latency;
                    follow.token(&token(&claims), Some(date), case.moment(run));
                }
                Action::Connect(_) => follow.opened("x", true, case.moment(run)),
                Action::Read(until) => {
                    read += 1;
                    run = until.unwrap();
                }
                other => panic!("{other:?}"),
            }
        }
        let soonest = asked
            .windows(2)
            .map(|two| two[1].saturating_sub(two[0]))
            .min();
        assert!(soonest >= Some(Duration::from_secs(1)), "{soonest:?}");
        assert!(read + 2 >= asked.len(), "it reads in between: {read}");
    }
}

/// A token that lives 100 s from the given second on.
fn short_token(issued: u64) -> String {
    token(&json!({"exp": issued + 100}))
}

fn at(seconds: u64) -> Moment {
    Moment {
        run: Duration::from_secs(seconds),
        wall: Timestamp::from_millis(i64::try_from(seconds).expect("short") * 1000),
    }
}

#[test]
fn tokens_are_renewed_in_time_for_a_month() {
    let mut follow = Follow::new(POLICY, 99);
    let (mut now, mut logins, mut renewals, mut expires) = (0, 0, 0_u64, 0);
    while now < 30 * 86_400 {
        match follow.next(at(now)) {
            Action::Login => {
                logins += 1;
                expires = now + 100;
                follow.token(&short_token(now), None, at(now));
            }
            Action::Connect(_) => follow.opened("x", false, at(now)),
            Action::Read(until) => now = until.unwrap().as_secs() + 1,
            Action::Renew => {
                assert!(now < expires, "too late");
                renewals += 1;
                expires = now + 100;
                follow.token(&short_token(now), None, at(now));
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(logins, 1);
    assert!(renewals <= 30 * 86_400 / 70, "{renewals}");
}

#[test]
fn a_failing_renewal_is_tried_again_and_then_becomes_a_login() {
    let mut follow = Follow::new(POLICY, 7);
    follow.token(&short_token(0), None, at(0));
    follow.opened("x", false, at(0));
    assert_eq!(follow.next(at(81)), Action::Renew);
    follow.renewal_failed(&Refusal::Again("500".to_owned(), None), at(81));
    assert!(matches!(follow.next(at(81)), Action::Read(Some(_))));
    assert_eq!(follow.next(at(87)), Action::Renew);
    follow.renewal_failed(&Refusal::Unauthorised("401".to_owned()), at(87));
    assert_eq!(
        follow.next(at(87)),
        Action::Read(None),
        "the open stream goes on"
    );
    follow.closed("closed", at(90));
    assert_eq!(follow.next(at(100)), Action::Login);
    follow.token(&short_token(100), None, at(100));
    follow.refused(Refusal::Unauthorised("401".to_owned()), at(100));
    assert_eq!(
        follow.next(at(200)),
        Action::Login,
        "401 asks for a fresh token"
    );
}
