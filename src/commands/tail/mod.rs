//! `tail`: follows events wherever they come from, until a verdict is reached.

mod findings;
mod growing;
mod listen;
pub mod live;
pub mod output;
pub mod plan;
pub mod position;
mod recorded;
pub mod screen;
pub mod session;
mod summary;

use crate::failure::{Exit, Failure};
use crate::follow::verdict::Terms;
use crate::follow::{End, Policy};
use crate::host::{self, AtomicFile, Interrupt};
use crate::link::listener::ListenerOptions;
use crate::link::login::LoginRequest;
use crate::link::server::EventServer;
use crate::link::stream::EventSource as _;
use crate::link::variables::PROXY_LOGIN;
use crate::model::event::Event;
use crate::model::timestamp::Timestamp;
use crate::query::filter::Filter;
use crate::records::Sources;
use crate::sandbox::{self, Sandbox};
use crate::wire::envelope::Layout;
use position::Keeper;
use session::Session;
use std::path::PathBuf;
use std::time::Duration;
use tokio::time::Instant;
use zeroize::Zeroizing;

/// Everything that is decided before the first event.
pub struct Plan {
    /// Where events come from.
    pub source: Source,
    /// Where envelopes are in what arrives from a file or a sender.
    pub layout: Layout,
    /// Which events are shown.
    pub filter: Filter,
    /// When to stop, and with which answer.
    pub terms: Terms,
    /// Of recorded events only the last so many are shown.
    pub last: Option<usize>,
    /// What a break that may have cost events does.
    pub gap: Gap,
    /// Whether hivelog's own records are shown beside gaps.
    pub meta: bool,
    /// Whether an input without events is fine.
    pub allow_empty: bool,
    /// How often what stands for many events is shown anew.
    pub refresh: Option<Duration>,
    /// A file that is written once the source is ready; it holds the address.
    pub ready_file: Option<PathBuf>,
}

/// Where events come from.
pub enum Source {
    /// Files and standard input.
    Recorded(Sources, Option<Keeper>),
    /// Files that grow.
    Growing(Vec<PathBuf>, Option<Keeper>),
    /// Whoever sends them.
    Listener(ListenerOptions, Option<Keeper>),
    /// A server, or several.
    Servers(Vec<Followed>),
    /// The embedded emulator.
    Sandbox(plan::Server, Option<Keeper>),
}

impl Source {
    /// Name and address of each server.
    pub fn servers(&self) -> Vec<(String, String)> {
        let Source::Servers(all) = self else {
            return Vec::new();
        };
        let named = |one: &Followed| (one.name.clone(), one.server.shown());
        all.iter().map(named).collect()
    }
}

/// A server and how it is followed.
pub struct Followed<S = EventServer> {
    /// What it is called when several are followed.
    pub name: String,
    /// The server.
    pub server: S,
    /// A login that gives a token.
    pub login: Option<LoginRequest>,
    /// A token that needs no login.
    pub token: Option<Zeroizing<String>>,
    /// Reconnecting.
    pub policy: Policy,
    /// How long to wait between two documents.
    pub poll_interval: Duration,
    /// Whether a page names the position of the next one, which is asked for at once.
    pub pages_lead_on: bool,
    /// Whether we speak first, so that the first messages may be answers and no events.
    pub greets: bool,
    /// Whether the events that our own logins cause are left out.
    pub hide_self: bool,
    /// The position that outlives the run.
    pub keeper: Option<Keeper>,
    /// Where envelopes are in what arrives.
    pub layout: Layout,
    /// The jitter's seed.
    pub seed: u64,
}

/// What a break in continuity does that may have cost events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gap {
    /// It is told on standard error too.
    Warn,
    /// It ends the run with no.
    Fail,
    /// It stays in the stream alone.
    Ignore,
}

/// Whoever is told what happens.
pub trait Audience {
    /// An event; `source` names the server when there are several.
    fn event(&mut self, event: &Event<'_>, source: Option<&str>) -> Result<(), Failure>;
    /// An event that is not shown, at least not yet: others may refer to it.
    fn passed(&mut self, event: &Event<'_>) {
        let _ = event;
    }
    /// A reader that stalls is not waited for much longer than this.
    fn give_up_at(&mut self, deadline: Option<Instant>);
    /// Hands over what was written before the next wait; false when nobody reads any more.
    fn flush(&mut self) -> Result<bool, Failure>;
    /// Something on the side that concerns one event, or the connection.
    fn remark(&mut self, text: &str);
    /// Something on the side that only the curious want to know.
    fn detail(&mut self, text: &str);
    /// A while has passed: what stands for many events is to be shown anew.
    fn refresh(&mut self) -> Result<(), Failure>;
    /// Nothing more will come.
    fn finish(&mut self) -> Result<(), Failure>;
}

/// Follows until a verdict is reached, the source ends or the user stops it.
pub fn run(
    plan: Plan,
    mut interrupt: Interrupt,
    clock: &dyn Fn() -> Timestamp,
    audience: &mut dyn Audience,
) -> Result<Exit, Failure> {
    let Plan {
        source,
        layout,
        ready_file,
        allow_empty,
        refresh,
        ..
    } = plan;
    let session = Session::new(
        session::Rules {
            filter: plan.filter,
            last: plan.last,
            gap: plan.gap,
            meta: plan.meta,
            endless: !matches!(source, Source::Recorded(..)),
        },
        plan.terms,
        clock,
        audience,
    );
    let stopped = interrupt.clone();
    let needs_events = matches!(source, Source::Recorded(..)) && !allow_empty;
    let exit = host::block_on(async {
        let ready = Ready(ready_file);
        let work = async {
            match source {
                Source::Recorded(sources, keeper) => {
                    recorded::read(sources, layout, keeper, &ready, &session).await
                }
                Source::Growing(paths, keeper) => {
                    growing::follow(paths, layout, keeper, &ready, &session).await
                }
                Source::Listener(options, keeper) => {
                    listen::serve(options, layout, keeper, &ready, &session).await
                }
                Source::Sandbox(wanted, keeper) => {
                    // Lives as long as it is followed.
                    let (_sandbox, mut followed) = embedded(&wanted, keeper, clock())?;
                    followed.layout = layout;
                    live::follow_all(vec![followed], &ready, &session).await
                }
                Source::Servers(servers) => live::follow_all(servers, &ready, &session).await,
            }
        };
        tokio::select! {
            biased;
            signal = interrupt.wait() => Ok(signal.exit()),
            exit = session.ticking() => exit,
            exit = session.refreshing(refresh) => exit,
            ended = work => match stopped.seen() {
                Some(signal) => Ok(signal.exit()),
                None => session.conclude(ended?, needs_events),
            },
        }
    });
    session.close(exit.flatten())
}

/// Starts the emulator.
fn embedded(
    wanted: &plan::Server,
    keeper: Option<Keeper>,
    now: Timestamp,
) -> Result<(Sandbox, Followed), Failure> {
    let options = sandbox::SandboxOptions {
        now,
        ..sandbox::SandboxOptions::default()
    };
    let sandbox =
        Sandbox::start(options).map_err(|error| Failure::io("cannot start the sandbox", error))?;
    let mut followed = wanted.local(&sandbox.url(), sandbox::EVENTS_PATH, now)?;
    followed.keeper = keeper;
    Ok((sandbox, followed))
}

/// Tells whoever waits for it that events can be received.
pub struct Ready(pub Option<PathBuf>);

impl Ready {
    async fn tell(&self, address: &str) -> Result<(), Failure> {
        let Some(path) = self.0.clone() else {
            return Ok(());
        };
        let line = format!("{address}\n");
        // Put in place whole, so that a reader never sees half of it. A pipe waits for its reader.
        let written = tokio::task::spawn_blocking(move || {
            AtomicFile::begin(&path)?.commit_with(line.as_bytes())
        });
        written
            .await
            .unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()))
    }
}

/// How the end of a source ends the run, when no condition has.
fn failure(end: End) -> Option<Failure> {
    let (exit, message, hint) = match end {
        End::Finished => return None,
        End::Exhausted(message) => (
            Exit::Undelivered,
            message,
            "--reconnect forever keeps trying, also for the first connection",
        ),
        End::Unauthorised(message) => (
            Exit::Unauthorised,
            message,
            "check the token or the user name and password; 'hivelog config show' says where they come from",
        ),
        End::ProxyLogin(message) => (Exit::Unauthorised, message, PROXY_LOGIN),
        End::WrongEndpoint(message) => (
            Exit::Usage,
            message,
            "check --server and --events-path, or name the transport with --transport",
        ),
        End::Refused(message) => (
            Exit::Refused,
            message,
            "the server will not give these events",
        ),
    };
    Some(Failure::message(exit, message).hint(hint))
}
