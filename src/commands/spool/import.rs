//! Adding what `spool export -o ndjson` wrote: each record once, under its own id.

use super::SpoolEvent;
use crate::commands::emit::spool_failure;
use crate::failure::{Exit, Failure};
use crate::host::Host;
use crate::model::text::counted;
use crate::records::{Batch, FrameOnly, Progress, Sources, Take, read_all};
use crate::spool::inspect::Inspect;
use crate::spool::stored::Stored;
use crate::wire::records::Record;
use serde::Serialize;

/// The most bytes of one record in an export.
const LARGEST: usize = 64 << 20;

/// What is added in one transaction, at most, unless one record is larger.
const BATCH_RECORDS: usize = 1000;
const BATCH_BYTES: usize = 256 * 1024;

/// Lines that cannot be read and are reported one by one.
const MOST_REPORTED: u64 = 20;

/// How many records were added.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Imported {
    /// Those that are new.
    pub imported: u64,
    /// Those whose ids were there.
    pub present: u64,
    /// What was not a record of an export.
    pub invalid: u64,
    /// Whether they came from the inbox.
    #[serde(skip)]
    pub inbox: bool,
}

impl Imported {
    pub(super) fn from_inbox(imported: u64) -> Imported {
        Imported {
            imported,
            inbox: true,
            ..Imported::default()
        }
    }
}

/// Reads every source and adds what it holds.
pub(super) fn run(
    spool: &mut dyn Inspect,
    sources: Sources,
    host: &Host,
    show: &mut dyn FnMut(SpoolEvent) -> bool,
) -> Result<Exit, Failure> {
    let interrupt = host.interrupt()?;
    let mut import = Import {
        spool,
        batch: Vec::new(),
        bytes: 0,
        count: Imported::default(),
        stopped: false,
        failure: None,
        show,
    };
    let signal = read_all(sources, LARGEST, FrameOnly, &interrupt, &mut import);
    import.add_batch();
    let (count, failure) = (import.count, import.failure);
    if let Some(more @ 1..) = count.invalid.checked_sub(MOST_REPORTED) {
        show(SpoolEvent::Notice(format!(
            "… and {} like these",
            counted(more, "more record")
        )));
    }
    show(SpoolEvent::Imported(count));
    if let Some(failure) = failure {
        return Err(failure);
    }
    if let Some(signal) = signal {
        return Ok(signal.exit());
    }
    match (count.imported + count.present, count.invalid) {
        (_, 0) => Ok(Exit::Yes),
        (0, _) => Err(Failure::empty_input("exported records").hint(
            "import reads what 'hivelog spool export -o ndjson' writes; event logs are sent \
                 with 'hivelog emit'",
        )),
        _ => Ok(Exit::Mixed),
    }
}

struct Import<'a> {
    spool: &'a mut dyn Inspect,
    batch: Vec<Stored>,
    bytes: usize,
    count: Imported,
    /// Whether nothing more can be added.
    stopped: bool,
    failure: Option<Failure>,
    show: &'a mut dyn FnMut(SpoolEvent) -> bool,
}

impl Import<'_> {
    fn add_batch(&mut self) {
        self.bytes = 0;
        let batch = std::mem::take(&mut self.batch);
        if batch.is_empty() || self.stopped {
            return;
        }
        match self.spool.import(&batch) {
            Ok(new) => {
                self.count.imported += new;
                self.count.present += batch.len() as u64 - new;
            }
            Err(error) => {
                self.stopped = true;
                self.failure = Some(spool_failure(error));
            }
        }
    }
}

impl Take<()> for Import<'_> {
    fn block(&mut self, source: &str, batch: &Batch, (): ()) -> Progress {
        for record in batch.records() {
            self.record(source, &record);
        }
        Progress::GoOn
    }

    fn unreadable(&mut self, failure: Failure) -> Progress {
        self.add_batch();
        self.failure.get_or_insert(failure);
        Progress::GoOn
    }
}

impl Import<'_> {
    fn record(&mut self, source: &str, record: &Record<'_>) {
        let read = match record.flaw {
            Some(flaw) => Err(flaw.to_string()),
            None if record.is_oversize() => Err("larger than 64 MiB".to_owned()),
            None => Stored::read(record.bytes),
        };
        let read = read.and_then(|stored| {
            let intact = stored.is_intact().then_some(stored);
            intact.ok_or_else(|| "the bytes do not match their checksum".to_owned())
        });
        match read {
            Ok(stored) => {
                self.bytes += stored.record.body.len();
                self.batch.push(stored);
                if self.batch.len() >= BATCH_RECORDS || self.bytes >= BATCH_BYTES {
                    self.add_batch();
                }
            }
            Err(why) => {
                self.count.invalid += 1;
                if self.count.invalid <= MOST_REPORTED {
                    let line = record.line;
                    let text = format!("{source}:{line}: not a record of an export: {why}");
                    (self.show)(SpoolEvent::Notice(text));
                }
            }
        }
    }
}
