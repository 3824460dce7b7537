//! Who sends what: a drainer has a row, which is its lease, and owns lanes through it.
//!
//! The id of the row is the fencing token. A row that is overdue is deleted by the next drainer
//! that looks, and never comes back under that id. Time is the server's; what is compared here is
//! only how long ago the renewal was asked for.

use super::connection::{Connection, DatabaseError};
use crate::spool::{Pause, stored_problem};
use std::time::Duration;
use tokio_postgres::types::Type;
use uuid::Uuid;

/// The lease unless the user asks for another or attempts take long.
const DEFAULT: Duration = Duration::from_secs(30);

/// How much longer than two attempts a lease must be.
const FLOOR: Duration = Duration::from_secs(10);

/// How often a lease is renewed, at the least, before it would end.
pub(super) const RENEWALS: u32 = 6;

/// The shortest lease with which no record is under way when it ends.
pub fn shortest_lease(timeout: Duration) -> Duration {
    2 * timeout + FLOOR
}

/// The lease when the user asks for none, where one attempt may take as long as `timeout`.
pub(super) fn default_lease(timeout: Duration) -> Duration {
    DEFAULT.max(shortest_lease(timeout))
}

/// A drainer, as it is registered.
pub(super) struct Registration<'a> {
    pub id: Uuid,
    pub dest: i32,
    pub host: &'a str,
    pub lease: f64,
    /// Whether it takes a share of all lanes; without, it only takes some that it names.
    pub shares: bool,
}

/// Deletes the drainers whose lease has expired: their lanes become free.
pub(super) async fn remove_expired(
    connection: &Connection,
    dest: i32,
) -> Result<(), DatabaseError> {
    const REMOVE: &str = "DELETE FROM hivelog.drainer WHERE id IN (SELECT id FROM hivelog.drainer \
        WHERE dest = $1 AND until < clock_timestamp() FOR UPDATE SKIP LOCKED)";
    connection
        .execute(REMOVE, &[(&dest, Type::INT4)])
        .await
        .map(drop)
}

/// Renews a lease; whether it still existed.
pub(super) async fn renew(
    connection: &Connection,
    id: Uuid,
    lease: f64,
) -> Result<bool, DatabaseError> {
    const RENEW: &str = "UPDATE hivelog.drainer SET until = clock_timestamp() \
        + make_interval(secs => $2) WHERE id = $1";
    let renewed = connection
        .execute(RENEW, &[(&id, Type::UUID), (&lease, Type::FLOAT8)])
        .await?;
    Ok(renewed > 0)
}

/// Registers a drainer; with `lanes` only if one of them is free. Whether it is registered.
pub(super) async fn register(
    connection: &Connection,
    drainer: &Registration<'_>,
    lanes: Option<&[i16]>,
) -> Result<bool, DatabaseError> {
    const REGISTER: &str = "INSERT INTO hivelog.drainer (id, dest, host, pid, version, shares, until) \
        SELECT $1, $2, $3, $4, $5, $6, clock_timestamp() + make_interval(secs => $7) \
        WHERE $8::smallint[] IS NULL OR EXISTS (SELECT 1 FROM hivelog.lane \
          WHERE dest = $2 AND n = ANY($8) AND owner IS NULL)";
    let pid = i32::try_from(std::process::id()).unwrap_or_default();
    let registered = connection
        .execute(
            REGISTER,
            &[
                (&drainer.id, Type::UUID),
                (&drainer.dest, Type::INT4),
                (&drainer.host, Type::TEXT),
                (&pid, Type::INT4),
                (&env!("CARGO_PKG_VERSION"), Type::TEXT),
                (&drainer.shares, Type::BOOL),
                (&drainer.lease, Type::FLOAT8),
                (&lanes, Type::INT2_ARRAY),
            ],
        )
        .await?;
    Ok(registered > 0)
}

/// What a drainer has and what would be fair.
pub(super) struct Share {
    /// Its lanes: number, head, and how often people have changed something.
    pub mine: Vec<(i16, i64, i32)>,
    /// How many drainers take a share.
    pub drainers: i64,
    /// Until when the destination is to be left alone.
    pub pause: Option<Pause>,
}

/// Asks for it.
pub(super) async fn share(
    connection: &Connection,
    id: Uuid,
    dest: i32,
    now: i64,
) -> Result<Share, DatabaseError> {
    const SHARE: &str = "SELECT array(SELECT n FROM hivelog.lane WHERE dest = $2 AND owner = $1 ORDER BY n), \
        array(SELECT head FROM hivelog.lane WHERE dest = $2 AND owner = $1 ORDER BY n), \
        array(SELECT again FROM hivelog.lane WHERE dest = $2 AND owner = $1 ORDER BY n), \
        (SELECT count(*) FROM hivelog.drainer WHERE dest = $2 AND shares AND until >= clock_timestamp()), \
        (extract(epoch FROM paused_until - clock_timestamp())::float8 * 1000)::bigint, \
        pause_http, pause_problem FROM hivelog.destination WHERE n = $2";
    let rows = connection
        .query(SHARE, &[(&id, Type::UUID), (&dest, Type::INT4)])
        .await?;
    let row = rows
        .first()
        .ok_or_else(|| DatabaseError::Unavailable("a destination has vanished".to_owned()))?;
    let (lanes, heads, agains): (Vec<i16>, Vec<i64>, Vec<i32>) =
        (row.get(0), row.get(1), row.get(2));
    let mine = lanes.into_iter().zip(heads).zip(agains);
    let left: Option<i64> = row.get(4);
    Ok(Share {
        mine: mine.map(|((n, head), again)| (n, head, again)).collect(),
        drainers: row.get(3),
        pause: left.filter(|left| *left > 0).map(|left| Pause {
            until: now.saturating_add(left),
            http: row.get::<_, Option<i16>>(5).map(i16::cast_unsigned),
            problem: stored_problem(row.get(6)),
        }),
    })
}

/// Takes up to so many free lanes, those of `wanted` if it says which; none where the lease has
/// expired meanwhile and was removed.
pub(super) async fn take(
    connection: &Connection,
    id: Uuid,
    dest: i32,
    most: i64,
    wanted: Option<&[i16]>,
) -> Result<Vec<(i16, i64, i32)>, DatabaseError> {
    const TAKE: &str = "UPDATE hivelog.lane SET owner = me.id \
        FROM (SELECT id FROM hivelog.drainer WHERE id = $1 FOR KEY SHARE) me WHERE (dest, n) IN \
        (SELECT dest, n FROM hivelog.lane WHERE dest = $2 AND owner IS NULL \
          AND ($4::smallint[] IS NULL OR n = ANY($4)) \
         ORDER BY n LIMIT $3 FOR UPDATE SKIP LOCKED) RETURNING n, head, again";
    let rows = connection
        .query(
            TAKE,
            &[
                (&id, Type::UUID),
                (&dest, Type::INT4),
                (&most, Type::INT8),
                (&wanted, Type::INT2_ARRAY),
            ],
        )
        .await?;
    Ok(rows
        .iter()
        .map(|row| (row.get(0), row.get(1), row.get(2)))
        .collect())
}

/// Gives lanes back of which nothing is in flight.
pub(super) async fn give_back(
    connection: &Connection,
    id: Uuid,
    dest: i32,
    lanes: &[i16],
) -> Result<(), DatabaseError> {
    const GIVE: &str = "UPDATE hivelog.lane SET owner = NULL WHERE dest = $2 AND owner = $1 \
        AND n = ANY($3)";
    connection
        .execute(
            GIVE,
            &[
                (&id, Type::UUID),
                (&dest, Type::INT4),
                (&lanes, Type::INT2_ARRAY),
            ],
        )
        .await
        .map(drop)
}

/// Notes up to where nothing is left: the next owner begins to read there.
pub(super) async fn note_heads(
    connection: &Connection,
    id: Uuid,
    dest: i32,
    heads: &[(i16, i64)],
) -> Result<(), DatabaseError> {
    const HEADS: &str = "UPDATE hivelog.lane l SET head = k.head \
        FROM unnest($3::smallint[], $4::bigint[]) AS k(n, head) \
        WHERE l.dest = $2 AND l.n = k.n AND l.owner = $1 AND l.head < k.head";
    if heads.is_empty() {
        return Ok(());
    }
    let lanes: Vec<i16> = heads.iter().map(|(n, _)| *n).collect();
    let heads: Vec<i64> = heads.iter().map(|(_, head)| *head).collect();
    connection
        .execute(
            HEADS,
            &[
                (&id, Type::UUID),
                (&dest, Type::INT4),
                (&lanes, Type::INT2_ARRAY),
                (&heads, Type::INT8_ARRAY),
            ],
        )
        .await
        .map(drop)
}

/// Leaves: the lanes become free at once.
pub(super) async fn leave(connection: &Connection, id: Uuid) -> Result<(), DatabaseError> {
    connection
        .execute(
            "DELETE FROM hivelog.drainer WHERE id = $1",
            &[(&id, Type::UUID)],
        )
        .await
        .map(drop)
}

/// Forgets batches that nobody asks for again, a part of them at a time; whether there may be more.
pub(super) async fn prune(connection: &Connection) -> Result<bool, DatabaseError> {
    const MOST: u64 = 10_000;
    const PRUNE: &str = "DELETE FROM hivelog.batch WHERE ctid = ANY(ARRAY(SELECT ctid \
        FROM hivelog.batch WHERE at < clock_timestamp() - interval '7 days' LIMIT 10000))";
    Ok(connection.execute(PRUNE, &[]).await? >= MOST)
}
