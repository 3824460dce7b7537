use super::*;
use crate::spool::inspect::{Access, Inspect};
use crate::spool::stored::Stored;
use rusqlite::Connection;
use std::path::PathBuf;
use std::sync::Arc;

fn record(at: u64) -> AcceptedRecord {
    let mut body = format!("{{\"at\":{at}}}").into_bytes();
    // Not everything that was accepted is text.
    body.push(if at.is_multiple_of(2) { b' ' } else { 0xff });
    AcceptedRecord {
        body: body.into(),
        source: "test".into(),
        number: at,
        line: at,
        event_code: Some("5004N".to_owned()),
        correlation_id: Some("one".to_owned()),
        integration_key: None,
    }
}

fn open(path: &std::path::Path, purpose: Purpose) -> Sqlite {
    let mut report = |_| {};
    let mut wait = LockWait::new(Duration::ZERO, &mut report);
    let dest = "here".to_owned();
    let opened = Sqlite::open(path, dest, purpose, u64::MAX, || 1_000, &mut wait);
    opened.unwrap().0
}

fn accept(spool: &Sqlite, records: Vec<AcceptedRecord>) -> Vec<Uuid> {
    let mut ids = Vec::new();
    spool
        .append(records, &mut |receipts| {
            ids.extend(receipts.into_iter().map(|receipt| receipt.id));
        })
        .unwrap();
    ids
}

#[test]
fn what_a_held_lock_keeps_out_goes_beside_the_database_and_never_overtakes() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("spool");
    let first = open(&path, Purpose::Own);
    let mut ids = accept(&first, vec![record(1)]);
    let other = Connection::open(path.join("spool.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    ids.extend(accept(&first, vec![record(2), record(3)]));
    assert_eq!(std::fs::read_dir(path.join("inbox")).unwrap().count(), 1);
    other.execute_batch("ROLLBACK").unwrap();
    // Free again, but who went to the inbox stays there.
    ids.extend(accept(&first, vec![record(4)]));
    let strayed: Vec<Uuid> = first.strayed().iter().map(|entry| entry.id).collect();
    assert_eq!(strayed, ids[1..]);
    assert!(first.strayed().is_empty());
    drop(first);

    let second = open(&path, Purpose::Own);
    ids.extend(accept(&second, vec![record(5)]));
    assert_eq!(std::fs::read_dir(path.join("inbox")).unwrap().count(), 0);
    let mut found = Vec::new();
    while let Some(entry) = second.claim(9, 2_000).unwrap().pop() {
        let wanted = record(entry.record.number);
        assert_eq!(entry.record.body, wanted.body);
        found.push(entry.id);
        second.settle(vec![(entry, Settlement::Delivered)]).unwrap();
    }
    assert_eq!(found, ids);
}

#[test]
fn a_batch_beside_the_database_is_taken_in_once() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("spool");
    let mut report = |_| {};
    let mut wait = LockWait::new(Duration::ZERO, &mut report);
    let folder = Folder::open(&path, &mut wait).unwrap();
    let (run, id) = (Uuid::now_v7(), Uuid::now_v7());
    let stored = Stored::new(id, run, "here".to_owned(), 7, record(1));
    folder.inbox().write(&Uuid::now_v7(), &[stored]).unwrap();
    let name = |path: PathBuf| path.file_name().unwrap().to_owned();
    let file = std::fs::read_dir(path.join("inbox"))
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    let copy = std::fs::read(&file).unwrap();
    let all = open(&path, Purpose::All);
    let deliver = |spool: &Sqlite| {
        let claimed = spool.claim(9, 2_000).unwrap();
        let count = claimed.len();
        let settled = claimed
            .into_iter()
            .map(|entry| (entry, Settlement::Delivered));
        spool.settle(settled.collect()).unwrap();
        count
    };
    assert_eq!(deliver(&all), 1);
    // As after a death between the commit and the removal.
    std::fs::write(&file, &copy).unwrap();
    assert_eq!(deliver(&all), 0);
    assert!(!file.exists());
    // A batch with a line that cannot be read is not thrown away.
    let torn = path.join("inbox").join("torn.ndjson");
    std::fs::write(&torn, b"{\"id\":").unwrap();
    assert_eq!(deliver(&all), 0);
    let aside = std::fs::read_dir(path.join("quarantine"))
        .unwrap()
        .next()
        .unwrap()
        .unwrap();
    assert!(aside.path().join(name(torn)).exists());
}

#[test]
fn closing_hands_over_in_order_and_holds_one_at_a_time() {
    let place = tempfile::tempdir().unwrap();
    let spool = Arc::new(open(&place.path().join("spool"), Purpose::Own));
    accept(&spool, (1..=600).map(record).collect());
    let mut numbers = Vec::new();
    let closed = spool.close(&mut |entry| {
        assert!(entry.record.body.is_empty());
        numbers.push(entry.record.number);
    });
    closed.unwrap();
    assert_eq!(numbers, (1..=600).collect::<Vec<_>>());
}

#[test]
fn what_was_delivered_is_gone_when_it_is_noted_and_its_row_in_time() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("spool");
    let own = |at| AcceptedRecord {
        correlation_id: None,
        ..record(at)
    };
    let first = open(&path, Purpose::Own);
    let ids = accept(&first, (1..=9).map(own).collect());
    let rows = || -> i64 {
        let other = Connection::open(path.join("spool.db")).unwrap();
        let count = "SELECT count(*) FROM event";
        other.query_row(count, [], |row| row.get(0)).unwrap()
    };
    let deliver = |spool: &Sqlite, count| {
        let claimed = spool.claim(count, 2_000).unwrap();
        let settled = claimed
            .into_iter()
            .map(|entry| (entry, Settlement::Delivered));
        spool.settle(settled.collect()).unwrap();
        let ended = spool.settled(false).unwrap();
        assert!(Spool::returned(spool, true).unwrap().is_empty());
        ended.iter().map(|(entry, _)| entry.id).collect::<Vec<_>>()
    };
    let seen = || {
        let mut seen = Vec::new();
        let mut report = |_| {};
        let mut wait = LockWait::new(Duration::ZERO, &mut report);
        let inspector = inspect::SqliteInspector::open(&path, Access::Look, u64::MAX, &mut wait)
            .unwrap()
            .unwrap();
        let mut see = |stored: Stored| {
            seen.push(stored.id);
            true
        };
        inspector.each(&mut see).unwrap();
        seen.len()
    };
    assert_eq!(deliver(&first, 4), ids[..4]);
    assert_eq!((rows(), seen()), (9, 5));
    // As after a death: the next one sends only what is left, and clears up behind both.
    drop(first);
    let second = open(&path, Purpose::All);
    assert_eq!(deliver(&second, 3), ids[4..7]);
    assert_eq!((rows(), seen()), (9, 2));
    assert_eq!(deliver(&second, 9), ids[7..]);
    assert_eq!((rows(), seen()), (0, 0));
    assert!(second.is_done());
}

#[test]
fn records_that_another_process_delivers_before_this_one_leads_are_reported() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("spool");
    let mut first = Some(open(&path, Purpose::All));
    let second = open(&path, Purpose::Own);
    let mut ids = Vec::new();
    let accepted = &mut |receipts: Vec<Receipt>| {
        ids.extend(receipts.into_iter().map(|receipt| receipt.id));
        // All this between the commit and the end of accepting.
        let first = first.take().unwrap();
        let claimed = first.claim(1, 2_000).unwrap();
        let settled = claimed.into_iter();
        let settled = settled.map(|entry| (entry, Settlement::Delivered));
        first.settle(settled.collect()).unwrap();
        assert!(Spool::returned(&first, true).unwrap().is_empty());
        drop(first);
        assert!(second.claim(9, 2_000).unwrap().is_empty());
        assert!(second.sends_own());
    };
    second.append(vec![record(1), record(2)], accepted).unwrap();
    let delivered = |settled: Vec<(Entry, Settlement)>| {
        let settled = settled.into_iter();
        settled
            .inspect(|(_, settlement)| assert_eq!(*settlement, Settlement::Delivered))
            .map(|(entry, _)| entry.id)
            .collect::<Vec<_>>()
    };
    assert_eq!(delivered(Spool::returned(&second, true).unwrap()), ids[..1]);
    let rest = second.claim(9, 2_000).unwrap().into_iter();
    let rest = rest.map(|entry| (entry, Settlement::Delivered)).collect();
    second.settle(rest).unwrap();
    assert_eq!(delivered(second.settled(false).unwrap()), ids[1..]);
    assert!(second.is_done());
}

#[test]
fn who_leads_looks_again_for_what_another_process_delivered() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("spool");
    let first = open(&path, Purpose::All);
    let second = open(&path, Purpose::Own);
    accept(&second, vec![record(1)]);
    let claimed = first.claim(1, 2_000).unwrap().into_iter();
    let delivered = claimed.map(|entry| (entry, Settlement::Delivered));
    first.settle(delivered.collect()).unwrap();
    assert!(Spool::returned(&first, true).unwrap().is_empty());
    drop(first);
    assert!(second.claim(9, 2_000).unwrap().is_empty());
    // There is nothing to send and nothing to wait for but the next look.
    assert!(second.sends_own() && second.due().is_none() && !second.is_done());
    assert!(second.look_again().is_some());
    assert_eq!(Spool::returned(&second, true).unwrap().len(), 1);
    // Whatever others change in the spool meanwhile.
    let other = Connection::open(path.join("spool.db")).unwrap();
    other.execute_batch("CREATE TABLE other (n)").unwrap();
    assert!(second.is_done());
}

#[test]
fn records_that_cannot_be_followed_are_reported_as_kept() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("spool");
    let first = open(&path, Purpose::All);
    let second = open(&path, Purpose::Own);
    let unusable = "CREATE TEMP TABLE abroad (seq INTEGER)";
    let drain = second.drain().unwrap();
    drain.connection.execute_batch(unusable).unwrap();
    drop(drain);
    let ids = accept(&second, vec![record(1), record(2)]);
    assert!(!second.is_done());
    let returned = Spool::returned(&second, true).unwrap();
    let returned = returned.into_iter().map(|(entry, settlement)| {
        let why = entry.problem.unwrap().title;
        assert!(why.contains("another process sends it"), "{why}");
        (entry.id, settlement)
    });
    let kept = ids.iter().map(|id| (*id, Settlement::GivenUp));
    assert!(returned.eq(kept));
    assert!(second.is_done());
    let closed = second.close(&mut |entry| panic!("{} again", entry.id));
    closed.unwrap();
    assert_eq!(first.claim(9, 2_000).unwrap().len(), 1);
}

#[test]
fn what_was_delivered_before_a_death_is_not_sent_again() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("spool");
    let own = |at| AcceptedRecord {
        correlation_id: None,
        ..record(at)
    };
    let first = open(&path, Purpose::All);
    let second = open(&path, Purpose::Accept);
    let ids = accept(&second, (1..=4).map(own).collect());
    let mut claimed = first.claim(3, 2_000).unwrap();
    let delivered = vec![(claimed.remove(1), Settlement::Delivered)];
    first.settle(delivered).unwrap();
    assert_eq!(first.settled(false).unwrap().len(), 1);
    // The database says nothing of it, and others must leave it alone.
    let noted = || -> i64 {
        let other = Connection::open(path.join("spool.db")).unwrap();
        let count = "SELECT count(*) FROM done";
        other.query_row(count, [], |row| row.get(0)).unwrap()
    };
    assert_eq!(noted(), 0);
    let mut report = |_| {};
    let mut wait = LockWait::new(Duration::ZERO, &mut report);
    let inspector = inspect::SqliteInspector::open(&path, Access::Change, u64::MAX, &mut wait);
    let mut inspector = inspector.unwrap().unwrap();
    assert!(inspector.drop(&ids[1..2], 1).unwrap().unsent.is_empty());
    drop(first);
    let next = open(&path, Purpose::All);
    assert_eq!(noted(), 1);
    let claimed: Vec<Uuid> = next
        .claim(9, 2_000)
        .unwrap()
        .iter()
        .map(|one| one.id)
        .collect();
    assert_eq!(claimed, [ids[0], ids[2], ids[3]]);
}

#[test]
fn a_record_that_a_killed_process_has_delivered_is_not_counted_or_listed() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("spool");
    let first = open(&path, Purpose::All);
    let second = open(&path, Purpose::Accept);
    let ids = accept(&second, vec![record(1), record(2)]);
    let claimed = first.claim(1, 2_000).unwrap();
    let delivered = claimed.into_iter().map(|one| (one, Settlement::Delivered));
    first.settle(delivered.collect()).unwrap();
    // Without noting it in the database, as after a kill.
    drop(first);
    let mut report = |_| {};
    let mut wait = LockWait::new(Duration::ZERO, &mut report);
    let inspector = inspect::SqliteInspector::open(&path, Access::Look, u64::MAX, &mut wait);
    let inspector = inspector.unwrap().unwrap();
    assert_eq!(inspector.ready().unwrap()[0].1, 1);
    assert_eq!(inspector.backlogs(2_000).unwrap()[0].ready, 1);
    let mut listed = Vec::new();
    let each = inspector.each(&mut |stored| {
        listed.push(stored.id);
        true
    });
    each.unwrap();
    assert_eq!(listed, ids[1..]);
}

#[test]
fn a_lock_file_of_another_database_says_nothing_of_this_one() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("spool");
    let first = open(&path, Purpose::All);
    let second = open(&path, Purpose::Accept);
    accept(&second, vec![record(1)]);
    let entry = first.claim(1, 2_000).unwrap().remove(0);
    let folder = first.site.folder.clone();
    drop(first);
    let mut lock = sender::SenderLock::open(&folder, "here").unwrap();
    lock.begin(entry.seq);
    lock.deliver(entry.seq, Uuid::now_v7()).unwrap();
    drop(lock);
    let next = open(&path, Purpose::All);
    assert_eq!(next.claim(1, 2_000).unwrap().len(), 1);
}

#[test]
fn what_stands_behind_many_dropped_records_is_found() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("spool");
    let own = |at| AcceptedRecord {
        correlation_id: None,
        ..record(at)
    };
    let first = open(&path, Purpose::All);
    let second = open(&path, Purpose::Accept);
    let ids = accept(&second, (1..=2000).map(own).collect());
    assert_eq!(first.claim(1, 2_000).unwrap()[0].id, ids[0]);
    let mut report = |_| {};
    let mut wait = LockWait::new(Duration::ZERO, &mut report);
    let inspector = inspect::SqliteInspector::open(&path, Access::Change, u64::MAX, &mut wait);
    let mut inspector = inspector.unwrap().unwrap();
    assert_eq!(inspector.drop(&ids[1..1900], 1).unwrap().unsent.len(), 1899);
    let claimed = first.claim(9, 2_000).unwrap();
    assert_eq!(claimed.first().map(|entry| entry.id), Some(ids[1900]));
}
