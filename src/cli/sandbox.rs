//! The arguments of `sandbox`.

use super::one_of::{LevelThreshold, THRESHOLDS, one_of};
use super::{ALLOW_EMPTY, Context, complete, report};
use crate::commands::sandbox::order::{EventOrder, Fire, Play};
use crate::commands::sandbox::run;
use crate::commands::sandbox::{Faults, SandboxOptions};
use crate::commands::sandbox::{SandboxTask, ServePlan};
use crate::commands::validate::reports::format::WantedReport;
use crate::failure::Failure;
use crate::model::duration::parse_duration;
use crate::model::sys_event::{SYS_TYPES, SysType};
use crate::model::text::did_you_mean;
use crate::settings::{Origin, secret};
use serde_json::{Map, Value};
use std::ffi::OsString;
use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How the keys begin that a sandbox hands out; one of these in the environment is not a real one.
const OWN_KEY: &str = "sandbox-";

/// What is said about keys.
const ABOUT_KEYS: &str = "Any connector key is accepted, except one of a real server: the key of HIVELOG_KEY and the keys in \
the key_file of every configured profile are refused with 403, and the event log is not kept. A key_command is never run \
for this, so its key is not known here. Keys that begin with sandbox- never count as real ones.";

/// The arguments of `sandbox`.
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true, after_help = ABOUT_KEYS)]
pub struct SandboxArgs {
    /// What to do; without it, serve.
    #[command(subcommand)]
    pub verb: Option<SandboxVerb>,
    /// How to serve.
    #[command(flatten)]
    pub serve: Serve,
}

/// What the sandbox can do besides serving.
#[derive(Debug, clap::Subcommand)]
pub enum SandboxVerb {
    /// Run a program's tests and judge them by the event logs they sent
    Run(Box<SandboxRunArgs>),
    /// Raise an event in a running sandbox
    Fire(FireArgs),
    /// Replay recorded events in a running sandbox
    Play(PlayArgs),
}

/// How both servers behave.
#[derive(Debug, clap::Args)]
pub struct Serve {
    /// Port to listen on; a free one when left out
    #[arg(long, value_name = "N")]
    pub port: Option<u16>,
    /// Seed of the sys events, ids and faults; the same seed gives the same run
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    /// Sys events per second, such as 5/s or 0
    #[arg(long, value_name = "N/s", default_value = "2/s", value_parser = rate)]
    pub rate: f64,
    /// Inject faults, such as '503:5%, delay:50ms..200ms, cut-stream:every=30s' ('hivelog help sandbox' lists them)
    #[arg(long, value_name = "SPEC", value_parser = faults)]
    pub faults: Option<Faults>,
    /// Write every request to this file as NDJSON
    #[arg(long, value_name = "FILE")]
    pub record: Option<PathBuf>,
    /// Require a login before events can be read
    #[arg(long)]
    pub require_login: bool,
    /// Lifetime of a token from the login
    #[arg(long, value_name = "DUR", default_value = "1h", value_parser = parse_duration)]
    pub token_life: Duration,
    /// Show the page in the browser; after 'sandbox run' it stays, with the verdict, until Ctrl-C
    #[arg(long)]
    pub open: bool,
    /// Accept connections from other machines, on every address or on ADDRESS only [default: this machine only]
    #[arg(long, value_name = "ADDRESS", num_args = 0..=1, default_missing_value = "0.0.0.0", require_equals = true)]
    pub expose: Option<IpAddr>,
}

/// The arguments of `sandbox run`.
#[derive(Debug, clap::Args)]
#[command(after_help = ABOUT_KEYS)]
pub struct SandboxRunArgs {
    /// Findings that fail the run: error, warning, hint or never
    #[arg(long, value_name = "LEVEL", default_value = "error", value_parser = one_of(THRESHOLDS), hide_possible_values = true)]
    pub fail_on: LevelThreshold,
    /// Expected journeys and codes, a TOML file ('hivelog help sandbox')
    #[arg(long, value_name = "FILE")]
    pub expect: Option<PathBuf>,
    /// Write what was sent into the --expect file
    #[arg(long, requires = "expect")]
    pub update: bool,
    /// Require every journey to finish
    #[arg(long)]
    pub whole: bool,
    /// Whether zero records are accepted.
    #[arg(long, help = ALLOW_EMPTY)]
    pub allow_empty: bool,
    /// Write a report: sarif, junit, github, gitlab, json or markdown, to standard output or a file (repeatable)
    #[arg(long, value_name = "FORMAT[=FILE]", value_parser = report::parser(), hide_possible_values = true, add = complete::report_and_file())]
    pub report: Vec<WantedReport>,
    /// How to serve.
    #[command(flatten)]
    pub serve: Serve,
    /// The command and its arguments
    #[arg(last = true, required = true, value_name = "COMMAND")]
    pub command: Vec<OsString>,
}

/// The arguments of `sandbox fire`.
#[derive(Debug, clap::Args)]
pub struct FireArgs {
    /// The event's type, such as trigger.schedule.failed
    #[arg(value_name = "TYPE", value_parser = complete::sys_types(), hide_possible_values = true)]
    pub event_type: String,
    /// Data field of the preceding event (JSON or text; repeatable)
    #[arg(long, value_name = "NAME=VALUE")]
    pub set: Vec<String>,
    /// Event that follows from it (repeatable)
    #[arg(long, value_name = "TYPE", value_parser = complete::sys_types(), hide_possible_values = true)]
    pub then: Vec<String>,
    /// The sandbox's address [env: HIVELOG_SERVER_URL]
    #[arg(long, value_name = "URL")]
    pub server: Option<String>,
}

/// The arguments of `sandbox play`.
#[derive(Debug, clap::Args)]
pub struct PlayArgs {
    /// Events as 'hivelog tail -o ndjson' writes them; 'after' may replace 'ts'
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// How many times faster, such as 60x
    #[arg(long, value_name = "N", default_value = "1x", value_parser = speed)]
    pub speed: f64,
    /// The sandbox's address [env: HIVELOG_SERVER_URL]
    #[arg(long, value_name = "URL")]
    pub server: Option<String>,
}

impl SandboxArgs {
    /// Settles what to do.
    pub fn plan(self, context: &Context<'_>) -> Result<SandboxTask, Failure> {
        match self.verb {
            None => Ok(SandboxTask::Serve(Box::new(ServePlan {
                opens: self.serve.open,
                options: self.serve.options(context)?,
            }))),
            Some(SandboxVerb::Run(args)) => args.plan(context),
            Some(SandboxVerb::Fire(args)) => Ok(SandboxTask::Fire(Fire {
                server: server(args.server, context)?,
                events: chain(args.event_type, args.then, &args.set)?,
            })),
            Some(SandboxVerb::Play(args)) => Ok(SandboxTask::Play(Play {
                server: server(args.server, context)?,
                file: args.file,
                speed: args.speed,
            })),
        }
    }
}

impl SandboxRunArgs {
    fn plan(self, context: &Context<'_>) -> Result<SandboxTask, Failure> {
        report::takes_stdout(&self.report)?;
        let opens = self.serve.open;
        let mut options = self.serve.options(context)?;
        options.key = Some(format!("{OWN_KEY}{}", uuid::Uuid::new_v4().simple()));
        // The verdict is on everything that was sent.
        options.max_ledger = 256 << 20;
        if let Some(policy) = &mut options.policy {
            policy.whole = self.whole;
        }
        let env = &context.host.env;
        let no_proxy = env.get("NO_PROXY").or_else(|| env.get("no_proxy"));
        let plan = run::SandboxRunPlan {
            options,
            command: self.command,
            fail_on: self.fail_on.0,
            expect: self.expect,
            update: self.update,
            allow_empty: self.allow_empty,
            reports: self.report,
            opens,
            no_proxy: no_proxy.map(str::to_owned),
            temporary_folder: context.host.temporary_folder(),
        };
        Ok(SandboxTask::Run(Box::new(plan)))
    }
}

impl Serve {
    fn options(self, context: &Context<'_>) -> Result<SandboxOptions, Failure> {
        let policy = super::validate::policy(&context.settings, context.host.now())?;
        Ok(SandboxOptions {
            host: self.expose.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST)),
            port: self.port.unwrap_or(0),
            seed: self.seed,
            rate: self.rate,
            now: context.host.now(),
            record: self.record,
            require_login: self.require_login,
            token_life: self.token_life,
            faults: self.faults.unwrap_or_default(),
            real_keys: real_keys(context)?,
            max_body: policy.max_record,
            policy: Some(policy),
            ..SandboxOptions::default()
        })
    }
}

/// The keys of real servers: of the configured profiles as far as they lie in files, and of the
/// environment. A command is not run, because it might ask a person for a passphrase, which
/// nobody expects from a sandbox.
fn real_keys(context: &Context<'_>) -> Result<Vec<String>, Failure> {
    let mut keys = Vec::new();
    for profile in context.settings.profiles() {
        let settings = context.settings_of(profile)?;
        if let Some(path) = settings.text("synchive.key_file") {
            let key = secret::from_file("key", Path::new(path)).ok();
            keys.extend(key.map(|key| key.expose().to_owned()));
        }
    }
    keys.extend(context.settings.text("synchive.key").map(str::to_owned));
    let keys = keys.iter().map(|key| key.trim());
    Ok(keys
        .filter(|key| !key.is_empty() && !key.starts_with(OWN_KEY))
        .map(str::to_owned)
        .collect())
}

/// The running sandbox's address: never a profile's, which is a real server.
fn server(flag: Option<String>, context: &Context<'_>) -> Result<String, Failure> {
    let from_variable = || {
        let is_variable = matches!(
            context.settings.origin("server.url"),
            Some(Origin::Variable(_))
        );
        is_variable
            .then(|| context.settings.text("server.url").map(str::to_owned))
            .flatten()
    };
    flag.or_else(from_variable).ok_or_else(|| {
        Failure::usage("no sandbox address given")
            .hint("use --server or HIVELOG_SERVER_URL; 'hivelog sandbox' prints the address")
    })
}

/// The events in their order; what is set belongs to the first, or with `TYPE:name=value` to
/// the one of that type.
fn chain(first: String, then: Vec<String>, set: &[String]) -> Result<Vec<EventOrder>, Failure> {
    let mut events = Vec::new();
    for event_type in std::iter::once(first).chain(then) {
        if SysType::find(&event_type).is_none() {
            let guess = did_you_mean(&event_type, SYS_TYPES.iter().map(|known| known.name));
            return Err(
                Failure::usage(format!("unknown sys event type '{event_type}'{guess}"))
                    .hint("'hivelog codes sys' lists them"),
            );
        }
        events.push(EventOrder {
            event_type,
            data: Map::new(),
            kind: None,
        });
    }
    for pair in set {
        let Some((name, text)) = pair.split_once('=').filter(|(name, _)| !name.is_empty()) else {
            return Err(Failure::usage(format!("--set: '{pair}' is not NAME=VALUE")));
        };
        let value = serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned()));
        let place = name.split_once(':').and_then(|(event_type, name)| {
            let at = events
                .iter()
                .position(|event| event.event_type == event_type)?;
            Some((at, name))
        });
        let (at, name) = place.unwrap_or((0, name));
        events[at].data.insert(name.to_owned(), value);
    }
    Ok(events)
}

/// Reads `5/s`, `5` or `0.5/s`.
fn rate(text: &str) -> Result<f64, String> {
    let number = text.strip_suffix("/s").unwrap_or(text);
    number
        .parse()
        .ok()
        .filter(|rate| (0.0..=100_000.0).contains(rate))
        .ok_or_else(|| "a rate is a number of events a second, such as 5/s or 0".to_owned())
}

/// Reads `60x` or `60`.
fn speed(text: &str) -> Result<f64, String> {
    let number = text.strip_suffix('x').unwrap_or(text);
    number
        .parse()
        .ok()
        .filter(|speed| (0.001..=1e9).contains(speed))
        .ok_or_else(|| "a speed is a number such as 60x".to_owned())
}

fn faults(text: &str) -> Result<Faults, String> {
    Faults::parse(text).map_err(|mistake| mistake.to_string())
}
