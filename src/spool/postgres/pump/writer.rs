//! Writing: appends that somebody waits for, what has become of records, and the pause that a
//! destination asked for.

use super::{BACKOFF, Backoff, SELDOM, Work};
use crate::spool::postgres::append::{Once, append};
use crate::spool::postgres::connection::DatabaseError;
use crate::spool::postgres::endings::{self, Ending};
use crate::spool::postgres::state::Append;
use crate::spool::{Pause, Settlement};
use std::time::Instant;

/// Ends that are written at once.
const MOST_ENDINGS: usize = 1000;

/// What is to be written.
enum Job {
    Append(Append),
    Endings(Vec<Ending>),
    Pause(Pause),
}

impl Work {
    pub(super) async fn write_on(&self) {
        let mut backoff = Backoff(BACKOFF);
        loop {
            let Some(job) = self.next_job() else {
                if self.is_closing() {
                    return;
                }
                self.shared.writer.notified().await;
                continue;
            };
            match self.write(&job).await {
                Ok(()) => {
                    backoff = Backoff(BACKOFF);
                    self.done(job);
                }
                Err(DatabaseError::Unavailable(why)) => {
                    self.note_unavailable(&why);
                    self.later(job, why);
                    tokio::time::sleep(backoff.next().min(SELDOM)).await;
                }
                Err(error) => match job {
                    Job::Append(append) => {
                        let _ = append.reply.send(Err(error));
                    }
                    Job::Endings(_) | Job::Pause(_) => return self.fail(error),
                },
            }
        }
    }

    fn next_job(&self) -> Option<Job> {
        let mut state = self.shared.state();
        if let Some(append) = state.appends.pop_front() {
            return Some(Job::Append(append));
        }
        if let Some(pause) = &state.unnoted_pause {
            return Some(Job::Pause(pause.clone()));
        }
        let most = state.endings.len().min(MOST_ENDINGS);
        let endings: Vec<Ending> = state.endings.drain(..most).collect();
        (!endings.is_empty()).then_some(Job::Endings(endings))
    }

    async fn write(&self, job: &Job) -> Result<(), DatabaseError> {
        let now = (self.shared.clock)();
        match job {
            Job::Append(job) => {
                let all = async {
                    let connection = self.connection_for_writing().await?;
                    let dest = self.dest(&connection).await?;
                    // One that was tried may be in already.
                    if !job.tried {
                        self.limit.admit(&connection, job.records.len()).await?;
                    }
                    append(&connection, &job.batch, dest, &job.records, Once::Batch)
                        .await
                        .map(drop)
                };
                // Whether it is in is not known then: it is asked for again under the same id.
                let in_time = tokio::time::timeout_at(job.until.into(), all).await;
                in_time.unwrap_or_else(|_| {
                    Err(DatabaseError::Unavailable("no answer in time".to_owned()))
                })
            }
            Job::Endings(endings) => {
                let connection = self.connection_for_writing().await?;
                let dest = self.dest(&connection).await?;
                let drainer = self.shared.state().drainer.unwrap_or_default();
                if !endings::write(&connection, dest, drainer, endings, now).await? {
                    // Where it was, another record may be by now: after a failover that has lost
                    // commits a place is given out twice.
                    self.distrust();
                }
                Ok(())
            }
            Job::Pause(pause) => {
                let connection = self.connection_for_writing().await?;
                let dest = self.dest(&connection).await?;
                endings::note_pause(&connection, dest, pause, now).await
            }
        }
    }

    fn done(&self, job: Job) {
        let mut state = self.shared.state();
        state.last_answer = Instant::now();
        match job {
            Job::Append(append) => {
                let _ = append.reply.send(Ok(()));
            }
            Job::Pause(pause) => {
                let noted = state.unnoted_pause.as_ref().map(|pause| pause.until);
                if noted == Some(pause.until) {
                    state.unnoted_pause = None;
                }
            }
            Job::Endings(endings) => {
                for ending in endings {
                    let Ending {
                        entry, settlement, ..
                    } = ending;
                    if settlement == Settlement::Later {
                        continue;
                    }
                    if settlement != Settlement::GivenUp {
                        state.lanes.leave(entry.seq);
                    }
                    state.watch.remove(&entry.id);
                    state.unwritten -= 1;
                    state.settled.push((entry, settlement));
                }
                state.lacks_room = false;
                drop(state);
                self.shared.reader.notify_one();
                self.ring();
            }
        }
    }

    /// Puts a job back that could not be done.
    fn later(&self, job: Job, why: String) {
        let mut state = self.shared.state();
        match job {
            Job::Append(append) if Instant::now() >= append.until => {
                let _ = append.reply.send(Err(DatabaseError::Unavailable(why)));
            }
            Job::Append(append) => state.appends.push_front(Append {
                tried: true,
                ..append
            }),
            Job::Endings(endings) => {
                let rest = std::mem::take(&mut state.endings);
                state.endings = endings;
                state.endings.extend(rest);
            }
            Job::Pause(_) => {}
        }
    }
}
