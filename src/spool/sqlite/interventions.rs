//! What people do to single records (`spool retry`, `spool drop`) while this process is at work
//! with them.

use super::Sqlite;
use super::drain::Drain;
use super::rows::Lenient;
use crate::model::delivery::Problem;
use crate::spool::{Entry, Purpose, Record, Settlement};
use rusqlite::{Row, params};
use uuid::Uuid;

struct Intervention {
    at: i64,
    dropped: bool,
    ready: bool,
    run: Vec<u8>,
    entry: Entry,
}

impl Sqlite {
    /// What was done before this process began does not concern it.
    pub(super) fn skip_interventions(&self) -> rusqlite::Result<()> {
        let mut drain = self.drain();
        let last = "SELECT coalesce(max(at), 0) FROM intervention";
        drain.heard = drain.connection.query_row(last, [], |row| row.get(0))?;
        Ok(())
    }

    /// Heeds what people have done since this was called last.
    pub(super) fn heed(&self, drain: &mut Drain) -> rusqlite::Result<()> {
        let version = drain.data_version()?;
        if version == drain.heard_version {
            return Ok(());
        }
        let news = {
            let mut select = drain.connection.prepare_cached(
                "SELECT at, dropped, state = 'ready', seq, id, run, source, record, line, code, \
                 correlation, integration FROM intervention WHERE at > ? AND dest = ? ORDER BY at",
            )?;
            let rows =
                select.query_map(params![drain.heard, self.dest], |row| Ok(intervention(row)))?;
            rows.collect::<Result<Vec<_>, _>>()?
        };
        for intervention in news {
            drain.heard = intervention.at;
            if intervention.dropped {
                self.heed_drop(drain, intervention)?;
            } else {
                self.heed_retry(drain, &intervention);
            }
        }
        drain.heard_version = version;
        Ok(())
    }

    fn heed_drop(&self, drain: &mut Drain, intervention: Intervention) -> rusqlite::Result<()> {
        let Intervention {
            ready,
            run,
            mut entry,
            ..
        } = intervention;
        if drain.queue.is_under_way(entry.seq) {
            // Its answer decides.
            drain.dropped.insert(entry.seq);
            return Ok(());
        }
        drain.queue.remove(entry.key(), entry.seq);
        drain.tried.remove(&entry.seq);
        let own = self.purpose == Purpose::Own && run == self.run.as_bytes();
        // Whatever was not ready, or was given up, has been reported.
        if own && ready && drain.given_up.insert(entry.seq) {
            drain.forget(entry.seq)?;
            entry.problem = Some(lost());
            drain.ended.push((entry, Settlement::Lost));
        }
        Ok(())
    }

    /// Reads the rows from this one on again, with what follows in its journey.
    fn heed_retry(&self, drain: &mut Drain, intervention: &Intervention) {
        let entry = &intervention.entry;
        // A run reports once on what it has accepted; the next one sends it.
        if self.purpose == Purpose::Own || drain.queue.is_under_way(entry.seq) {
            return;
        }
        drain.given_up.remove(&entry.seq);
        drain.parked.remove(&entry.key());
        drain.tried.remove(&entry.seq);
        drain.queue.remove(entry.key(), entry.seq);
        drain.rewind(entry.seq);
    }
}

fn intervention(row: &Row<'_>) -> Intervention {
    let mut row = Lenient::new(row);
    let id: Vec<u8> = row.get(4);
    let record = Record {
        body: bytes::Bytes::new(),
        source: row.get::<String>(6).into(),
        number: row.get::<i64>(7).cast_unsigned(),
        line: row.get::<i64>(8).cast_unsigned(),
        event_code: row.get(9),
        correlation_id: row.get(10),
        integration_key: row.get(11),
    };
    Intervention {
        at: row.get(0),
        dropped: row.get(1),
        ready: row.get(2),
        run: row.get(5),
        entry: Entry::new(
            row.get(3),
            Uuid::from_slice(&id).unwrap_or_default(),
            record,
        ),
    }
}

/// What there is to say of a record that was dropped before it was delivered.
pub(super) fn lost() -> Problem {
    Problem {
        title: "lost: it was dropped from the spool before it was delivered".to_owned(),
        ..Problem::default()
    }
}
