//! Where records go, how fast, and where they are stored until then, as flags.

use crate::cli::Context;
use crate::commands::emit::destination::Extra;
use crate::commands::emit::location::{self, Permits};
use crate::commands::emit::{Options, Place};
use crate::failure::Failure;
use crate::model::duration::parse_duration;
use std::time::Duration;

/// The heading of what says where to.
pub const TARGET: &str = "Where to";

/// The heading of what says how.
pub const SENDING: &str = "Sending";

/// The heading of what says where records wait.
pub const SPOOL: &str = "Spool";

/// Where records go.
#[derive(Debug, clap::Args)]
pub struct TargetArgs {
    /// SyncHive's address [env: HIVELOG_SYNCHIVE_URL]
    #[arg(long, help_heading = TARGET)]
    url: Option<String>,
    /// Key of the connector that sends [env: HIVELOG_CONNECTOR]
    #[arg(long, value_name = "KEY", help_heading = TARGET)]
    connector: Option<String>,
    /// Header that carries the API key; X-<Name>-Connector-Key when left out [env: HIVELOG_KEY_HEADER]
    #[arg(long, value_name = "NAME", help_heading = TARGET)]
    key_header: Option<String>,
    /// Additional header (repeatable)
    #[arg(short = 'H', long = "header", value_name = "N: V", help_heading = TARGET)]
    headers: Vec<String>,
    /// Allow http:// to machines other than this one
    #[arg(long, help_heading = TARGET)]
    allow_http: bool,
}

/// How fast records are sent, and how long each is tried.
#[derive(Debug, clap::Args)]
pub struct PaceArgs {
    /// Records in flight at once; order is preserved within a journey
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..=1024), help_heading = SENDING)]
    jobs: u16,
    /// Maximum records per second, such as 50/s
    #[arg(long, value_name = "N/s", value_parser = rate, help_heading = SENDING)]
    rate: Option<f64>,
    /// Time limit of one attempt, and of waiting for a locked spool
    #[arg(long, value_name = "DUR", default_value = "10s", value_parser = parse_duration, help_heading = SENDING)]
    timeout: Duration,
    /// Total time to keep retrying a record [default: 30s; run: 5s after the command]
    #[arg(long, value_name = "DUR", value_parser = parse_duration, help_heading = SENDING)]
    pub retry_for: Option<Duration>,
}

/// Where records are stored.
#[derive(Debug, clap::Args)]
pub struct SpoolArg {
    /// Folder of the spool, or postgres://… for a spool that hosts share [env: HIVELOG_SPOOL]
    #[arg(long, value_name = "PATH|URL", value_hint = clap::ValueHint::DirPath, help_heading = SPOOL)]
    spool: Option<String>,
    /// Use a database that may lose what it has confirmed (fsync or synchronous_commit is off)
    #[arg(long, help_heading = SPOOL)]
    allow_unsafe_database: bool,
}

impl SpoolArg {
    /// Lets the flag decide.
    pub fn apply(&self, context: &mut Context<'_>) {
        let settings = &mut context.settings;
        settings.set_flag("spool.location", self.spool.as_deref());
    }

    /// How it may be used, where connections in the clear are allowed or not.
    pub fn permits(&self, allow_unencrypted: bool) -> Permits {
        Permits {
            allow_unencrypted,
            allow_unsafe: self.allow_unsafe_database,
            lease: None,
        }
    }
}

/// How long a record is tried again where nothing else was said.
const RETRY_FOR: Duration = Duration::from_secs(30);

impl PaceArgs {
    /// How records are sent.
    pub fn options(&self) -> Options {
        Options {
            jobs: usize::from(self.jobs),
            rate: self.rate,
            retry_for: self.retry_for.unwrap_or(RETRY_FOR),
        }
    }

    /// How long one attempt may take.
    pub fn timeout(&self) -> Result<Duration, Failure> {
        if self.timeout.is_zero() {
            return Err(Failure::usage("--timeout must be longer than 0s"));
        }
        Ok(self.timeout)
    }
}

impl TargetArgs {
    /// Lets the flags decide.
    pub fn apply(&self, context: &mut Context<'_>) {
        let settings = &mut context.settings;
        settings.set_flag("synchive.url", self.url.as_deref());
        settings.set_flag("synchive.connector", self.connector.as_deref());
        settings.set_flag("synchive.key_header", self.key_header.as_deref());
    }

    /// What has no setting.
    pub fn extra(&self) -> Result<Extra, Failure> {
        let headers: Result<Vec<(String, String)>, Failure> = self
            .headers
            .iter()
            .map(|header| match header.split_once(':') {
                Some((name, value)) => Ok((name.trim().to_owned(), value.trim().to_owned())),
                // Not repeated: it may hold something secret.
                None => Err(Failure::usage("--header: expected 'NAME: VALUE'")),
            })
            .collect();
        Ok(Extra {
            headers: headers?,
            allow_http: self.allow_http,
        })
    }
}

/// Where records are stored until they are sent; reports when that is memory only.
pub fn place_or_memory(context: &Context<'_>, permits: Permits) -> Result<Place, Failure> {
    let place = place(context, permits)?;
    if !place.is_durable() {
        context
            .talk
            .notice("there is no home folder: records are kept in memory only");
    }
    Ok(place)
}

/// Where accepted records are stored. Without a home that is memory.
pub fn place(context: &Context<'_>, permits: Permits) -> Result<Place, Failure> {
    location::place(&context.settings, context.host, permits)
}

/// Reads `50`, `50/s`, `600/m` or `1000/h`, in records a second.
fn rate(text: &str) -> Result<f64, String> {
    let (number, unit) = text.split_once('/').unwrap_or((text, "s"));
    let seconds = match unit {
        "s" => 1.0,
        "m" => 60.0,
        "h" => 3600.0,
        _ => 0.0,
    };
    let number: f64 = number.trim().parse().unwrap_or(0.0);
    if number > 0.0 && number.is_finite() && seconds > 0.0 {
        Ok(number / seconds)
    } else {
        Err("use a number with /s, /m or /h, such as 50/s".to_owned())
    }
}
