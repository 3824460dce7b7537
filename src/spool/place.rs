//! Where accepted records are stored: the one place that knows the kinds of spool.

use super::damage::Damage;
use super::identity::Identity;
use super::inspect::{Access, Glimpse, Inspect};
use super::lock_wait::LockWait;
use super::memory::Memory;
use super::postgres::{self, Database, Postgres, schema};
use super::sqlite::{self, Sqlite};
use super::{Error, Purpose, Spool};
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

/// Where accepted records are stored until they are delivered.
#[derive(Clone, Debug)]
pub enum Place {
    /// In the memory of this process.
    Memory,
    /// In a folder of this machine.
    Folder {
        /// The folder.
        path: PathBuf,
        /// How large it may grow.
        max_bytes: u64,
    },
    /// In a database that hosts share.
    Postgres(Box<Database>),
}

/// Roles that get rights on a database, as far as they are named.
#[derive(Clone, Debug, Default)]
pub struct Roles {
    /// Who may append and list.
    pub sender: Option<String>,
    /// Who may send as well.
    pub drainer: Option<String>,
}

impl Place {
    /// Opens the spool for one destination. The second value says what was found wrong.
    pub fn open(
        &self,
        destination: &Identity,
        purpose: Purpose,
        clock: fn() -> i64,
        wait: &mut LockWait<'_>,
    ) -> Result<(Arc<dyn Spool>, Damage), Error> {
        match self {
            Place::Memory => Ok((Arc::new(Memory::default()), Damage::default())),
            Place::Folder { path, max_bytes } => {
                let text = destination.text();
                let (spool, damage) = Sqlite::open(path, text, purpose, *max_bytes, clock, wait)?;
                Ok((Arc::new(spool), damage))
            }
            Place::Postgres(database) => {
                let text = destination.text();
                let (spool, damage) = Postgres::open(database, text, purpose, clock, wait)?;
                Ok((Arc::new(spool), damage))
            }
        }
    }

    /// Opens the spool to look into it or to change it; nothing if there is none yet and none is to
    /// be made.
    pub fn inspect(
        &self,
        access: Access,
        wait: &mut LockWait<'_>,
    ) -> Result<Option<Box<dyn Inspect>>, Error> {
        match self {
            Place::Memory => Ok(None),
            Place::Folder { path, max_bytes } => {
                let opened =
                    sqlite::inspect::SqliteInspector::open(path, access, *max_bytes, wait)?;
                Ok(opened.map(|spool| -> Box<dyn Inspect> { Box::new(spool) }))
            }
            Place::Postgres(database) => {
                let spool = postgres::inspect::PostgresInspector::open(database)?;
                Ok(Some(Box::new(spool)))
            }
        }
    }

    /// Makes the spool where there is none, and gives the rights; the statements that did that, or
    /// those that are needed.
    pub fn init(&self, roles: &Roles, wait: &mut LockWait<'_>) -> Result<Vec<String>, Error> {
        match self {
            Place::Memory => Ok(Vec::new()),
            Place::Folder { path, .. } => sqlite::inspect::make(path, wait).map(|()| Vec::new()),
            Place::Postgres(database) => {
                let mut grants = Vec::new();
                grants.extend(
                    roles
                        .sender
                        .iter()
                        .flat_map(|role| schema::sender_grants(role)),
                );
                grants.extend(
                    roles
                        .drainer
                        .iter()
                        .flat_map(|role| schema::drainer_grants(role)),
                );
                postgres::inspect::init(database, &grants)?;
                if grants.is_empty() {
                    grants = schema::least_rights();
                }
                Ok(grants)
            }
        }
    }

    /// The newest records, read without changing anything and without any network.
    pub fn glimpse(&self) -> Result<Vec<Glimpse>, Error> {
        match self {
            Place::Memory | Place::Postgres(_) => Ok(Vec::new()),
            Place::Folder { path, .. } => sqlite::inspect::glimpse(path),
        }
    }

    /// Whether records survive the end of the process.
    pub fn is_durable(&self) -> bool {
        !matches!(self, Place::Memory)
    }
}

/// As a person knows it.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Memory => f.write_str("memory"),
            Place::Folder { path, .. } => path.display().fmt(f),
            Place::Postgres(database) => database.address.fmt(f),
        }
    }
}
