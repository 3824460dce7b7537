//! A connection to the database, with everything that is made sure before it is used.

use super::address::{Address, Password, Server, Tls};
use super::schema::FORMAT;
use super::tls::Encryption;
use crate::model::fnv::Fnv;
use crate::spool::Error;
use crate::spool::inbox::Inbox;
use crate::spool::private_folder;
use futures_core::Stream;
use std::error::Error as StdError;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::Context;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_postgres::config::SslMode;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::ToSql;
use tokio_postgres::types::Type;
use tokio_postgres::{AsyncMessage, Client, Config, Row, RowStream};
use uuid::Uuid;

/// How long it may take to connect and to see which spool it is; half of it at one of several
/// addresses.
const CONNECT: Duration = Duration::from_secs(10);

/// How long an answer may take; after that the connection counts as broken. A statement is
/// never cancelled: where a standby has to confirm, that would commit here alone.
pub(super) const ANSWER: Duration = Duration::from_secs(30);

/// Older ones lack what the tables use.
const OLDEST: i32 = 150_000;

/// A parameter of a statement, with its type.
pub(super) type Parameter<'a> = (&'a (dyn ToSql + Sync), Type);

/// A database that holds a spool, and how it is reached.
#[derive(Clone, Debug)]
pub struct Database {
    /// Where it is.
    pub address: Address,
    /// Who connects.
    pub user: String,
    /// With which password; some servers want none.
    pub password: Option<Password>,
    /// Whether one is used that may lose what it has confirmed.
    pub allow_unsafe: bool,
    /// Below this folder of this machine is what was accepted while the database was unavailable.
    pub state: Option<PathBuf>,
    /// How long a drainer that does not renew its lease keeps its share; `None` for the shortest.
    pub lease: Option<Duration>,
    /// With how many waiting records nothing more is accepted, about.
    pub max_records: Option<u64>,
    /// Whether this process has tried in vain to reach it: then it is not waited for again.
    pub given_up: Arc<AtomicBool>,
}

/// Why the database cannot do what it was asked.
#[derive(Clone, Debug)]
pub(super) enum DatabaseError {
    /// It is unavailable or busy; trying again may help.
    Unavailable(String),
    /// It does not let this user in.
    Denied(String),
    /// A person has to change something first.
    Unusable(String),
    /// It cannot store what it was given.
    Storage(String),
    /// As many records wait as the limit allows.
    Full(String),
    /// A right is missing.
    Forbidden(String),
}

impl DatabaseError {
    /// The error with a spool as an error.
    pub fn named(self, spool: &str) -> Error {
        match self {
            DatabaseError::Unavailable(why) => {
                Error::Unavailable(format!("the spool {spool} is unavailable: {why}"))
            }
            DatabaseError::Denied(why) => {
                Error::Denied(format!("the spool {spool} denies access: {why}"))
            }
            DatabaseError::Unusable(why) | DatabaseError::Forbidden(why) => {
                Error::Database(format!("cannot use the spool {spool}: {why}"))
            }
            DatabaseError::Full(why) => Error::Storage(format!("the spool {spool} is full: {why}")),
            DatabaseError::Storage(why) => {
                Error::Storage(format!("the spool {spool} has failed: {why}"))
            }
        }
    }
}

impl From<tokio_postgres::Error> for DatabaseError {
    fn from(error: tokio_postgres::Error) -> DatabaseError {
        let said = said(&error);
        let Some(code) = error.code() else {
            return of_the_connection(&error, said);
        };
        match (code, &code.code()[..2]) {
            (&SqlState::INSUFFICIENT_PRIVILEGE, _) => DatabaseError::Forbidden(format!(
                "{said}; 'hivelog spool init' prints the rights that are needed"
            )),
            (&SqlState::UNDEFINED_TABLE | &SqlState::INVALID_SCHEMA_NAME, _) => {
                DatabaseError::Unusable(NO_SCHEMA.to_owned())
            }
            (&SqlState::DISK_FULL, _) => {
                DatabaseError::Storage("the disk of the database is full".to_owned())
            }
            (_, "28") => DatabaseError::Denied(said),
            // Too many connections, out of memory; a shutdown, a cancelled statement; a standby
            // that was asked to write; two that waited for each other.
            (&SqlState::READ_ONLY_SQL_TRANSACTION, _)
            | (_, "08" | "40" | "53" | "55" | "57" | "58") => DatabaseError::Unavailable(said),
            (_, "3D" | "42") => DatabaseError::Unusable(said),
            _ => DatabaseError::Storage(format!("{said} (SQLSTATE {})", code.code())),
        }
    }
}

const NO_SCHEMA: &str = "the database has no spool: create it with 'hivelog spool init', as a user who may create a schema";

/// What the server says, or the innermost reason.
fn said(error: &tokio_postgres::Error) -> String {
    if let Some(error) = error.as_db_error() {
        return error.message().to_owned();
    }
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        let inner_text = inner.to_string();
        if !text.contains(&inner_text) {
            let _ = write!(text, ": {inner_text}");
        }
        source = inner.source();
    }
    text
}

fn of_the_connection(error: &tokio_postgres::Error, said: String) -> DatabaseError {
    let mut source = error.source();
    while let Some(inner) = source {
        if inner.is::<rustls::Error>()
            || inner
                .downcast_ref::<std::io::Error>()
                .and_then(std::io::Error::get_ref)
                .is_some_and(<dyn StdError + Send + Sync>::is::<rustls::Error>)
        {
            return DatabaseError::Unusable(said);
        }
        source = inner.source();
    }
    if said.contains("does not support TLS") {
        return DatabaseError::Unusable(format!(
            "{said}: on a trusted network, sslmode=disable in the address connects without TLS"
        ));
    }
    if said.contains("password missing") {
        return DatabaseError::Denied(
            "the server requires a password and none is configured".to_owned(),
        );
    }
    DatabaseError::Unavailable(said)
}

/// How many commits have stopped waiting for a standby.
type Unconfirmed = Arc<AtomicU64>;

/// The function of the server that waits for standbys. What it warns of is in the language of the
/// server; its name is not.
const WAIT_FOR_STANDBY: &str = "SyncRepWaitForLSN";

/// Reads what the server sends until the connection ends. Why it has ended is reported to
/// those that wait for an answer.
async fn attend<S, T>(mut connection: tokio_postgres::Connection<S, T>, unconfirmed: Unconfirmed)
where
    S: AsyncRead + AsyncWrite + Unpin,
    T: AsyncRead + AsyncWrite + Unpin,
{
    while let Some(Ok(message)) =
        std::future::poll_fn(|context| connection.poll_message(context)).await
    {
        if let AsyncMessage::Notice(notice) = message
            && notice.routine() == Some(WAIT_FOR_STANDBY)
        {
            unconfirmed.fetch_add(1, Ordering::SeqCst);
        }
    }
}

/// A connection that was looked at.
pub(super) struct Connection {
    client: Client,
    unconfirmed: Unconfirmed,
    /// Which spool it is.
    pub id: Uuid,
    /// How many lanes a destination has.
    pub lanes: i16,
}

impl Connection {
    /// Asks for rows.
    pub async fn query(
        &self,
        sql: &str,
        parameters: &[Parameter<'_>],
    ) -> Result<Vec<Row>, DatabaseError> {
        self.confirmed(self.client.query_typed(sql, parameters))
            .await
    }

    /// An answer within reasonable time, unless its commit has stopped waiting for a standby: it
    /// is in this server then and may be in no other.
    async fn confirmed<T>(
        &self,
        answer: impl Future<Output = Result<T, tokio_postgres::Error>>,
    ) -> Result<T, DatabaseError> {
        let before = self.unconfirmed.load(Ordering::SeqCst);
        let answer = within(ANSWER, answer).await?;
        if self.unconfirmed.load(Ordering::SeqCst) == before {
            return Ok(answer);
        }
        Err(DatabaseError::Unavailable(
            "the wait for a synchronous standby was cancelled".to_owned(),
        ))
    }

    /// Takes the rows of an answer as they come, for as long as `take` says so.
    pub async fn each(
        &self,
        sql: &str,
        parameters: &[Parameter<'_>],
        take: &mut dyn FnMut(&Row) -> bool,
    ) -> Result<(), DatabaseError> {
        let parameters = parameters
            .iter()
            .map(|(value, kind)| (*value, kind.clone()));
        let rows = within(ANSWER, self.client.query_typed_raw(sql, parameters)).await?;
        let mut rows = std::pin::pin!(rows);
        let next = |rows: &mut std::pin::Pin<&mut RowStream>, context: &mut Context<'_>| {
            rows.as_mut().poll_next(context)
        };
        loop {
            let row =
                std::future::poll_fn(|context| next(&mut rows, context).map(Option::transpose));
            match within(ANSWER, row).await? {
                Some(row) if take(&row) => {}
                _ => return Ok(()),
            }
        }
    }

    /// Changes rows; how many.
    pub async fn execute(
        &self,
        sql: &str,
        parameters: &[Parameter<'_>],
    ) -> Result<u64, DatabaseError> {
        self.confirmed(self.client.execute_typed(sql, parameters))
            .await
    }
}

pub(super) async fn within<T, E>(
    limit: Duration,
    answer: impl Future<Output = Result<T, E>>,
) -> Result<T, DatabaseError>
where
    DatabaseError: From<E>,
{
    match tokio::time::timeout(limit, answer).await {
        Ok(answer) => Ok(answer?),
        Err(_) => Err(DatabaseError::Unavailable(format!(
            "no answer within {} s",
            limit.as_secs()
        ))),
    }
}

impl Database {
    /// Connects, and makes sure that what is confirmed here lasts and that it is the spool that
    /// this machine knows.
    pub(super) async fn connect(&self) -> Result<Connection, DatabaseError> {
        within(CONNECT, self.connect_and_look()).await
    }

    async fn connect_and_look(&self) -> Result<Connection, DatabaseError> {
        let unconfirmed = Unconfirmed::default();
        let client = self.client(&unconfirmed).await?;
        let rows = client.query_typed(LOOK, &[] as &[Parameter<'_>]).await?;
        let Some(row) = rows.first() else {
            return Err(DatabaseError::Unusable(NO_SCHEMA.to_owned()));
        };
        let format: i32 = row.get(0);
        if format > FORMAT {
            return Err(DatabaseError::Unusable(format!(
                "the spool in the database was made by a newer hivelog (format {format})"
            )));
        }
        self.check(row)?;
        let connection = Connection {
            client,
            unconfirmed,
            lanes: row.get(1),
            id: row.get(2),
        };
        self.recognise(&connection)?;
        Ok(connection)
    }

    /// A connection for making the tables.
    pub(super) async fn bare(&self) -> Result<Client, DatabaseError> {
        self.client(&Unconfirmed::default()).await
    }

    async fn client(&self, unconfirmed: &Unconfirmed) -> Result<Client, DatabaseError> {
        let mut config = Config::new();
        config
            .user(&self.user)
            .dbname(&self.address.database)
            .port(self.address.port)
            .application_name("hivelog")
            .connect_timeout(CONNECT / 2)
            .keepalives_idle(Duration::from_secs(15))
            .tcp_user_timeout(ANSWER);
        match &self.address.server {
            Server::Host(host) => config.host(host),
            Server::Socket(folder) => config.host_path(folder),
        };
        config.ssl_mode(match self.address.tls {
            Tls::Off => SslMode::Disable,
            Tls::Unverified | Tls::Verified(_) => SslMode::Require,
        });
        if let Some(password) = &self.password {
            config.password(password.expose());
        }
        let encryption = Encryption::new(&self.address.tls).map_err(DatabaseError::Unusable)?;
        let (client, driver) = within(CONNECT, config.connect(encryption)).await?;
        tokio::spawn(attend(driver, Arc::clone(unconfirmed)));
        Ok(client)
    }

    fn check(&self, row: &Row) -> Result<(), DatabaseError> {
        let version: i32 = row.get(3);
        if version < OLDEST {
            return Err(DatabaseError::Unusable(format!(
                "the spool needs PostgreSQL 15 or newer, this is {}",
                version / 10_000
            )));
        }
        if row.get(4) {
            return Err(DatabaseError::Unavailable(
                "the server is a standby, which only reads".to_owned(),
            ));
        }
        let encoding: &str = row.get(7);
        if !["UTF8", "SQL_ASCII"].contains(&encoding) {
            return Err(DatabaseError::Unusable(format!(
                "the database has the encoding {encoding}, in which not every record can be kept: \
                 the spool needs UTF8"
            )));
        }
        for (name, value) in [
            ("fsync", row.get::<_, &str>(5)),
            ("synchronous_commit", row.get(6)),
        ] {
            if value == "off" && !self.allow_unsafe {
                return Err(DatabaseError::Unusable(format!(
                    "the database may lose what it has confirmed ({name} is off): switch it on, or \
                     accept that with --allow-unsafe-database"
                )));
            }
        }
        Ok(())
    }

    /// The folder of this machine that belongs to the database.
    pub(super) fn folder(&self) -> Option<PathBuf> {
        let (server, port, database) = self.address.place();
        let mut hash = Fnv::new();
        hash.take(format!("{server}\n{port}\n{database}").as_bytes());
        let name = format!("{:016x}", (hash.0 >> 64) ^ (hash.0 & u128::from(u64::MAX)));
        Some(self.state.as_ref()?.join("postgres").join(name))
    }

    /// What was accepted on this machine while the database was unavailable.
    pub(super) fn inbox(&self) -> Option<Inbox> {
        self.folder().map(|folder| Inbox::new(&folder))
    }

    /// The inbox, with its folder made.
    pub(super) fn open_inbox(&self) -> Result<Inbox, Error> {
        let Some(folder) = self.folder() else {
            let why = "there is no home folder in which records could be kept meanwhile";
            return Err(Error::Storage(why.to_owned()));
        };
        Ok(Inbox::new(&private_folder::open(&folder)?))
    }

    /// Makes sure that it is the spool that was found here before, and remembers it.
    fn recognise(&self, connection: &Connection) -> Result<(), DatabaseError> {
        let Some(folder) = self.folder() else {
            return Ok(());
        };
        let path = folder.join("spool-id");
        let id = connection.id.to_string();
        match std::fs::read_to_string(&path) {
            Ok(known) if known.trim() == id => Ok(()),
            // An empty one is being written, or was when the machine stopped.
            Ok(known) if !known.trim().is_empty() => Err(DatabaseError::Unusable(format!(
                "the database holds another spool than before: it was made anew or is a copy. If \
                 that is right, remove {}",
                path.display()
            ))),
            _ => {
                // Where it cannot be remembered, the next run does not notice.
                let _ = private_folder::open(&folder).map(|_| std::fs::write(&path, id));
                Ok(())
            }
        }
    }
}

/// Which spool it is, and what becomes of what is confirmed.
const LOOK: &str = "SELECT format, lanes, id, current_setting('server_version_num')::int, \
                    pg_is_in_recovery(), current_setting('fsync'), \
                    current_setting('synchronous_commit'), current_setting('server_encoding') \
                    FROM hivelog.spool";
