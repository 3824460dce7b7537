//! The glossary: codes, stages, outcomes and modes, system events, rules.

pub mod export;

use crate::check::rule::{Description, Level as RuleLevel};
use crate::model::code::{Category, Code, Level};
use crate::model::outcome::Choice;
use crate::model::situation::Pick;
use crate::model::stage::{Direction, Sender, Stage};
use crate::model::sys_event::{Severity, SysType};
use crate::render::listing::{self, Columns};
use crate::render::theme::Styled;
use crate::render::{Page, wrap};
use anstyle::Style;
use std::fmt::Write;

/// The columns of a table of codes.
pub const CODE_COLUMNS: Columns<'_> = Columns {
    names: &[
        "code",
        "number",
        "suffix",
        "level",
        "category",
        "description",
        "siblings",
        "siblingMeansTheSame",
    ],
    shown: &[0, 3, 4, 5, 6],
};

/// One row of a table of codes.
pub fn code_row(code: &&Code) -> Vec<String> {
    let siblings: Vec<_> = code.siblings().map(|other| other.key).collect();
    vec![
        code.key.to_owned(),
        code.number().to_owned(),
        code.suffix.letter().to_string(),
        code.level().name().to_owned(),
        code.category().name().to_owned(),
        code.description.to_owned(),
        siblings.join(" "),
        code.sibling_means_the_same().to_string(),
    ]
}

/// Event codes; for people by category, with what the siblings are to each other.
pub fn codes(codes: &[&Code], page: &Page) -> Vec<u8> {
    if let Some(bytes) = listing::render(codes, page, &CODE_COLUMNS, code_row) {
        return bytes;
    }
    let theme = &page.theme;
    let mut text = String::new();
    for category in Category::ALL {
        let mut members = codes.iter().filter(|code| code.category() == category);
        let Some(first) = members.next() else {
            continue;
        };
        let _ = writeln!(
            text,
            "{}{}  {}",
            if text.is_empty() { "" } else { "\n" },
            Styled(theme.heading, category.name()),
            Styled(
                theme.dim,
                format!("{}  {}", category.range(), category.description())
            )
        );
        for code in std::iter::once(first).chain(members) {
            let style = level_style(code.level(), page);
            let line = format!(
                "  {}  {}  {:<42}{}",
                Styled(theme.name, code.key),
                Styled(style, format!("{:<7}", code.level().name())),
                code.description,
                Styled(theme.dim, kinship(code))
            );
            let _ = writeln!(text, "{}", line.trim_end());
        }
    }
    if codes.iter().any(|code| code.siblings().next().is_some()) {
        let legend = "= same meaning at another level   \u{2260} same number, another meaning";
        let _ = writeln!(text, "\n{}", Styled(theme.dim, legend));
    }
    text.into_bytes()
}

/// What the codes with the same number are to this one.
fn kinship(code: &Code) -> String {
    let sign = if code.sibling_means_the_same() {
        '='
    } else {
        '\u{2260}'
    };
    let all: Vec<_> = code
        .siblings()
        .map(|other| format!("{sign} {other}"))
        .collect();
    all.join("  ")
}

fn level_style(level: Level, page: &Page) -> Style {
    match level {
        Level::Info => page.theme.good,
        Level::Warning => page.theme.warning,
        Level::Error => page.theme.error,
    }
}

/// Lifecycle stages; for people by direction.
pub fn stages(stages: &[&Stage], page: &Page) -> Vec<u8> {
    let columns = Columns {
        names: &["key", "number", "direction", "description", "sender"],
        shown: &[0, 1, 2, 3, 4],
    };
    let sender = |stage: &Stage| match stage.sender {
        Sender::Connector => "connector",
        Sender::Platform => "platform",
    };
    let row = |stage: &&Stage| {
        vec![
            stage.key.to_owned(),
            stage.number.to_string(),
            stage.direction.name().to_owned(),
            stage.description.to_owned(),
            sender(stage).to_owned(),
        ]
    };
    if let Some(bytes) = listing::render(stages, page, &columns, row) {
        return bytes;
    }
    let theme = &page.theme;
    let mut text = String::new();
    for direction in Direction::ALL {
        let meaning = match direction {
            Direction::Inbound => "data flows into SyncHive",
            Direction::Outbound => "data flows out of SyncHive",
        };
        let stages = stages.iter().filter(|stage| stage.direction == direction);
        let mut stages = stages.peekable();
        if stages.peek().is_none() {
            continue;
        }
        let gap = if text.is_empty() { "" } else { "\n" };
        let _ = writeln!(
            text,
            "{gap}{}  {}",
            Styled(theme.heading, direction.name()),
            Styled(theme.dim, meaning)
        );
        for stage in stages {
            let remark = match stage.sender {
                Sender::Connector => "",
                Sender::Platform => "for platform use only",
            };
            let line = format!(
                "  {:>2}  {}  {:<39}{}",
                stage.number,
                Styled(theme.name, format!("{:<10}", stage.key)),
                stage.description,
                Styled(theme.dim, remark)
            );
            let _ = writeln!(text, "{}", line.trim_end());
        }
    }
    text.into_bytes()
}

/// Outcomes or modes.
pub fn choices(choices: &[Choice], page: &Page) -> Vec<u8> {
    let row = |choice: &Choice| vec![choice.value.to_owned(), choice.description.to_owned()];
    let columns = Columns {
        names: &["value", "description"],
        shown: &[0, 1],
    };
    if let Some(bytes) = listing::render(choices, page, &columns, row) {
        return bytes;
    }
    let widest = choices.iter().map(|choice| choice.value.len()).max();
    let widest = widest.unwrap_or(0);
    let mut text = String::new();
    for choice in choices {
        let name = format!("{:<widest$}", choice.value);
        let label = format!("{}  ", Styled(page.theme.name, name));
        text.push_str(&wrap::hanging(
            &label,
            widest + 2,
            choice.description,
            page.width,
        ));
    }
    text.into_bytes()
}

/// Codes for a situation, best first.
pub fn picks(picks: &[Pick], page: &Page) -> Vec<u8> {
    let row = |pick: &Pick| vec![pick.code.key.to_owned(), pick.reason.clone()];
    let columns = Columns {
        names: &["code", "reason"],
        shown: &[0, 1],
    };
    if let Some(bytes) = listing::render(picks, page, &columns, row) {
        return bytes;
    }
    let mut text = String::new();
    for pick in picks {
        let style = level_style(pick.code.level(), page);
        let _ = writeln!(
            text,
            "{}  {}  {}",
            Styled(page.theme.name, pick.code.key),
            Styled(style, pick.code.level().name()),
            pick.code.description
        );
        text.push_str(&wrap::hanging("       ", 7, &pick.reason, page.width));
    }
    text.into_bytes()
}

/// System events with the data they carry; for people by group.
pub fn sys_types(types: &[&SysType], page: &Page) -> Vec<u8> {
    let columns = Columns {
        names: &["type", "group", "description", "data", "transient"],
        shown: &[0, 2, 3],
    };
    let fields = |known: &SysType| {
        let names: Vec<_> = known.data.iter().map(|field| field.name).collect();
        names.join(" ")
    };
    let row = |known: &&SysType| {
        vec![
            known.name.to_owned(),
            known.group.to_owned(),
            known.description.to_owned(),
            fields(known),
            known.transient.to_string(),
        ]
    };
    if let Some(bytes) = listing::render(types, page, &columns, row) {
        return bytes;
    }
    let mut text = String::new();
    let mut group = "";
    for known in types {
        if group != known.group {
            let gap = if group.is_empty() { "" } else { "\n" };
            group = known.group;
            let _ = writeln!(text, "{gap}{}", Styled(page.theme.heading, group));
        }
        let style = match Severity::of(known.name) {
            Severity::Bad => page.theme.error,
            Severity::Notice | Severity::Quiet => page.theme.name,
        };
        let _ = writeln!(text, "  {}", Styled(style, known.name));
        text.push_str(&wrap::hanging("      ", 6, known.description, page.width));
        if !known.data.is_empty() {
            let data = known.data.iter().map(|field| field.name);
            let data = data.collect::<Vec<_>>().join(", ");
            let label = format!("      {} ", Styled(page.theme.dim, "data:"));
            text.push_str(&wrap::hanging(&label, 12, &data, page.width));
        }
    }
    text.into_bytes()
}

/// The rules of `validate`, in the table's order.
pub fn rules(rules: &[&Description], page: &Page) -> Vec<u8> {
    let columns = Columns {
        names: &["rule", "level", "basis", "summary", "help"],
        shown: &[0, 1, 3],
    };
    let row = |rule: &&Description| {
        vec![
            rule.name.to_owned(),
            rule.level.name().to_owned(),
            rule.basis.name().to_owned(),
            rule.summary.to_owned(),
            rule.help.to_owned(),
        ]
    };
    if let Some(bytes) = listing::render(rules, page, &columns, row) {
        return bytes;
    }
    let theme = &page.theme;
    let widest = rules.iter().map(|rule| rule.name.len()).max().unwrap_or(0);
    let mut text = String::new();
    for rule in rules {
        let style = match rule.level {
            RuleLevel::Error => theme.error,
            RuleLevel::Warning => theme.warning,
            RuleLevel::Hint => theme.hint,
        };
        let label = format!(
            "{}  {}  {}  ",
            Styled(theme.name, format!("{:<widest$}", rule.name)),
            Styled(style, format!("{:<7}", rule.level.name())),
            Styled(theme.dim, format!("{:<10}", rule.basis.name())),
        );
        let taken = widest + 2 + 7 + 2 + 10 + 2;
        text.push_str(&wrap::hanging(&label, taken, rule.summary, page.width));
    }
    text.into_bytes()
}
