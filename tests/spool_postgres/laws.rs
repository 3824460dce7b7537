//! What holds for every kind of spool: in memory, in a folder, in PostgreSQL, and there behind
//! PgBouncer in transaction mode.

use crate::support::intercept::Interceptor;
use crate::support::postgres::{self, Bouncer};
use crate::support::{PATIENCE, Place as Folder};
use hivelog::host::block_on;
use hivelog::spool::identity::Identity;
use hivelog::spool::inspect::{Access, Inspect};
use hivelog::spool::lock_wait::LockWait;
use hivelog::spool::place::{Place, Roles};
use hivelog::spool::postgres::Database;
use hivelog::spool::postgres::address::Address;
use hivelog::spool::stored::RecordState;
use hivelog::spool::{AcceptedRecord, Entry, Purpose, Settlement, Spool};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::sync::Arc;
use std::time::{Duration, Instant};
use uuid::Uuid;

/// A spool to try, and what tells it from others.
struct Rig {
    place: Place,
    database: Option<String>,
    _folder: Folder,
}

const NOW: i64 = 1_000_000;

fn destination() -> Identity {
    Identity::new("https://h/x".to_owned(), "c", "X-Key", &BTreeMap::new())
}

fn postgres_at(url: &str, folder: &Folder, lease: Option<Duration>) -> Place {
    let address = Address::parse(url, false).expect("an address");
    Place::Postgres(Box::new(Database {
        user: address.user.clone().expect("a user"),
        address,
        password: None,
        allow_unsafe: false,
        state: Some(folder.path("state")),
        lease,
        max_records: None,
        given_up: Arc::default(),
    }))
}

impl Rig {
    fn memory() -> Rig {
        Rig {
            place: Place::Memory,
            database: None,
            _folder: Folder::new(),
        }
    }

    fn folder() -> Rig {
        let folder = Folder::new();
        Rig {
            place: Place::Folder {
                path: folder.path("spool"),
                max_bytes: u64::MAX,
            },
            database: None,
            _folder: folder,
        }
    }

    fn database(url: impl Fn(&str) -> String) -> Option<Rig> {
        let cluster = postgres::shared()?;
        let database = cluster.database();
        let folder = Folder::new();
        let rig = Rig {
            place: postgres_at(&url(&database), &folder, None),
            database: Some(database),
            _folder: folder,
        };
        let mut tell = |_| {};
        let mut wait = LockWait::new(Duration::from_secs(1), &mut tell);
        rig.place
            .init(&Roles::default(), &mut wait)
            .expect("a spool");
        Some(rig)
    }

    /// The same spool, reached through something else.
    fn through(&self, between: &Interceptor, lease: Option<Duration>) -> Rig {
        let folder = Folder::new();
        let database = self.database.clone().expect("a database");
        Rig {
            place: postgres_at(&between.url(&database), &folder, lease),
            database: Some(database),
            _folder: folder,
        }
    }

    fn open(&self, purpose: Purpose) -> Arc<dyn Spool> {
        let mut tell = |_| {};
        let mut wait = LockWait::new(Duration::from_secs(1), &mut tell);
        let opened = self.place.open(&destination(), purpose, || NOW, &mut wait);
        opened.expect("a spool").0
    }

    fn inspect(&self) -> Box<dyn Inspect> {
        let mut tell = |_| {};
        let mut wait = LockWait::new(Duration::from_secs(1), &mut tell);
        let opened = self
            .place
            .inspect(Access::Change, &mut wait)
            .expect("a spool");
        opened.expect("there is one")
    }

    fn sql(&self, statement: &str) {
        let cluster = postgres::shared().expect("a server");
        cluster.sql(self.database.as_ref().expect("a database"), statement);
    }
}

fn record(at: u64, journey: &str) -> AcceptedRecord {
    let mut body = format!("{{\"at\":{at}}}").into_bytes();
    // Not everything that was accepted is text.
    body.push(if at.is_multiple_of(2) { b' ' } else { 0xff });
    AcceptedRecord {
        body: body.into(),
        source: "te\0st".into(),
        number: at,
        line: at,
        event_code: Some("5004N".to_owned()),
        correlation_id: Some(journey.to_owned()),
        integration_key: Some("Shop\0".to_owned()),
    }
}

fn accept(spool: &dyn Spool, records: Vec<AcceptedRecord>) -> Vec<Uuid> {
    let mut ids = Vec::new();
    let accepted = &mut |receipts: Vec<hivelog::spool::Receipt>| {
        ids.extend(receipts.into_iter().map(|receipt| receipt.id));
    };
    spool.append(records, accepted).expect("it accepts");
    ids
}

/// Waits until the spool rings, and not for ever.
fn listen(spool: &dyn Spool) {
    let rung = async {
        let patience = Duration::from_millis(20);
        tokio::time::timeout(patience, spool.news().notified()).await
    };
    let _ = block_on(rung);
}

/// Waits until there is something, looking whenever the spool rings.
fn until<T>(spool: &dyn Spool, mut look: impl FnMut() -> Option<T>) -> Option<T> {
    let deadline = Instant::now() + PATIENCE;
    while Instant::now() < deadline {
        if let Some(found) = look() {
            return Some(found);
        }
        listen(spool);
    }
    None
}

/// Claims so many, which must come in time.
fn claim(spool: &dyn Spool, count: usize, now: i64) -> Vec<Entry> {
    let mut claimed = Vec::new();
    let all = until(spool, || {
        claimed.extend(
            spool
                .claim(count - claimed.len(), now)
                .expect("it is valid"),
        );
        (claimed.len() == count).then_some(())
    });
    assert!(all.is_some(), "{} of {count} claimed", claimed.len());
    claimed
}

/// Closes a spool as a run does.
fn end(spool: Arc<dyn Spool>) {
    spool.close(&mut |_| {}).expect("it closes");
    drop(spool);
}

/// Settles one, and waits until that is durable.
fn settle(spool: &dyn Spool, entry: Entry, settlement: Settlement) {
    spool.settle(vec![(entry, settlement)]).expect("it settles");
    spool.settled(true).expect("it is durable");
}

fn numbers(entries: &[Entry]) -> Vec<u64> {
    entries.iter().map(|entry| entry.record.number).collect()
}

/// Whether there is nothing to claim, looked at when everything that was there has been read.
fn claims_nothing(spool: &dyn Spool, now: i64) -> bool {
    // What is read and fetched rings; a few rounds of that without anything are enough.
    (0..10).all(|_| {
        listen(spool);
        spool.claim(9, now).expect("it is valid").is_empty()
    })
}

fn of_any_kind(rig: &Rig) {
    let spool = rig.open(Purpose::Own);
    let spool = spool.as_ref();
    accept(spool, vec![record(1, "a"), record(2, "b"), record(3, "a")]);
    // Order within a journey, any order across; bytes as they came.
    let mut first = claim(spool, 2, NOW);
    first.sort_by_key(|entry| entry.seq);
    assert_eq!(numbers(&first), [1, 2]);
    assert!(
        claims_nothing(spool, NOW),
        "the next of a journey that is under way"
    );
    for entry in &first {
        assert_eq!(entry.record.body, record(entry.record.number, "").body);
    }
    // Not before its time, and then before what follows it.
    let [mut one, two] = <[Entry; 2]>::try_from(first).expect("two");
    (one.attempts, one.due) = (1, NOW + 5_000);
    settle(spool, one, Settlement::Later);
    settle(spool, two, Settlement::Delivered);
    assert!(claims_nothing(spool, NOW + 4_999));
    assert_eq!(spool.due(), Some(NOW + 5_000));
}

fn of_a_durable_one(rig: &Rig) {
    // What was accepted is there after the end of everything, and what was claimed comes back.
    let spool = rig.open(Purpose::Own);
    let ids = accept(
        spool.as_ref(),
        vec![
            record(1, "a"),
            record(2, "a"),
            record(3, "b"),
            record(4, "c"),
        ],
    );
    assert_eq!(claim(spool.as_ref(), 3, NOW).len(), 3);
    drop(spool);
    let spool = rig.open(Purpose::All);
    let mut claimed = claim(spool.as_ref(), 3, NOW);
    claimed.sort_by_key(|entry| entry.seq);
    assert_eq!(numbers(&claimed), [1, 3, 4]);
    // Two claimers never both hold one record.
    let other = rig.open(Purpose::All);
    assert!(claims_nothing(other.as_ref(), NOW));
    drop(other);
    let [one, three, mut four] = <[Entry; 3]>::try_from(claimed).expect("three");
    settle(spool.as_ref(), one, Settlement::Delivered);
    let mut refused = three;
    (refused.attempts, refused.http) = (1, Some(400));
    settle(spool.as_ref(), refused, Settlement::Refused);
    four.attempts = 2;
    settle(spool.as_ref(), four, Settlement::GivenUp);
    end(spool);
    // Counts add up, and one that was refused has its bytes.
    let mut inspector = rig.inspect();
    let backlogs = inspector.backlogs(NOW).expect("counts");
    assert_eq!((backlogs[0].ready, backlogs[0].dead), (2, 1));
    let mut seen = Vec::new();
    inspector
        .each(&mut |stored| {
            seen.push((stored.state, stored.attempts, stored.record.body.to_vec()));
            true
        })
        .expect("rows");
    let body = |at| record(at, "").body.to_vec();
    assert_eq!(
        seen,
        [
            (RecordState::Ready, 0, body(2)),
            (RecordState::Dead, 1, body(3)),
            (RecordState::Ready, 2, body(4)),
        ]
    );
    assert_eq!(inspector.verify().expect("a look").intact, 3);
    // A dead one that is wanted again, and one that nobody wants.
    assert_eq!(
        inspector.retry(&ids[2..3], NOW).expect("a retry"),
        ids[2..3]
    );
    assert_eq!(
        Inspect::drop(inspector.as_mut(), &ids[3..], NOW)
            .expect("a drop")
            .unsent,
        ids[3..]
    );
    drop(inspector);
    let spool = rig.open(Purpose::All);
    let mut claimed = claim(spool.as_ref(), 2, NOW);
    claimed.sort_by_key(|entry| entry.record.number);
    assert_eq!(numbers(&claimed), [2, 3]);
    for entry in claimed {
        settle(spool.as_ref(), entry, Settlement::Delivered);
    }
    // After that nothing comes back.
    assert!(until(spool.as_ref(), || spool.is_done().then_some(())).is_some());
    end(spool);
    assert!(rig.inspect().backlogs(NOW).expect("counts").is_empty());
}

/// What becomes of a lease that ended while its owner stood still.
fn of_a_shared_one(rig: &Rig) {
    let stale = rig.open(Purpose::All);
    let writer = rig.open(Purpose::Accept);
    accept(
        writer.as_ref(),
        vec![record(1, "a"), record(2, "b"), record(3, "a")],
    );
    drop(writer);
    let mut held = claim(stale.as_ref(), 2, NOW);
    held.sort_by_key(|entry| entry.seq);
    // Somebody has buried it, and another one owns the lanes.
    rig.sql("DELETE FROM hivelog.drainer");
    let other = rig.open(Purpose::All);
    let mut taken = claim(other.as_ref(), 2, NOW);
    taken.sort_by_key(|entry| entry.seq);
    assert_eq!(numbers(&taken), [1, 2]);
    // That a record is to be tried later, or was refused, counts from its owner alone; that it
    // was delivered is true whoever says it.
    let [mut one, two] = <[Entry; 2]>::try_from(held).expect("two");
    (one.attempts, one.due) = (7, NOW + 600_000);
    settle(stale.as_ref(), one, Settlement::Refused);
    settle(stale.as_ref(), two, Settlement::Delivered);
    let mut states = Vec::new();
    let inspector = rig.inspect();
    inspector
        .each(&mut |stored| {
            states.push((stored.record.line, stored.state, stored.attempts));
            true
        })
        .expect("rows");
    let ready = |line| (line, RecordState::Ready, 0);
    assert_eq!(states, [ready(1), ready(3)]);
    drop(stale);
    for entry in taken {
        settle(other.as_ref(), entry, Settlement::Delivered);
    }
    let last = claim(other.as_ref(), 1, NOW);
    assert_eq!(numbers(&last), [3]);
    for entry in last {
        settle(other.as_ref(), entry, Settlement::Delivered);
    }
    assert!(until(other.as_ref(), || other.is_done().then_some(())).is_some());
}

/// After a failover that has lost commits, a place may hold another record than the one that was
/// delivered.
fn of_a_place_used_again(rig: &Rig) {
    let writer = rig.open(Purpose::Accept);
    accept(writer.as_ref(), vec![record(1, "a")]);
    drop(writer);
    let spool = rig.open(Purpose::All);
    let held = claim(spool.as_ref(), 1, NOW);
    rig.sql("UPDATE hivelog.event SET id = gen_random_uuid()");
    for entry in held {
        settle(spool.as_ref(), entry, Settlement::Delivered);
    }
    drop(spool);
    let left = rig.inspect().backlogs(NOW).expect("counts");
    assert_eq!(left.first().map(|left| left.ready), Some(1));
    let next = rig.open(Purpose::All);
    let found = claim(next.as_ref(), 1, NOW);
    assert_eq!(numbers(&found), [1]);
}

/// While an append is open nobody else gets a place in its lane: it would be seen before the lower
/// one, and a reader would pass over that.
fn of_an_open_append(rig: &Rig) {
    let cluster = postgres::shared().expect("a server");
    let database = rig.database.as_ref().expect("a database");
    let writer = rig.open(Purpose::Accept);
    accept(writer.as_ref(), vec![record(1, "a")]);
    let mut session = cluster.session(database);
    let mut input = session.stdin.take().expect("a pipe");
    let locked = b"BEGIN; SELECT count(*) FROM (SELECT 1 FROM hivelog.gate FOR UPDATE) g;\n";
    input.write_all(locked).expect("it reads");
    let mut answer = String::new();
    BufReader::new(session.stdout.take().expect("a pipe"))
        .read_line(&mut answer)
        .expect("an answer");
    let append = std::thread::spawn(move || accept(writer.as_ref(), vec![record(2, "a")]));
    let waiting = "SELECT count(*) FROM pg_stat_activity \
                   WHERE datname = current_database() AND wait_event_type = 'Lock'";
    let deadline = Instant::now() + PATIENCE;
    while cluster.sql(database, waiting) != "1" {
        assert!(!append.is_finished(), "the append did not wait");
        assert!(Instant::now() < deadline, "the append does not wait");
    }
    input.write_all(b"COMMIT;\n").expect("it reads");
    drop(input);
    assert_eq!(append.join().expect("no panic").len(), 1);
    assert!(session.wait().expect("it ends").success());
}

/// A record whose commit comes late is not passed over by a reader that was there before it.
fn of_late_commits(rig: &Rig) {
    let drainer = rig.open(Purpose::Follow);
    let writer = rig.open(Purpose::Accept);
    // All of one journey, so of one lane, from two sides at once.
    let others: Vec<_> = (0..3)
        .map(|_| {
            let spool = rig.open(Purpose::Accept);
            std::thread::spawn(move || {
                for at in 0..40 {
                    accept(spool.as_ref(), vec![record(1000 + at, "a")]);
                }
            })
        })
        .collect();
    for at in 0..40 {
        accept(writer.as_ref(), vec![record(at, "a")]);
    }
    let mut seen = 0;
    while seen < 160 {
        for entry in claim(drainer.as_ref(), 1, NOW) {
            settle(drainer.as_ref(), entry, Settlement::Delivered);
            seen += 1;
        }
    }
    for other in others {
        other.join().expect("no panic");
    }
    assert!(claims_nothing(drainer.as_ref(), NOW));
}

/// An append whose answer is lost is asked for again, and is in once.
fn of_a_lost_answer(rig: &Rig, between: &Interceptor) {
    let writer = rig.through(between, None).open(Purpose::Accept);
    between.lose_answer_to("INSERT INTO hivelog.event");
    accept(writer.as_ref(), vec![record(1, "a"), record(2, "a")]);
    between.wait_for_loss();
    drop(writer);
    let left = rig.inspect().backlogs(NOW).expect("counts");
    assert_eq!(left.first().map(|left| left.ready), Some(2));
}

/// Whoever cannot renew its lease begins nothing when that may be over, whatever it still has in
/// memory.
fn of_a_lease_that_ends(rig: &Rig, between: &Interceptor) {
    let writer = rig.open(Purpose::Accept);
    accept(
        writer.as_ref(),
        (0..32).map(|at| record(at, &at.to_string())).collect(),
    );
    drop(writer);
    let lease = Some(Duration::from_secs(2));
    let spool = rig.through(between, lease).open(Purpose::All);
    assert_eq!(claim(spool.as_ref(), 1, NOW).len(), 1);
    // The others stand ready.
    assert!(until(spool.as_ref(), || (spool.due() == Some(0)).then_some(())).is_some());
    between.fall_silent();
    let ended = until(spool.as_ref(), || spool.due().is_none().then_some(()));
    assert!(ended.is_some(), "it goes on after its lease");
    assert!(spool.claim(9, NOW).expect("no error").is_empty());
    between.go_on();
}

/// The laws that need a database.
fn of_postgres(rig: impl Fn() -> Rig, folder: &std::path::Path, port: u16) {
    of_any_kind(&rig());
    of_a_durable_one(&rig());
    of_a_shared_one(&rig());
    of_late_commits(&rig());
    of_an_open_append(&rig());
    of_a_place_used_again(&rig());
    let between = Interceptor::before(folder, port);
    of_a_lost_answer(&rig(), &between);
    of_a_lease_that_ends(&rig(), &between);
}

#[test]
fn in_memory() {
    of_any_kind(&Rig::memory());
}

#[test]
fn in_a_folder() {
    of_any_kind(&Rig::folder());
    of_a_durable_one(&Rig::folder());
}

#[test]
fn in_postgres() {
    let Some(cluster) = postgres::shared() else {
        return;
    };
    let rig = || Rig::database(|name| cluster.url("owner", name)).expect("a server");
    of_postgres(rig, cluster.folder(), cluster.port());
}

#[test]
fn in_postgres_behind_pgbouncer() {
    let Some(cluster) = postgres::shared() else {
        return;
    };
    let Some(bouncer) = Bouncer::start(cluster) else {
        return;
    };
    let rig = || Rig::database(|name| bouncer.url(name)).expect("a server");
    of_postgres(rig, bouncer.folder(), bouncer.port());
}
