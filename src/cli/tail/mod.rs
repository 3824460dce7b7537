//! The arguments of `tail`.

mod display;
mod plan;

use super::filter::{self, condition, pattern};
use super::one_of::{one_of, with_words};
use super::{ALLOW_EMPTY, complete};
use crate::commands::tail::Gap;
use crate::commands::tail::plan::{Transport, TypeFrom};
use crate::model::duration::parse_duration;
use crate::model::format::{AdviceDisplay, Time};
use crate::query::condition::Condition;
use clap::builder::TypedValueParser;
use regex::Regex;
use std::path::PathBuf;
use std::time::Duration;

/// The arguments of `tail`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
A condition (COND) is a type glob and tests of fields: 'trigger.schedule.ok flow_name=Orders duration_ms<2000'.
The first condition that matches decides the exit code: 0 for --until, 1 for --fail-on; see 'hivelog help filters'.")]
pub struct TailArgs {
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
    /// Accept events at this path only [default: any path]
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
    /// Path of the event stream [env: HIVELOG_EVENTS_PATH] [default: /api/v1/events/stream]
    #[arg(long, value_name = "PATH")]
    events_path: Option<String>,
    #[arg(long, value_name = "HOW", default_value = "auto", help = with_words("How events are carried", &Transport::NAMED), value_parser = one_of(Transport::NAMED), hide_possible_values = true)]
    transport: Transport,
    /// Time between two polls
    #[arg(long, value_name = "DUR", default_value = "5s", value_parser = parse_duration)]
    poll_interval: Duration,
    /// Where the events are in a page (RFC 6901)
    #[arg(long, value_name = "POINTER", value_parser = pointer)]
    page_items: Option<String>,
    /// The query parameter that carries the id of the last event seen
    #[arg(long, value_name = "NAME")]
    cursor_param: Option<String>,
    /// Where a page holds the cursor of the next one (RFC 6901), sent in --cursor-param
    #[arg(long, value_name = "POINTER", value_parser = pointer, requires_all = ["cursor_param", "page_items"])]
    cursor_pointer: Option<String>,
    /// The WebSocket subprotocol to request
    #[arg(long, value_name = "NAME")]
    subprotocol: Option<String>,
    /// The first WebSocket message, with {token} and {position} filled in (repeatable)
    #[arg(long, value_name = "TEXT|@FILE")]
    hello: Vec<String>,
    /// How the token is sent: bearer, basic (user name and password, no login) or header:NAME [default: bearer]
    #[arg(long, value_name = "HOW", value_parser = complete::auth_ways(), hide_possible_values = true)]
    auth: Option<String>,
    /// User who logs in; the password comes from a variable, file or command [env: HIVELOG_SERVER_USERNAME]
    #[arg(long, value_name = "NAME")]
    username: Option<String>,
    /// Where the envelope is inside what arrives (RFC 6901)
    #[arg(long, value_name = "POINTER", value_parser = pointer)]
    envelope: Option<String>,
    /// Where an event's type is, if not in its envelope: sse-event (the name in the stream) or a JSON pointer
    #[arg(long, value_name = "sse-event|POINTER", value_parser = type_from)]
    type_from: Option<TypeFrom>,
    /// Show only the last N recorded events (or of the first page)
    #[arg(short = 'n', long, value_name = "N")]
    last: Option<usize>,
    /// Keep reading files as they grow, are rotated, truncated or replaced
    #[arg(short, long, requires = "files", conflicts_with = "no_follow")]
    follow: bool,
    /// Show what is there and exit
    #[arg(long)]
    no_follow: bool,
    /// Allow http:// to machines other than this one
    #[arg(long)]
    allow_http: bool,
    #[arg(long, help = ALLOW_EMPTY)]
    allow_empty: bool,
}

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Filter")]
struct FilterArgs {
    #[command(flatten)]
    shared: filter::EventFilterArgs,
    /// Events of the server (sys), of flows (usr), or all
    #[arg(long, default_value = "sys", value_name = "KIND", value_parser = one_of([("sys", EventKindArg(Some("sys"))), ("usr", EventKindArg(Some("usr"))), ("all", EventKindArg(None))]), hide_possible_values = true)]
    kind: EventKindArg,
    /// Only events with this status
    #[arg(long, value_name = "S")]
    status: Vec<String>,
    /// Only flows that ran longer than this
    #[arg(long, value_name = "DUR", value_parser = parse_duration)]
    slower_than: Option<Duration>,
    /// Only events whose text matches a regular expression
    #[arg(long, value_name = "REGEX", value_parser = pattern)]
    grep: Option<Regex>,
}

/// The kind of events that are shown; none is all.
#[derive(Clone, Copy, Debug)]
struct EventKindArg(Option<&'static str>);

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Verdict")]
struct VerdictArgs {
    /// Exit with 0 at the first event that matches
    #[arg(long, value_name = "COND", value_parser = complete::sys_types().try_map(|text| condition(&text)), hide_possible_values = true)]
    until: Vec<Condition>,
    /// Exit with 1 at the first event that matches
    #[arg(long, value_name = "COND", value_parser = complete::sys_types().try_map(|text| condition(&text)), hide_possible_values = true)]
    fail_on: Vec<Condition>,
    /// Exit with 1 unless an event has matched by the end
    #[arg(long, value_name = "COND", value_parser = complete::sys_types().try_map(|text| condition(&text)), hide_possible_values = true)]
    expect: Vec<Condition>,
    /// Exit after N events
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    count: Option<u64>,
    /// Stop after DUR (exit code 8)
    #[arg(long, value_name = "DUR", value_parser = parse_duration)]
    timeout: Option<Duration>,
    /// Stop when nothing has arrived for DUR (exit code 8)
    #[arg(long, value_name = "DUR", value_parser = parse_duration)]
    idle_timeout: Option<Duration>,
    /// After success, keep watching this long for a --fail-on match
    #[arg(long, value_name = "DUR", value_parser = parse_duration)]
    settle: Option<Duration>,
}

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Continuity")]
struct ContinuityArgs {
    /// Give up after N consecutive failed connections, or never (forever), also before the first one [default: forever, once connected]
    #[arg(long, value_name = "N|forever", value_parser = reconnects)]
    reconnect: Option<Reconnect>,
    /// Save the position under this name, and continue from it the next time; events of files are recognised by their ids
    #[arg(long, value_name = "NAME")]
    resume: Option<String>,
    /// Hide the events that hivelog's own logins cause
    #[arg(long)]
    hide_self: bool,
    /// What to do about a gap that may have lost events: warn, fail or ignore
    #[arg(long, value_name = "WHAT", default_value = "warn", value_parser = one_of([("warn", Gap::Warn), ("fail", Gap::Fail), ("ignore", Gap::Ignore)]), hide_possible_values = true)]
    gap: Gap,
    /// Write the source's address to this file once it is ready
    #[arg(long, value_name = "FILE")]
    ready_file: Option<PathBuf>,
    /// Also show hivelog's own records
    #[arg(long)]
    meta: bool,
}

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Show")]
struct ShowArgs {
    /// The fields to show [default: all]
    #[arg(long, value_name = "A,B", value_delimiter = ',')]
    fields: Vec<String>,
    /// How times are shown: full, short, delta or none
    #[arg(long, value_name = "HOW", default_value = "short", value_parser = one_of([("full", Time::Full), ("short", Time::Short), ("delta", Time::Delta), ("none", Time::None)]), hide_possible_values = true)]
    time: Time,
    /// How often to show the advice for a kind of failure: once, always or never
    #[arg(long, value_name = "WHEN", default_value = "once", value_parser = one_of([("once", AdviceDisplay::Once), ("always", AdviceDisplay::Always), ("never", AdviceDisplay::Never)]), hide_possible_values = true)]
    advice: AdviceDisplay,
    /// Show a summary instead of the events: live on a terminal, at the end (and every DUR) in a pipe
    #[arg(long, value_name = "DUR", num_args = 0..=1, require_equals = true, default_missing_value = "0", value_parser = parse_duration)]
    summary: Option<Duration>,
    /// When the reader is too slow: wait (hold the stream back) or drop (leave events out and count them)
    #[arg(long, value_name = "WHAT", default_value = "wait", value_parser = one_of([("wait", OnSlow::Wait), ("drop", OnSlow::Drop)]), hide_possible_values = true)]
    on_slow: OnSlow,
    /// Also append what is shown to a file, as ndjson
    #[arg(long, value_name = "FILE")]
    tee: Option<PathBuf>,
    /// The source attribute of each event with -o cloudevents [default: the event's own src, else the server's address]
    #[arg(long, value_name = "URI")]
    source: Option<String>,
    /// Hide the values of these fields
    #[arg(long, value_name = "FIELD,..", value_delimiter = ',')]
    redact: Vec<String>,
}

/// `--on-slow`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum OnSlow {
    Wait,
    Drop,
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
            .map_err(|_| "expected a number or 'forever'".to_owned()),
    }
}

fn type_from(text: &str) -> Result<TypeFrom, String> {
    match text {
        "sse-event" => Ok(TypeFrom::SseEvent),
        "" => Err("expected 'sse-event' or a JSON pointer".to_owned()),
        _ => pointer(text).map(TypeFrom::Pointer),
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
