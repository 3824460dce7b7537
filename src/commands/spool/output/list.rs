//! How the records of a spool look.

use crate::commands::spool::ListedRecord;
use crate::model::duration::rough_duration;
use crate::model::text::{SHORT_ID, short_id};
use crate::render::fit::{columns, cut, pad};
use crate::render::sanitise;
use std::fmt::Write;

/// The columns before the last, and the room of each; the destination's depends on the line.
const COLUMNS: [(&str, usize); 7] = [
    ("ID", SHORT_ID),
    ("STATE", 5),
    ("CODE", 5),
    ("JOURNEY", 10),
    ("AGE", 6),
    ("TRIES", 5),
    ("NEXT", 6),
];

/// The least room of a destination.
const DESTINATION: usize = 20;

/// The least room after a destination for the reason; with less it stands below.
const WHY: usize = 20;

/// The columns between two others.
const GAP: usize = 2;

/// The room of a correlation id where nothing is cut.
const WHOLE_ID: usize = 36;

/// Lines that are shown on a terminal.
const MOST_LINES: u64 = 1000;

/// A table of records, a line at a time.
#[derive(Debug)]
pub struct List {
    /// Columns of the terminal; elsewhere nothing is cut.
    width: Option<usize>,
    ready: u64,
    dead: u64,
    /// The age of the oldest.
    oldest: i64,
    /// Lines that wait until it is known whether a reason stands behind one of them.
    held: Option<String>,
}

impl List {
    /// Nothing listed yet.
    pub fn new(width: Option<usize>) -> List {
        List {
            width,
            ready: 0,
            dead: 0,
            oldest: 0,
            held: Some(String::new()),
        }
    }

    fn listed(&self) -> u64 {
        self.ready + self.dead
    }

    /// The line of a record. The first ones are held back, until it is known what the header has to
    /// say.
    pub fn record(&mut self, record: &ListedRecord) -> Vec<u8> {
        let mut text = String::new();
        let dead = record.state == "dead";
        let next = match record.wait {
            _ if dead => "-".to_owned(),
            ..=0 => "now".to_owned(),
            wait => rough_duration(seconds(wait)),
        };
        let absent = || "-".to_owned();
        let cells = [
            short_id(&record.id).to_owned(),
            record.state.clone(),
            record.event_code.clone().unwrap_or_else(absent),
            record.correlation_id.clone().unwrap_or_else(absent),
            rough_duration(seconds(record.age)),
            record.attempts.to_string(),
            next,
        ];
        let why = record.last_error.as_deref().unwrap_or_default();
        if self.width.is_none() || self.listed() < MOST_LINES {
            self.line(&mut text, &cells, &record.destination.url, why);
        }
        *(if dead {
            &mut self.dead
        } else {
            &mut self.ready
        }) += 1;
        self.oldest = self.oldest.max(record.age);
        let Some(mut held) = self.held.take() else {
            return text.into_bytes();
        };
        held.push_str(&text);
        if why.is_empty() && self.listed() < MOST_LINES {
            self.held = Some(held);
            return Vec::new();
        }
        self.below_header(&held, !why.is_empty()).into_bytes()
    }

    fn below_header(&self, lines: &str, has_reasons: bool) -> String {
        let mut text = String::new();
        let names = COLUMNS.map(|(name, _)| name);
        // Where reasons stand below they are easily recognised.
        let is_named = has_reasons && self.has_room_for_why();
        let why = if is_named { "WHY" } else { "" };
        self.line(&mut text, &names, "DESTINATION", why);
        text + lines
    }

    /// Whether a reason stands on the line of its record.
    fn has_room_for_why(&self) -> bool {
        let before: usize = COLUMNS.iter().map(|(_, room)| room + GAP).sum();
        self.width
            .is_none_or(|width| width >= before + DESTINATION + WHY)
    }

    fn line(&self, text: &mut String, cells: &[impl AsRef<str>], destination: &str, why: &str) {
        let mut used = 0;
        let put = |text: &mut String, cell: &str, room: usize, used: &mut usize| {
            let cell = sanitise::line(cell);
            let cell = cut(&cell, self.width.map(|_| room), 0);
            text.push_str(&cell);
            *used += pad(text, columns(&cell), room);
        };
        for (cell, (name, room)) in cells.iter().zip(COLUMNS) {
            let whole = self.width.is_none() && name == "JOURNEY";
            let room = if whole { WHOLE_ID } else { room };
            put(text, cell.as_ref(), room, &mut used);
        }
        let why = sanitise::line(why);
        match self.width.map(|width| width.saturating_sub(used)) {
            Some(left) if !self.has_room_for_why() => {
                put(text, destination, left, &mut used);
                if !why.is_empty() {
                    text.truncate(text.trim_end().len());
                    text.push('\n');
                    let used = pad(text, 0, COLUMNS[0].1);
                    text.push_str(&cut(&why, self.width, used));
                }
            }
            left => {
                let room = left.map_or(DESTINATION, |left| DESTINATION.max(left * 2 / 5));
                put(text, destination, room, &mut used);
                text.push_str(&cut(&why, self.width, used));
            }
        }
        text.truncate(text.trim_end().len());
        text.push('\n');
    }

    /// The last line: how many, and how old.
    pub fn end(&self, selective: bool) -> Vec<u8> {
        let held = self.held.as_ref().filter(|lines| !lines.is_empty());
        let held = held.map(|lines| self.below_header(lines, false));
        let text = match self.listed() {
            0 if selective => "no record matches\n".to_owned(),
            0 => "the spool is empty\n".to_owned(),
            listed => {
                let hidden = match listed.checked_sub(MOST_LINES) {
                    Some(hidden @ 1..) if self.width.is_some() => {
                        format!("… {hidden} more; --code, --journey and the like narrow the list\n")
                    }
                    _ => String::new(),
                };
                let oldest = rough_duration(seconds(self.oldest));
                let (ready, dead) = (self.ready, self.dead);
                format!("{hidden}{ready} ready, {dead} dead, oldest {oldest}\n")
            }
        };
        (held.unwrap_or_default() + &text).into_bytes()
    }
}

fn seconds(millis: i64) -> u64 {
    u64::try_from(millis / 1000).unwrap_or(0)
}

/// One record with everything there is to know, its bytes last.
pub fn whole(record: &ListedRecord, body: &[u8]) -> String {
    let mut text = String::new();
    let maybe_duplicate = record.maybe_duplicate.to_string();
    let attempts = record.attempts.to_string();
    let place = format!("{}:{}", record.source, record.line);
    for (name, value) in [
        ("id", Some(&record.id)),
        ("destination", Some(&record.destination.url)),
        ("connector", record.destination.connector.as_ref()),
        ("key header", record.destination.key_header.as_ref()),
        ("from", Some(&place)),
        ("state", Some(&record.state)),
        ("attempts", Some(&attempts)),
        ("maybe duplicate", Some(&maybe_duplicate)),
        ("accepted", Some(&record.accepted)),
        ("next attempt", record.next_attempt.as_ref()),
        ("last error", record.last_error.as_ref()),
    ] {
        if let Some(value) = value {
            let _ = writeln!(text, "{name:<16} {}", sanitise::line(value));
        }
    }
    text.push('\n');
    text.push_str(&sanitise::block(&String::from_utf8_lossy(body)));
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::spool::ShownDestination;

    fn record() -> ListedRecord {
        let text = str::to_owned;
        ListedRecord {
            id: text("01a219e6-76c0-7235-897e-258bd541c99c"),
            destination: ShownDestination {
                url: text("https://synchive.example.com/data-service/v1/eventLog"),
                connector: Some(text("shop_connector")),
                key_header: None,
                headers: Vec::new(),
            },
            event_code: Some(text("5004N")),
            correlation_id: Some(text("16203850-5240-4314-8c0d-5c321e93001d")),
            state: text("ready"),
            attempts: 2,
            maybe_duplicate: 0,
            accepted: text("2026-11-26T22:10:49.451Z"),
            next_attempt: None,
            last_error: Some(text("cannot connect to https://synchive.example.com")),
            source: text("orders.ndjson"),
            line: 7,
            age: 90_000,
            wait: 60_000,
        }
    }

    #[test]
    fn a_list_fits_the_terminal_and_shows_why_each_record_waits() {
        for width in [80, 100, 120, 200] {
            let shown = List::new(Some(width)).record(&record());
            let shown = String::from_utf8(shown).unwrap();
            for line in shown.lines() {
                assert!(columns(line) <= width, "{width}: {line}");
            }
            assert!(shown.contains("cannot connect"), "{shown}");
            // A header stands on one line.
            assert!(shown.lines().nth(1).unwrap().starts_with("d541c99c"));
        }
    }

    #[test]
    fn reasons_have_a_header_where_there_is_one() {
        let without = ListedRecord {
            last_error: None,
            ..record()
        };
        let shown = |records: &[&ListedRecord]| {
            let mut list = List::new(Some(200));
            let lines = records.iter().flat_map(|record| list.record(record));
            let mut shown: Vec<u8> = lines.collect();
            shown.extend(list.end(false));
            String::from_utf8(shown).unwrap()
        };
        let text = shown(&[&without, &without]);
        assert!(!text.contains("WHY"), "{text}");
        assert_eq!(text.lines().count(), 4, "{text}");
        let text = shown(&[&without, &record(), &without]);
        assert!(text.lines().next().unwrap().ends_with("WHY"), "{text}");
        assert_eq!(text.lines().count(), 5, "{text}");
    }

    #[test]
    fn a_list_that_is_not_cut_stands_under_its_header() {
        let shown = List::new(None).record(&record());
        let shown = String::from_utf8(shown).unwrap();
        let (header, line) = shown.split_once('\n').unwrap();
        assert_eq!(header.find("DESTINATION"), line.find("https://"));
    }
}
