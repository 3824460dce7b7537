//! What becomes of this run's records, whichever process sends them: one that is neither there nor dead nor
//! dropped was delivered.

use super::connection::{Connection, DatabaseError};
use super::lanes::lane_of;
use super::rows::http;
use crate::model::delivery::Problem;
use crate::spool::stored::Stored;
use crate::spool::{AcceptedRecord, Entry, Settlement, stored_problem};
use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use tokio_postgres::types::Type;
use uuid::Uuid;

/// Records that are asked for at once.
const PAGE: usize = 500;

/// This run's records that are not settled yet.
#[derive(Debug, Default)]
pub(super) struct Watch {
    open: HashMap<Uuid, Own>,
    /// In which order they are asked for.
    ring: VecDeque<Uuid>,
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
            self.ring.push_back(stored.id);
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

    /// How many are left.
    pub fn len(&self) -> usize {
        self.open.len()
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

    /// The next that are asked for, in turn.
    pub fn page(&mut self) -> Vec<Uuid> {
        let mut page = Vec::new();
        for _ in 0..self.ring.len() {
            if page.len() == PAGE {
                break;
            }
            if let Some(id) = self
                .ring
                .pop_front()
                .filter(|id| self.open.contains_key(id))
            {
                page.push(id);
                self.ring.push_back(id);
            }
        }
        page
    }

    /// Takes what has become of records that were asked for, but for those in flight here:
    /// their end is reported by the sender.
    pub fn apply(
        &mut self,
        page: &[Uuid],
        mut fates: HashMap<Uuid, Fate>,
        in_flight: &HashSet<Uuid>,
    ) -> Vec<(Entry, Settlement)> {
        let mut ended = Vec::new();
        for id in page.iter().filter(|id| !in_flight.contains(id)) {
            let fate = fates.remove(id).unwrap_or(Fate::Delivered);
            if matches!(fate, Fate::Ready) {
                continue;
            }
            let Some(mut entry) = self.remove(id) else {
                continue;
            };
            let settlement = match fate {
                Fate::Ready | Fate::Delivered => Settlement::Delivered,
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
        self.ring.clear();
        self.lanes.clear();
        let mut left: Vec<_> = std::mem::take(&mut self.open).into_iter().collect();
        left.sort_by_key(|(_, own)| own.at);
        left.into_iter()
            .map(|(id, own)| (own.lane, own.entry(id)))
            .collect()
    }
}

/// What has become of a record.
#[derive(Debug)]
pub(super) enum Fate {
    Ready,
    Delivered,
    Dropped,
    Dead {
        attempts: u32,
        http: Option<u16>,
        problem: Option<Problem>,
    },
}

/// Asks, of one state of the database, what has become of records of a run.
pub(super) async fn fates(
    connection: &Connection,
    run: &Uuid,
    page: &[Uuid],
) -> Result<HashMap<Uuid, Fate>, DatabaseError> {
    const FATES: &str = "SELECT id, 0 AS fate, attempts, http, problem FROM hivelog.event \
          WHERE run = $1 AND id = ANY($2) \
        UNION ALL SELECT id, 1, attempts, http, problem FROM hivelog.dead WHERE id = ANY($2) \
        UNION ALL SELECT id, 2, 0, NULL, NULL FROM hivelog.dropped WHERE id = ANY($2) ORDER BY fate";
    let rows = connection
        .query(FATES, &[(run, Type::UUID), (&page, Type::UUID_ARRAY)])
        .await?;
    let mut fates = HashMap::new();
    for row in rows {
        let fate = match row.get::<_, i32>(1) {
            0 => Fate::Ready,
            1 => Fate::Dead {
                attempts: row.get::<_, i32>(2).cast_unsigned(),
                http: http(row.get(3)),
                problem: stored_problem(row.get(4)),
            },
            _ => Fate::Dropped,
        };
        // One that is there is there, whatever was done to it before.
        fates.entry(row.get(0)).or_insert(fate);
    }
    Ok(fates)
}
