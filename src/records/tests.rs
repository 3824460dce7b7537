//! Whatever is read how, the records are those of one framer that gets everything at once.

use super::engine::Reader;
use super::*;
use crate::failure::Failure;
use crate::host::{AsksToStop, Interrupt, ReadBlock, Signal};
use crate::wire::records::{Framer, Record};
use proptest::prelude::*;
use std::cell::Cell;
use std::io::{self, Read, Write};

const LIMIT: usize = 64;

/// A record in a form that can be compared.
fn comparable(record: &Record<'_>) -> String {
    format!("{:?}", (record, String::from_utf8_lossy(record.bytes)))
}

/// Inspects on any core, slowly for some blocks, so that others overtake them.
struct Compare;

impl InspectRecords for Compare {
    type Memory = u32;
    type Found = Vec<String>;

    fn inspect(&self, turn: &mut u32, _: &str, batch: &Batch) -> Vec<String> {
        *turn += 1;
        for _ in 0..*turn % 3 * 100 {
            std::thread::yield_now();
        }
        batch.records().map(|record| comparable(&record)).collect()
    }
}

#[derive(Default)]
struct Taken {
    records: Vec<(String, String)>,
    failures: Vec<String>,
    /// Nothing more is wanted after so many blocks.
    blocks_left: Option<usize>,
}

impl Take<Vec<String>> for Taken {
    fn block(&mut self, source: &str, batch: &Batch, found: Vec<String>) -> Progress {
        assert_eq!(batch.len(), found.len());
        let found = found.into_iter().map(|record| (source.to_owned(), record));
        self.records.extend(found);
        if let Some(left) = &mut self.blocks_left {
            *left -= 1;
            if *left == 0 {
                return Progress::Stop;
            }
        }
        Progress::GoOn
    }

    fn unreadable(&mut self, failure: Failure) -> Progress {
        self.failures.push(failure.to_string());
        Progress::GoOn
    }
}

/// Gives its bytes in pieces, is interrupted in between, and may fail in the end.
struct Pieces {
    bytes: io::Cursor<Vec<u8>>,
    size: usize,
    is_interrupted: bool,
    fails: bool,
}

impl Read for Pieces {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.is_interrupted = !self.is_interrupted;
        if self.is_interrupted {
            return Err(io::ErrorKind::Interrupted.into());
        }
        let size = self.size.min(buffer.len());
        match self.bytes.read(&mut buffer[..size])? {
            0 if self.fails => Err(io::Error::other("the disk is gone")),
            read => Ok(read),
        }
    }
}

/// How a source is read.
#[derive(Clone, Copy, Debug)]
enum ReadingKind {
    File,
    AtHand,
    Waited,
}

const KINDS: [ReadingKind; 3] = [ReadingKind::File, ReadingKind::AtHand, ReadingKind::Waited];

fn source(name: &str, text: &str, size: usize, kind: ReadingKind) -> Source {
    let pieces = Box::new(Pieces {
        bytes: io::Cursor::new(text.as_bytes().to_vec()),
        size,
        is_interrupted: false,
        fails: name == "fails",
    });
    let content = match kind {
        ReadingKind::File => {
            let mut file = tempfile::tempfile().unwrap();
            file.write_all(text.as_bytes()).unwrap();
            SourceContent::File(file)
        }
        ReadingKind::AtHand => SourceContent::AtHand(pieces),
        ReadingKind::Waited => SourceContent::Waited(pieces),
    };
    Source {
        name: name.to_owned(),
        content,
    }
}

fn framed(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut framer = Framer::new(LIMIT);
    framer.push(text.as_bytes(), &mut |record| {
        found.push(comparable(&record));
    });
    framer.finish(&mut |record| found.push(comparable(&record)));
    found
}

fn read(
    sources: Vec<Result<Source, Failure>>,
    cores: usize,
    spare: fn() -> ReadBlock,
    mut taken: Taken,
) -> Taken {
    let mut reader = Reader::new(Compare, LIMIT, cores, spare);
    let signal = reader.read_all(sources, &Interrupt::never(), &mut taken);
    assert!(signal.is_none());
    taken
}

fn text() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "{\"a\":1}\n",
        "{\"ü\":\"x\"}\r\n",
        "{\"a\":\n1}",
        "{\"a\":[1,{}",
        "[",
        "]",
        ",",
        "\n",
        "\r\n",
        " ",
        "\u{feff}",
        "{}{}",
        "no json\n",
        "{\"long\":\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"}\n",
    ]);
    let lines = prop::sample::select(vec!["", "{\"a\":1}\n{\"b\":2}\n{\"c\":3}\r\n"]);
    (lines, prop::collection::vec(piece, 0..24))
        .prop_map(|(lines, pieces)| lines.to_owned() + &pieces.concat())
}

/// Blocks of the sizes that are tried.
const SPARES: [fn() -> ReadBlock; 6] = [
    || ReadBlock::with_room(1),
    || ReadBlock::with_room(2),
    || ReadBlock::with_room(3),
    || ReadBlock::with_room(7),
    || ReadBlock::with_room(64),
    ReadBlock::default,
];

proptest! {
    // A block of one byte is a hand-over between threads for each byte.
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn neither_blocks_nor_cores_nor_reads_change_what_comes_out(
        texts in prop::collection::vec((text(), prop::sample::select(KINDS.to_vec())), 1..4),
        spare in prop::sample::select(SPARES.to_vec()),
        cores in 1_usize..5,
        size in 1_usize..80,
    ) {
        let sources = texts.iter().enumerate();
        let sources = sources.map(|(at, (text, kind))| Ok(source(&at.to_string(), text, size, *kind)));
        let taken = read(sources.collect(), cores, spare, Taken::default());
        let expected = texts.iter().enumerate().flat_map(|(at, (text, _))| {
            framed(text).into_iter().map(move |record| (at.to_string(), record))
        });
        prop_assert_eq!(taken.records, expected.collect::<Vec<_>>());
        prop_assert_eq!(taken.failures, Vec::<String>::new());
    }
}

#[test]
fn what_was_read_ahead_to_the_end_is_read_again_where_lines_are_not_what_they_seemed() {
    let text = "{\"a\":1}\n".repeat(3) + "\n{\"a\":\n" + &"{\"a\":1}\n".repeat(6);
    for spare in SPARES {
        for cores in 1..5 {
            let sources = vec![Ok(source("f", &text, 80, ReadingKind::File))];
            let taken = read(sources, cores, spare, Taken::default());
            let records: Vec<_> = taken.records.into_iter().map(|(_, one)| one).collect();
            assert_eq!(records, framed(&text));
        }
    }
}

#[test]
fn a_source_that_fails_has_handed_over_what_came_before_and_does_not_end_the_others() {
    for kind in [ReadingKind::AtHand, ReadingKind::Waited] {
        let missing = Err(Failure::input("cannot read nowhere"));
        let lines = "{\"a\":1}\n".repeat(100);
        let sources = vec![
            Ok(source("fails", &lines, 50, kind)),
            missing,
            Ok(source("good", &lines, 50, kind)),
        ];
        let taken = read(sources, 2, SPARES[4], Taken::default());
        let of = |name: &str| taken.records.iter().filter(|(of, _)| of == name).count();
        assert_eq!((of("good"), of("fails")), (100, 100));
        let failures: Vec<_> = taken.failures.iter().map(String::as_str).collect();
        assert_eq!(failures[1], "cannot read nowhere");
        assert!(failures[0].starts_with("cannot read fails"), "{failures:?}");
    }
}

#[test]
fn the_reading_ends_where_nothing_more_is_wanted() {
    for kind in KINDS {
        let lines = "{\"a\":1}\n".repeat(1000);
        let taken = Taken {
            blocks_left: Some(3),
            ..Taken::default()
        };
        let sources = vec![
            Ok(source("first", &lines, 8, kind)),
            Ok(source("never", &lines, 8, kind)),
        ];
        let taken = read(sources, 3, || ReadBlock::with_room(8), taken);
        assert!(taken.records.len() <= 3, "{:?}", taken.records);
        assert!(taken.records.iter().all(|(of, _)| of == "first"));
    }
}

/// Notes whether anybody listens.
#[derive(Default)]
struct ListeningNoted(Cell<bool>);

impl AsksToStop for ListeningNoted {
    fn listen(&self) -> Result<(), Failure> {
        self.0.set(true);
        Ok(())
    }

    fn seen(&self) -> Option<Signal> {
        None
    }
}

#[test]
fn signals_are_listened_for_unless_all_is_one_block_of_a_file() {
    let short = |kind| Ok(source("short", "{\"a\":1}\n", 80, kind));
    let long = Ok(source(
        "long",
        &"{\"a\":1}\n".repeat(9),
        80,
        ReadingKind::File,
    ));
    for (sources, listens) in [
        (vec![short(ReadingKind::File)], false),
        (vec![short(ReadingKind::AtHand)], false),
        (
            vec![short(ReadingKind::File), short(ReadingKind::File)],
            true,
        ),
        (vec![short(ReadingKind::Waited)], true),
        (vec![long], true),
    ] {
        let listening = ListeningNoted::default();
        let mut reader = Reader::new(Compare, LIMIT, 1, || ReadBlock::with_room(64));
        reader.read_all(sources, &listening, &mut Taken::default());
        assert_eq!(listening.0.get(), listens);
    }
}

/// Appends to a file, or cuts it off, while it is read.
struct Changing {
    file: std::fs::File,
    blocks: u32,
    shrinks: bool,
    taken: Taken,
}

impl Take<Vec<String>> for Changing {
    fn block(&mut self, source: &str, batch: &Batch, found: Vec<String>) -> Progress {
        self.blocks += 1;
        if self.shrinks {
            self.file.set_len(350).unwrap();
        } else if self.blocks < 10 {
            self.file.write_all(LINE.repeat(10).as_bytes()).unwrap();
        }
        self.taken.block(source, batch, found)
    }

    fn unreadable(&mut self, failure: Failure) -> Progress {
        self.taken.unreadable(failure)
    }
}

const LINE: &str = "{\"a\":1}\r\n";

#[test]
fn a_file_that_grows_or_shrinks_while_it_is_read_gives_what_it_held() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    for spare in SPARES {
        for (cores, shrinks) in [(1, false), (3, false), (1, true), (3, true)] {
            std::fs::write(&path, LINE.repeat(100)).unwrap();
            let file = std::fs::OpenOptions::new()
                .append(true)
                .open(&path)
                .unwrap();
            let mut changing = Changing {
                file,
                blocks: 0,
                shrinks,
                taken: Taken::default(),
            };
            let source = Source {
                name: "file".to_owned(),
                content: SourceContent::File(std::fs::File::open(&path).unwrap()),
            };
            let mut reader = Reader::new(Compare, LIMIT, cores, spare);
            assert!(
                reader
                    .read_all([Ok(source)], &Interrupt::never(), &mut changing)
                    .is_none()
            );
            assert!(changing.taken.failures.is_empty());
            let records: Vec<_> = changing
                .taken
                .records
                .into_iter()
                .map(|(_, one)| one)
                .collect();
            // Where it was cut off, the last one may be.
            let whole = framed(&LINE.repeat(250));
            let (last, before) = records.split_last().unwrap();
            assert_eq!(before, &whole[..before.len()]);
            assert!(shrinks || whole.contains(last), "{last}");
            assert!(
                records.len() >= if shrinks { 35 } else { 100 },
                "{}",
                records.len()
            );
        }
    }
}

/// What a file that grows has brought, and what was said about it.
#[derive(Default)]
struct Grown {
    records: Vec<String>,
    changes: Vec<String>,
}

impl TakeGrowth for Grown {
    fn record(&mut self, _: &str, record: &Record<'_>) {
        self.records
            .push(String::from_utf8_lossy(record.bytes).into_owned());
    }

    fn change(&mut self, text: String) {
        self.changes.push(text);
    }
}

/// What may happen to a file between two looks.
#[derive(Clone, Copy, Debug)]
enum Happens {
    Append(usize),
    Truncate(usize),
    Rotate(usize),
    Replace(usize),
    Vanish,
}

proptest! {
    #[test]
    fn every_line_of_a_file_that_changes_comes_once(
        happens in prop::collection::vec(
            prop_oneof![
                4 => (0..40_usize).prop_map(Happens::Append),
                1 => (0..3_usize).prop_map(Happens::Truncate),
                1 => (0..9_usize).prop_map(Happens::Rotate),
                1 => (0..9_usize).prop_map(Happens::Replace),
                1 => Just(Happens::Vanish),
            ],
            0..12,
        ),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let mut growing = GrowingFile::new(path.clone(), LIMIT).unwrap();
        let (mut grown, mut expected, mut number) = (Grown::default(), Vec::new(), 0);
        let mut look = |grown: &mut Grown| while growing.advance(grown) {};
        for happened in happens {
            let mut lines = |count: usize| -> String {
                let mut lines = String::new();
                for _ in 0..count {
                    number += 1;
                    let line = format!("{{\"n\":{number}}}");
                    lines.push_str(&line);
                    lines.push_str("\r\n");
                    expected.push(line);
                }
                lines
            };
            match happened {
                Happens::Append(count) => {
                    let file = std::fs::OpenOptions::new().append(true).create(true).open(&path);
                    file.unwrap().write_all(lines(count).as_bytes()).unwrap();
                }
                Happens::Truncate(count) => {
                    // A file that is cut off and written again in one go is known by its head.
                    std::fs::write(&path, "").unwrap();
                    look(&mut grown);
                    std::fs::write(&path, lines(count)).unwrap();
                }
                Happens::Rotate(count) => {
                    let _ = std::fs::rename(&path, folder.path().join("log.1"));
                    std::fs::write(&path, lines(count)).unwrap();
                }
                Happens::Replace(count) => {
                    std::fs::write(folder.path().join("new"), lines(count)).unwrap();
                    std::fs::rename(folder.path().join("new"), &path).unwrap();
                }
                Happens::Vanish => {
                    let _ = std::fs::remove_file(&path);
                }
            }
            // Of a file that is replaced the last lines are read once more first.
            look(&mut grown);
            look(&mut grown);
        }
        prop_assert_eq!(grown.records, expected, "{:?}", grown.changes);
    }
}
