use super::judging::POISON;
use super::*;
use crate::link::headers::{Headers, MaskedKey};
use crate::model::delivery::Problem;
use crate::retry::verdict::{Answer, RETRY_LATER, RetryOn, Verdict};
use crate::spool::memory::Memory;
use crate::spool::{AcceptedRecord, Receipt};
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::Notify;
use uuid::Uuid;

fn dispatcher() -> Dispatcher {
    dispatcher_of(Arc::new(Memory::default()))
}

fn dispatcher_of(spool: Arc<dyn Spool>) -> Dispatcher {
    let logs = EventLogs::new(
        "http://127.0.0.1:1/".parse().unwrap(),
        Headers::default(),
        MaskedKey::new("k"),
        RetryOn::default(),
        Duration::from_secs(1),
        1,
    );
    let options = Options {
        jobs: 1,
        rate: None,
        retry_for: Duration::from_secs(3600),
    };
    Dispatcher::new(spool, Arc::new(logs), options, Clock::starting_at(0))
}

fn entry() -> Entry {
    let record = AcceptedRecord {
        body: bytes::Bytes::new(),
        source: "test".into(),
        number: 1,
        line: 1,
        event_code: None,
        correlation_id: None,
        integration_key: None,
    };
    Entry::new(1, Uuid::nil(), record)
}

fn reply(status: u16, type_code: Option<&str>) -> Reply {
    let answer = Answer {
        status,
        type_code,
        ..Answer::default()
    };
    Reply {
        verdict: RetryOn::default().judge(&answer),
        http: Some(status),
        problem: Some(Problem {
            type_code: type_code.map(str::to_owned),
            ..Problem::titled("no")
        }),
    }
}

/// A spool that learns by reading that what it holds is not to be sent.
#[derive(Default)]
struct ParkedSpool {
    was_read: AtomicBool,
    news: Notify,
}

impl Spool for ParkedSpool {
    fn append(&self, _: Vec<AcceptedRecord>, _: &mut dyn FnMut(Vec<Receipt>)) -> Result<(), Error> {
        Ok(())
    }

    fn claim(&self, _: usize, _: i64) -> Result<Vec<Entry>, Error> {
        self.was_read.store(true, Ordering::Relaxed);
        Ok(Vec::new())
    }

    fn settle(&self, _: Vec<(Entry, Settlement)>) -> Result<(), Error> {
        Ok(())
    }

    fn settled(&self, _: bool) -> Result<Vec<(Entry, Settlement)>, Error> {
        Ok(Vec::new())
    }

    fn returned(&self, _: bool) -> Result<Vec<(Entry, Settlement)>, Error> {
        Ok(Vec::new())
    }

    fn due(&self) -> Option<i64> {
        None
    }

    fn is_done(&self) -> bool {
        self.was_read.load(Ordering::Relaxed)
    }

    fn close(&self, _: &mut dyn FnMut(Entry)) -> Result<(), Error> {
        Ok(())
    }

    fn is_durable(&self) -> bool {
        true
    }

    fn news(&self) -> &Notify {
        &self.news
    }
}

#[tokio::test]
async fn who_waits_is_woken_when_a_claim_finds_that_nothing_is_left() {
    let spool = Arc::new(ParkedSpool::default());
    let mut dispatcher = dispatcher_of(Arc::clone(&spool) as Arc<dyn Spool>);
    assert!(!spool.is_done());
    assert!(dispatcher.next().await.unwrap().is_empty());
    assert!(spool.is_done());
}

/// The attempt at which a record is called poison, when after so many attempts each time another
/// record is delivered, while it is under way or before.
fn poisoned_at(
    deliver_every: u32,
    before: bool,
    status: u16,
    type_code: Option<&str>,
) -> Option<u32> {
    let mut dispatcher = dispatcher();
    let mut entry = entry();
    for attempt in 1..=100 {
        let delivers = deliver_every > 0 && attempt % deliver_every == 0;
        dispatcher.deliveries += u64::from(delivers && before);
        let flight = Flight {
            entry,
            deliveries: dispatcher.deliveries,
            started: 0,
        };
        dispatcher.deliveries += u64::from(delivers && !before);
        let (after, settlement, _) = dispatcher.judge(flight, reply(status, type_code), 1_000);
        if settlement == Settlement::Refused {
            return Some(attempt);
        }
        assert_eq!(settlement, Settlement::Later);
        entry = after;
    }
    None
}

#[test]
fn a_record_is_poison_only_when_it_fails_while_others_get_through() {
    assert_eq!(poisoned_at(1, false, 500, None), Some(POISON));
    assert_eq!(poisoned_at(3, false, 500, None), Some(3 * POISON));
    // One at a time, the others get through between its attempts.
    assert_eq!(poisoned_at(1, true, 500, None), Some(1 + POISON));
    // An outage, a request for patience and a gateway's own trouble poison nothing.
    assert_eq!(poisoned_at(0, false, 500, None), None);
    assert_eq!(poisoned_at(1, false, 500, Some(RETRY_LATER)), None);
    assert_eq!(poisoned_at(1, false, 503, None), None);
}

#[test]
fn a_destination_that_nobody_answers_for_is_asked_now_and_then_whatever_waits() {
    let mut dispatcher = dispatcher();
    let mut now = 0;
    let mut asked = 0;
    while now < 60_000 {
        now = now.max(dispatcher.destination.quiet_until());
        let flight = Flight {
            entry: entry(),
            deliveries: 0,
            started: now,
        };
        let silence = Reply {
            verdict: Verdict::Unknown,
            http: None,
            problem: None,
        };
        dispatcher.judge(flight, silence, now);
        asked += 1;
    }
    assert!((64..700).contains(&asked), "{asked} attempts in a minute");
    // With the first answer it is over.
    let flight = Flight {
        entry: entry(),
        deliveries: 0,
        started: now,
    };
    dispatcher.judge(flight, reply(503, None), now);
    let flight = Flight {
        entry: entry(),
        deliveries: 0,
        started: now,
    };
    dispatcher.judge(flight, reply(503, None), now + 2_000);
    assert!(dispatcher.destination.quiet_until() <= now + 2_000);
}

#[test]
fn what_keeps_everything_back_is_known_after_a_while_until_something_gets_through() {
    let mut dispatcher = dispatcher();
    let mut judge = |reply: Reply, now: i64| {
        let flight = Flight {
            entry: entry(),
            deliveries: 0,
            started: now,
        };
        dispatcher.judge(flight, reply, now);
        let trouble = dispatcher.destination.trouble(now);
        trouble.map(|problem| problem.title)
    };
    assert_eq!(judge(reply(503, None), 0), None, "one failure is none");
    assert_eq!(judge(reply(503, None), 2_000).as_deref(), Some("503 no"));
    let delivered = Reply {
        verdict: Verdict::Delivered,
        http: Some(200),
        problem: None,
    };
    assert_eq!(judge(delivered, 2_100), None);
    assert_eq!(judge(reply(503, None), 2_200), None);
}
