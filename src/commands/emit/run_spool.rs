//! The spool of a run, opened for one destination.

use crate::commands::emit::destination::{Configured, Destination};
use crate::commands::emit::{EmitEvent, Remedies, spool_failure};
use crate::failure::Failure;
use crate::model::text::counted;
use crate::model::timestamp::{Timestamp, Zone};
use crate::spool::damage::Damage;
use crate::spool::identity::Identity;
use crate::spool::inspect::{Access, Inspect};
use crate::spool::lock_wait::LockWait;
use crate::spool::place::Place;
use crate::spool::{Leftover, Purpose, Spool};
use std::sync::Arc;
use std::time::Duration;

/// Destinations that are reported at most.
const MOST_REPORTED_DESTINATIONS: usize = 8;

/// Opens the spool for a destination and reports what a person should know about it; whether
/// records may be missing.
pub(in crate::commands) fn open(
    place: &Place,
    destination: &Destination,
    purpose: Purpose,
    timeout: Duration,
    report: &mut dyn FnMut(EmitEvent<'_>),
) -> Result<(Arc<dyn Spool>, bool), Failure> {
    let identity = destination.identity();
    let clock = || Timestamp::system_now().millis();
    let mut say = |text| report(EmitEvent::Notice(text));
    let opened = place.open(
        identity,
        purpose,
        clock,
        &mut LockWait::new(timeout, &mut say),
    );
    let (spool, damage) = opened.map_err(spool_failure)?;
    let damaged = report_damage(&damage, report);
    let address = &identity.url;
    // Where this fails, the database fails in what follows, and that is reported there.
    let unidentified = spool.unidentified(address).unwrap_or(0);
    if unidentified > 0 && destination.sole {
        if let Err(error) = spool.identify(address) {
            report(EmitEvent::Notice(format!(
                "what an older version accepted for {address} is not sent: {error}"
            )));
        }
    } else if unidentified > 0 && purpose == Purpose::Own {
        report(EmitEvent::Notice(waiting(
            unidentified,
            &Identity::read(address),
            None,
        )));
    }
    Ok((spool, damaged))
}

/// Reports why records may be missing, if they may.
fn report_damage(damage: &Damage, report: &mut dyn FnMut(EmitEvent<'_>)) -> bool {
    if !damage.is_empty() {
        report(EmitEvent::Notice(damage.to_string()));
        damage.reported();
    }
    !damage.is_empty()
}

/// Reports which records wait for others than the destinations that were sent to, and how they are
/// sent; whether records may be missing.
pub(in crate::commands) fn report_elsewhere(
    place: &Place,
    sent: &[Identity],
    configured: &[Configured],
    timeout: Duration,
    report: &mut dyn FnMut(EmitEvent<'_>),
) -> Result<bool, Failure> {
    let (mut elsewhere, damaged) = ready(place, timeout, report)?;
    elsewhere.retain(|(identity, _)| !sent.contains(identity));
    for (identity, count) in elsewhere.iter().take(MOST_REPORTED_DESTINATIONS) {
        let how = drained_by(identity, configured);
        report(EmitEvent::Notice(waiting(*count, identity, how)));
    }
    if let Some(more @ 1..) = elsewhere.len().checked_sub(MOST_REPORTED_DESTINATIONS) {
        report(EmitEvent::Notice(format!(
            "records wait for {}: 'hivelog spool list' shows them",
            counted(more as u64, "more destination")
        )));
    }
    Ok(damaged)
}

/// The command that sends what waits for a destination, if a profile does.
pub(in crate::commands) fn drained_by(
    identity: &Identity,
    configured: &[Configured],
) -> Option<String> {
    let own = configured
        .iter()
        .find(|known| known.identity == *identity)?;
    Some(match &own.profile {
        Some(profile) => format!("hivelog spool drain -p {profile}"),
        None => "hivelog spool drain".to_owned(),
    })
}

/// How many records are ready for each destination, and whether records may be missing.
pub(in crate::commands) fn ready(
    place: &Place,
    timeout: Duration,
    report: &mut dyn FnMut(EmitEvent<'_>),
) -> Result<(Vec<(Identity, u64)>, bool), Failure> {
    match inspect(place, timeout, report)? {
        Some(spool) => {
            let damaged = !spool.damage().is_empty();
            Ok((spool.ready().map_err(spool_failure)?, damaged))
        }
        None => Ok((Vec::new(), false)),
    }
}

/// A spool that is looked into, if there is one; that records may be missing is reported.
pub(in crate::commands) fn inspect(
    place: &Place,
    timeout: Duration,
    report: &mut dyn FnMut(EmitEvent<'_>),
) -> Result<Option<Box<dyn Inspect>>, Failure> {
    let mut say = |text| report(EmitEvent::Notice(text));
    let opened = place.inspect(Access::Look, &mut LockWait::new(timeout, &mut say));
    let opened = opened.map_err(spool_failure)?;
    if let Some(spool) = &opened {
        report_damage(spool.damage(), report);
    }
    Ok(opened)
}

/// What still stands in the spool for a destination that was sent to, and what can be done.
pub(super) fn remarks(
    left: &Leftover,
    identity: &Identity,
    remedies: &Remedies,
    zone: Zone,
) -> Vec<String> {
    let url = &identity.url;
    let mut remarks = Vec::new();
    if left.ready > 0 {
        let about = if left.estimated { "about " } else { "" };
        let records = that_wait(left.ready);
        let until = left.until.map_or_else(String::new, |until| {
            let until = Timestamp::from_millis(until).at(zone).rfc3339();
            format!(" until {until}")
        });
        let sooner = match left.until {
            Some(_) => "; to try sooner: hivelog spool retry --ready",
            None => "",
        };
        let why = match &left.why {
            Some(why) => format!(": {why}"),
            None => String::new(),
        };
        remarks.push(format!("{about}{records} for {url}{until}{why}{sooner}"));
    }
    if left.dead > 0 {
        remarks.push(rejected(left.dead, url, remedies));
    }
    remarks
}

/// How many records the server rejected, and what can be done about them.
pub(super) fn rejected(count: u64, url: &str, remedies: &Remedies) -> String {
    let records = counted(count, "record");
    let were = if count == 1 { "was" } else { "were" };
    let next = remedies.after_rejection();
    format!("{records} {were} rejected by {url}; {next}")
}

/// What waits for a destination, and the command that sends it, if one is known.
fn waiting(count: u64, identity: &Identity, how: Option<String>) -> String {
    let url = &identity.url;
    let records = that_wait(count);
    let Some(sender) = &identity.sender else {
        return format!(
            "{records} for {url}, accepted by an older version that did not note for which \
             connector; 'hivelog spool migrate' with -p, or --url and --connector, says which"
        );
    };
    let with = match sender.headers.as_slice() {
        [] => String::new(),
        names => format!(" with its own {}", names.join(", ")),
    };
    let how = match how {
        Some(command) => format!("send with: {command}"),
        None => format!(
            "no profile has this address, connector, key header ({}) and further headers",
            sender.key_header
        ),
    };
    format!("{records} for {url} from {}{with}; {how}", sender.connector)
}

fn that_wait(count: u64) -> String {
    let verb = if count == 1 { "waits" } else { "wait" };
    format!("{} {verb}", counted(count, "record"))
}
