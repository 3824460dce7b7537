//! After a destination was left because it rejects everything: whether there is a reason to try it
//! again.

use super::{SELDOM, Work};
use crate::spool::Call;
use crate::spool::postgres::connection::DatabaseError;
use crate::spool::postgres::rows;

impl Work {
    /// Looks now and then whether there is a reason to ask a destination again that was left
    /// because it takes nothing.
    pub(super) async fn look_out(&self) {
        loop {
            // What cannot be seen now is seen later, or the destination is asked on no account.
            if self.look().await.is_err() {
                self.disconnect();
            }
            tokio::time::sleep(SELDOM).await;
        }
    }

    async fn look(&self) -> Result<(), DatabaseError> {
        let connection = self.connection().await?;
        let dest = self.dest(&connection).await?;
        let seen = rows::activity(&connection, dest).await?;
        let inbox = self.shared.database.inbox();
        let arrived = inbox.is_some_and(|inbox| !inbox.is_empty());
        let mut state = self.shared.state();
        let known = *state.activity.get_or_insert(seen);
        if seen.changes != known.changes {
            state.call = Some(Call::Retry);
        } else if seen.newest > known.newest || arrived {
            state.call.get_or_insert(Call::Arrival);
        }
        Ok(())
    }
}
