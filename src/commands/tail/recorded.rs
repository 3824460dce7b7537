//! Recorded events: files and standard input, one after the other.

use crate::commands::tail::Ready;
use crate::commands::tail::position::{Keeper, Tracked};
use crate::commands::tail::session::Session;
use crate::failure::Failure;
use crate::follow::{Follow, Policy};
use crate::host::{Block, read_on_thread};
use crate::model::event::Flaw;
use crate::records::Sources;
use crate::wire::envelope::{LIMIT, Layout, Opener};
use crate::wire::records::{self, Framer, Record};
use tokio::sync::mpsc;

/// How many blocks may wait to be looked at.
const AHEAD: usize = 4;

/// Reads every source to its end. A source that cannot be read ends the run once the others have
/// been shown.
pub(super) async fn read(
    sources: Sources,
    layout: Layout,
    keeper: Option<Keeper>,
    ready: &Ready,
    session: &Session<'_>,
) -> Result<Option<Failure>, Failure> {
    let mut follow = once();
    if keeper.is_some() {
        follow.comes_again();
    }
    let mut follow = Tracked::new(follow, keeper, session)?;
    let mut opener = Opener::new(layout);
    let mut failed = None;
    ready.tell("-").await?;
    for source in sources {
        match source {
            Ok(source) => {
                let read = one(
                    source.stream,
                    &source.name,
                    &mut opener,
                    &mut follow,
                    session,
                )
                .await;
                failed = failed.or(read.err());
            }
            Err(failure) => failed = failed.or(Some(failure)),
        }
        if session.is_over() {
            break;
        }
    }
    follow.tell_dropped();
    for notice in follow.notices() {
        session.notice(&notice, None);
    }
    Ok(failed)
}

/// What a source without connections needs of the follow machine: dropping repeats.
pub(super) fn once() -> Follow {
    let policy = Policy {
        reconnects: None,
        patient: false,
        follow: false,
        login: false,
        by_id: false,
    };
    Follow::new(policy, 0)
}

async fn one(
    stream: impl std::io::Read + Send + 'static,
    name: &str,
    opener: &mut Opener,
    follow: &mut Follow,
    session: &Session<'_>,
) -> Result<(), Failure> {
    let about = |error| Failure::io(format!("cannot read {name}"), error);
    let (sender, mut blocks) = mpsc::channel(AHEAD);
    read_on_thread(
        stream,
        || Some(Block::default()),
        move |block| sender.blocking_send(block).is_ok(),
    )
    .map_err(about)?;
    let mut framer = Framer::new(LIMIT);
    let mut desk = Desk {
        opener,
        follow,
        session,
    };
    let mut take = |record: Record<'_>| desk.record(name, &record);
    while let Some(block) = session.waiting(blocks.recv()).await {
        framer.push(&block.map_err(about)?, &mut take);
        if session.is_over() {
            return Ok(());
        }
        session.breathe().await;
    }
    framer.finish(&mut take);
    Ok(())
}

/// Where the records of files are handed on.
pub(super) struct Desk<'d, 's, 'a> {
    pub opener: &'d mut Opener,
    pub follow: &'d mut Follow,
    pub session: &'s Session<'a>,
}

impl Desk<'_, '_, '_> {
    /// Takes a record of a file.
    pub fn record(&mut self, name: &str, record: &Record<'_>) {
        let session = self.session;
        let place = || format!("{name}:{}:{}", record.line, record.column);
        match record.flaw {
            _ if record.is_oversize() => session.flaw(&Flaw::TooLarge(record.length), &[], &place),
            Some(records::ArrayError::ArrayCutOff) => {
                session.remark(&format!("{}: the array is not closed", place()));
            }
            // Commas of the array around them are no concern of the events.
            Some(records::ArrayError::StrayComma) => {}
            _ => session.value(self.opener, (None, record.bytes), self.follow, None, &place),
        }
    }
}
