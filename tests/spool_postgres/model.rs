//! The protocol of a lane on paper: every interleaving of two emitters, two drainers and three
//! records of one journey, with what can go wrong in between. What the statements and the lease
//! promise to each other is here in small; that the program keeps it is for the other tests.

use std::collections::HashSet;

/// What is left out of the protocol, to see that the check would notice.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Without {
    Nothing,
    /// An append does not lock its lane before its place is given out.
    Gate,
    /// A batch whose answer was lost is inserted again.
    BatchId,
    /// A drainer trusts its memory: it sends after its lease has ended.
    Fence,
    /// A delivery is noted by its place alone.
    IdOfDelivery,
}

/// What may happen, so many times in one history.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
struct Faults {
    lost_answers: u8,
    kills: u8,
    pauses: u8,
    failovers: u8,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Append {
    Idle,
    /// Its transaction is open; its place is given out.
    Open(u8),
    /// Committed, and its answer is on its way.
    Unheard,
    Done,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
struct Row {
    seq: u8,
    /// Which record; a place can be given out twice after a failover.
    record: u8,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Drainer {
    /// Whether it believes to own the lane, and by which lease.
    lease: Option<u8>,
    cursor: u8,
    queue: Vec<Row>,
    /// On the wire.
    flying: Option<Row>,
    /// Delivered, and not noted yet.
    unnoted: Vec<Row>,
    /// It stands still until somebody wakes it.
    paused: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct World {
    appends: [Append; 3],
    /// Batches that are in.
    batches: Vec<u8>,
    rows: Vec<Row>,
    next: u8,
    owner: Option<u8>,
    leases: u8,
    drainers: [Drainer; 2],
    /// First arrivals, and how many came in all.
    arrived: Vec<u8>,
    copies: [u8; 3],
    /// The order in which records became visible.
    order: Vec<u8>,
    faults: Faults,
    /// How many copies the faults so far may have caused.
    excuse: u8,
    /// Records that a failover has lost after they were confirmed: not promised.
    gone: Vec<u8>,
}

/// The emitter of each record: one sends two in a row, the other one.
const EMITTER: [usize; 3] = [0, 1, 0];

impl World {
    fn new(faults: Faults) -> World {
        World {
            appends: [Append::Idle; 3],
            batches: Vec::new(),
            rows: Vec::new(),
            next: 1,
            owner: None,
            leases: 0,
            drainers: Default::default(),
            arrived: Vec::new(),
            copies: [0; 3],
            order: Vec::new(),
            faults,
            excuse: 0,
            gone: Vec::new(),
        }
    }

    /// Everything that may happen next.
    fn next(&self, without: Without) -> Vec<World> {
        let mut all = Vec::new();
        for record in 0..3 {
            self.append(record, without, &mut all);
        }
        for drainer in 0..2 {
            self.drain(drainer, without, &mut all);
        }
        self.fail(&mut all);
        all
    }

    fn append(&self, record: u8, without: Without, all: &mut Vec<World>) {
        let at = usize::from(record);
        let earlier = (0..at).filter(|other| EMITTER[*other] == EMITTER[at]);
        let turn = earlier
            .into_iter()
            .all(|other| self.appends[other] == Append::Done);
        let is_open = |append: &Append| matches!(append, Append::Open(_));
        let gate = without == Without::Gate || !self.appends.iter().any(is_open);
        let mut then = self.clone();
        match self.appends[at] {
            Append::Idle if turn && gate => {
                then.appends[at] = Append::Open(self.next);
                then.next += 1;
            }
            Append::Open(seq) => {
                then.appends[at] = Append::Unheard;
                let known = self.batches.contains(&record);
                if !known || without == Without::BatchId {
                    then.batches.push(record);
                    then.rows.push(Row { seq, record });
                    then.rows.sort_by_key(|row| row.seq);
                    if !known {
                        then.order.push(record);
                    }
                }
            }
            Append::Unheard => {
                then.appends[at] = Append::Done;
                if self.faults.lost_answers > 0 {
                    let mut again = self.clone();
                    again.faults.lost_answers -= 1;
                    again.appends[at] = Append::Idle;
                    all.push(again);
                }
            }
            Append::Idle | Append::Done => return,
        }
        all.push(then);
    }

    fn drain(&self, n: usize, without: Without, all: &mut Vec<World>) {
        let drainer = &self.drainers[n];
        if drainer.paused {
            // Whoever wakes up asks for its lease before it sends: the fence.
            let mut then = self.clone();
            then.drainers[n].paused = false;
            if without != Without::Fence && drainer.lease != self.owner {
                then.drainers[n] = Drainer {
                    unnoted: drainer.unnoted.clone(),
                    ..Drainer::default()
                };
            }
            all.push(then);
            return;
        }
        if drainer.lease.is_none() && self.owner.is_none() {
            let mut then = self.clone();
            then.leases += 1;
            then.owner = Some(then.leases);
            then.drainers[n].lease = then.owner;
            then.drainers[n].cursor = 0;
            all.push(then);
        }
        let unread: Vec<Row> = self
            .rows
            .iter()
            .filter(|row| row.seq > drainer.cursor && Some(**row) != drainer.flying)
            .filter(|row| !drainer.unnoted.contains(row))
            .copied()
            .collect();
        if let (Some(_), Some(last)) = (drainer.lease, unread.last()) {
            let mut then = self.clone();
            then.drainers[n].cursor = last.seq;
            then.drainers[n].queue.extend(unread);
            all.push(then);
        }
        let free = drainer.flying.is_none() && drainer.unnoted.is_empty();
        if drainer.lease.is_some() && free && !drainer.queue.is_empty() {
            let mut then = self.clone();
            let row = then.drainers[n].queue.remove(0);
            then.drainers[n].flying = Some(row);
            all.push(then);
        }
        if let Some(row) = drainer.flying {
            let mut then = self.clone();
            then.drainers[n].flying = None;
            then.drainers[n].unnoted.push(row);
            then.arrive(row.record);
            all.push(then);
        }
        for at in 0..drainer.unnoted.len() {
            let mut then = self.clone();
            let noted = then.drainers[n].unnoted.remove(at);
            then.rows.retain(|row| {
                row.seq != noted.seq
                    || without != Without::IdOfDelivery && row.record != noted.record
            });
            all.push(then);
        }
    }

    fn arrive(&mut self, record: u8) {
        if !self.arrived.contains(&record) {
            self.arrived.push(record);
        }
        self.copies[usize::from(record)] += 1;
    }

    fn fail(&self, all: &mut Vec<World>) {
        for n in 0..2 {
            let drainer = &self.drainers[n];
            let holds = drainer.lease.is_some();
            if holds && self.faults.kills > 0 && !drainer.paused {
                let mut then = self.clone();
                then.faults.kills -= 1;
                if let Some(row) = drainer.flying {
                    // It may have arrived.
                    let mut arrived = then.clone();
                    arrived.arrive(row.record);
                    arrived.excuse += 1;
                    arrived.drainers[n] = Drainer::default();
                    all.push(arrived);
                }
                then.excuse += u8::try_from(drainer.unnoted.len()).expect("few");
                then.drainers[n] = Drainer::default();
                all.push(then);
            }
            // One that stands still does so with nothing on the wire: an attempt ends long before
            // the lease, and none is begun late. Without the fence it may be anywhere.
            let still = drainer.flying.is_none();
            if holds && self.faults.pauses > 0 && !drainer.paused && still {
                let mut then = self.clone();
                then.faults.pauses -= 1;
                then.drainers[n].paused = true;
                then.excuse += u8::try_from(drainer.unnoted.len()).expect("few");
                all.push(then);
            }
        }
        // A lease ends when nobody renews it.
        let renews = |drainer: &Drainer| drainer.lease == self.owner && !drainer.paused;
        if self.owner.is_some() && !self.drainers.iter().any(renews) {
            let mut then = self.clone();
            then.owner = None;
            all.push(then);
        }
        if self.faults.failovers > 0 {
            self.fail_over(all);
        }
    }

    /// Another server goes on, which lacks the last row, and whoever was connected reads anew.
    fn fail_over(&self, all: &mut Vec<World>) {
        let Some(lost) = self.rows.last().copied() else {
            return;
        };
        let mut then = self.clone();
        then.faults.failovers -= 1;
        then.rows.pop();
        then.batches.retain(|batch| *batch != lost.record);
        then.gone.push(lost.record);
        then.next = lost.seq;
        for append in &mut then.appends {
            if let Append::Open(_) = append {
                *append = Append::Idle;
            }
        }
        for drainer in &mut then.drainers {
            drainer.cursor = 0;
            drainer.queue.clear();
        }
        all.push(then);
    }

    /// What is wrong with this world, now or because nothing more happens.
    fn wrong(&self, is_last: bool) -> Option<String> {
        let place = |record: &u8| self.order.iter().position(|other| other == record);
        // After a failover another order of acceptance holds.
        let ordered = self.arrived.iter().map(place).is_sorted() || !self.gone.is_empty();
        if !ordered {
            return Some(format!("overtaken: {:?} of {:?}", self.arrived, self.order));
        }
        let extra: u8 = self
            .copies
            .iter()
            .map(|copies| copies.saturating_sub(1))
            .sum();
        if extra > self.excuse && self.gone.is_empty() {
            return Some(format!("{extra} copies too many, {} excused", self.excuse));
        }
        let confirmed = |record: &u8| self.appends[usize::from(*record)] == Append::Done;
        let lost = |record: &u8| !self.arrived.contains(record) && !self.gone.contains(record);
        let lost: Vec<u8> = (0..3)
            .filter(|record| confirmed(record) && lost(record))
            .collect();
        (is_last && !lost.is_empty()).then(|| format!("lost: {lost:?}"))
    }
}

/// Goes through every history; how many worlds there are, or what is wrong with one.
fn explore(faults: Faults, without: Without) -> Result<usize, String> {
    let first = World::new(faults);
    let mut seen: HashSet<World> = HashSet::from([first.clone()]);
    let mut open = vec![first];
    while let Some(world) = open.pop() {
        let next = world.next(without);
        if let Some(wrong) = world.wrong(next.is_empty()) {
            return Err(wrong);
        }
        for world in next {
            if seen.insert(world.clone()) {
                open.push(world);
            }
        }
    }
    Ok(seen.len())
}

const CALM: Faults = Faults {
    lost_answers: 0,
    kills: 0,
    pauses: 0,
    failovers: 0,
};

#[test]
fn no_history_loses_a_record_or_its_place() {
    for faults in [
        CALM,
        Faults {
            lost_answers: 2,
            ..CALM
        },
        Faults { kills: 2, ..CALM },
        Faults { pauses: 2, ..CALM },
        Faults {
            failovers: 1,
            ..CALM
        },
        Faults {
            lost_answers: 1,
            kills: 1,
            pauses: 1,
            ..CALM
        },
    ] {
        let worlds =
            explore(faults, Without::Nothing).unwrap_or_else(|why| panic!("{faults:?}: {why}"));
        assert!(worlds > 100, "{worlds} for {faults:?}");
    }
}

#[test]
fn a_history_goes_wrong_without_each_part_of_the_protocol() {
    let failing = Faults {
        failovers: 1,
        ..CALM
    };
    let answers = Faults {
        lost_answers: 1,
        ..CALM
    };
    let pauses = Faults { pauses: 1, ..CALM };
    for (without, faults, wanted) in [
        (Without::Gate, CALM, "lost"),
        (Without::BatchId, answers, "copies too many"),
        (Without::Fence, pauses, "copies too many"),
        (Without::IdOfDelivery, failing, "lost"),
    ] {
        let wrong = explore(faults, without).expect_err("a history that goes wrong");
        assert!(wrong.contains(wanted), "{wrong}");
    }
}
