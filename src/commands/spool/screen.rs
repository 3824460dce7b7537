//! Hands what `spool` reports to standard output.

use super::{Plan, Shown, Task, output};
use crate::commands::ui::Ui;
use crate::failure::{Exit, Failure};
use crate::host;
use crate::model::format::Format;
use crate::render::{json, raw, sanitise};

/// Looks into the spool or changes it, and shows what came of it.
pub fn inspect(plan: Plan<'_>, format: Format, ui: &Ui<'_>) -> Result<Exit, Failure> {
    let human = matches!(format, Format::Human | Format::Table);
    let changes = matches!(plan.task, Task::Retry(..) | Task::Drop(..));
    let list = match &plan.task {
        Task::List(selection) => Some(!selection.is_everything()),
        Task::Export(_) => Some(true),
        _ if changes && !human => Some(true),
        _ => None,
    };
    let host = ui.host;
    let mut stdout = host.stdout();
    let mut rows = output::list::List::new(host.stdout_is_terminal.then_some(host.width));
    let mut array = json::Array::default();
    let put = |array: &mut json::Array, value: &serde_json::Value| match format {
        Format::Ndjson => json::line(value),
        _ => array.value(value),
    };
    let (mut broken, mut shown_something) = (None, false);
    let exit = super::run(plan, host, &mut |shown| {
        shown_something |= !matches!(shown, Shown::Notice(_));
        let bytes = match shown {
            Shown::Record(record) if format == Format::Ndjson => json::line(&*record),
            Shown::Record(record) if human => rows.record(&record),
            Shown::Record(record) => array.value(&*record),
            Shown::Whole(record, body) if human => output::list::whole(&record, &body).into_bytes(),
            Shown::Whole(record, body) => {
                let mut value = serde_json::to_value(&*record).unwrap_or_default();
                value["body"] = String::from_utf8_lossy(&body).into();
                json::line(&value)
            }
            // Elsewhere they are the bytes that were accepted.
            Shown::Body(body) if host.stdout_is_terminal => {
                let body = String::from_utf8_lossy(&body);
                (raw::for_terminal(&body) + "\n").into_bytes()
            }
            Shown::Body(mut body) => {
                body.push(b'\n');
                body
            }
            Shown::Exported(stored) if format == Format::Ndjson => json::line(&*stored),
            Shown::Exported(stored) => array.value(&*stored),
            Shown::Imported(count) if human => output::imported(&count).into_bytes(),
            Shown::Imported(count) => json::line(&count),
            Shown::Retried(id) if human => format!("ready {id}\n").into_bytes(),
            Shown::Dropped(id) if human => format!("dropped {id}\n").into_bytes(),
            Shown::Retried(id) => put(
                &mut array,
                &serde_json::json!({"id": id.to_string(), "state": "ready"}),
            ),
            Shown::Dropped(id) => put(
                &mut array,
                &serde_json::json!({"id": id.to_string(), "state": "dropped"}),
            ),
            Shown::Moved(count) if human => format!("moved {}\n", count.moved).into_bytes(),
            Shown::Moved(count) => json::line(&count),
            Shown::Rights(statements) if human => {
                let lines = statements.iter().flat_map(|line| [line.as_str(), "\n"]);
                lines.collect::<String>().into_bytes()
            }
            Shown::Rights(statements) => json::line(&serde_json::json!({ "rights": statements })),
            Shown::Migrated(count) if human => format!("migrated {count}\n").into_bytes(),
            Shown::Migrated(count) => json::line(&serde_json::json!({ "migrated": count })),
            Shown::Health(health) if human => {
                for complaint in health.damaged.iter().chain(&health.complaints) {
                    host::say(sanitise::line(&format!("damaged: {complaint}")).as_bytes());
                }
                format!(
                    "{} intact, {} damaged\n",
                    health.intact,
                    health.damaged.len()
                )
                .into_bytes()
            }
            Shown::Health(health) => json::line(&serde_json::json!({
                "sound": health.intact,
                "damaged": health.damaged,
                "complaints": health.complaints,
            })),
            Shown::Status(status) if format == Format::Prometheus => {
                output::status::prometheus(&status).into_bytes()
            }
            Shown::Status(status) if human => {
                output::status::human(&status, host.width).into_bytes()
            }
            Shown::Status(status) => json::line(&*status),
            Shown::Notice(text) => {
                host::say(sanitise::line(&text).as_bytes());
                return true;
            }
        };
        broken = broken.take().or(stdout.write(&bytes).err());
        !stdout.is_closed()
    });
    // Whatever was read is written, also where the run ends with a failure.
    match list {
        _ if exit.is_err() && !shown_something => {}
        None if changes && !shown_something => ui.talk.notice("no record matches"),
        Some(selective) if human => stdout.write(&rows.end(selective))?,
        Some(_) if format == Format::Json => stdout.write(array.end().as_bytes())?,
        _ => {}
    }
    stdout.flush()?;
    broken.map_or(exit, Err)
}
