use super::seen_ids::SeenIds;
use super::*;
use crate::model::event::Event;

fn at(seconds: u64) -> Moment {
    Moment {
        run: Duration::from_secs(seconds),
        wall: Timestamp::from_millis(i64::try_from(seconds).unwrap() * 1000),
    }
}

fn policy() -> FollowPolicy {
    FollowPolicy {
        reconnects: None,
        patient: false,
        follow: true,
        login: false,
        by_id: false,
    }
}

fn event(follow: &mut Follow, id: &str, name: &str) -> bool {
    let raw = format!(r#"{{"id":"{id}","type":"{name}"}}"#);
    follow.event(&Event::read(&raw).unwrap())
}

fn gaps(follow: &mut Follow) -> Vec<(i64, i64, bool)> {
    follow
        .notices()
        .into_iter()
        .filter_map(|notice| match notice {
            Notice::Gap {
                from,
                to,
                recovered,
                ..
            } => Some((from.millis() / 1000, to.millis() / 1000, recovered)),
            _ => None,
        })
        .collect()
}

#[test]
fn a_cut_stream_goes_on_from_its_position_and_says_so() {
    let mut follow = Follow::new(policy(), 7);
    assert_eq!(follow.next(at(0)), Action::Connect(None));
    follow.opened("x", false, at(0));
    assert_eq!(follow.next(at(0)), Action::Read(None));
    assert!(follow.moved("5"));
    assert!(event(&mut follow, "a", "x"));
    follow.heard(at(3));
    follow.closed("reset", at(4));
    assert!(matches!(follow.next(at(4)), Action::Wait(_)));
    assert_eq!(follow.next(at(5)), Action::Connect(Some("5".to_owned())));
    follow.opened("x", true, at(6));
    assert_eq!(gaps(&mut follow), [(3, 6, true)]);
    assert!(!event(&mut follow, "a", "x"), "a repeat");
    assert!(event(&mut follow, "b", "x"));
    assert_eq!(follow.notices(), [Notice::Dropped { count: 1 }]);
    follow.closed("reset", at(7));
    follow.opened("x", false, at(9));
    assert_eq!(
        gaps(&mut follow),
        [(6, 9, false)],
        "without a position nobody can tell"
    );
}

#[test]
fn a_refused_position_is_given_up_and_is_one_gap() {
    let mut follow = Follow::new(policy(), 7);
    follow.resume(ResumeState {
        position: Some("old".to_owned()),
        at: at(1).wall,
        ids: Vec::new(),
    });
    follow.refused(Refusal::Cursor("410".to_owned()), at(1));
    assert_eq!(follow.next(at(1)), Action::Connect(None));
    follow.opened("x", false, at(2));
    assert_eq!(gaps(&mut follow), [(1, 2, false)]);
}

#[test]
fn the_first_connection_must_succeed_unless_one_is_patient() {
    let again = || Refusal::Again("refused".to_owned(), None);
    let mut follow = Follow::new(policy(), 7);
    follow.refused(again(), at(0));
    assert!(matches!(
        follow.next(at(0)),
        Action::Stop(StreamEnd::Exhausted(_))
    ));
    let mut follow = Follow::new(
        FollowPolicy {
            patient: true,
            reconnects: Some(2),
            ..policy()
        },
        7,
    );
    for _ in 0..2 {
        follow.refused(again(), at(0));
        assert!(matches!(follow.next(at(0)), Action::Wait(_)));
    }
    follow.refused(again(), at(0));
    assert!(matches!(
        follow.next(at(0)),
        Action::Stop(StreamEnd::Exhausted(_))
    ));
}

#[test]
fn an_event_shows_that_reconnecting_helped() {
    let mut follow = Follow::new(
        FollowPolicy {
            reconnects: Some(1),
            ..policy()
        },
        7,
    );
    for round in 0..50 {
        follow.opened("x", true, at(round * 100));
        event(&mut follow, &round.to_string(), "x");
        follow.closed("closed", at(round * 100 + 1));
        assert!(matches!(follow.next(at(round * 100 + 1)), Action::Wait(_)));
    }
    follow.refused(Refusal::Again("down".to_owned(), None), at(9999));
    assert!(matches!(
        follow.next(at(9999)),
        Action::Stop(StreamEnd::Exhausted(_))
    ));
}

#[test]
fn waits_heed_shutdown_retry_after_and_storms() {
    for seed in 1..200 {
        let mut follow = Follow::new(policy(), seed);
        follow.opened("x", false, at(0));
        event(&mut follow, "a", "server.shutdown");
        follow.closed("closed", at(0));
        let Action::Wait(until) = follow.next(at(0)) else {
            panic!()
        };
        assert!((1..=5).contains(&until.as_secs()), "{until:?}");
        follow.opened("x", false, at(10));
        let least = Some(Duration::from_secs(90));
        follow.refused(Refusal::Again("429".to_owned(), least), at(10));
        assert_eq!(follow.next(at(10)), Action::Wait(Duration::from_secs(100)));
        // A server that closes after one event each time is not stormed.
        let mut now = Duration::from_secs(200);
        for round in 0..60 {
            let moment = Moment {
                run: now,
                wall: at(0).wall,
            };
            follow.opened("x", false, moment);
            event(&mut follow, &format!("s{round}"), "x");
            follow.closed("closed", moment);
            if let Action::Wait(until) = follow.next(moment) {
                now = until;
            }
        }
        assert!(now > Duration::from_secs(200 + 60), "{now:?}");
    }
}

#[test]
fn a_refused_password_is_left_alone_and_three_times_are_the_most() {
    let login = FollowPolicy {
        login: true,
        ..policy()
    };
    let refused = || Refusal::Unauthorised("no".to_owned());
    let mut follow = Follow::new(login, 7);
    assert_eq!(follow.next(at(0)), Action::Login);
    follow.login_failed(refused(), at(0));
    let end = StreamEnd::Unauthorised("no".to_owned());
    assert_eq!(follow.next(at(0)), Action::Stop(end), "it has never worked");
    let patient = FollowPolicy {
        patient: true,
        ..login
    };
    let mut follow = Follow::new(patient, 7);
    let mut logins = 0;
    let mut now = 0;
    let end = loop {
        match follow.next(at(now)) {
            Action::Login => {
                logins += 1;
                follow.login_failed(refused(), at(now));
            }
            Action::Wait(until) => {
                assert!(until >= Duration::from_secs(now + 30), "too soon");
                now = until.as_secs() + 1;
            }
            Action::Stop(end) => break end,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!((logins, end), (3, StreamEnd::Unauthorised("no".to_owned())));
}

#[test]
fn what_is_kept_is_what_a_later_run_goes_on_from() {
    let mut first = Follow::new(policy(), 7);
    first.opened("x", false, at(0));
    assert!(!first.has_moved());
    assert!(first.moved("5"));
    event(&mut first, "a", "x");
    assert!(first.has_moved());
    let kept = first.resume_state(at(4));
    assert!(!first.has_moved());
    let mut second = Follow::new(policy(), 8);
    second.resume(kept);
    assert_eq!(second.next(at(9)), Action::Connect(Some("5".to_owned())));
    second.opened("x", true, at(9));
    assert_eq!(gaps(&mut second), [(4, 9, true)]);
    assert!(!event(&mut second, "a", "x"), "an overlap");
    assert!(event(&mut second, "b", "x"));
}

#[test]
fn a_heartbeat_that_stops_is_a_dead_connection() {
    let mut follow = Follow::new(policy(), 7);
    follow.opened("x", false, at(0));
    for second in [0, 0, 15, 30, 45] {
        follow.beat(at(second));
        follow.heard(at(second));
    }
    assert_eq!(
        follow.next(at(46)),
        Action::Read(Some(Duration::from_secs(90)))
    );
    assert!(matches!(follow.next(at(90)), Action::Wait(_)));
    follow.opened("x", false, at(91));
    assert_eq!(gaps(&mut follow), [(45, 91, false)]);
    assert_eq!(
        follow.next(at(9999)),
        Action::Read(None),
        "no heartbeat, no limit"
    );
}

#[test]
fn our_own_logins_are_left_out_and_those_of_others_are_not() {
    let mut follow = Follow::new(
        FollowPolicy {
            login: true,
            ..policy()
        },
        7,
    );
    follow.hide_logins_of("me");
    follow.login_failed(Refusal::Unauthorised("no".to_owned()), at(0));
    follow.token("opaque", None, at(0));
    follow.token("opaque", None, at(50));
    follow.opened("x", false, at(0));
    let mut shown = |id: u32, name: &str, who: &str| {
        let raw = format!(r#"{{"id":"{id}","type":"{name}","data":{{"username":"{who}"}}}}"#);
        follow.event(&Event::read(&raw).unwrap())
    };
    assert!(shown(1, "auth.ok", "you"));
    for (id, name) in [(2, "auth.error"), (4, "auth.ok"), (6, "auth.renew")] {
        assert!(!shown(id, name, "me"), "{name}");
        assert!(
            shown(id + 1, name, "me"),
            "{name} of somebody else under our name"
        );
    }
}

#[test]
fn two_events_under_one_id_are_reported_and_an_event_that_was_handled_is_not_another() {
    let mut follow = Follow::new(policy(), 7);
    let mut take = |raw: &str| (follow.event(&Event::read(raw).unwrap()), follow.notices());
    let first = r#"{"id":"a","ts":"1","type":"x","handled":false,"data":{"n":1}}"#;
    assert_eq!(take(first), (true, vec![]));
    let handled =
        r#"{"id":"a","ts":"1","type":"x","handled":true,"data":{"n":1},"updated_at":"2"}"#;
    assert_eq!(take(handled), (false, vec![]));
    let conflict = |count| {
        let id = "a".to_owned();
        (false, vec![Notice::Conflict { id, count }])
    };
    assert_eq!(
        take(r#"{"id":"a","ts":"1","type":"x","data":{"n":2}}"#),
        conflict(1)
    );
    for _ in 2..10 {
        assert_eq!(take(r#"{"id":"a","ts":"1","type":"y"}"#), (false, vec![]));
    }
    assert_eq!(
        take(r#"{"id":"a","type":"x","data":{"n":1}}"#),
        conflict(10)
    );
}

#[test]
fn a_page_of_any_length_is_shown_once_however_often_it_comes() {
    let mut follow = Follow::new(policy(), 7);
    let mut poll = |ids: std::ops::Range<u32>| {
        follow.opened("x", false, at(0));
        follow.page_begins();
        // The newest first.
        let ids = ids.rev().map(|id| id.to_string());
        let shown = ids.filter(|id| event(&mut follow, id, "x")).count();
        follow.page_ended(Duration::ZERO, at(0));
        shown
    };
    let length = SeenIds::WINDOW + 10;
    assert_eq!(poll(0..length), length as usize);
    assert_eq!(poll(0..length), 0);
    assert_eq!(poll(7..length + 7), 7);
    assert_eq!(poll(9..length + 9), 2);
    let kept = follow.resume_state(at(0)).ids;
    assert_eq!(kept.len(), SeenIds::WINDOW as usize, "a file of any length");
}

#[test]
fn a_stream_that_stays_open_ends_behind_what_was_there_if_no_more_is_wanted() {
    let open = |follows| {
        let mut follow = Follow::new(
            FollowPolicy {
                follow: follows,
                ..policy()
            },
            7,
        );
        follow.opened("x", false, at(100));
        follow.stays_open(at(100));
        follow
    };
    let dated = |follow: &mut Follow, id: &str, seconds: u64| {
        let ts = at(seconds).wall.rfc3339();
        let raw = format!(r#"{{"id":"{id}","type":"x","ts":"{ts}"}}"#);
        follow.event(&Event::read(&raw).unwrap())
    };
    let quiet = |from: u64| at(from).run + backlog::QUIET;
    let mut follow = open(false);
    assert_eq!(follow.next(at(100)), Action::Read(Some(quiet(100))));
    assert!(dated(&mut follow, "a", 99));
    follow.heard(at(102));
    follow.heard(at(104));
    assert_eq!(follow.next(at(104)), Action::Read(Some(quiet(102))));
    let stop = Action::Stop(StreamEnd::CaughtUp);
    assert_eq!(follow.next(at(120)), stop, "silence");

    let mut follow = open(false);
    assert!(dated(&mut follow, "a", 99));
    follow.heard(at(100));
    assert!(!dated(&mut follow, "b", 101), "it is new");
    assert!(!dated(&mut follow, "c", 98), "it comes after what is new");
    assert!(follow.moved("beyond"));
    assert_eq!(follow.position(), None);
    assert_eq!(follow.next(at(100)), stop);

    let mut follow = open(true);
    assert!(dated(&mut follow, "a", 101));
    assert_eq!(follow.next(at(1000)), Action::Read(None));
}
