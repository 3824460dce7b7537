//! Text folded to the width of the page.

use std::borrow::Cow;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// The widest a paragraph gets, however wide the terminal is: longer lines are hard to read.
const READABLE: usize = 100;

/// How much further lines stand behind the first.
const INDENT: usize = 2;

/// The words of `text` on lines of at most `width` columns; its own line breaks stay. A word that
/// is longer than a line stays whole, so that it can be copied; between wide characters, which stand
/// for words, it is broken.
pub fn fold(text: &str, width: usize) -> Vec<String> {
    let width = width.clamp(20, READABLE);
    text.lines()
        .flat_map(|paragraph| fold_line(paragraph, width))
        .collect()
}

fn fold_line(paragraph: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut used = 0;
    for word in paragraph.split_whitespace() {
        let needed = width_of(word);
        if used > 0 && used + 1 + needed > width {
            lines.push(String::new());
            used = 0;
        }
        let line = lines.len() - 1;
        if used > 0 {
            lines[line].push(' ');
            used += 1;
        }
        if needed <= width || !word.chars().any(is_wide) {
            lines[line].push_str(word);
            used += needed;
            continue;
        }
        let mut before = ' ';
        for c in word.chars() {
            let needed = c.width().unwrap_or(0);
            if used + needed > width && (is_wide(before) || is_wide(c)) {
                lines.push(String::new());
                used = 0;
            }
            let line = lines.len() - 1;
            lines[line].push(c);
            used += needed;
            before = c;
        }
    }
    lines
}

fn is_wide(c: char) -> bool {
    c.width() == Some(2)
}

/// [`fold`]ed text behind a label: `first` stands before the first line, blanks of the same
/// width before the others.
pub fn hanging(first: &str, first_width: usize, text: &str, width: usize) -> String {
    let room = width
        .min(READABLE + first_width)
        .saturating_sub(first_width);
    let blanks = " ".repeat(first_width);
    let mut shown = String::new();
    for (at, line) in fold(text, room).iter().enumerate() {
        shown.push_str(if at == 0 { first } else { &blanks });
        shown.push_str(line);
        // Nothing invisible at the end of a line.
        shown.truncate(shown.trim_end().len());
        shown.push('\n');
    }
    shown
}

/// Lines, each [`indented`]; every one ends with a line break.
pub fn indented_lines(text: &str, width: usize) -> String {
    let lines = text.lines().map(|line| indented(line, width));
    lines.fold(String::with_capacity(text.len()), |shown, line| {
        shown + &line + "\n"
    })
}

/// The columns that a text takes; the escape sequences that style it take none.
fn width_of(text: &str) -> usize {
    let mut pieces = text.split("\u{1b}[");
    let plain = pieces.next().map_or(0, UnicodeWidthStr::width);
    let styled = pieces.map(|piece| match piece.split_once('m') {
        Some((_, behind)) => behind.width(),
        None => piece.width(),
    });
    plain + styled.sum::<usize>()
}

/// A line, [`fold`]ed where it is longer than `width`: further lines stand two columns behind the
/// first.
pub fn indented(line: &str, width: usize) -> Cow<'_, str> {
    if width_of(line) <= width {
        return line.into();
    }
    let text = line.trim_start_matches(' ');
    let indent = line.len() - text.len();
    let folded = fold(text, width.saturating_sub(indent + INDENT));
    let between = format!("\n{:1$}", "", indent + INDENT);
    format!("{:indent$}{}", "", folded.join(&between)).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_folded_and_never_cut() {
        assert_eq!(
            fold("the quick brown fox jumps", 20),
            ["the quick brown fox", "jumps"]
        );
        assert_eq!(fold("a\nb", 80), ["a", "b"]);
        let long = "x".repeat(40);
        assert_eq!(fold(&format!("a {long} b"), 20), ["a", &long, "b"]);
        assert_eq!(
            hanging("ab  ", 4, "the quick brown fox jumps", 24),
            "ab  the quick brown fox\n    jumps\n"
        );
    }

    #[test]
    fn between_wide_characters_a_line_may_end() {
        assert_eq!(
            fold("so 在庫の更新に失敗しました。再送 so", 20),
            ["so", "在庫の更新に失敗しま", "した。再送 so"]
        );
        // A word that is not wide stays whole next to it.
        let long = "x".repeat(30);
        assert_eq!(
            fold(&format!("在庫{long}在庫"), 20),
            [&*format!("在庫{long}"), "在庫"]
        );
    }

    #[test]
    fn a_line_that_fits_stays_and_another_is_indented() {
        assert_eq!(indented("the  quick brown fox", 20), "the  quick brown fox");
        assert_eq!(
            indented("  the quick brown fox jumps", 24),
            "  the quick brown fox\n    jumps"
        );
        let styled = "the \u{1b}[1;31mquick\u{1b}[0m brown fox";
        assert_eq!(indented(styled, 19), styled);
        assert_eq!(
            indented_lines("short\nthe quick brown fox jumps", 24),
            "short\nthe quick brown fox\n  jumps\n"
        );
    }
}
