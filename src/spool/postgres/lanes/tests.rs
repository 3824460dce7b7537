//! What is handed out, and when.

use super::hash::tests::record;
use super::*;

fn found(lane: i16, seq: i64, key: Key) -> Found {
    let queued = Queued {
        seq,
        due: 0,
        own: false,
    };
    Found {
        lane,
        id: Uuid::from_u128(seq.cast_unsigned().into()),
        key,
        queued,
    }
}

fn entry(seq: i64, correlation: &str) -> Entry {
    let id = Uuid::from_u128(seq.cast_unsigned().into());
    Entry::new(seq, id, record(Some(correlation), None))
}

fn own(lanes: &mut Lanes) {
    lanes.own(&[(1, 0, 0)]);
}

#[test]
fn the_next_of_a_journey_is_handed_out_when_the_end_of_the_one_before_is_durable() {
    let key = journey(Some("a"), None, 0);
    let mut lanes = Lanes::default();
    own(&mut lanes);
    lanes.read(&[1], 16, vec![found(1, 5, key), found(1, 7, key)], |_| true);
    assert_eq!(lanes.pick(0, 9), (vec![1], vec![5]));
    assert!(lanes.fetched(&[5], vec![(entry(5, "a"), true)]).is_empty());
    assert_eq!(lanes.claim(9).len(), 1);
    // As after a lost connection: under way is under way, and is not read twice.
    lanes.reset();
    own(&mut lanes);
    lanes.read(&[1], 16, vec![found(1, 5, key), found(1, 7, key)], |_| true);
    assert_eq!(lanes.pick(0, 9).1, Vec::<i64>::new());
    assert_eq!(lanes.heads(), [(1, 4)]);
    lanes.leave(5);
    // Its place is read once more: it may now hold another record.
    assert_eq!(lanes.wanted(false).1, [4]);
    assert_eq!(lanes.pick(0, 9).1, [7]);
}

#[test]
fn a_place_that_was_used_again_after_a_failover_is_not_passed_over() {
    let (first, second) = (journey(Some("a"), None, 0), journey(Some("b"), None, 0));
    let mut lanes = Lanes::default();
    own(&mut lanes);
    lanes.read(&[1], 16, vec![found(1, 110, first)], |_| true);
    assert_eq!(lanes.pick(0, 9).1, [110]);
    lanes.fetched(&[110], vec![(entry(110, "a"), true)]);
    assert_eq!(lanes.claim(9).len(), 1);
    lanes.reset();
    own(&mut lanes);
    let (asked, cursors, each) = lanes.wanted(true);
    assert_eq!(cursors, [0]);
    // Lower places than were read before, and the very one that is under way.
    lanes.read(
        &asked,
        each,
        vec![found(1, 34, second), found(1, 110, second)],
        |_| true,
    );
    assert_eq!(lanes.pick(0, 9).1, [34]);
    lanes.leave(110);
    let (asked, cursors, each) = lanes.wanted(false);
    assert_eq!(cursors, [109]);
    lanes.read(&asked, each, vec![found(1, 110, second)], |_| true);
    lanes.leave(34);
    assert_eq!(lanes.pick(0, 9).1, [110]);
}

/// The server that answers now may lack the note as well as the places.
#[test]
fn after_a_failover_a_lane_is_read_from_where_the_server_says() {
    let mut lanes = Lanes::default();
    own(&mut lanes);
    lanes.read(&[1], 16, vec![found(1, 110, 7)], |_| true);
    assert_eq!(lanes.pick(0, 9).1, [110]);
    lanes.leave(110);
    assert_eq!(lanes.heads(), [(1, 110)]);
    lanes.reset();
    lanes.own(&[(1, 40, 0)]);
    assert_eq!(lanes.wanted(false).1, [40]);
}

/// As when the connection is lost between the choice of a record and its bytes: it must not
/// count as in flight for ever.
#[test]
fn a_record_that_could_not_be_fetched_is_picked_again() {
    let key = journey(Some("a"), None, 0);
    let mut lanes = Lanes::default();
    own(&mut lanes);
    lanes.read(&[1], 16, vec![found(1, 5, key), found(1, 7, key)], |_| true);
    assert_eq!(lanes.pick(0, 9).1, [5]);
    lanes.put_back(&[5]);
    lanes.reset();
    own(&mut lanes);
    lanes.read(&[1], 16, vec![found(1, 5, key), found(1, 7, key)], |_| true);
    assert_eq!(lanes.pick(0, 9).1, [5]);
}

#[test]
fn what_may_not_be_handed_out_yet_is_read_again() {
    let key = journey(Some("a"), None, 0);
    let mut lanes = Lanes::default();
    own(&mut lanes);
    lanes.read(
        &[1],
        16,
        vec![found(1, 5, key), found(1, 7, key)],
        |found| found.queued.seq < 7,
    );
    assert_eq!(lanes.wanted(false), (vec![1], vec![5], 1024));
}

#[test]
fn lanes_are_given_back_when_nothing_of_them_is_in_flight() {
    let mut lanes = Lanes::default();
    lanes.own(&[(0, 0, 0), (1, 0, 0), (2, 0, 0)]);
    lanes.read(&[2], 16, vec![found(2, 5, 1)], |_| true);
    assert_eq!(lanes.pick(0, 9), (vec![2], vec![5]));
    assert_eq!(lanes.give_back(1), [1]);
    assert!(lanes.wanted(true).0 == [0]);
}

/// As with a server that is slower than what it asks to send later comes due.
#[test]
fn records_that_are_due_again_do_not_hold_up_those_behind_them() {
    let mut lanes = Lanes::default();
    lanes.own(&[(1, 0, 0)]);
    let (asked, _, each) = lanes.wanted(true);
    let places = 1..=i64::try_from(each).expect("a number");
    let found = places.clone().map(|seq| found(1, seq, seq.cast_unsigned()));
    lanes.read(&asked, each, found.collect(), |_| true);
    assert_eq!(lanes.pick(0, each).1.len(), each);
    for seq in places {
        let mut tried = entry(seq, "a");
        tried.due = 5;
        lanes.later(tried);
    }
    assert_eq!(lanes.wanted(false).1, [1024]);
}
