//! Event codes, and those that fit a situation.

use crate::model::code::{Category, Code};
use crate::model::situation::Pick;
use crate::render::listing::{self, Columns};
use crate::render::mark::Mark;
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
                format!("{}  {}", category.row().range, category.row().description)
            )
        );
        for code in std::iter::once(first).chain(members) {
            let style = level_style(code, page);
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

fn level_style(code: &Code, page: &Page) -> Style {
    Mark::of_level(Some(code.level())).style(&page.theme)
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
        let style = level_style(pick.code, page);
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
