//! The rules of `validate`.

use crate::check::rule::Description;
use crate::render::listing::{self, Columns};
use crate::render::mark::Mark;
use crate::render::theme::Styled;
use crate::render::{Page, wrap};

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
        let style = Mark::of_finding(rule.level).style(theme);
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
