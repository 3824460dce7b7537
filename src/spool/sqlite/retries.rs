//! How records were settled that were not delivered, written into their rows.

use super::engine::is_full;
use super::reserve::write_in_any_case;
use super::site::Site;
use crate::spool::{Entry, Error, Settlement, problem_text};
use rusqlite::{Connection, TransactionBehavior, params};

/// Writes it, all at once.
pub fn write(
    connection: &mut Connection,
    site: &Site,
    settled: &[(Entry, Settlement)],
) -> Result<(), Error> {
    // That a try has failed need not be noted; that it was the last must.
    let written = if settled.iter().any(|(_, how)| *how == Settlement::Refused) {
        write_in_any_case(&site.folder, connection, |connection| {
            update(connection, site, settled)
        })
    } else {
        match update(connection, site, settled) {
            Err(error) if is_full(&error) => Ok(()),
            written => written,
        }
    };
    written.map_err(|error| site.failed(error))
}

fn update(
    connection: &mut Connection,
    site: &Site,
    settled: &[(Entry, Settlement)],
) -> rusqlite::Result<()> {
    let _turn = site.turn();
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    {
        let mut update = transaction.prepare_cached(
            "UPDATE event SET state = ?, attempts = ?, counted = ?, maybe_dup = ?, next_ms = ?, \
             last_status = ?, last_error = ? WHERE seq = ?",
        )?;
        for (entry, settlement) in settled {
            let state = match settlement {
                Settlement::Delivered | Settlement::Lost => continue,
                Settlement::Refused => "dead",
                Settlement::Later | Settlement::GivenUp => "ready",
            };
            update.execute(params![
                state,
                entry.attempts,
                entry.counted,
                entry.maybe_duplicate,
                entry.due,
                entry.http,
                problem_text(entry.problem.as_ref()),
                entry.seq,
            ])?;
        }
    }
    transaction.commit()?;
    site.still_there()
}
