//! What `codes` does: looks things up in the tables.

pub mod output;
mod search;

use crate::check::known_code::why_unknown;
use crate::check::rule::{Description, RULES};
use crate::commands::ui::Ui;
use crate::commands::vocabulary;
use crate::failure::{Exit, Failure};
use crate::model::code::{Category, Code, GLOSSARY, Suffix};
use crate::model::format::{Export, Format};
use crate::model::outcome::{ListedValue, MODES, OUTCOMES};
use crate::model::situation::Situation;
use crate::model::stage::{STAGES, Stage};
use crate::model::sys_event::{SYS_TYPES, SysType};
use crate::model::text;
use crate::query::glob::Globs;
use crate::render::Page;

/// What to look up.
#[derive(Debug)]
pub enum CodesPlan {
    /// Codes.
    Codes(Search),
    /// The lifecycle stages in which all of these words occur.
    Stages(Vec<String>),
    /// The outcomes, likewise.
    Outcomes(Vec<String>),
    /// The modes, likewise.
    Modes(Vec<String>),
    /// The system events, or those whose type fits.
    Sys(Option<String>),
    /// The rules of `validate` in which all of these words occur.
    Rules(Vec<String>),
    /// The codes that fit a situation.
    Pick(Situation),
    /// Everything, for another program; the codes are accepted beside the glossary's.
    Export(Export, Vec<String>),
}

/// Which codes to show; what is absent does not matter.
#[derive(Debug, Default)]
pub struct Search {
    /// What a person remembers of it.
    pub query: Option<String>,
    /// The letter it ends in.
    pub level: Option<Suffix>,
    /// What it is about.
    pub category: Option<Category>,
}

/// The names that follow `codes` to show something other than codes.
pub const SUBJECTS: [&str; 7] = [
    "stages", "outcomes", "modes", "sys", "rules", "pick", "export",
];

/// What was found, as it is shown, and why it is nothing if it is nothing.
type LookUp = (Vec<u8>, Option<Failure>);

/// Looks it up and shows it.
pub fn run(plan: &CodesPlan, format: Format, ui: &Ui<'_>) -> Result<Exit, Failure> {
    let (shown, missed) = look_up(plan, &ui.page(format))?;
    ui.print(&shown)?;
    Ok(ui.report_missing(missed.as_slice()))
}

fn look_up(plan: &CodesPlan, page: &Page) -> Result<LookUp, Failure> {
    Ok(match plan {
        CodesPlan::Codes(search) => codes(search, page),
        CodesPlan::Stages(words) => {
            let text = |stage: &&Stage| {
                let direction = stage.direction.name();
                format!("{} {direction} {}", stage.key, stage.description)
            };
            let rows = STAGES.iter();
            let (rows, missed) = with_words(rows, words, text, |stage| stage.key, "stage");
            (output::stages(&rows, page), missed)
        }
        CodesPlan::Outcomes(words) => choices(&OUTCOMES, words, "outcome", page),
        CodesPlan::Modes(words) => choices(&MODES, words, "mode", page),
        CodesPlan::Sys(glob) => sys(glob.as_deref(), page)?,
        CodesPlan::Rules(words) => {
            let text = |rule: &&Description| {
                let (level, basis) = (rule.level.name(), rule.basis.name());
                format!("{} {level} {basis} {}", rule.name, rule.summary)
            };
            let rows = RULES.iter().map(|(_, description)| description);
            let (rows, missed) = with_words(rows, words, text, |rule| rule.name, "rule");
            (output::rules(&rows, page), missed)
        }
        CodesPlan::Pick(situation) => {
            let picks = situation.picks();
            let why = "the glossary has no code for this situation";
            let missed = picks.is_empty().then(|| Failure::message(Exit::No, why));
            (output::picks(&picks, page), missed)
        }
        CodesPlan::Export(export, extra_codes) => {
            (output::export::render(*export, extra_codes), None)
        }
    })
}

fn choices(all: &'static [ListedValue], words: &[String], kind: &str, page: &Page) -> LookUp {
    let text = |choice: &ListedValue| format!("{} {}", choice.value, choice.description);
    let rows = all.iter().copied();
    let (rows, missed) = with_words(rows, words, text, |choice| choice.value, kind);
    (output::choices(&rows, page), missed)
}

/// The rows in whose text every word occurs, and what to say when there is none.
fn with_words<T: Copy>(
    rows: impl Iterator<Item = T>,
    words: &[String],
    text: impl Fn(&T) -> String,
    name: impl Fn(&T) -> &'static str,
    kind: &str,
) -> (Vec<T>, Option<Failure>) {
    let rows: Vec<T> = rows.collect();
    let wanted: Vec<_> = words.iter().map(|word| word.to_lowercase()).collect();
    let has_all = |row: &&T| {
        let text = text(row).to_lowercase();
        wanted.iter().all(|word| text.contains(word))
    };
    let found: Vec<T> = rows.iter().filter(has_all).copied().collect();
    let missed = found.is_empty().then(|| {
        let typed = words.join(" ");
        let guess = text::did_you_mean(&typed, rows.iter().map(name));
        Failure::message(Exit::No, format!("no {kind} matches '{typed}'{guess}"))
            .hint(format!("'hivelog codes {kind}s' lists them all"))
    });
    (found, missed)
}

/// The codes whose description means this text.
pub fn by_text(text: &str) -> Vec<&'static Code> {
    search::search(text)
}

fn codes(wanted: &Search, page: &Page) -> LookUp {
    let matching = match &wanted.query {
        Some(query) => search::search(query),
        None => GLOSSARY.iter().collect(),
    };
    let known = !matching.is_empty();
    let shown: Vec<_> = matching
        .into_iter()
        .filter(|code| wanted.level.is_none_or(|level| code.suffix == level))
        .filter(|code| wanted.category.is_none_or(|own| code.category() == own))
        .collect();
    let missed = shown.is_empty().then(|| match &wanted.query {
        Some(query) if !known => no_such_code(query),
        _ => Failure::message(Exit::No, "no event code has all of these properties"),
    });
    (output::codes(&shown, page), missed)
}

fn no_such_code(query: &str) -> Failure {
    if query.starts_with(|c: char| c.is_ascii_digit()) {
        return unknown_event_code(query);
    }
    if let Some(subject) = text::nearest(query, SUBJECTS) {
        return Failure::message(Exit::No, format!("no event code matches '{query}'"))
            .hint(format!("did you mean 'hivelog codes {subject}'?"));
    }
    if let Some(word) = vocabulary::meant(query) {
        return Failure::message(Exit::No, format!("no event code matches '{query}'"))
            .hint(format!("'hivelog explain {word}' knows that word"));
    }
    let words: Vec<_> = GLOSSARY
        .iter()
        .flat_map(|code| code.description.split(' '))
        .chain(vocabulary::words())
        .collect();
    let guess = text::did_you_mean(query, words);
    Failure::message(Exit::No, format!("no event code matches '{query}'{guess}"))
        .hint("'hivelog codes' lists them all")
}

/// The failure for something that looks like a code and is none.
pub fn unknown_event_code(typed: &str) -> Failure {
    let (message, help) = why_unknown(typed);
    Failure::message(Exit::No, message).hint(help)
}

fn sys(wanted: Option<&str>, page: &Page) -> Result<LookUp, Failure> {
    let wanted = wanted.unwrap_or("*");
    let types: Vec<_> = if wanted.contains(['*', ',', '@', '!']) {
        let globs = Globs::parse(wanted).map_err(Failure::usage)?;
        let meant = |known: &&SysType| globs.matches(known.name);
        SYS_TYPES.iter().filter(meant).collect()
    } else {
        let meant = |known: &&SysType| known.name.contains(wanted);
        SYS_TYPES.iter().filter(meant).collect()
    };
    let missed = types.is_empty().then(|| {
        let guess = text::did_you_mean(wanted, SYS_TYPES.iter().map(|known| known.name));
        Failure::message(
            Exit::No,
            format!("no sys event type matches '{wanted}'{guess}"),
        )
        .hint("'hivelog codes sys' lists them all; '*' matches any characters")
    });
    Ok((output::sys_types(&types, page), missed))
}
