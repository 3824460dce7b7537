//! The arguments of `tail`.

use super::{Context, complete, duration};
use crate::command::input::{Folders, Sources};
use crate::command::tail::plan::{self, Listening, Server, Transport};
use crate::command::tail::position::Keeper;
use crate::command::tail::{Followed, Gap, Plan, Source};
use crate::failure::Failure;
use crate::model::field::misspelt;
use crate::model::format::{Format, Time};
use crate::model::timestamp::{Timestamp, parse_duration};
use crate::settings::{Settings, secret};
use std::path::PathBuf;
use std::time::Duration;

/// The arguments of `tail`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
A condition (COND) is a type glob and tests of fields: 'trigger.schedule.ok flow_name=Orders duration_ms<2000'.
The first condition to come decides the exit code: 0 for --until, 1 for --fail-on; see 'hivelog help filters'.")]
pub struct Args {
    /// Recorded events: files, or - for standard input
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,
    #[command(flatten)]
    source: SourceArgs,
    #[command(flatten)]
    filter: FilterArgs,
    #[command(flatten)]
    verdict: VerdictArgs,
    #[command(flatten)]
    continuity: ContinuityArgs,
    #[command(flatten)]
    show: ShowArgs,
}

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Source")]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
struct SourceArgs {
    /// The automation server [env: HIVELOG_SERVER_URL]
    #[arg(long, value_name = "URL", conflicts_with_all = ["files", "listen", "sandbox"])]
    server: Option<String>,
    /// Receive what an event trigger's flow sends with an HTTP node: HOST:PORT, :PORT or PORT
    #[arg(long, value_name = "ADDR", conflicts_with_all = ["files", "sandbox"])]
    listen: Option<String>,
    /// Take events at this path only
    #[arg(long, value_name = "PATH", requires = "listen")]
    listen_path: Option<String>,
    /// The header that carries the shared secret (HIVELOG_LISTEN_SECRET)
    #[arg(
        long,
        value_name = "NAME",
        requires = "listen",
        default_value = "X-Hivelog-Secret"
    )]
    listen_secret_header: String,
    /// A file that holds the shared secret, readable by its owner only
    #[arg(long, value_name = "FILE", requires = "listen")]
    listen_secret_file: Option<PathBuf>,
    /// Follow the embedded emulator
    #[arg(long, conflicts_with = "files")]
    sandbox: bool,
    /// Path of the event stream [env: HIVELOG_EVENTS_PATH]
    #[arg(long, value_name = "PATH")]
    events_path: Option<String>,
    /// How events are carried: auto, sse, ndjson, websocket or poll
    #[arg(long, value_name = "HOW", default_value = "auto",
        value_parser = ["auto", "sse", "ndjson", "websocket", "poll"], hide_possible_values = true)]
    transport: String,
    /// How long to wait between two pages
    #[arg(long, value_name = "DUR", default_value = "5s", value_parser = duration)]
    poll_interval: Duration,
    /// Where the events are in a page (RFC 6901)
    #[arg(long, value_name = "POINTER", value_parser = pointer)]
    page_items: Option<String>,
    /// The query parameter that carries the id of the last event seen
    #[arg(long, value_name = "NAME")]
    cursor_param: Option<String>,
    /// Who logs in; the password comes from a variable, file or command [env: HIVELOG_SERVER_USERNAME]
    #[arg(long, value_name = "NAME")]
    username: Option<String>,
    /// Where the envelope is inside what arrives (RFC 6901)
    #[arg(long, value_name = "POINTER", value_parser = pointer)]
    envelope: Option<String>,
    /// Show events from then on only: an instant, or how long ago
    #[arg(long, value_name = "TIME|DUR")]
    since: Option<String>,
    /// Of recorded events (or the first page) show the last so many only
    #[arg(long, value_name = "N")]
    last: Option<usize>,
    /// Show what is there and end
    #[arg(long)]
    no_follow: bool,
    /// Allow http:// to other machines
    #[arg(long)]
    allow_http: bool,
    /// An input without a single event is fine
    #[arg(long)]
    allow_empty: bool,
}

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Filter")]
struct FilterArgs {
    /// Event types: globs between commas, with ! for not, or @bad, @auth, @trigger, @server
    #[arg(short = 't', long = "type", value_name = "GLOB,..", add = complete::sys_types())]
    types: Vec<String>,
    /// Events of the server, of flows, or all: sys, usr or all
    #[arg(long, default_value = "sys", value_name = "KIND", value_parser = ["sys", "usr", "all"], hide_possible_values = true)]
    kind: String,
    /// Events of this trigger
    #[arg(long, value_name = "ID|NAME")]
    trigger: Vec<String>,
    /// Events of this flow
    #[arg(long, value_name = "ID|NAME")]
    flow: Vec<String>,
    /// Events with this status
    #[arg(long, value_name = "S")]
    status: Vec<String>,
    /// Flows that ran longer than this
    #[arg(long, value_name = "DUR", value_parser = duration)]
    slower_than: Option<Duration>,
    /// Events whose text matches a regular expression
    #[arg(long, value_name = "REGEX")]
    grep: Option<String>,
    /// Events for which an expression holds, such as 'data.inputs > 100 and not handled'
    #[arg(long = "where", value_name = "EXPR")]
    expressions: Vec<String>,
}

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Verdict")]
struct VerdictArgs {
    /// End with 0 when this comes
    #[arg(long, value_name = "COND")]
    until: Vec<String>,
    /// End with 1 when this comes
    #[arg(long, value_name = "COND")]
    fail_on: Vec<String>,
    /// End with 1 if this has not come by the end
    #[arg(long, value_name = "COND")]
    expect: Vec<String>,
    /// End after so many events
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    count: Option<u64>,
    /// End with 8 after a while
    #[arg(long, value_name = "DUR", value_parser = duration)]
    timeout: Option<Duration>,
    /// End with 8 when nothing has come for a while
    #[arg(long, value_name = "DUR", value_parser = duration)]
    idle_timeout: Option<Duration>,
    /// Once the answer would be 0, watch on so long for a --fail-on
    #[arg(long, value_name = "DUR", value_parser = duration)]
    settle: Option<Duration>,
}

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Continuity")]
struct ContinuityArgs {
    /// How many failed connections in a row end the run, also before the first: a number or forever
    #[arg(long, value_name = "N|forever", value_parser = reconnects)]
    reconnect: Option<Reconnect>,
    /// Keep the position under this name, and go on from there the next time
    #[arg(long, value_name = "NAME")]
    resume: Option<String>,
    /// Leave out the events that our own logins cause
    #[arg(long)]
    hide_self: bool,
    /// What a gap that may have cost events does: warn, fail or ignore
    #[arg(long, value_name = "WHAT", default_value = "warn", value_parser = ["warn", "fail", "ignore"], hide_possible_values = true)]
    gap: String,
    /// Written once the source is ready; holds its address
    #[arg(long, value_name = "FILE")]
    ready_file: Option<PathBuf>,
    /// Show hivelog's own records in the stream too
    #[arg(long)]
    meta: bool,
}

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Show")]
struct ShowArgs {
    /// The fields to show
    #[arg(long, value_name = "A,B", value_delimiter = ',')]
    fields: Vec<String>,
    /// How times are shown: full, short, delta or none
    #[arg(long, value_name = "HOW", default_value = "short", value_parser = ["full", "short", "delta", "none"], hide_possible_values = true)]
    time: String,
    /// Show a summary instead of the events: live on a terminal, at the end (and every DUR) in a pipe
    #[arg(long, value_name = "DUR", num_args = 0..=1, require_equals = true, default_missing_value = "0", value_parser = duration)]
    summary: Option<Duration>,
    /// What a reader that is too slow does: the server has to wait, or events are left out and counted: wait or drop
    #[arg(long, value_name = "WHAT", default_value = "wait", value_parser = ["wait", "drop"], hide_possible_values = true)]
    on_slow: String,
    /// Append what is shown to a file too, as ndjson
    #[arg(long, value_name = "FILE")]
    tee: Option<PathBuf>,
    /// Fields whose values are hidden
    #[arg(long, value_name = "FIELD,..", value_delimiter = ',')]
    redact: Vec<String>,
}

/// `--reconnect`.
#[derive(Clone, Copy, Debug)]
enum Reconnect {
    Times(u32),
    Forever,
}

fn reconnects(text: &str) -> Result<Reconnect, String> {
    match text {
        "forever" => Ok(Reconnect::Forever),
        _ => text
            .parse()
            .map(Reconnect::Times)
            .map_err(|_| "a number or 'forever' is expected".to_owned()),
    }
}

/// The names of fields, none of which is nearly another.
fn spelled(flag: &str, names: &[String]) -> Result<Vec<String>, Failure> {
    let mistake = names.iter().find_map(|name| Some((name, misspelt(name)?)));
    match mistake {
        None => Ok(names.to_vec()),
        Some((name, guess)) => Err(Failure::usage(format!(
            "{flag}: unknown field '{name}', {guess}"
        ))),
    }
}

fn pointer(text: &str) -> Result<String, String> {
    if text.is_empty() || text.starts_with('/') {
        Ok(text.to_owned())
    } else {
        Err(format!(
            "a JSON pointer begins with a slash: did you mean /{}?",
            text.replace('.', "/")
        ))
    }
}

/// How events are shown.
#[derive(Clone, Debug)]
pub struct Look {
    /// The format.
    pub format: Format,
    /// Which part of a time.
    pub time: Time,
    /// The fields to show.
    pub fields: Vec<String>,
    /// The fields to hide the values of.
    pub redact: Vec<String>,
    /// Whether a reader that is behind is waited for.
    pub waits: bool,
    /// Whether a summary stands for the events.
    pub summary: bool,
    /// A file that takes a copy.
    pub tee: Option<PathBuf>,
}

impl Args {
    /// How events are shown.
    pub fn look(&self, context: &Context<'_>) -> Result<Look, Failure> {
        let otherwise = if context.host.stdout_is_terminal {
            Format::Human
        } else {
            Format::Ndjson
        };
        Ok(Look {
            format: context.format(&Format::ALL, otherwise)?,
            time: match self.show.time.as_str() {
                "full" => Time::Full,
                "delta" => Time::Delta,
                "none" => Time::None,
                _ => Time::Short,
            },
            fields: spelled("--fields", &self.show.fields)?,
            redact: spelled("--redact", &self.show.redact)?,
            waits: self.waits()?,
            summary: self.show.summary.is_some(),
            tee: self.show.tee.clone(),
        })
    }

    fn waits(&self) -> Result<bool, Failure> {
        let waits = self.show.on_slow == "wait";
        if !waits && self.continuity.resume.is_some() {
            return Err(Failure::usage(
                "--resume keeps what is not shown for the next run, and --on-slow drop does without it",
            )
            .hint("leave out one of them"));
        }
        Ok(waits)
    }

    /// Decides everything that can be decided before the first event.
    pub fn plan(self, context: &mut Context<'_>) -> Result<Plan, Failure> {
        self.source.apply(&mut context.settings);
        let since = self.source.since.as_deref();
        let since = since
            .map(|since| instant_or_ago(since, context))
            .transpose()?;
        let kind = self.filter.kind.clone();
        Ok(Plan {
            source: self.source(context)?,
            envelope: context
                .settings
                .text("server.envelope")
                .unwrap_or_default()
                .to_owned(),
            filter: self.filter.wanted(since).resolve()?,
            terms: self.verdict.wanted().resolve(&kind)?,
            last: self.source.last,
            gap: match self.continuity.gap.as_str() {
                "fail" => Gap::Fail,
                "ignore" => Gap::Ignore,
                _ => Gap::Warn,
            },
            meta: self.continuity.meta,
            allow_empty: self.source.allow_empty,
            refresh: match self.show.summary {
                None => None,
                // Without a duration it is drawn anew each second where it can be.
                Some(Duration::ZERO) => context
                    .host
                    .stdout_is_terminal
                    .then_some(Duration::from_secs(1)),
                every => every,
            },
            ready_file: self.continuity.ready_file,
        })
    }

    fn source(&self, context: &Context<'_>) -> Result<Source, Failure> {
        if let Some(address) = &self.source.listen {
            let options = self.source.listening(address, context)?.resolve()?;
            return Ok(Source::Listener(options, self.keeper(None, context)?));
        }
        if self.source.sandbox {
            return Ok(Source::Sandbox(self.server(), self.keeper(None, context)?));
        }
        let several = !context.further_profiles().is_empty();
        if self.files.is_empty() && (several || context.settings.text("server.url").is_some()) {
            return self.servers(context).map(Source::Servers);
        }
        if self.files.is_empty() && context.host.stdin_is_terminal {
            return Err(Failure::usage("no server, file or receiver is named").hint(
                "name a server with --server or in a profile, a file, --listen ADDR, or --sandbox to look around",
            ));
        }
        let sources = Sources::open(
            &self.files,
            None,
            Folders::Refuse,
            context.host,
            context.talk,
        )?;
        Ok(Source::Recorded(sources, self.keeper(None, context)?))
    }

    /// The server of the profile, or of each.
    fn servers(&self, context: &Context<'_>) -> Result<Vec<Followed>, Failure> {
        let (server, now) = (self.server(), context.host.now());
        let first = server.resolve(&context.settings, now)?;
        let mut all = vec![first];
        for profile in context.further_profiles() {
            if self.source.server.is_some() {
                return Err(Failure::usage(
                    "--server names one server, and several profiles do too",
                ));
            }
            let mut settings = context.settings_of(profile)?;
            self.source.apply(&mut settings);
            let mut followed = server.resolve(&settings, now)?;
            // Two clients of one process must not come in step either.
            followed.seed = followed.seed.wrapping_add(all.len() as u64);
            all.push(followed);
        }
        let several = all.len() > 1;
        for followed in &mut all {
            followed.keeper = self.keeper(several.then_some(&*followed.name), context)?;
        }
        Ok(all)
    }

    /// The position that outlives the run, if one is to; each of several servers has its own.
    fn keeper(
        &self,
        server: Option<&str>,
        context: &Context<'_>,
    ) -> Result<Option<Keeper>, Failure> {
        let Some(name) = &self.continuity.resume else {
            return Ok(None);
        };
        let folder = context.host.state_dir.as_ref().ok_or_else(|| {
            Failure::usage("--resume needs a place for its positions")
                .hint("set HOME or XDG_STATE_HOME")
        })?;
        let name = match server {
            Some(server) => format!("{name}@{server}"),
            None => name.clone(),
        };
        Keeper::open(folder, &name).map(Some)
    }

    fn server(&self) -> Server {
        Server {
            transport: match self.source.transport.as_str() {
                "sse" => Transport::Sse,
                "ndjson" => Transport::Lines,
                "poll" => Transport::Poll,
                "websocket" => Transport::WebSocket,
                _ => Transport::Told,
            },
            allow_http: self.source.allow_http,
            follow: !self.source.no_follow,
            reconnects: match self.continuity.reconnect {
                Some(Reconnect::Times(times)) => Some(times),
                _ => None,
            },
            patient: self.continuity.reconnect.is_some(),
            poll_interval: self.source.poll_interval,
            hide_self: self.continuity.hide_self,
            page_items: self.source.page_items.clone(),
            cursor_param: self.source.cursor_param.clone(),
        }
    }
}

impl SourceArgs {
    fn apply(&self, settings: &mut Settings) {
        settings.set_flag("server.url", self.server.as_deref());
        settings.set_flag("server.events_path", self.events_path.as_deref());
        settings.set_flag("server.username", self.username.as_deref());
        settings.set_flag("server.envelope", self.envelope.as_deref());
    }

    fn listening(&self, address: &str, context: &Context<'_>) -> Result<Listening, Failure> {
        let variable = context.host.env.get("HIVELOG_LISTEN_SECRET");
        let secret = match (&self.listen_secret_file, variable) {
            (Some(path), _) => Some(secret::from_file("shared secret", path)?),
            (None, Some(value)) => {
                secret::check("shared secret", value)?;
                Some(secret::Secret::new(value))
            }
            (None, None) => None,
        };
        Ok(Listening {
            address: address.to_owned(),
            path: self.listen_path.clone(),
            secret_header: self.listen_secret_header.clone(),
            secret,
        })
    }
}

impl FilterArgs {
    fn wanted(self, since: Option<Timestamp>) -> plan::Filtering {
        plan::Filtering {
            types: self.types,
            kind: self.kind,
            triggers: self.trigger,
            flows: self.flow,
            statuses: self.status,
            slower_than: self.slower_than,
            grep: self.grep,
            expressions: self.expressions,
            since,
        }
    }
}

impl VerdictArgs {
    fn wanted(self) -> plan::Judging {
        plan::Judging {
            until: self.until,
            fail_on: self.fail_on,
            expect: self.expect,
            count: self.count,
            timeout: self.timeout,
            idle_timeout: self.idle_timeout,
            settle: self.settle,
        }
    }
}

fn instant_or_ago(text: &str, context: &Context<'_>) -> Result<Timestamp, Failure> {
    match parse_duration(text) {
        Ok(back) => Ok(context.host.now().minus(back)),
        Err(_) => context.instant("--since", text),
    }
}
