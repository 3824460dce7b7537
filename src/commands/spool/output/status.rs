//! How much waits in a spool: for people, and for Prometheus.

use crate::commands::spool::status::{DestinationBacklog, Drainer, Sharing, SpoolStatus};
use crate::model::duration::rough_duration;
use crate::model::size::Size;
use crate::render::sanitise;
use crate::render::wrap::hanging;
use std::fmt::Write;

/// A transaction that lasts so many seconds is worth a line.
const LONG: u64 = 600;

/// The columns before a reason.
const INDENT: usize = 8;

/// A line for each destination with why it waits, and a line for all of them.
pub fn human(status: &SpoolStatus, width: usize) -> String {
    let mut text = String::new();
    for waiting in &status.destinations {
        text += &hanging("", 0, &sanitise::line(&waiting.summary()), width);
        for (label, why) in [("held", &waiting.held), ("last", &waiting.last_error)] {
            if let Some(why) = why {
                let first = format!("  {label}: ");
                text += &hanging(&first, INDENT, &sanitise::line(why), width);
            }
        }
    }
    if let Some(sharing) = &status.sharing {
        text += &shared(sharing, width);
    }
    let size = Size(status.bytes);
    let location = sanitise::line(&status.location);
    if status.destinations.is_empty() {
        let _ = writeln!(text, "the spool is empty: {location}");
    } else {
        let about = if status.estimated { "about " } else { "" };
        let _ = writeln!(text, "{about}{}, {size} in {location}", status.counts());
    }
    text
}

/// Who it is and what it has.
fn drainer_line(drainer: &Drainer) -> String {
    let Drainer {
        host,
        pid,
        version,
        destination,
        lanes,
        lease_seconds,
    } = drainer;
    format!(
        "drainer on {host} (pid {pid}, hivelog {version}) for {destination}: {lanes} lanes, lease \
         {lease_seconds} s"
    )
}

/// Who sends, and what keeps the database from its best.
fn shared(sharing: &Sharing, width: usize) -> String {
    let mut text = String::new();
    if sharing.drainers.is_empty() {
        text += "no drainer is running\n";
    }
    for drainer in &sharing.drainers {
        text += &hanging("", 0, &sanitise::line(&drainer_line(drainer)), width);
    }
    if sharing.inbox > 0 {
        let inbox = sharing.inbox;
        let _ = writeln!(text, "{inbox} in this machine's inbox, not transferred yet");
    }
    if let Some(age) = sharing
        .oldest_transaction_seconds
        .filter(|age| *age >= LONG)
    {
        let (age, rows) = (rough_duration(age), sharing.dead_rows);
        let _ = writeln!(
            text,
            "a transaction has been open for {age}: {rows} deleted rows still take up space"
        );
    }
    text
}

/// The metrics, in the text format of Prometheus.
pub fn prometheus(status: &SpoolStatus) -> String {
    let mut text = String::new();
    let labelled: Vec<(String, &DestinationBacklog)> = status
        .destinations
        .iter()
        .map(|waiting| (labels(waiting, status), waiting))
        .collect();
    family(
        &mut text,
        "records",
        "Undelivered records in the spool.",
        labelled.iter().flat_map(|(labels, waiting)| {
            let both = [("ready", waiting.ready), ("dead", waiting.dead)];
            both.map(|(state, count)| (format!("{labels},state=\"{state}\""), count))
        }),
    );
    family(
        &mut text,
        "oldest_seconds",
        "Age of the oldest record that is still to be sent.",
        labelled.iter().map(|(labels, waiting)| {
            let age = waiting.oldest_seconds.unwrap_or(0);
            (labels.clone(), age)
        }),
    );
    family(
        &mut text,
        "bytes",
        "Size of the records' storage in use.",
        [(String::new(), status.bytes)],
    );
    family(
        &mut text,
        "held",
        "Destinations to which nothing is sent for now, and why.",
        labelled.iter().filter_map(|(labels, waiting)| {
            let reason = value(waiting.held.as_deref()?);
            Some((format!("{labels},reason=\"{reason}\""), 1))
        }),
    );
    if let Some(sharing) = &status.sharing {
        shared_families(&mut text, sharing);
    }
    text
}

fn shared_families(text: &mut String, sharing: &Sharing) {
    family(
        text,
        "drainer_lanes",
        "Lanes that a drainer owns.",
        sharing.drainers.iter().map(|drainer| {
            let (host, to) = (value(&drainer.host), value(&drainer.destination));
            let labels = format!(
                "destination=\"{to}\",host=\"{host}\",pid=\"{}\"",
                drainer.pid
            );
            (labels, drainer.lanes)
        }),
    );
    let whole = [
        (
            "inbox_records",
            "Records in this machine's inbox.",
            Some(sharing.inbox),
        ),
        (
            "dead_rows",
            "Deleted rows that still take up space.",
            Some(sharing.dead_rows),
        ),
        (
            "oldest_transaction_seconds",
            "Age of the oldest transaction that keeps deleted rows.",
            sharing.oldest_transaction_seconds,
        ),
    ];
    for (name, help, number) in whole {
        family(
            text,
            name,
            help,
            number.map(|number| (String::new(), number)),
        );
    }
}

fn family(
    text: &mut String,
    name: &str,
    help: &str,
    samples: impl IntoIterator<Item = (String, u64)>,
) {
    let name = format!("hivelog_spool_{name}");
    let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} gauge");
    for (labels, value) in samples {
        let _ = if labels.is_empty() {
            writeln!(text, "{name} {value}")
        } else {
            writeln!(text, "{name}{{{labels}}} {value}")
        };
    }
}

/// What names a destination: its address, and where several share that, who sends as well.
fn labels(waiting: &DestinationBacklog, status: &SpoolStatus) -> String {
    let destination = &waiting.destination;
    let mut text = format!("destination=\"{}\"", value(&destination.url));
    let same = |other: &&DestinationBacklog| other.destination.url == destination.url;
    if status.destinations.iter().filter(same).count() > 1 {
        let connector = destination.connector.as_deref().unwrap_or_default();
        let key_header = destination.key_header.as_deref().unwrap_or_default();
        let _ = write!(
            text,
            ",connector=\"{}\",key_header=\"{}\",headers=\"{}\"",
            value(connector),
            value(key_header),
            value(&destination.headers.join(","))
        );
    }
    text
}

/// The value of a label.
fn value(text: &str) -> String {
    sanitise::line(text)
        .replace('\\', "\\\\")
        .replace('"', "\\\"")
}
