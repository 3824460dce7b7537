//! Text from others in Markdown: nothing in it is markup, and it stays in its cell.

use super::sanitise;

/// Text in a cell of a table, on one line.
pub fn cell(text: &str) -> String {
    escaped(&sanitise::line(text))
}

/// The same, with the breaks between its lines.
pub fn cell_of_lines(text: &str) -> String {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.map(cell).collect::<Vec<_>>().join("<br>")
}

/// Text as code, in a sentence.
pub fn code(text: &str) -> String {
    let text = sanitise::line(text).replace('|', "\\|");
    if text.contains('`') {
        format!("`` {text} ``")
    } else {
        format!("`{text}`")
    }
}

fn escaped(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => shown.push_str("&lt;"),
            '>' => shown.push_str("&gt;"),
            '&' => shown.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '#' | '!' => {
                shown.push('\\');
                shown.push(c);
            }
            // A user or team would be notified, and a bare address become a link.
            '@' => shown.push_str("&#64;"),
            c => shown.push(c),
        }
    }
    shown.replace("://", "&#58;//")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_leaves_its_cell_or_becomes_markup() {
        assert_eq!(
            cell("a|b\n<img src=x>`c` @me"),
            "a\\|b\\\\n&lt;img src=x&gt;\\`c\\` &#64;me"
        );
        assert_eq!(cell_of_lines("a\n\n b|\n"), "a<br>b\\|");
        assert_eq!(code("a`b|c"), "`` a`b\\|c ``");
    }
}
