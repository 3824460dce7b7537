//! What waits in the spool, read after the input.

use crate::commands::emit::{Place, spool_failure};
use crate::commands::ui::Ui;
use crate::failure::Failure;
use crate::records::Take;
use crate::spool::inspect::Access;
use crate::spool::lock_wait::LockWait;
use crate::wire::records::Record;

/// What is called the source of what waits to be sent.
pub const SPOOL: &str = "spool";

/// Who takes records that wait to be sent, one by one.
pub trait TakeStored {
    /// Takes one.
    fn stored(&mut self, record: &Record<'_>);
}

/// Reads the records that wait in the spool.
pub fn read<F>(
    place: &Place,
    take: &mut (impl Take<F> + TakeStored),
    ui: &Ui<'_>,
) -> Result<(), Failure> {
    let mut say = |text: String| ui.talk.notice(&text);
    let mut wait = LockWait::new(LockWait::DEFAULT, &mut say);
    let opened = place
        .inspect(Access::Look, &mut wait)
        .map_err(spool_failure)?;
    let Some(spool) = opened else {
        return Ok(());
    };
    let mut number = 0;
    let read = spool.each(&mut |stored| {
        number += 1;
        let mut record = Record::alone(&stored.record.body);
        (record.number, record.line) = (number, number);
        take.stored(&record);
        true
    });
    read.map_err(spool_failure)?;
    if !spool.damage().is_empty() {
        spool.damage().told();
        take.unreadable(Failure::input(spool.damage()));
    }
    Ok(())
}
