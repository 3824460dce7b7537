//! Changes as a unified diff, made while the text comes by.

use crate::render::sanitise;
use crate::render::theme::{Styled, Theme};
use anstyle::Style;
use std::collections::VecDeque;

/// How many unchanged lines are shown around a change.
const CONTEXT: usize = 3;

/// A hunk with more lines is closed, so that a change of everything is not held in memory.
const LONGEST: usize = 1000;

/// So is a hunk with more bytes, and a line with more is only named.
const LARGEST: usize = 1 << 20;

/// The diff of one source.
pub struct Unified {
    name: String,
    theme: Theme,
    /// On a terminal, text of others is shown escaped; in a pipe the diff can be applied.
    is_terminal: bool,
    begun: bool,
    /// The lines in progress, before and after.
    old: Vec<u8>,
    new: Vec<u8>,
    /// What is known of the lines in progress once they are too long to be held.
    long: Option<Long>,
    /// The numbers of these lines.
    old_line: usize,
    new_line: usize,
    /// The unchanged lines before.
    before: VecDeque<Vec<u8>>,
    hunk: Option<Hunk>,
}

/// Lines that are too long to be held.
#[derive(Default)]
struct Long {
    old_bytes: usize,
    old_breaks: usize,
    new_breaks: usize,
    changed: bool,
}

impl Long {
    fn take(&mut self, old: &[u8], new: &[u8]) {
        self.old_bytes += old.len();
        self.old_breaks += memchr::memchr_iter(b'\n', old).count();
        self.new_breaks += memchr::memchr_iter(b'\n', new).count();
        self.changed |= old != new;
    }
}

struct Hunk {
    old_start: usize,
    new_start: usize,
    lines: Vec<(DiffMark, Vec<u8>)>,
    /// How many unchanged lines end it.
    unchanged: usize,
    bytes: usize,
}

impl Hunk {
    fn push(&mut self, mark: DiffMark, line: Vec<u8>) {
        self.bytes += line.len();
        self.lines.push((mark, line));
    }

    fn is_large(&self) -> bool {
        self.lines.len() > LONGEST || self.bytes > LARGEST
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum DiffMark {
    Same,
    Old,
    New,
}

impl Unified {
    /// The diff of a source of this name.
    pub fn new(name: &str, theme: Theme, is_terminal: bool) -> Unified {
        Unified {
            name: name.to_owned(),
            theme,
            is_terminal,
            begun: false,
            old: Vec::new(),
            new: Vec::new(),
            long: None,
            old_line: 1,
            new_line: 1,
            before: VecDeque::new(),
            hunk: None,
        }
    }

    /// Bytes that stay.
    pub fn same(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.hold(piece, piece);
            if piece.ends_with(b"\n") {
                self.lines(out);
            }
        }
    }

    /// Bytes that are exchanged.
    pub fn changed(&mut self, old: &[u8], new: &[u8]) {
        self.hold(old, new);
    }

    fn hold(&mut self, old: &[u8], new: &[u8]) {
        if let Some(long) = &mut self.long {
            long.take(old, new);
            return;
        }
        self.old.extend_from_slice(old);
        self.new.extend_from_slice(new);
        if self.old.len().max(self.new.len()) > LARGEST {
            let (old, new) = (std::mem::take(&mut self.old), std::mem::take(&mut self.new));
            self.long.get_or_insert_default().take(&old, &new);
        }
    }

    /// The source has ended.
    pub fn end(&mut self, out: &mut Vec<u8>) {
        self.lines(out);
        self.close(out);
    }

    /// The lines in progress are complete.
    fn lines(&mut self, out: &mut Vec<u8>) {
        if let Some(long) = self.long.take() {
            self.long_line(&long, out);
            return;
        }
        let (old, new) = (std::mem::take(&mut self.old), std::mem::take(&mut self.new));
        if old == new {
            if !old.is_empty() {
                self.unchanged(old, out);
            }
        } else {
            self.exchanged(&old, &new, out);
        }
    }

    /// Lines that cannot be shown end a hunk; what changes in them is reported where a program that
    /// applies the diff passes over it.
    fn long_line(&mut self, long: &Long, out: &mut Vec<u8>) {
        self.close(out);
        self.before.clear();
        if long.changed {
            let place = format!("# {}:{}: ", self.name, self.old_line);
            let bytes = long.old_bytes;
            let text = format!("{bytes} bytes in a line are too many for a diff");
            self.write(self.theme.hint, &place, text.as_bytes(), out);
            self.begun = false;
        }
        self.old_line += long.old_breaks;
        self.new_line += long.new_breaks;
    }

    fn unchanged(&mut self, line: Vec<u8>, out: &mut Vec<u8>) {
        self.old_line += 1;
        self.new_line += 1;
        let Some(hunk) = &mut self.hunk else {
            if self.before.len() == CONTEXT {
                self.before.pop_front();
            }
            self.before.push_back(line);
            return;
        };
        hunk.push(DiffMark::Same, line);
        hunk.unchanged += 1;
        // Two changes with no more than their contexts between them share a hunk.
        if hunk.unchanged > 2 * CONTEXT || hunk.is_large() {
            self.close(out);
        }
    }

    fn exchanged(&mut self, old: &[u8], new: &[u8], out: &mut Vec<u8>) {
        let before = &mut self.before;
        let hunk = self.hunk.get_or_insert_with(|| Hunk {
            old_start: self.old_line - before.len(),
            new_start: self.new_line - before.len(),
            lines: before
                .drain(..)
                .map(|line| (DiffMark::Same, line))
                .collect(),
            unchanged: 0,
            bytes: 0,
        });
        hunk.unchanged = 0;
        for (mark, text, number) in [
            (DiffMark::Old, old, &mut self.old_line),
            (DiffMark::New, new, &mut self.new_line),
        ] {
            for line in text.split_inclusive(|byte| *byte == b'\n') {
                hunk.push(mark, line.to_vec());
                *number += 1;
            }
        }
        if hunk.is_large() {
            self.close(out);
        }
    }

    fn close(&mut self, out: &mut Vec<u8>) {
        let Some(mut hunk) = self.hunk.take() else {
            return;
        };
        let surplus = hunk.unchanged.saturating_sub(CONTEXT);
        let rest = hunk.lines.split_off(hunk.lines.len() - surplus);
        let behind = rest.len().saturating_sub(CONTEXT);
        self.before = rest
            .into_iter()
            .skip(behind)
            .map(|(_, line)| line)
            .collect();
        if !std::mem::replace(&mut self.begun, true) {
            let name = sanitise::line(&self.name).into_owned();
            self.write(self.theme.name, "--- ", name.as_bytes(), out);
            self.write(self.theme.name, "+++ ", name.as_bytes(), out);
        }
        let count = |absent: DiffMark| {
            let lines = hunk.lines.iter();
            lines.filter(|(mark, _)| *mark != absent).count()
        };
        // A side without lines names the line before.
        let range =
            |start: usize, count: usize| format!("{},{count}", start - usize::from(count == 0));
        let header = format!(
            "@@ -{} +{} @@",
            range(hunk.old_start, count(DiffMark::New)),
            range(hunk.new_start, count(DiffMark::Old))
        );
        self.write(self.theme.hint, &header, b"", out);
        for (mark, line) in &hunk.lines {
            let (style, sign) = match mark {
                DiffMark::Same => (Style::new(), " "),
                DiffMark::Old => (self.theme.error, "-"),
                DiffMark::New => (self.theme.good, "+"),
            };
            let (line, ended) = match line.strip_suffix(b"\n") {
                Some(line) => (line, true),
                None => (&line[..], false),
            };
            self.write(style, sign, line, out);
            if !ended {
                out.extend_from_slice(b"\\ No newline at end of file\n");
            }
        }
    }

    fn write(&self, style: Style, sign: &str, line: &[u8], out: &mut Vec<u8>) {
        if self.is_terminal {
            let text = String::from_utf8_lossy(line);
            let shown = format!("{sign}{}", sanitise::line(&text));
            out.extend_from_slice(Styled(style, shown).to_string().as_bytes());
        } else {
            out.extend_from_slice(sign.as_bytes());
            out.extend_from_slice(line);
        }
        out.push(b'\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Pieces that stay, and pieces of which the first becomes the second.
    fn diff(pieces: &[(String, Option<String>)]) -> String {
        let mut unified = Unified::new("x", Theme::default(), false);
        let mut out = Vec::new();
        for (old, new) in pieces {
            match new {
                None => unified.same(old.as_bytes(), &mut out),
                Some(new) => unified.changed(old.as_bytes(), new.as_bytes()),
            }
        }
        unified.end(&mut out);
        String::from_utf8(out).unwrap()
    }

    /// Applies a diff the way `patch` does, with no fuzz.
    fn patched(old: &str, diff: &str) -> String {
        let old: Vec<&str> = old.split_inclusive('\n').collect();
        let (mut at, mut new) = (0, String::new());
        let lines: Vec<&str> = diff.split_inclusive('\n').skip(2).collect();
        for (number, line) in lines.iter().enumerate() {
            let bare = lines
                .get(number + 1)
                .is_some_and(|next| next.starts_with('\\'));
            let text = if bare {
                line[1..].trim_end_matches('\n')
            } else {
                &line[1..]
            };
            match &line[..1] {
                "@" => {
                    let start: usize = line[4..line.find(',').unwrap()].parse().unwrap();
                    let from = start - 1;
                    new.extend(old[at..from].iter().copied());
                    at = from;
                }
                " " => {
                    assert_eq!(old[at], text);
                    new.push_str(text);
                    at += 1;
                }
                "-" => {
                    assert_eq!(old[at], text);
                    at += 1;
                }
                "+" => new.push_str(text),
                _ => assert!(line.starts_with('\\')),
            }
        }
        new.extend(old[at..].iter().copied());
        new
    }

    #[test]
    fn a_change_stands_between_three_lines_each_way() {
        let same = |text: &str| (text.to_owned(), None);
        let shown = diff(&[
            same("1\n2\n3\n4\n5 \"a"),
            ("\n".to_owned(), Some("\\n".to_owned())),
            same("b\"\n7\n8\n9\n10\n"),
        ]);
        assert_eq!(
            shown,
            "--- x\n+++ x\n@@ -2,8 +2,7 @@\n 2\n 3\n 4\n-5 \"a\n-b\"\n+5 \"a\\nb\"\n 7\n 8\n 9\n"
        );
        assert_eq!(diff(&[same("1\n2\n")]), "");
    }

    #[test]
    fn a_line_that_is_too_long_is_named_and_not_held() {
        let mut unified = Unified::new("x", Theme::default(), false);
        let mut out = Vec::new();
        unified.same(b"1\n2\n", &mut out);
        for _ in 0..100 {
            unified.same(&vec![b'x'; LARGEST / 10], &mut out);
            unified.changed(b"a\n", b"b");
            assert!(unified.old.capacity() < 3 * LARGEST);
        }
        unified.same(b"\n4\n5", &mut out);
        unified.changed(b"a", b"b");
        unified.same(b"\n", &mut out);
        unified.end(&mut out);
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "# x:3: 10485901 bytes in a line are too many for a diff\n\
             --- x\n+++ x\n@@ -104,2 +4,2 @@\n 4\n-5a\n+5b\n"
        );
    }

    proptest! {
        #[test]
        fn a_diff_that_is_applied_gives_the_new_text(
            pieces in prop::collection::vec(
                ("[ab\n]{0,6}\n?", prop::option::weighted(0.2, "[ab]{0,3}")),
                0..40,
            ),
        ) {
            let pieces: Vec<(String, Option<String>)> = pieces
                .into_iter()
                .map(|(old, new)| match new {
                    Some(new) => (format!("x{old}y").replace("\ny", "\n"), Some(new)),
                    None => (old, None),
                })
                .collect();
            let old: String = pieces.iter().map(|(old, _)| old.as_str()).collect();
            let new: String = pieces
                .iter()
                .map(|(old, new)| new.as_deref().unwrap_or(old))
                .collect();
            let shown = diff(&pieces);
            prop_assert_eq!(patched(&old, &shown), new);
        }
    }
}
