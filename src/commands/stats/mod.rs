//! `stats`: how many, how bad, how long.

mod counting;
pub mod output;

use crate::commands::ui::Ui;
use crate::failure::{Exit, Failure};
use crate::host::{Interrupt, Signal};
use crate::model::format::Format;
use crate::model::sanitise;
use crate::model::statistics::Groups;
use crate::model::timestamp::Zone;
use crate::query::Mistake;
use crate::query::threshold::Threshold;
use crate::records::{Batch, Progress, Sources, Take, read_all};
use crate::wire::envelope::LIMIT;
use crate::wire::flaw;
use counting::{CountRecords, CountedRecords};
use std::collections::HashMap;

/// What records are grouped by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// Flows for events, codes for event logs.
    Default,
    /// The flow's name, else its id.
    Flow,
    /// The trigger's name, else its id.
    Trigger,
    /// The event's type.
    Type,
    /// The event code.
    Code,
    /// The hour.
    Hour,
}

impl By {
    /// What a record needs in order to be counted.
    fn name(self) -> &'static str {
        match self {
            By::Default => "a flow or an event code",
            By::Flow => "a flow",
            By::Trigger => "a trigger",
            By::Type => "a type",
            By::Code => "an event code",
            By::Hour => "a time",
        }
    }
}

/// Everything that is decided before the first record.
pub struct Plan {
    /// What records are grouped by.
    pub by: By,
    /// The fields that are watched; the first one is shown.
    pub fields: Vec<String>,
    /// Whether the first of them was asked for.
    pub field_is_wanted: bool,
    /// Thresholds, each with the place of its field.
    pub fail_on: Vec<(Threshold, usize)>,
    /// The zone of hours.
    pub zone: Zone,
    /// Whether an input without records is fine.
    pub allow_empty: bool,
}

/// What was found.
pub struct Outcome {
    /// The groups.
    pub groups: Groups,
    /// How the run ends.
    pub exit: Exit,
    /// The thresholds that were passed, each with the first group that did.
    pub passed: Vec<String>,
    /// What was asked for and is in no record, most likely by mistake.
    pub unmet: Vec<String>,
}

/// How the groups are shown.
#[derive(Debug)]
pub struct Shown {
    /// The output format.
    pub format: Format,
    /// The percentiles.
    pub percentiles: Vec<f64>,
    /// The field whose values they are of.
    pub field: String,
}

/// Reads thresholds and notes the fields they need.
pub fn thresholds(
    texts: &[String],
    fields: &mut Vec<String>,
) -> Result<Vec<(Threshold, usize)>, Failure> {
    texts
        .iter()
        .map(|text| {
            let threshold = Threshold::parse(text).map_err(|mistake| pointed(&mistake))?;
            let place = match &threshold.field {
                None => 0,
                Some(field) => fields
                    .iter()
                    .position(|known| known == field)
                    .unwrap_or_else(|| {
                        fields.push(field.clone());
                        fields.len() - 1
                    }),
            };
            Ok((threshold, place))
        })
        .collect()
}

pub(in crate::commands) fn pointed(mistake: &Mistake) -> Failure {
    Failure::usage(format!("--fail-on: {mistake}")).hint(mistake.marked("  help: ".len()))
}

/// Counts, and shows the groups.
pub fn run(plan: &Plan, sources: Sources, shown: &Shown, ui: &Ui<'_>) -> Result<Exit, Failure> {
    let by_key = plan.by == By::Hour;
    let interrupt = ui.host.interrupt()?;
    let mut remark = |text: &str| ui.talk.notice(&sanitise::line(text));
    let outcome = count_all(plan, sources, &interrupt, &mut remark)?;
    let groups = if by_key {
        outcome.groups.by_key()
    } else {
        outcome.groups.by_count()
    };
    ui.print(&output::groups(&groups, shown, ui.host.width))?;
    let remarks = outcome.unmet.iter().chain(&outcome.passed);
    remarks.for_each(|text| remark(text));
    Ok(outcome.exit)
}

/// Adds up what was counted, in input order.
struct Total<'a> {
    /// The names of flows or triggers by id.
    names: HashMap<String, String>,
    groups: Groups,
    records: u64,
    failed: Option<Failure>,
    remark: &'a mut dyn FnMut(&str),
}

/// So many names are remembered.
const MOST_NAMES: usize = 4096;

impl Take<CountedRecords> for Total<'_> {
    fn block(&mut self, source: &str, batch: &Batch, counted: CountedRecords) -> Progress {
        self.groups.absorb(counted.groups);
        for (id, name) in counted.names {
            if self.names.len() < MOST_NAMES {
                self.names.entry(id).or_insert(name);
            }
        }
        self.records += counted.records;
        let mut flaws = counted.flaws.iter().peekable();
        for (at, record) in batch.records().enumerate() {
            if flaws.peek().is_none() {
                break;
            }
            if let Some((_, flaw)) = flaws.next_if(|(place, _)| *place == at) {
                let words = flaw::words(flaw, record.bytes);
                let (line, column) = (record.line, record.column);
                (self.remark)(&format!("{source}:{line}:{column}: {words}"));
            }
        }
        Progress::GoOn
    }

    fn unreadable(&mut self, failure: Failure) -> Progress {
        self.failed.get_or_insert(failure);
        Progress::GoOn
    }
}

/// Reads everything and counts.
fn count_all(
    plan: &Plan,
    sources: Sources,
    interrupt: &Interrupt,
    remark: &mut dyn FnMut(&str),
) -> Result<Outcome, Failure> {
    let mut total = Total {
        names: HashMap::new(),
        groups: Groups::default(),
        records: 0,
        failed: None,
        remark,
    };
    let signal = read_all(
        sources,
        LIMIT,
        CountRecords::new(plan),
        interrupt,
        &mut total,
    );
    let Total {
        names,
        mut groups,
        records,
        failed,
        ..
    } = total;
    if let Some(exit) = signal.map(Signal::exit) {
        return Ok(Outcome {
            groups,
            exit,
            passed: Vec::new(),
            unmet: Vec::new(),
        });
    }
    if let Some(failure) = failed {
        return Err(failure);
    }
    if records == 0 && !plan.allow_empty {
        return Err(Failure::input("there is no record in the input")
            .hint("--allow-empty accepts an input without records"));
    }
    groups.rename(&names);
    let unmet = if records > 0 {
        unmet(plan, &groups)
    } else {
        Vec::new()
    };
    let passed: Vec<String> = plan
        .fail_on
        .iter()
        .filter_map(|(threshold, field)| {
            let found = groups.by_count();
            let (key, _) = found
                .iter()
                .find(|(_, group)| threshold.holds(group, *field))?;
            Some(format!("threshold exceeded: {} ({key})", threshold.text))
        })
        .collect();
    let exit = if passed.is_empty() {
        Exit::Yes
    } else {
        Exit::No
    };
    Ok(Outcome {
        groups,
        exit,
        passed,
        unmet,
    })
}

/// What no record has, of what was asked for.
fn unmet(plan: &Plan, groups: &Groups) -> Vec<String> {
    let found = groups.by_count();
    if found.is_empty() {
        return vec![format!("no record has {}", plan.by.name())];
    }
    let wanted = plan.fields.iter().enumerate().filter(|(at, _)| {
        let limited = plan.fail_on.iter();
        (*at == 0 && plan.field_is_wanted)
            || limited
                .clone()
                .any(|(threshold, field)| field == at && threshold.needs_values())
    });
    let absent = wanted.filter(|(at, _)| {
        let mut sketches = found.iter().filter_map(|(_, group)| group.values.get(*at));
        sketches.all(|sketch| sketch.count() == 0)
    });
    absent
        .map(|(_, field)| format!("no record has a number in '{field}'"))
        .collect()
}
