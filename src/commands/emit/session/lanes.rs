//! Sending what waits in the spool, for several destinations side by side.

use super::results::Results;
use super::{Aim, EmitSession, within_reach};
use crate::commands::emit::{EmitEvent, Remedies, run_spool};
use crate::failure::{Exit, Failure};
use crate::host::{self, Host};
use crate::link::event_log::EventLogs;
use crate::model::timestamp::Zone;
use crate::spool::Spool;
use crate::spool::dispatch::{Clock, Options};
use crate::spool::identity::Identity;
use std::cell::RefCell;
use std::sync::Arc;
use std::task::Poll;
use std::time::Instant;

/// One destination of a run that sends what waits.
pub(in crate::commands) struct DestinationLane {
    pub open: OpenLane,
    pub identity: Identity,
    pub remedies: Remedies,
    /// Opens it anew, with a key that is read anew.
    pub reopen: Reopen,
}

/// What is sent, and over what.
pub(in crate::commands) struct OpenLane {
    pub spool: Arc<dyn Spool>,
    pub logs: EventLogs,
}

/// Opens a lane, and reports what a person should know about it.
pub(in crate::commands) type Reopen =
    Arc<dyn Fn(&mut dyn FnMut(EmitEvent<'_>)) -> Result<OpenLane, Failure> + Send + Sync>;

/// Sends what waits for each destination, and with `follow` what arrives for it, until asked to
/// stop. They go side by side: one that takes nothing holds no other up.
pub(in crate::commands) fn drain(
    lanes: Vec<DestinationLane>,
    options: Options,
    follow: bool,
    remedies: &Remedies,
    zone: Zone,
    host: &Host,
    report: &mut dyn FnMut(EmitEvent<'_>),
) -> Result<Exit, Failure> {
    let started = Instant::now();
    let interrupt = host.interrupt()?;
    let options = within_reach(options, lanes.len(), &mut |text| {
        report(EmitEvent::Notice(text));
    });
    let clock = Clock::starting_at(host.now().millis());
    let identities: Vec<_> = lanes.iter().map(|lane| lane.identity.clone()).collect();
    let report = RefCell::new(report);
    let reporter = |_: &DestinationLane| |event: EmitEvent<'_>| (report.borrow_mut())(event);
    let mut reporters: Vec<_> = lanes.iter().map(reporter).collect();
    let mut sessions: Vec<EmitSession<'_>> = reporters
        .iter_mut()
        .zip(&lanes)
        .map(|(report, lane)| {
            let mut session = EmitSession::new(None, false, lane.remedies.clone(), report);
            session.results.advice.address = lane.open.logs.shown();
            if follow {
                session.aim = Aim::Follow;
            }
            session
        })
        .collect();
    let works = sessions
        .iter_mut()
        .zip(lanes)
        .map(|(session, lane)| session.serve(lane, options, clock, interrupt.clone()));
    let (stopped, spools): (Vec<_>, Vec<_>) = host::block_on(together(works))?.into_iter().unzip();
    let mut last_word = |event: EmitEvent<'_>| (report.borrow_mut())(event);
    let mut whole = Results::new(None, remedies.clone(), &mut last_word);
    for one in sessions {
        whole.absorb(one.results);
    }
    let (mut ready, mut too_early) = (0, true);
    for (spool, identity) in spools.into_iter().zip(identities) {
        let left = spool.leftover();
        ready += left.ready;
        too_early &= left.ready == 0 || left.until.is_some();
        for remark in run_spool::remarks(&left, &identity, remedies, zone) {
            whole.notice(remark);
        }
    }
    if !follow {
        whole.waits(ready, too_early);
    }
    let signal = stopped.into_iter().flatten().next();
    whole.finish(signal, true, false, started)
}

/// Waits for all of them.
async fn together<T>(works: impl Iterator<Item = impl Future<Output = T>>) -> Vec<T> {
    let mut works: Vec<_> = works.map(|work| (Box::pin(work), None)).collect();
    std::future::poll_fn(|context| {
        for (work, ended) in works.iter_mut().filter(|(_, ended)| ended.is_none()) {
            if let Poll::Ready(end) = work.as_mut().poll(context) {
                *ended = Some(end);
            }
        }
        if works.iter().all(|(_, ended)| ended.is_some()) {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
    works.into_iter().filter_map(|(_, ended)| ended).collect()
}
