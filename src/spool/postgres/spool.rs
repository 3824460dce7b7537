//! The spool as everybody else sees it: nothing here waits for the network but an append and the
//! end.

use super::Postgres;
use super::endings::Ending;
use super::state::State;
use crate::model::delivery::Problem;
use crate::model::timestamp::Timestamp;
use crate::spool::{
    AcceptedRecord, Call, Entry, Error, Leftover, Pause, Purpose, Receipt, Settlement, Spool,
};
use std::collections::HashMap;
use std::sync::PoisonError;
use std::time::{Duration, Instant};
use tokio::sync::Notify;

/// How long the end waits for records that are being accepted.
const SAVING: Duration = Duration::from_secs(1);

impl Spool for Postgres {
    fn append(
        &self,
        records: Vec<AcceptedRecord>,
        accepted: &mut dyn FnMut(Vec<Receipt>),
    ) -> Result<(), Error> {
        self.accept(records, accepted)
    }

    fn claim(&self, max: usize, _now: i64) -> Result<Vec<Entry>, Error> {
        let mut state = self.state();
        if let Some(error) = &state.failed {
            return Err(error.clone());
        }
        state.jobs = state.jobs.max(max);
        // A record whose end is not durable takes its place still: if this process dies, so many
        // are sent again and no more.
        let free = max.saturating_sub(state.unwritten);
        let in_time = state.fence.is_some_and(|fence| Instant::now() < fence);
        let claimed = if in_time {
            state.lanes.claim(free)
        } else {
            Vec::new()
        };
        state.lacks_room = max > 0 && free == 0;
        state.demand = true;
        if state.lanes.ready() < state.jobs {
            self.shared.reader.notify_one();
        }
        Ok(claimed)
    }

    fn settle(&self, settled: Vec<(Entry, Settlement)>) -> Result<(), Error> {
        if settled.is_empty() {
            return Ok(());
        }
        let mut state = self.state();
        for (mut entry, settlement) in settled {
            if settlement != Settlement::Refused {
                // The bytes of one that was refused are copied for the user.
                entry.record.body = bytes::Bytes::new();
            }
            let Some(lane) = state.lanes.lane_of(entry.seq) else {
                continue;
            };
            match settlement {
                Settlement::Later => state.lanes.later(entry.clone()),
                Settlement::GivenUp => state.lanes.give_up(entry.seq),
                Settlement::Delivered | Settlement::Refused | Settlement::Lost => {}
            }
            if settlement != Settlement::Later {
                state.unwritten += 1;
            }
            state.endings.push(Ending {
                lane,
                entry,
                settlement,
            });
        }
        self.shared.writer.notify_one();
        Ok(())
    }

    fn settled(&self, wait: bool) -> Result<Vec<(Entry, Settlement)>, Error> {
        if wait {
            self.shared.wait_while_ending(|state| {
                state.unwritten == 0 || state.failed.is_some() || state.finished
            });
        }
        let mut state = self.state();
        if wait && state.unwritten > 0 {
            return Err(match (&state.failed, &state.unavailable) {
                (Some(error), _) => error.clone(),
                (None, why) => {
                    let why = why.as_deref().unwrap_or("no answer");
                    Error::Unavailable(format!(
                        "the spool {} is unavailable ({why}): the last deliveries could not be \
                         recorded there and will be sent again",
                        self.shared.database.address
                    ))
                }
            });
        }
        Ok(std::mem::take(&mut state.settled))
    }

    fn strayed(&self) -> Vec<Entry> {
        let mut state = self.state();
        let strayed = state.strayed.as_mut();
        strayed
            .map(|(_, entries)| std::mem::take(entries))
            .unwrap_or_default()
    }

    fn returned(&self, now: bool) -> Result<Vec<(Entry, Settlement)>, Error> {
        if now && self.shared.purpose == Purpose::Own {
            let (empty, rounds) = {
                let state = self.state();
                (
                    state.watch.is_empty() || !state.ended.is_empty(),
                    state.rounds,
                )
            };
            if !empty {
                self.state().wants_round = true;
                self.shared.reader.notify_one();
                // One round may have begun before this was asked.
                self.shared.wait_while_ending(|state| {
                    state.rounds > rounds + 1
                        || !state.ended.is_empty()
                        || state.unavailable.is_some()
                        || state.failed.is_some()
                        || state.finished
                });
                self.state().wants_round = false;
            }
        }
        Ok(std::mem::take(&mut self.state().ended))
    }

    fn pause(&self, pause: &Pause) -> bool {
        let mut state = self.state();
        state.pause = Some(pause.clone());
        state.unnoted_pause = Some(pause.clone());
        self.shared.writer.notify_one();
        true
    }

    fn paused(&self, now: i64) -> Option<Pause> {
        let state = self.state();
        state.pause.clone().filter(|pause| pause.until > now)
    }

    fn notices(&self) -> Vec<String> {
        std::mem::take(&mut self.state().notices)
    }

    fn sends_own(&self) -> bool {
        self.state().sends_own(self.shared.purpose)
    }

    fn due(&self) -> Option<i64> {
        let state = self.state();
        if state.fence.is_none_or(|fence| Instant::now() >= fence) {
            return None;
        }
        if state.lanes.ready() > 0 && !state.lacks_room {
            return Some(0);
        }
        // What is due already is being fetched, and rings.
        state.lanes.due().filter(|due| *due > (self.shared.clock)())
    }

    fn is_done(&self) -> bool {
        let state = self.state();
        let reported = state.settled.is_empty() && state.ended.is_empty();
        let strayed = state
            .strayed
            .as_ref()
            .is_some_and(|(_, entries)| !entries.is_empty());
        match self.shared.purpose {
            Purpose::Accept => true,
            Purpose::Own => {
                // What was given up, and what follows it, is kept and handed over at the end.
                let sends = state.sends_own(Purpose::Own) && state.drainer.is_some();
                let given_up = sends && !state.is_fresh && state.lanes.has_no_own();
                let done = state.watch.is_empty() || given_up;
                reported && !strayed && done && state.unwritten == 0
            }
            Purpose::All => {
                let idle = state.lanes.is_idle() && state.unwritten == 0;
                let done = reported && idle && state.due_elsewhere == Some(false);
                done && state.unavailable.is_none()
            }
            Purpose::Follow => false,
        }
    }

    fn close(&self, take: &mut dyn FnMut(Entry)) -> Result<(), Error> {
        self.leave();
        // What is being accepted goes into this machine's inbox by now, and is to be reported.
        let changed = &self.shared.changed;
        let state = changed.wait_timeout_while(self.state(), SAVING, |state| state.accepting > 0);
        let mut state = state.unwrap_or_else(PoisonError::into_inner).0;
        let left = state.watch.take();
        let mut tried = state.lanes.take_tried();
        // Of every journey, the line of its oldest record.
        let mut first: HashMap<_, u64> = HashMap::new();
        for (lane, entry) in left {
            let mut entry = tried.remove(&entry.id).unwrap_or(entry);
            let before = first.get(&entry.key()).copied();
            if before.is_none() {
                first.insert(entry.key(), entry.record.line);
            }
            if entry.attempts == 0 {
                entry.problem = self.waits_for(&state, lane, &entry, before);
            }
            take(entry);
        }
        match &state.failed {
            Some(error) => Err(error.clone()),
            None => Ok(()),
        }
    }

    fn called(&self) -> Option<Call> {
        self.state().call
    }

    fn leftover(&self) -> Leftover {
        self.state().leftover.clone()
    }

    fn is_durable(&self) -> bool {
        true
    }

    fn is_shared(&self) -> bool {
        true
    }

    fn news(&self) -> &Notify {
        &self.shared.news
    }
}

impl Postgres {
    /// What a record waits for that was never tried: one of another run, or the one of this run
    /// that begins on the line `before`.
    fn waits_for(
        &self,
        state: &State,
        lane: i16,
        entry: &Entry,
        before: Option<u64>,
    ) -> Option<Problem> {
        if let Some(why) = &state.unavailable {
            return Some(Problem {
                title: format!("not sent: the shared spool is unavailable ({why})"),
                ..Problem::default()
            });
        }
        match state.lanes.ahead(lane, entry.key()) {
            Some(ahead) if !ahead.own => {
                let until = if ahead.due > (self.shared.clock)() {
                    format!(" until {}", Timestamp::from_millis(ahead.due).rfc3339())
                } else {
                    String::new()
                };
                Some(Problem {
                    title: format!("waits behind an older record of the same journey{until}"),
                    ..Problem::default()
                })
            }
            _ => before.map(Problem::behind),
        }
    }
}
