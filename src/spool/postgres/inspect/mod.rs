//! Looking into a spool in PostgreSQL and setting single records right, while others use it.

mod changes;
mod counting;
mod server;

use super::append::{KnownDestinations, Once, append, import_inbox};
use super::connection::{ANSWER, Connection, Database, DatabaseError, Parameter, within};
use super::limit::RecordLimit;
use super::rows::http;
use super::schema;
use crate::model::fnv::checksum;
use crate::spool::damage::Damage;
use crate::spool::identity::Identity;
use crate::spool::inspect::{Backlog, Dropped, Durability, Health, Inspect, Sharing};
use crate::spool::stored::{RecordState, Stored};
use crate::spool::{AcceptedRecord, Error, stored_problem};
use std::collections::{HashMap, HashSet};
use tokio::runtime::Runtime;
use tokio_postgres::Row;
use tokio_postgres::types::Type;
use uuid::Uuid;

/// How many places of each lane are looked at together where all records are read in their order.
const PAGE: i64 = 64;

/// No place is higher.
const LAST: i64 = i64::MAX;

/// A spool in a database that is looked into.
pub struct PostgresInspector {
    runtime: Runtime,
    connection: Connection,
    limit: RecordLimit,
    name: String,
    damage: Damage,
    /// Records that are still in this machine's inbox.
    inbox: u64,
    /// Records that were imported from there.
    taken_in: u64,
}

/// Makes the tables, and gives rights to roles.
pub fn init(database: &Database, grants: &[String]) -> Result<(), Error> {
    let name = database.address.to_string();
    let making = async {
        let client = database.bare().await?;
        schema::make(&client, grants).await?;
        database.connect().await.map(drop)
    };
    runtime()?
        .block_on(within(ANSWER, making))
        .map_err(|error: DatabaseError| error.named(&name))
}

fn runtime() -> Result<Runtime, Error> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Error::Storage(format!("cannot start: {error}")))
}

impl PostgresInspector {
    /// Opens a spool. What was accepted on this machine while it was unavailable is imported, as
    /// far as this user may.
    pub fn open(database: &Database) -> Result<PostgresInspector, Error> {
        let name = database.address.to_string();
        let runtime = runtime()?;
        let mut complaints = Vec::new();
        let mut taken_in = 0;
        let connection = runtime
            .block_on(async {
                let connection = database.connect().await?;
                if let Some(inbox) = database.inbox().filter(|inbox| !inbox.is_empty()) {
                    let mut destinations = KnownDestinations::default();
                    let brought =
                        import_inbox(&connection, &inbox, &mut destinations, &mut complaints).await;
                    match brought {
                        Ok(brought) => taken_in = brought,
                        Err(DatabaseError::Forbidden(_)) => {}
                        Err(error) => return Err(error),
                    }
                }
                Ok(connection)
            })
            .map_err(|error| error.named(&name))?;
        let inbox = database.inbox().map_or(0, |inbox| {
            let names = inbox.names().unwrap_or_default().into_iter();
            let counts = names.filter_map(|name| inbox.read(&name).ok());
            counts.map(|batch| batch.records.len() as u64).sum()
        });
        let mut damage = Damage::default();
        for complaint in complaints {
            damage.add(complaint, []);
        }
        Ok(PostgresInspector {
            runtime,
            connection,
            limit: RecordLimit::new(database.max_records),
            name,
            damage,
            inbox,
            taken_in,
        })
    }

    fn query(&self, sql: &str, parameters: &[Parameter<'_>]) -> Result<Vec<Row>, Error> {
        self.ask(self.connection.query(sql, parameters))
    }

    /// Waits for an answer of the database.
    fn ask<T>(&self, answer: impl Future<Output = Result<T, DatabaseError>>) -> Result<T, Error> {
        self.runtime
            .block_on(answer)
            .map_err(|error| error.named(&self.name))
    }

    /// Takes the rows of an answer, one at a time, for as long as `take` says so.
    fn each_row(
        &self,
        sql: &str,
        parameters: &[Parameter<'_>],
        take: &mut dyn FnMut(&Row) -> bool,
    ) -> Result<(), Error> {
        self.runtime
            .block_on(self.connection.each(sql, parameters, take))
            .map_err(|error| error.named(&self.name))
    }

    /// Hands over the next records behind a place, for as long as `take` says so; where to go on,
    /// if there is more.
    fn page(&self, after: i64, take: &mut dyn FnMut(Stored) -> bool) -> Result<Option<i64>, Error> {
        let (ready, dead) = (columns(false), columns(true));
        // Of every lane some places, by its index; they count up to where a lane has more. The server
        // would sort the whole table, with all bytes, to say what comes first.
        let page = format!(
            "WITH p AS MATERIALIZED (SELECT e.dest, e.lane, e.seq FROM hivelog.lane l \
               CROSS JOIN LATERAL (SELECT dest, lane, seq FROM hivelog.event WHERE dest = l.dest \
                 AND lane = l.n AND seq > greatest($1, l.head) ORDER BY seq LIMIT {PAGE}) e), \
             b AS (SELECT coalesce(min(last), {LAST}) AS bound FROM (SELECT max(seq) AS last \
               FROM p GROUP BY dest, lane HAVING count(*) = {PAGE}) cut) \
             SELECT {ready}, bound FROM b, p JOIN hivelog.event e ON e.dest = p.dest \
               AND e.lane = p.lane AND e.seq = p.seq JOIN hivelog.destination d ON d.n = e.dest \
               WHERE p.seq <= bound \
             UNION ALL SELECT {dead}, bound FROM b, hivelog.dead e JOIN hivelog.destination d \
               ON d.n = e.dest WHERE e.seq > $1 AND e.seq <= bound ORDER BY seq"
        );
        let mut next = None;
        self.each_row(&page, &[(&after, Type::INT8)], &mut |row| {
            let bound: i64 = row.get("bound");
            let goes_on = take(stored(row));
            next = (goes_on && bound < LAST).then_some(bound);
            goes_on
        })?;
        Ok(next)
    }
}

/// The columns of a record, of a table that is called `e`.
fn columns(is_dead: bool) -> String {
    format!(
        "e.id, d.address, e.code, e.correlation, {is_dead}, e.attempts, e.maybe_dup, \
         (extract(epoch FROM e.accepted) * 1000)::bigint, \
         coalesce((extract(epoch FROM e.due) * 1000)::bigint, 0), e.http, e.problem, e.source, \
         e.line, e.body, e.run, e.record, e.integration, e.sum, e.counted, e.seq AS seq"
    )
}

fn stored(row: &Row) -> Stored {
    let count = |column: usize| row.get::<_, i32>(column).cast_unsigned();
    let is_dead = row.get(4);
    Stored {
        id: row.get(0),
        run: Some(row.get(14)),
        destination: row.get(1),
        record: AcceptedRecord {
            body: row.get::<_, Vec<u8>>(13).into(),
            source: row.get::<_, &str>(11).into(),
            number: row.get::<_, i64>(15).cast_unsigned(),
            line: row.get::<_, i64>(12).cast_unsigned(),
            event_code: row.get(2),
            correlation_id: row.get(3),
            integration_key: row.get(16),
        },
        sum: row.get(17),
        accepted: row.get(7),
        state: if is_dead {
            RecordState::Dead
        } else {
            RecordState::Ready
        },
        attempts: count(5),
        counted: count(18),
        maybe_duplicate: count(6),
        next_attempt: row.get(8),
        http: http(row.get(9)),
        problem: stored_problem(row.get(10)),
    }
}

impl Inspect for PostgresInspector {
    fn id(&self) -> Result<String, Error> {
        Ok(self.connection.id.to_string())
    }

    fn damage(&self) -> &Damage {
        &self.damage
    }

    fn taken_in(&self) -> u64 {
        self.taken_in
    }

    fn each(&self, take: &mut dyn FnMut(Stored) -> bool) -> Result<(), Error> {
        let mut next = Some(-1);
        while let Some(after) = next {
            next = self.page(after, take)?;
        }
        Ok(())
    }

    fn some(&self, ids: &HashSet<Uuid>, take: &mut dyn FnMut(Stored) -> bool) -> Result<(), Error> {
        let (ready, dead) = (columns(false), columns(true));
        let some = format!(
            "SELECT {ready} FROM hivelog.event e JOIN hivelog.destination d ON d.n = e.dest \
               WHERE e.id = ANY($1) \
             UNION ALL SELECT {dead} FROM hivelog.dead e JOIN hivelog.destination d ON d.n = e.dest \
               WHERE e.id = ANY($1) ORDER BY seq"
        );
        let ids: Vec<&Uuid> = ids.iter().collect();
        self.each_row(&some, &[(&ids, Type::UUID_ARRAY)], &mut |row| {
            take(stored(row))
        })
    }

    fn pauses(&self) -> Result<HashMap<String, i64>, Error> {
        let pauses = "SELECT address, (extract(epoch FROM paused_until) * 1000)::bigint \
                      FROM hivelog.destination WHERE paused_until IS NOT NULL";
        let rows = self.query(pauses, &[])?;
        Ok(rows.iter().map(|row| (row.get(0), row.get(1))).collect())
    }

    fn import(&mut self, records: &[Stored]) -> Result<u64, Error> {
        let importing = async {
            let mut destinations = KnownDestinations::default();
            let mut new = 0;
            // In their order, as long as one destination follows itself.
            for some in records.chunk_by(|one, next| one.destination == next.destination) {
                let dest = destinations
                    .number(&self.connection, &some[0].destination)
                    .await?;
                self.limit.admit(&self.connection, some.len()).await?;
                let batch = Uuid::now_v7();
                new += append(&self.connection, &batch, dest, some, Once::Record).await?;
            }
            Ok(new)
        };
        let imported: Result<u64, DatabaseError> = self.runtime.block_on(importing);
        imported.map_err(|error| error.named(&self.name))
    }

    fn find(&self, part: &str) -> Result<Vec<Uuid>, Error> {
        let part = part.to_ascii_lowercase();
        if let Ok(whole) = Uuid::parse_str(&part) {
            let there = "SELECT id FROM hivelog.event WHERE id = $1 \
                         UNION SELECT id FROM hivelog.dead WHERE id = $1";
            let rows = self.query(there, &[(&whole, Type::UUID)])?;
            return Ok(rows.iter().map(|row| row.get(0)).collect());
        }
        if !part
            .bytes()
            .all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
        {
            return Ok(Vec::new());
        }
        let like = "SELECT id FROM hivelog.event WHERE id::text LIKE $1 OR id::text LIKE $2 \
                    UNION ALL SELECT id FROM hivelog.dead WHERE id::text LIKE $1 OR id::text LIKE $2 \
                    LIMIT 2";
        let (begins, ends) = (format!("{part}%"), format!("%{part}"));
        let rows = self.query(like, &[(&begins, Type::TEXT), (&ends, Type::TEXT)])?;
        Ok(rows.iter().map(|row| row.get(0)).collect())
    }

    fn retry(&mut self, ids: &[Uuid], _now: i64) -> Result<Vec<Uuid>, Error> {
        changes::retry(self, ids)
    }

    fn drop(&mut self, ids: &[Uuid], _now: i64) -> Result<Dropped, Error> {
        changes::drop(self, ids)
    }

    fn identify(&self, _identity: &Identity) -> Result<u64, Error> {
        // No version has ever noted less here.
        Ok(0)
    }

    fn is_sending(&self) -> Result<bool, Error> {
        let alive =
            "SELECT EXISTS (SELECT 1 FROM hivelog.drainer WHERE until >= clock_timestamp())";
        let rows = self.query(alive, &[])?;
        Ok(rows.first().is_some_and(|row| row.get(0)))
    }

    fn verify(&self) -> Result<Health, Error> {
        let mut health = Health::default();
        for table in ["event", "dead"] {
            let rows = format!("SELECT id, body, sum FROM hivelog.{table}");
            self.each_row(&rows, &[], &mut |row| {
                if checksum(row.get(1)) == row.get::<_, i64>(2) {
                    health.intact += 1;
                } else {
                    health.damaged.push(row.get::<_, Uuid>(0).to_string());
                }
                true
            })?;
        }
        let lanes = self.query(
            "SELECT d.address FROM hivelog.destination d, hivelog.spool s WHERE \
             (SELECT count(*) FROM hivelog.lane WHERE dest = d.n) <> s.lanes OR \
             (SELECT count(*) FROM hivelog.gate WHERE dest = d.n) <> s.lanes",
            &[],
        )?;
        for row in lanes {
            let identity = Identity::read(row.get(0));
            let complaint = format!("lanes or gates of {} are missing", identity.url);
            health.complaints.push(complaint);
        }
        Ok(health)
    }

    fn backlogs(&self, now: i64) -> Result<Vec<Backlog>, Error> {
        counting::backlogs(self, now)
    }

    fn ready(&self) -> Result<Vec<(Identity, u64)>, Error> {
        counting::ready(self)
    }

    fn dead(&self, identity: &Identity) -> Result<Vec<Uuid>, Error> {
        let dead = "SELECT e.id FROM hivelog.dead e JOIN hivelog.destination d ON d.n = e.dest \
                    WHERE d.address = $1 ORDER BY e.seq";
        let rows = self.query(dead, &[(&identity.text(), Type::TEXT)])?;
        Ok(rows.iter().map(|row| row.get(0)).collect())
    }

    fn bytes(&self) -> Result<u64, Error> {
        let size = "SELECT pg_total_relation_size('hivelog.event') \
                    + pg_total_relation_size('hivelog.dead')";
        let rows = self.query(size, &[])?;
        Ok(rows
            .first()
            .map_or(0, |row| row.get::<_, i64>(0).unsigned_abs()))
    }

    fn durability(&self) -> Result<Option<Durability>, Error> {
        server::durability(self)
    }

    fn sharing(&self) -> Result<Option<Sharing>, Error> {
        server::sharing(self)
    }
}
