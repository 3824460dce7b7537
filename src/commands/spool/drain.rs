//! `spool drain`: sending what waits.

use super::output;
use super::status::SpoolStatus;
use crate::commands::emit::destination::{Configured, Destination, Extra};
use crate::commands::emit::session::{self, DestinationLane, OpenLane, Reopen};
use crate::commands::emit::{EmitEvent, Place, Remedies, run_spool, spool_failure};
use crate::failure::{Exit, Failure};
use crate::host::Host;
use crate::link::metrics;
use crate::model::timestamp::{Timestamp, Zone};
use crate::settings::Settings;
use crate::spool::Purpose;
use crate::spool::dispatch::Options;
use crate::spool::identity::Identity;
use crate::spool::inspect::Access;
use crate::spool::lock_wait::LockWait;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

/// How long a forwarder tries: until somebody stops it.
const FOREVER: Duration = Duration::from_secs(10 * 365 * 86_400);

/// How long a request for metrics waits for a lock.
const LOCKED: Duration = Duration::from_secs(2);

/// Sending what waits.
pub struct DrainPlan {
    /// Where the spool is.
    pub place: Place,
    /// To whom.
    pub receiver: Receiver,
    /// The destinations of the profile file.
    pub configured: Vec<Configured>,
    /// How records are sent.
    pub options: Options,
    /// How long one attempt may take.
    pub timeout: Duration,
    /// Keep running, and send what arrives.
    pub follow: bool,
    /// Requeue what was rejected first.
    pub dead: bool,
    /// Where metrics are served.
    pub metrics: Option<SocketAddr>,
    /// The zone of the times that are shown.
    pub zone: Zone,
}

/// For whom it is sent.
pub enum Receiver {
    /// One destination, and what it was resolved from.
    One(Box<Destination>, Box<Settings>, Extra),
    /// Every configured destination, with what the command line says in addition to the settings.
    Configured(Extra),
}

/// Where records are sent to.
struct Destinations {
    /// Each with how a forwarder opens it again.
    usable: Vec<(Destination, Reopen)>,
    /// How the run ends on account of those that cannot be used.
    unusable: Option<Exit>,
    /// As a person knows them.
    name: String,
    remedies: Remedies,
    /// Whether records may be missing.
    damaged: bool,
}

/// Sends it.
pub fn drain(
    plan: &DrainPlan,
    host: &Host,
    report: &mut dyn FnMut(EmitEvent<'_>),
) -> Result<Exit, Failure> {
    let requeued = plan.dead && requeue(plan, host, report)?;
    let destinations = plan.destinations(report)?;
    let mut damaged = requeued || destinations.damaged;
    let mut lanes = Vec::new();
    for (destination, reopen) in destinations.usable {
        let identity = destination.identity().clone();
        let remedies = destination.remedies().clone();
        let (open, missing) = plan.opening().open(destination, report)?;
        damaged |= missing;
        lanes.push(DestinationLane {
            open,
            identity,
            remedies,
            reopen,
        });
    }
    let sent: Vec<Identity> = lanes.iter().map(|lane| lane.identity.clone()).collect();
    if let Some(address) = plan.metrics {
        let bound = serve_metrics(plan.place.clone(), address, plan.zone)?;
        report(EmitEvent::Notice(format!(
            "metrics are at http://{bound}/metrics"
        )));
    }
    if plan.follow {
        // Only now: from here on what others accept is left to it.
        report(EmitEvent::Notice(format!(
            "sending what is in {} to {} until stopped",
            plan.place, destinations.name
        )));
    }
    let mut options = plan.options;
    if plan.follow {
        options.retry_for = FOREVER;
    }
    let (follow, remedies, zone) = (plan.follow, destinations.remedies, plan.zone);
    let exit = session::drain(lanes, options, follow, &remedies, zone, host, report)?;
    if !matches!(exit, Exit::Interrupted | Exit::Terminated) {
        // Whoever asked for the end does not wait for a spool that may have fallen silent.
        damaged |= run_spool::report_elsewhere(
            &plan.place,
            &sent,
            &plan.configured,
            plan.timeout,
            report,
        )?;
    }
    Ok(match exit {
        // What could be read is sent; that records may be missing is not a success.
        Exit::Yes if damaged => Exit::Input,
        Exit::Yes => destinations.unusable.unwrap_or(exit),
        _ => exit,
    })
}

impl DrainPlan {
    fn destinations(&self, report: &mut dyn FnMut(EmitEvent<'_>)) -> Result<Destinations, Failure> {
        let extra = match &self.receiver {
            Receiver::One(destination, settings, extra) => {
                let reopen = self.reopening((**settings).clone(), extra.clone());
                return Ok(Destinations {
                    name: destination.shown(),
                    remedies: destination.remedies().clone(),
                    usable: vec![((**destination).clone(), reopen)],
                    unusable: None,
                    damaged: false,
                });
            }
            Receiver::Configured(extra) => extra,
        };
        let (ready, damaged) = run_spool::ready(&self.place, self.timeout, report)?;
        // A forwarder sends what arrives as well.
        let ready = (!self.follow).then_some(ready);
        let (usable, unusable) = usable(ready.as_deref(), &self.configured, extra, report);
        let with_reopen = |(destination, settings): (Destination, &Settings)| {
            let reopen = self.reopening(settings.clone(), extra.clone());
            (destination, reopen)
        };
        Ok(Destinations {
            usable: usable.into_iter().map(with_reopen).collect(),
            unusable,
            name: "every configured destination".to_owned(),
            remedies: Remedies::of_all_profiles(),
            damaged,
        })
    }

    /// How a forwarder opens the lane of a destination again.
    fn reopening(&self, settings: Settings, extra: Extra) -> Reopen {
        let opening = self.opening();
        Arc::new(move |report| {
            let destination = Destination::resolve(&settings, &extra)?;
            opening.open(destination, report).map(|(lane, _)| lane)
        })
    }

    fn opening(&self) -> LaneOpening {
        LaneOpening {
            place: self.place.clone(),
            purpose: if self.follow {
                Purpose::Follow
            } else {
                Purpose::All
            },
            timeout: self.timeout,
            jobs: self.options.jobs,
        }
    }
}

/// How the lane of a destination is opened.
struct LaneOpening {
    place: Place,
    purpose: Purpose,
    timeout: Duration,
    jobs: usize,
}

impl LaneOpening {
    /// The lane, and whether records may be missing.
    fn open(
        &self,
        destination: Destination,
        report: &mut dyn FnMut(EmitEvent<'_>),
    ) -> Result<(OpenLane, bool), Failure> {
        let (place, purpose, timeout) = (&self.place, self.purpose, self.timeout);
        let (spool, damaged) = run_spool::open(place, &destination, purpose, timeout, report)?;
        let logs = destination.open(timeout, self.jobs);
        Ok((OpenLane { spool, logs }, damaged))
    }
}

/// Serves what `spool status` says, until the process ends.
fn serve_metrics(place: Place, address: SocketAddr, zone: Zone) -> Result<SocketAddr, Failure> {
    let page = move || {
        let read = || {
            let mut quiet = |_| {};
            let mut wait = LockWait::new(LOCKED, &mut quiet);
            let opened = place
                .inspect(Access::Look, &mut wait)
                .map_err(spool_failure)?;
            SpoolStatus::read(
                &place,
                opened.as_deref(),
                zone,
                Timestamp::system_now().millis(),
            )
        };
        let status = read().map_err(|failure: Failure| failure.to_string())?;
        Ok(output::status::prometheus(&status))
    };
    metrics::serve(address, Arc::new(page))
        .map_err(|error| Failure::io(format!("cannot serve metrics on {address}"), error))
}

/// Makes the dead records of the destinations ready; whether records may be missing.
fn requeue(
    plan: &DrainPlan,
    host: &Host,
    report: &mut dyn FnMut(EmitEvent<'_>),
) -> Result<bool, Failure> {
    let identities: Vec<&Identity> = match &plan.receiver {
        Receiver::One(destination, ..) => vec![destination.identity()],
        Receiver::Configured(_) => plan
            .configured
            .iter()
            .map(|known| &known.identity)
            .collect(),
    };
    let Some(mut spool) = run_spool::inspect(&plan.place, plan.timeout, report)? else {
        return Ok(false);
    };
    let now = host.now().millis();
    for identity in identities {
        let dead = spool.dead(identity).map_err(spool_failure)?;
        let _ = spool.retry(&dead, now).map_err(spool_failure)?;
    }
    Ok(!spool.damage().is_empty())
}

/// The configured destinations for which something is ready, or may be in time, and how the run
/// ends on account of those that cannot be used.
fn usable<'a>(
    ready: Option<&[(Identity, u64)]>,
    configured: &'a [Configured],
    extra: &Extra,
    report: &mut dyn FnMut(EmitEvent<'_>),
) -> (Vec<(Destination, &'a Settings)>, Option<Exit>) {
    let has_work = |identity: &Identity| {
        let former = |other: &Identity| other.sender.is_none() && other.url == identity.url;
        let is_for = |(other, _): &(Identity, u64)| other == identity || former(other);
        ready.is_none_or(|ready| ready.iter().any(is_for))
    };
    let (mut usable, mut exit) = (Vec::<(Destination, &Settings)>::new(), None);
    for known in configured.iter().filter(|known| has_work(&known.identity)) {
        if usable
            .iter()
            .any(|(other, _)| *other.identity() == known.identity)
        {
            continue;
        }
        match Destination::resolve(&known.settings, extra) {
            Ok(destination) => usable.push((destination, &known.settings)),
            Err(failure) => {
                let profile = known.profile.as_deref().unwrap_or("none");
                report(EmitEvent::Notice(format!(
                    "not sent for profile {profile}: {failure}"
                )));
                exit.get_or_insert(failure.exit);
            }
        }
    }
    (usable, exit)
}
