//! A destination that no record can reach before a person changes something: a forwarder leaves
//! it to other processes and asks it again now and then.

use super::{Aim, DestinationLane, EmitSession, OpenLane, Reopen};
use crate::commands::emit::EmitEvent;
use crate::failure::Failure;
use crate::host::{Interrupt, Signal};
use crate::model::delivery::DeliveryStatus;
use crate::spool::dispatch::{Clock, Dispatcher, Options, Reason, SendOutcome};
use crate::spool::{Call, Spool};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc::channel;
use tokio::sync::oneshot;
use tokio::time::Instant;

/// How often it is looked whether something has come for it.
const LOOK: Duration = Duration::from_millis(500);

/// How long new records wait, the first time and at most, until it is asked on their account.
const ARRIVALS: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(60));

/// How long it takes, the first time and at most, until it is asked on no account.
const UNASKED: (Duration, Duration) = (Duration::from_secs(60), Duration::from_secs(900));

impl EmitSession<'_> {
    /// Sends what waits for one destination, and as a forwarder what comes for it, held or not;
    /// the signal that ended this, and the spool as it was closed.
    pub(super) async fn serve(
        &mut self,
        lane: DestinationLane,
        options: Options,
        clock: Clock,
        mut interrupt: Interrupt,
    ) -> (Option<Signal>, Arc<dyn Spool>) {
        let OpenLane {
            mut spool,
            mut logs,
        } = lane.open;
        loop {
            let dispatcher = Dispatcher::new(Arc::clone(&spool), Arc::new(logs), options, clock);
            let dispatcher = if self.vain > 0 {
                dispatcher.probing()
            } else {
                dispatcher
            };
            // Nothing is read: the channel is closed from the start.
            let (_, news) = channel(1);
            let work = self.work(dispatcher, Arc::clone(&spool), news, interrupt.clone());
            let signal = work.await;
            if signal.is_some() || self.aim != Aim::Follow || self.results.has_failed() {
                return (signal, spool);
            }
            if self.vain == 0 {
                self.say_held(spool.as_ref());
            }
            let opened = tokio::select! {
                biased;
                signal = interrupt.wait() => return (Some(signal), spool),
                opened = self.reopened(spool.as_ref(), &lane.reopen) => opened,
            };
            spool = opened.spool;
            logs = opened.logs;
        }
    }

    /// The lane, opened anew when it is time to ask again.
    async fn reopened(&mut self, spool: &dyn Spool, reopen: &Reopen) -> OpenLane {
        let mut said = None;
        loop {
            called(spool, self.vain).await;
            self.vain = self.vain.saturating_add(1);
            let (notices, opened) = aside(Arc::clone(reopen)).await;
            for notice in notices {
                self.results.notice(notice);
            }
            match opened {
                Ok(opened) => return opened,
                Err(failure) => {
                    let why = Some(failure.to_string());
                    if said != why {
                        let address = &self.results.advice.address;
                        let notice = format!("still not sending to {address}: {failure}");
                        self.results.notice(notice);
                        said = why;
                    }
                }
            }
        }
    }

    /// Says, once, why nothing is sent and when it is tried again.
    fn say_held(&mut self, spool: &dyn Spool) {
        let address = &self.results.advice.address;
        let why = spool.leftover().why;
        let why = why.map_or_else(String::new, |why| format!(": {why}"));
        let notice = format!(
            "{address} is held{why}; trying again, with the key read anew, when records for it \
             arrive, after 'hivelog spool retry', and every 1 to 15 minutes; other processes may \
             send to it meanwhile"
        );
        self.results.notice(notice);
    }

    /// Reports how a record ended, unless it says again that the destination is held.
    pub(super) fn ended(&mut self, outcome: SendOutcome) {
        let held = matches!(outcome.reason, Reason::Unauthorised | Reason::Misconfigured);
        if held && outcome.status == DeliveryStatus::Kept && self.vain > 0 {
            return;
        }
        if matches!(
            outcome.status,
            DeliveryStatus::Delivered | DeliveryStatus::Refused
        ) {
            self.vain = 0;
        }
        self.results.ended(outcome);
    }
}

/// Waits until a destination that was asked so often in vain is to be asked again.
async fn called(spool: &dyn Spool, vain: u32) {
    let held = Instant::now();
    let grown = |(first, most): (Duration, Duration)| {
        let factor = 2_u32.saturating_pow(vain);
        held + first.saturating_mul(factor).min(most)
    };
    let (arrivals, unasked) = (grown(ARRIVALS), grown(UNASKED));
    let mut arrived = false;
    loop {
        match spool.called() {
            Some(Call::Retry) => return,
            Some(Call::Arrival) => arrived = true,
            None => {}
        }
        let until = if arrived { arrivals } else { unasked };
        let now = Instant::now();
        if now >= until {
            return;
        }
        tokio::time::sleep_until(until.min(now + LOOK)).await;
    }
}

/// Opens a lane on a thread of its own: a command that prints the key may take its time, and the
/// other lanes do not wait for it.
async fn aside(reopen: Reopen) -> (Vec<String>, Result<OpenLane, Failure>) {
    let (sender, receiver) = oneshot::channel();
    let open = move || {
        let mut notices = Vec::new();
        let opened = reopen(&mut |event| {
            if let EmitEvent::Notice(text) = event {
                notices.push(text);
            }
        });
        let _ = sender.send((notices, opened));
    };
    let lost = |why| (Vec::new(), Err(Failure::input(why)));
    match std::thread::Builder::new()
        .name("reopen".into())
        .spawn(open)
    {
        Ok(_) => receiver
            .await
            .unwrap_or_else(|_| lost("the key could not be read".to_owned())),
        Err(error) => lost(format!("cannot start a thread: {error}")),
    }
}
