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

use crate::commands::named_ids::learn_names;
use crate::failure::{Exit, Failure};
use crate::follow::verdict::Terms;
use crate::follow::{Follow, FollowPolicy, StreamEnd};
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
use output::Style;
use output::ahead::BesideText;
use output::names::LearnedName;
use position::PositionFile;
use recorded::Recorded;
use session::Session;
use std::cell::RefCell;
use std::path::PathBuf;
use std::time::Duration;
use tokio::time::Instant;
use zeroize::Zeroizing;

/// Everything that is decided before the first event.
pub struct TailPlan {
    /// Where events come from.
    pub source: TailSource,
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
    /// Whether hivelog's own records are shown, and not only gaps.
    pub meta: bool,
    /// Whether an input without events is accepted.
    pub allow_empty: bool,
    /// How often a summary is shown again.
    pub refresh: Option<Duration>,
    /// A file that is written once the source is ready; it holds the address.
    pub ready_file: Option<PathBuf>,
}

/// Where events come from.
pub enum TailSource {
    /// Files and standard input.
    Recorded(Sources, Option<PositionFile>),
    /// Files that grow.
    Growing(Vec<PathBuf>, Option<PositionFile>),
    /// Whoever sends them.
    Listener(ListenerOptions, Option<PositionFile>),
    /// A server, or several.
    Servers(Vec<Followed>),
    /// The embedded emulator.
    Sandbox(plan::ServerFlags, Option<PositionFile>),
}

impl TailSource {
    /// Name and address of each server.
    pub fn servers(&self) -> Vec<(String, String)> {
        let TailSource::Servers(all) = self else {
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
    pub policy: FollowPolicy,
    /// How long to wait between two documents.
    pub poll_interval: Duration,
    /// Whether a page names the position of the next one, which is asked for at once.
    pub pages_lead_on: bool,
    /// Whether we speak first, so that the first messages may be answers and no events.
    pub greets: bool,
    /// Whether the events that our own logins cause are left out.
    pub hide_self: bool,
    /// The position that outlives the run.
    pub position_file: Option<PositionFile>,
    /// Where envelopes are in what arrives.
    pub layout: Layout,
    /// The jitter's seed.
    pub seed: u64,
}

/// What a break in continuity does that may have cost events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gap {
    /// It is reported on standard error too.
    Warn,
    /// It ends the run with no.
    Fail,
    /// It stays in the stream alone.
    Ignore,
}

/// Shows what happens.
pub trait Audience {
    /// An event; `source` names the server when there are several.
    fn event(&mut self, event: &Event<'_>, source: Option<&str>) -> Result<(), Failure>;
    /// An event that is not shown, at least not yet: others may refer to it.
    fn passed(&mut self, event: &Event<'_>) {
        let _ = event;
    }
    /// Whether events are asked for their facts.
    fn asks_facts(&self) -> bool {
        true
    }
    /// A reader that stalls is not waited for much longer than this.
    fn give_up_at(&mut self, deadline: Option<Instant>);
    /// Hands over what was written before the next wait; false when nobody reads any more.
    fn flush(&mut self) -> Result<bool, Failure>;
    /// Reports something that concerns one event, or the connection.
    fn remark(&mut self, text: &str);
    /// Reports a detail that `--verbose` asks for.
    fn detail(&mut self, text: &str);
    /// Some time has passed: shows a summary again.
    fn refresh(&mut self) -> Result<(), Failure>;
    /// How events are rendered before their turn; none where each has to wait for it, and then
    /// nothing comes of what follows.
    fn style_ahead(&self) -> Option<&Style> {
        None
    }
    /// Whether what opens the output is written.
    fn has_begun(&self) -> bool {
        true
    }
    /// So many events that were rendered before their turn.
    fn write_ahead(&mut self, text: &str, events: u64) -> Result<(), Failure> {
        let _ = (text, events);
        Ok(())
    }
    /// A name that such an event has taught.
    fn learn(&mut self, learned: &LearnedName<'_>) {
        let _ = learned;
    }
    /// What was found out about events before their turn.
    fn looked_ahead(&mut self, beside: &BesideText) {
        let _ = beside;
    }
    /// Nothing more will come.
    fn finish(&mut self) -> Result<(), Failure>;
}

/// Follows until a verdict is reached, the source ends or the user stops it.
pub fn run(
    plan: TailPlan,
    interrupt: Interrupt,
    clock: &dyn Fn() -> Timestamp,
    audience: &mut dyn Audience,
) -> Result<Exit, Failure> {
    let mut filter = plan.filter;
    let mut in_turn = false;
    if let (TailSource::Recorded(sources, _), true) = (&plan.source, filter.asks_names()) {
        match sources.again() {
            Some(sources) => learn_names(&mut filter, sources, plan.layout.clone(), &interrupt),
            None => in_turn = true,
        }
    }
    let session = Session::new(
        session::Rules {
            filter: RefCell::new(filter),
            in_turn,
            last: plan.last,
            gap: plan.gap,
            meta: plan.meta,
            endless: !matches!(plan.source, TailSource::Recorded(..)),
        },
        plan.terms,
        clock,
        audience,
    );
    let (layout, refresh, ready) = (plan.layout, plan.refresh, ReadyFile(plan.ready_file));
    let exit = match plan.source {
        TailSource::Recorded(sources, position_file) => {
            let recorded = Recorded {
                sources,
                layout,
                position_file,
                refresh,
                allow_empty: plan.allow_empty,
            };
            recorded::read(recorded, &ready, &interrupt, &session)
        }
        TailSource::Growing(paths, position_file) => {
            let work = growing::follow(paths, layout, position_file, &ready, &session);
            until_over(work, refresh, interrupt, &session)
        }
        TailSource::Listener(options, position_file) => {
            let work = listen::serve(options, layout, position_file, &ready, &session);
            until_over(work, refresh, interrupt, &session)
        }
        TailSource::Sandbox(wanted, position_file) => {
            let work = async {
                // Lives as long as it is followed.
                let (_sandbox, mut followed) = embedded(&wanted, position_file, clock())?;
                followed.layout = layout;
                live::follow_all(vec![followed], &ready, &session).await
            };
            until_over(work, refresh, interrupt, &session)
        }
        TailSource::Servers(servers) => {
            let work = live::follow_all(servers, &ready, &session);
            until_over(work, refresh, interrupt, &session)
        }
    };
    session.close(exit)
}

/// Drives what has no end of its own until it ends all the same, or the run is over.
fn until_over(
    work: impl Future<Output = Result<Option<Failure>, Failure>>,
    refresh: Option<Duration>,
    mut interrupt: Interrupt,
    session: &Session<'_>,
) -> Result<Exit, Failure> {
    let stopped = interrupt.clone();
    let exit = host::block_on(async {
        tokio::select! {
            biased;
            signal = interrupt.wait() => Ok(signal.exit()),
            exit = session.ticking() => exit,
            exit = session.refreshing(refresh) => exit,
            ended = work => match stopped.seen() {
                Some(signal) => Ok(signal.exit()),
                None => session.conclude(ended?, false),
            },
        }
    });
    exit.flatten()
}

/// Starts the emulator.
fn embedded(
    wanted: &plan::ServerFlags,
    position_file: Option<PositionFile>,
    now: Timestamp,
) -> Result<(Sandbox, Followed), Failure> {
    let options = sandbox::SandboxOptions {
        now,
        ..sandbox::SandboxOptions::default()
    };
    let sandbox =
        Sandbox::start(options).map_err(|error| Failure::io("cannot start the sandbox", error))?;
    let mut followed = wanted.local(&sandbox.url(), sandbox::EVENTS_PATH, now)?;
    followed.position_file = position_file;
    Ok((sandbox, followed))
}

/// What a source without connections needs of the follow machine: dropping repeats, also those of
/// the next run where all of the input comes again.
fn once(comes_again: bool) -> Follow {
    let policy = FollowPolicy {
        reconnects: None,
        patient: false,
        follow: false,
        login: false,
        by_id: false,
    };
    let mut follow = Follow::new(policy, 0);
    if comes_again {
        follow.comes_again();
    }
    follow
}

/// A file that says that events can be received, for a script that waits for it.
pub struct ReadyFile(pub Option<PathBuf>);

impl ReadyFile {
    async fn announce(&self, address: &str) -> Result<(), Failure> {
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
fn failure(end: StreamEnd) -> Option<Failure> {
    let (exit, message, hint) = match end {
        StreamEnd::Finished | StreamEnd::CaughtUp => return None,
        StreamEnd::Exhausted(message) => (
            Exit::Undelivered,
            message,
            "--reconnect forever keeps trying, also for the first connection",
        ),
        StreamEnd::Unauthorised(message) => (
            Exit::Unauthorised,
            message,
            "check the token or the user name and password; 'hivelog config show' says where they come from",
        ),
        StreamEnd::ProxyLogin(message) => (Exit::Unauthorised, message, PROXY_LOGIN),
        StreamEnd::WrongEndpoint(message) => (
            Exit::Usage,
            message,
            "check --server and --events-path, or name the transport with --transport",
        ),
        StreamEnd::Refused(message) => (
            Exit::Refused,
            message,
            "the server refuses to send these events",
        ),
    };
    Some(Failure::message(exit, message).hint(hint))
}
