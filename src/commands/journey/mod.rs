//! `journey`: the story of one message, or which journeys there are.

mod closing;
mod list;
mod output;
mod search;
mod shared_texts;
mod sieve;
mod step;
mod stored;
mod summary;
mod timeline;
mod wanted;

use crate::check::Policy;
use crate::commands::emit::Place;
use crate::commands::ui::Ui;
use crate::failure::{Exit, Failure};
use crate::host::{AtomicFile, Interrupt, Signal, browse};
use crate::model::format::Format;
use crate::model::text::counted;
use crate::query::window::Window;
use crate::records::{InspectRecords, Sources, Take, read_all};
use crate::wire::envelope::LIMIT;
use list::{ListJourneys, ReadLogs};
use search::{JourneySearch, SearchResult};
use stored::TakeStored;
use wanted::BEGINNING;

pub use output::FORMATS;
pub use summary::JourneyStatus;

/// What `journey` is to do.
pub struct JourneyPlan {
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
pub fn run(plan: JourneyPlan, format: Format, ui: &Ui<'_>) -> Result<Exit, Failure> {
    match plan.id.clone() {
        Some(id) => story(plan, &id, format, ui),
        None => list(plan, format, ui),
    }
}

/// Which journeys there are.
fn list(plan: JourneyPlan, format: Format, ui: &Ui<'_>) -> Result<Exit, Failure> {
    let interrupt = ui.host.interrupt()?;
    let mut journeys = ListJourneys::new(plan.window, ui.talk);
    let signal = read(
        plan.sources,
        plan.spool.as_ref(),
        ReadLogs,
        &interrupt,
        &mut journeys,
        ui,
    )?;
    let list = journeys.finish(&plan.statuses);
    if !list.any && list.unreadable.is_none() && signal.is_none() {
        return Err(Failure::empty_input("records"));
    }
    let page = ui.page(format);
    if plan.opens && !list.places().is_empty() {
        let mut bytes = Vec::new();
        output::list(&list, &page, ui.zone, &mut |part| {
            bytes.extend_from_slice(part);
            Ok(())
        })?;
        open("list", &bytes, ui)?;
    } else {
        let mut stdout = ui.host.stdout();
        output::list(&list, &page, ui.zone, &mut |part| stdout.write(part))?;
        stdout.flush()?;
    }
    let unreadable = signal.map(Signal::exit).or(list.unreadable);
    if let Some(exit) = unreadable {
        return Ok(exit);
    }
    if list.places().is_empty() {
        ui.complain(
            &outside(list.outside).unwrap_or_else(|| match plan.statuses[..] {
                [] => nothing("no event log in the input has a correlation id".to_owned()),
                _ => nothing(OTHER_STATUS.to_owned()),
            }),
        );
        return Ok(Exit::No);
    }
    Ok(Exit::Yes)
}

/// The story of each journey that an id stands for.
fn story(plan: JourneyPlan, id: &str, format: Format, ui: &Ui<'_>) -> Result<Exit, Failure> {
    let interrupt = ui.host.interrupt()?;
    let spool = plan.spool.as_ref();
    let mut search = JourneySearch::new(id.to_owned(), plan.window, plan.policy, ui.talk);
    let again = plan.sources.as_ref().map(Sources::again);
    let sieve = search.sieve();
    let mut signal = read(plan.sources, spool, sieve, &interrupt, &mut search, ui)?;
    if signal.is_none() && search.has_more_to_find() {
        match again {
            Some(None) => ui.talk.notice(
                "standard input and pipes can be read only once: event logs of the same journey that do not name this id are not shown; give a file to include them",
            ),
            again => {
                search = search.again();
                let sieve = search.sieve();
                let sources = again.flatten();
                signal = read(sources, spool, sieve, &interrupt, &mut search, ui)?;
            }
        }
    }
    let mut found = search.finish();
    if !found.any && found.unreadable.is_none() && signal.is_none() {
        return Err(Failure::empty_input("records"));
    }
    let exists = !found.timelines.is_empty();
    let statuses = &plan.statuses;
    let is_wanted = |status| statuses.is_empty() || statuses.contains(&status);
    found
        .timelines
        .retain(|one| is_wanted(one.summary.status()));
    let bytes = output::stories(&found.timelines, id, &ui.page(format), ui.zone);
    if plan.opens && !found.timelines.is_empty() {
        open(id, &bytes, ui)?;
    } else {
        ui.print(&bytes)?;
    }
    if let Some(exit) = signal.map(Signal::exit).or(found.unreadable) {
        return Ok(exit);
    }
    for text in left_out(&found) {
        ui.talk.notice(&text);
    }
    if found.timelines.is_empty() {
        ui.complain(&match outside(found.outside) {
            _ if exists => nothing(OTHER_STATUS.to_owned()),
            Some(outside) => outside,
            None => unknown(id, &found),
        });
        return Ok(Exit::No);
    }
    Ok(Exit::Yes)
}

/// Reads the sources, and then what waits in the spool.
fn read<I: InspectRecords>(
    sources: Option<Sources>,
    spool: Option<&Place>,
    inspect: I,
    interrupt: &Interrupt,
    take: &mut (impl Take<I::Found> + TakeStored),
    ui: &Ui<'_>,
) -> Result<Option<Signal>, Failure> {
    if let Some(sources) = sources
        && let Some(signal) = read_all(sources, LIMIT, inspect, interrupt, take)
    {
        return Ok(Some(signal));
    }
    if let Some(place) = spool {
        stored::read(place, take, ui)?;
    }
    Ok(None)
}

/// Shows a page in the browser.
fn open(name: &str, page: &[u8], ui: &Ui<'_>) -> Result<(), Failure> {
    let plain = |c: &char| c.is_ascii_alphanumeric() || *c == '-';
    let name: String = name.chars().filter(plain).take(40).collect();
    let name = format!("hivelog-journey-{name}-{}.html", std::process::id());
    let path = ui.host.temporary_folder().join(name);
    AtomicFile::begin_private(&path)?.commit_with(page)?;
    ui.talk.notice(&format!("the page is {}", path.display()));
    browse(&path, ui.host)
}

/// Why nothing is shown where there are journeys.
const OTHER_STATUS: &str = "no journey has this status";

fn nothing(text: String) -> Failure {
    Failure::message(Exit::No, text)
}

/// Why nothing is shown, where journeys lie outside the window.
fn outside(count: usize) -> Option<Failure> {
    (count > 0).then(|| {
        nothing(format!(
            "no such event log between --since and --before; outside: {}",
            counted(count as u64, "journey")
        ))
    })
}

/// What the window does to a story: a journey is shown whole or not at all.
fn left_out(found: &SearchResult) -> Vec<String> {
    let shown = &found.timelines;
    let of = shown.iter().filter(|one| one.outside > 0);
    let (outside, all) = of.fold((0, 0), |(outside, all), one| {
        (outside + one.outside, all + one.summary.records)
    });
    let mut said = Vec::new();
    if outside > 0 {
        said.push(format!(
            "shown whole, with {outside} of {} outside --since and --before",
            counted(u64::from(all), "event log")
        ));
    }
    if found.outside > 0 && !shown.is_empty() {
        let count = counted(found.outside as u64, "journey");
        said.push(format!("not shown: {count} outside --since and --before"));
    }
    said
}

/// Why nothing is shown for an id.
fn unknown(id: &str, found: &SearchResult) -> Failure {
    let failure = nothing(format!(
        "no event log has '{id}' as its correlation id, external id or IRI"
    ));
    if found.mentions > 0 {
        return failure.hint(format!(
            "sys events that name it: {}; to see them: hivelog tail --grep '{id}' FILE",
            found.mentions
        ));
    }
    let short = if id.chars().count() < BEGINNING {
        format!("; of a correlation id, the first {BEGINNING} characters are needed")
    } else {
        String::new()
    };
    failure.hint(format!(
        "no such file either: '{id}'{short}; 'hivelog journey FILE' lists the journeys of a file"
    ))
}
