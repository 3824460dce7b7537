//! Tokens that live from seconds to days, under clocks that are wrong: each life costs one
//! renewal, in time by the server's clock.

use super::tests::policy;
use super::{Do, Follow, Moment, Policy, Refusal};
use crate::model::timestamp::Timestamp;
use serde_json::{Value, json};
use std::time::Duration;

/// A token that says so.
pub(super) fn token(claims: &Value) -> String {
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

/// How the server lets its clock be known.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Told {
    /// A `Date` in its answers.
    Date,
    /// `iat` in its tokens.
    Issue,
    /// Not at all.
    Nothing,
}

/// A server whose tokens live so long, as a client sees it whose clock is `skew` ahead.
#[derive(Clone, Copy, Debug)]
struct Case {
    life: u64,
    skew: i64,
    told: Told,
    /// How long its answers take.
    slow: Duration,
    seed: u64,
}

/// What following for ten lives has cost.
#[derive(Debug, Default)]
struct Cost {
    logins: u64,
    renewals: u64,
    /// Renewals with a token that was of no use any more.
    late: u64,
    /// The least and the most of a life after which it was renewed.
    share: Option<(f64, f64)>,
}

impl Case {
    /// The server's clock in milliseconds since 1970, after so much of the run.
    fn server(run: Duration) -> i64 {
        1_700_000_000_000 + i64::try_from(run.as_millis()).unwrap()
    }

    fn moment(&self, run: Duration) -> Moment {
        let wall = Timestamp::from_millis(Self::server(run) + self.skew * 1000);
        Moment { run, wall }
    }

    /// Follows for ten lives. Each token is issued as soon as it is asked for, and the answer
    /// takes its time.
    fn cost(&self) -> Cost {
        let login = Policy {
            login: true,
            ..policy()
        };
        let life = Duration::from_secs(self.life);
        let (mut follow, mut cost) = (Follow::new(login, self.seed), Cost::default());
        let (mut run, mut issued) = (Duration::ZERO, None);
        let end = life * 10;
        let mut steps = 0;
        while run < end {
            steps += 1;
            assert!(steps < 10_000, "a storm: {self:?} {cost:?}");
            let asked = follow.next(self.moment(run));
            match asked {
                Do::Login | Do::Renew => {
                    let age = issued.map(|issued| run.saturating_sub(issued));
                    let dead = age.is_none_or(|age| age >= life);
                    if asked == Do::Login {
                        cost.logins += 1;
                    } else {
                        cost.renewals += 1;
                        cost.late += u64::from(dead);
                        let share = age.unwrap().as_secs_f64() / life.as_secs_f64();
                        let (least, most) = cost.share.unwrap_or((share, share));
                        cost.share = Some((least.min(share), most.max(share)));
                    }
                    let at = run;
                    run += self.slow;
                    if asked == Do::Renew && dead {
                        let refusal = Refusal::Unauthorised("401".to_owned());
                        follow.renewal_failed(&refusal, self.moment(run));
                        continue;
                    }
                    issued = Some(at);
                    let seconds = Self::server(at) / 1000;
                    let mut claims = json!({"exp": seconds + i64::try_from(self.life).unwrap()});
                    if self.told == Told::Issue {
                        claims["iat"] = seconds.into();
                    }
                    let date = Timestamp::from_millis(seconds * 1000);
                    let date = (self.told == Told::Date).then_some(date);
                    follow.token(&token(&claims), date, self.moment(run));
                }
                Do::Connect(_) if issued.is_some_and(|issued| run < issued + life) => {
                    follow.opened("x", true, self.moment(run));
                }
                Do::Connect(_) => {
                    let refusal = Refusal::Unauthorised("401".to_owned());
                    follow.refused(refusal, self.moment(run));
                }
                Do::Read(until) => {
                    // A server hangs up on a token that has expired.
                    let dead = issued.map_or(end, |issued| issued + life);
                    run = until.unwrap_or(end).min(dead.max(run));
                    if run >= dead {
                        follow.closed("expired", self.moment(run));
                    }
                }
                Do::Wait(until) => run = until,
                Do::Stop(stopped) => panic!("{stopped:?} {self:?} {cost:?}"),
            }
        }
        cost
    }
}

const LIVES: [u64; 12] = [
    5, 10, 30, 60, 119, 121, 300, 900, 3_600, 14_400, 86_400, 604_800,
];
const SKEWS: [i64; 5] = [-600, -30, 0, 30, 600];

#[test]
fn a_life_costs_one_renewal_in_time_whatever_our_clock_says() {
    for life in LIVES {
        for skew in SKEWS {
            for (seed, told) in (0..16).flat_map(|seed| [(seed, Told::Date), (seed, Told::Issue)]) {
                let slow = Duration::from_millis(seed * 50);
                let case = Case {
                    life,
                    skew,
                    told,
                    slow,
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
fn a_server_that_tells_no_time_costs_a_login_a_life_at_most() {
    for life in LIVES {
        for skew in SKEWS {
            for seed in 0..16 {
                let case = Case {
                    life,
                    skew,
                    told: Told::Nothing,
                    slow: Duration::from_millis(20),
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
    for (life, slow) in [(1, 0), (1, 900), (2, 1_500), (5, 10_000), (5, 30_000)] {
        let case = Case {
            life,
            skew: 0,
            told: Told::Date,
            slow: Duration::from_millis(slow),
            seed: 7,
        };
        let login = Policy {
            login: true,
            ..policy()
        };
        let mut follow = Follow::new(login, 7);
        let (mut run, mut asked, mut read) = (Duration::ZERO, Vec::new(), 0);
        while run < Duration::from_secs(600) {
            match follow.next(case.moment(run)) {
                Do::Login | Do::Renew => {
                    asked.push(run);
                    let seconds = Case::server(run) / 1000;
                    let claims = json!({"exp": seconds + i64::try_from(life).unwrap()});
                    let date = Timestamp::from_millis(seconds * 1000);
                    run += case.slow;
                    follow.token(&token(&claims), Some(date), case.moment(run));
                }
                Do::Connect(_) => follow.opened("x", true, case.moment(run)),
                Do::Read(until) => {
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
