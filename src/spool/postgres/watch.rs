//! What becomes of this run's records, whichever process sends them: one that is neither there nor dead nor
//! dropped was delivered.

use super::connection::{Connection, DatabaseError};
use super::lanes::lane_of;
use super::rows::http;
use crate::model::delivery::Problem;
use crate::spool::stored::Stored;
use crate::spool::{AcceptedRecord, Entry, Settlement, stored_problem};
use std::collections::{BTreeMap, HashMap, HashSet};
use tokio_postgres::types::Type;
use uuid::Uuid;

/// This run's records that are not settled yet.
#[derive(Debug, Default)]
pub(super) struct Watch {
    open: HashMap<Uuid, Own>,
    /// How many are in each lane.
    lanes: BTreeMap<i16, usize>,
    accepted: i64,
}

/// A record of this run, without its bytes.
#[derive(Debug)]
struct Own {
    at: i64,
    lane: i16,
    record: AcceptedRecord,
}

impl Own {
    fn entry(self, id: Uuid) -> Entry {
        Entry::new(self.at, id, self.record)
    }
}

impl Watch {
    /// Records were accepted.
    pub fn add(&mut self, records: Vec<Stored>, lanes: i16) {
        for stored in records {
            let lane = lane_of(&stored.record, &stored.id, lanes);
            self.accepted += 1;
            let own = Own {
                at: self.accepted,
                lane,
                record: AcceptedRecord {
                    body: bytes::Bytes::new(),
                    ..stored.record
                },
            };
            self.open.insert(stored.id, own);
            *self.lanes.entry(lane).or_default() += 1;
        }
    }

    /// Whether a record is among them.
    pub fn contains(&self, id: &Uuid) -> bool {
        self.open.contains_key(id)
    }

    /// Whether none is left.
    pub fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    /// How many were accepted.
    pub fn accepted(&self) -> i64 {
        self.accepted
    }

    /// The lanes in which some are left.
    pub fn lanes(&self) -> Vec<i16> {
        self.lanes.keys().copied().collect()
    }

    /// A record is settled.
    pub fn remove(&mut self, id: &Uuid) -> Option<Entry> {
        let own = self.open.remove(id)?;
        if let Some(count) = self.lanes.get_mut(&own.lane) {
            *count -= 1;
            if *count == 0 {
                self.lanes.remove(&own.lane);
            }
        }
        Some(own.entry(*id))
    }

    /// Those that are not among the `ready`, in the order of acceptance, but for those accepted
    /// after so many and those in flight here: their end is reported by the sender.
    pub fn gone(
        &self,
        accepted: i64,
        ready: &HashSet<Uuid>,
        in_flight: &HashSet<Uuid>,
    ) -> Vec<Uuid> {
        let mut gone: Vec<(i64, Uuid)> = self
            .open
            .iter()
            .filter(|(id, own)| {
                own.at <= accepted && !ready.contains(id) && !in_flight.contains(id)
            })
            .map(|(id, own)| (own.at, *id))
            .collect();
        gone.sort_unstable();
        gone.into_iter().map(|(_, id)| id).collect()
    }

    /// Takes what has become of records.
    pub fn apply(&mut self, fates: Vec<(Uuid, Fate)>) -> Vec<(Entry, Settlement)> {
        let mut ended = Vec::new();
        for (id, fate) in fates {
            let Some(mut entry) = self.remove(&id) else {
                continue;
            };
            let settlement = match fate {
                Fate::Delivered => Settlement::Delivered,
                Fate::Dropped => {
                    entry.problem = Some(Problem {
                        title: "lost: it was dropped from the spool before it was delivered"
                            .to_owned(),
                        ..Problem::default()
                    });
                    Settlement::Lost
                }
                Fate::Dead {
                    attempts,
                    http,
                    problem,
                } => {
                    (entry.attempts, entry.http, entry.problem) = (attempts, http, problem);
                    Settlement::Refused
                }
            };
            ended.push((entry, settlement));
        }
        ended
    }

    /// Every record that is left, in the order of acceptance.
    pub fn take(&mut self) -> Vec<(i16, Entry)> {
        self.lanes.clear();
        let mut left: Vec<_> = std::mem::take(&mut self.open).into_iter().collect();
        left.sort_by_key(|(_, own)| own.at);
        left.into_iter()
            .map(|(id, own)| (own.lane, own.entry(id)))
            .collect()
    }
}

/// What has become of a record that is not ready any more.
#[derive(Debug)]
pub(super) enum Fate {
    Delivered,
    Dropped,
    Dead {
        attempts: u32,
        http: Option<u16>,
        problem: Option<Problem>,
    },
}

/// The records of a run that are in the spool.
pub(super) struct Present {
    pub ready: HashSet<Uuid>,
    pub dead: HashSet<Uuid>,
}

/// Asks for them, of one state of the database.
pub(super) async fn present(connection: &Connection, run: &Uuid) -> Result<Present, DatabaseError> {
    const PRESENT: &str = "SELECT array(SELECT id FROM hivelog.event WHERE run = $1), \
        array(SELECT id FROM hivelog.dead WHERE run = $1)";
    let rows = connection.query(PRESENT, &[(run, Type::UUID)]).await?;
    let ids = |column: usize| -> HashSet<Uuid> {
        let ids = rows.first().map(|row| row.get::<_, Vec<Uuid>>(column));
        ids.unwrap_or_default().into_iter().collect()
    };
    Ok(Present {
        ready: ids(0),
        dead: ids(1),
    })
}

/// Asks what has become of records that were not ready.
pub(super) async fn fates(
    connection: &Connection,
    gone: Vec<Uuid>,
    dead: &HashSet<Uuid>,
) -> Result<Vec<(Uuid, Fate)>, DatabaseError> {
    const FATES: &str = "SELECT id, true, attempts, http, problem FROM hivelog.dead \
          WHERE id = ANY($1) \
        UNION ALL SELECT id, false, 0, NULL, NULL FROM hivelog.dropped WHERE id = ANY($1) \
        ORDER BY 2 DESC";
    if gone.is_empty() {
        return Ok(Vec::new());
    }
    let rows = connection
        .query(FATES, &[(&gone, Type::UUID_ARRAY)])
        .await?;
    let mut known: HashMap<Uuid, Fate> = HashMap::new();
    for row in rows {
        let fate = if row.get(1) {
            Fate::Dead {
                attempts: row.get::<_, i32>(2).cast_unsigned(),
                http: http(row.get(3)),
                problem: stored_problem(row.get(4)),
            }
        } else {
            Fate::Dropped
        };
        // One that is there is there, whatever was done to it before.
        known.entry(row.get(0)).or_insert(fate);
    }
    let fate = |id: Uuid| match known.remove(&id) {
        Some(fate) => Some((id, fate)),
        // Somebody wants it to be tried again.
        None if dead.contains(&id) => None,
        None => Some((id, Fate::Delivered)),
    };
    Ok(gone.into_iter().filter_map(fate).collect())
}
