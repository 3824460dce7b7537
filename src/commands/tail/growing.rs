//! Files that grow: `tail -f`.

use crate::commands::tail::position::{PositionFile, Tracked};
use crate::commands::tail::recorded::RecordSink;
use crate::commands::tail::session::Session;
use crate::commands::tail::{ReadyFile, once};
use crate::failure::Failure;
use crate::records::{GrowingFile, TakeGrowth};
use crate::wire::envelope::{LIMIT, Layout};
use crate::wire::records::Record;
use std::path::PathBuf;
use std::time::Duration;

/// How often files are looked at. No system reports on every file system that one has grown.
const POLL: Duration = Duration::from_millis(250);

/// Shows files as they grow, until the run is over.
pub(super) async fn follow(
    paths: Vec<PathBuf>,
    layout: Layout,
    position_file: Option<PositionFile>,
    ready: &ReadyFile,
    session: &Session<'_>,
) -> Result<Option<Failure>, Failure> {
    let files = paths.into_iter().map(|path| GrowingFile::new(path, LIMIT));
    let mut files: Vec<_> = files.collect::<Result<_, _>>()?;
    let follow = once(position_file.is_some());
    let mut follow = Tracked::new(follow, position_file, session)?;
    let mut opener = session.opener(layout);
    ready.announce("-").await?;
    loop {
        for file in &mut files {
            let mut sink = RecordSink {
                opener: &mut opener,
                follow: &mut follow,
                session,
            };
            while file.advance(&mut sink) && !session.is_over() {
                session.breathe().await;
            }
            session.notices(&mut follow, None);
            follow.keep();
            if session.is_over() {
                return Ok(None);
            }
        }
        session.show_last();
        session.waiting(tokio::time::sleep(POLL)).await;
    }
}

impl TakeGrowth for RecordSink<'_, '_, '_> {
    fn record(&mut self, file: &str, record: &Record<'_>) {
        self.take(file, record);
    }

    fn change(&mut self, text: String) {
        self.session.remark(&text);
    }
}
