//! `journey`: the story of one message, or which journeys there are.

mod closing;
mod output;
mod search;
mod summary;
mod timeline;
mod wanted;

use crate::check::Policy;
use crate::commands::emit::{Place, spool_failure};
use crate::commands::ui::Ui;
use crate::failure::{Exit, Failure};
use crate::host::{AtomicFile, Interrupt, Signal, browse};
use crate::model::format::Format;
use crate::query::window::Window;
use crate::records::{Sources, Take, read_all};
use crate::spool::inspect::Access;
use crate::spool::lock_wait::LockWait;
use crate::wire::envelope::LIMIT;
use search::{Found, JourneySearch};
use wanted::BEGINNING;

pub use summary::JourneyStatus;

/// The formats of `-o`.
pub const FORMATS: [Format; 6] = [
    Format::Human,
    Format::Json,
    Format::Ndjson,
    Format::Html,
    Format::Markdown,
    Format::Mermaid,
];

/// What `journey` is to do.
pub struct Plan {
    /// The input; none where the spool alone is read.
    pub sources: Option<Sources>,
    /// Where the spool is, if what waits there is wanted.
    pub spool: Option<Place>,
    /// The id that is asked for; without one, the journeys are listed.
    pub id: Option<String>,
    /// The journeys that are listed; all where none is named.
    pub statuses: Vec<JourneyStatus>,
    /// When a record of each must have been generated.
    pub window: Window,
    /// Whether the page is opened in the browser.
    pub opens: bool,
    /// The rules of journeys.
    pub policy: Policy,
}

/// Reads the input, and shows what was asked for.
pub fn run(plan: Plan, format: Format, ui: &Ui<'_>) -> Result<Exit, Failure> {
    let interrupt = ui.host.interrupt()?;
    let id = plan.id.clone();
    let mut search = JourneySearch::new(id.clone(), plan.window, plan.policy, ui.talk);
    let again = plan.sources.as_ref().map(Sources::again);
    let mut signal = read(
        plan.sources,
        plan.spool.as_ref(),
        &interrupt,
        &mut search,
        ui,
    )?;
    if signal.is_none() && search.has_more_to_find() {
        match again {
            Some(None) => ui.talk.notice(
                "standard input can be read only once: event logs of the same journey that do not name this id are not shown; a file would be read twice",
            ),
            again => {
                search = search.again();
                let sources = again.flatten();
                signal = read(sources, plan.spool.as_ref(), &interrupt, &mut search, ui)?;
            }
        }
    }
    let mut found = search.finish();
    if !found.any && found.unreadable.is_none() && signal.is_none() {
        return Err(Failure::input("there is no record in the input"));
    }
    if !plan.statuses.is_empty() {
        let is_wanted = |status| plan.statuses.contains(&status);
        found
            .timelines
            .retain(|one| is_wanted(one.summary.status()));
    }
    let bytes = output::journeys(&found.timelines, id.as_deref(), &ui.page(format), ui.zone);
    if plan.opens && !found.timelines.is_empty() {
        open(id.as_deref(), &bytes, ui)?;
    } else {
        ui.print(&bytes)?;
    }
    if let Some(exit) = signal.map(Signal::exit).or(found.unreadable) {
        return Ok(exit);
    }
    if found.timelines.is_empty() {
        ui.complain(&nothing(id.as_deref(), &found, &plan.statuses));
        return Ok(Exit::No);
    }
    Ok(Exit::Yes)
}

/// Reads the sources, and then what waits in the spool.
fn read(
    sources: Option<Sources>,
    spool: Option<&Place>,
    interrupt: &Interrupt,
    search: &mut JourneySearch,
    ui: &Ui<'_>,
) -> Result<Option<Signal>, Failure> {
    if let Some(sources) = sources
        && let Some(signal) = read_all(sources, LIMIT, search.sieve(), interrupt, search)
    {
        return Ok(Some(signal));
    }
    if let Some(place) = spool {
        let mut say = |text: String| ui.talk.notice(&text);
        let mut wait = LockWait::new(LockWait::DEFAULT, &mut say);
        let opened = place
            .inspect(Access::Look, &mut wait)
            .map_err(spool_failure)?;
        if let Some(spool) = opened {
            let mut number = 0;
            let read = spool.each(&mut |stored| {
                number += 1;
                search.waiting(number, &stored.record.body);
                true
            });
            read.map_err(spool_failure)?;
            if !spool.damage().is_empty() {
                spool.damage().reported();
                search.unreadable(Failure::input(spool.damage()));
            }
        }
    }
    Ok(None)
}

/// Shows a page in the browser.
fn open(id: Option<&str>, page: &[u8], ui: &Ui<'_>) -> Result<(), Failure> {
    let plain = |c: &char| c.is_ascii_alphanumeric() || *c == '-';
    let id: String = id
        .unwrap_or("list")
        .chars()
        .filter(plain)
        .take(40)
        .collect();
    let name = format!("hivelog-journey-{id}-{}.html", std::process::id());
    let path = ui.host.temporary_folder().join(name);
    AtomicFile::begin_private(&path)?.commit_with(page)?;
    ui.talk.notice(&format!("the page is {}", path.display()));
    browse(&path, ui.host)
}

/// Why nothing is shown.
fn nothing(id: Option<&str>, found: &Found, statuses: &[JourneyStatus]) -> Failure {
    let failure = |text: String| Failure::message(Exit::No, text);
    if found.outside > 0 {
        return failure(format!(
            "no event log of this lies between --since and --before; outside: {} journeys",
            found.outside
        ));
    }
    let Some(id) = id else {
        return match statuses {
            [] => failure("there is no event log with a correlation id".to_owned()),
            _ => failure("no journey has this status".to_owned()),
        };
    };
    let failure = failure(format!(
        "no event log has '{id}' as its correlation id, external id or IRI"
    ));
    if found.mentions > 0 {
        return failure.hint(format!(
            "sys events that name it: {}; to see them: hivelog tail --grep '{id}' FILE",
            found.mentions
        ));
    }
    if id.chars().count() < BEGINNING {
        return failure.hint(format!(
            "the beginning of a correlation id has {BEGINNING} characters or more; a file of this name does not exist either"
        ));
    }
    failure.hint("'hivelog journey FILE' lists the journeys of a file")
}
