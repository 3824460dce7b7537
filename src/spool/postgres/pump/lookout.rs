//! After a destination was left because it takes nothing: whether there is a reason to ask it again.

use super::{SELDOM, Work};
use crate::spool::Call;
use crate::spool::postgres::connection::Trouble;
use crate::spool::postgres::rows;

impl Work {
    /// Looks now and then whether there is a reason to ask a destination again that was left
    /// because it takes nothing.
    pub(super) async fn look_out(&self) {
        loop {
            // What cannot be seen now is seen later, or the destination is asked on no account.
            if let Err(_) = self.look().await {
                self.lost();
            }
            tokio::time::sleep(SELDOM).await;
        }
    }

    async fn look(&self) -> Result<(), Trouble> {
        let connection = self.connection().await?;
        let dest = self.dest(&connection).await?;
        let seen = rows::traces(&connection, dest).await?;
        let inbox = self.shared.database.inbox();
        let arrived = inbox.is_some_and(|inbox| !inbox.is_empty());
        let mut state = self.shared.state();
        let known = *state.traces.get_or_insert(seen);
        if seen.changes != known.changes {
            state.call = Some(Call::Retry);
        } else if seen.newest > known.newest || arrived {
            state.call.get_or_insert(Call::Arrival);
        }
        Ok(())
    }
}
