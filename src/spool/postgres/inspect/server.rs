//! Who sends, and what the server does and suffers.

use super::PostgresInspector;
use crate::spool::Error;
use crate::spool::identity::Identity;
use crate::spool::inspect::{Drainer, Durability, Sharing};
use tokio_postgres::Row;

/// Who sends, and how it does.
pub(super) fn sharing(spool: &PostgresInspector) -> Result<Option<Sharing>, Error> {
    let drainers = spool.query(
        "SELECT o.host, o.pid, o.version, d.address, \
           (SELECT count(*) FROM hivelog.lane l WHERE l.owner = o.id), \
           extract(epoch FROM o.until - clock_timestamp())::bigint \
         FROM hivelog.drainer o JOIN hivelog.destination d ON d.n = o.dest \
         ORDER BY d.address, o.host, o.pid",
        &[],
    )?;
    let drainer = |row: &Row| Drainer {
        host: row.get(0),
        pid: row.get::<_, i32>(1).cast_unsigned(),
        version: row.get(2),
        destination: Identity::read(row.get(3)).url,
        lanes: row.get::<_, i64>(4).unsigned_abs(),
        lease_seconds: row.get(5),
    };
    // What is said of transactions of others is there for those who may know it.
    let rows = spool.query(
        "SELECT coalesce((SELECT n_dead_tup FROM pg_stat_user_tables \
           WHERE relid = 'hivelog.event'::regclass), 0), \
         (SELECT max(extract(epoch FROM clock_timestamp() - xact_start))::bigint \
           FROM pg_stat_activity WHERE backend_xmin IS NOT NULL AND pid <> pg_backend_pid())",
        &[],
    )?;
    let of = |column: usize| {
        rows.first()
            .and_then(|row| row.get::<_, Option<i64>>(column))
    };
    Ok(Some(Sharing {
        drainers: drainers.iter().map(drainer).collect(),
        inbox: spool.inbox,
        dead_rows: of(0).unwrap_or(0).unsigned_abs(),
        oldest_transaction_seconds: of(1).map(i64::unsigned_abs),
    }))
}

/// What the server does before it confirms a record.
pub(super) fn durability(spool: &PostgresInspector) -> Result<Option<Durability>, Error> {
    let settings = spool.query(
        "SELECT current_setting('fsync'), current_setting('synchronous_commit'), \
         current_setting('synchronous_standby_names')",
        &[],
    )?;
    Ok(settings.first().map(|row| Durability {
        fsync: row.get::<_, &str>(0) != "off",
        commit: row.get(1),
        standbys: row.get(2),
    }))
}
