//! Hands what `spool` reports to standard output.

use super::{SpoolEvent, SpoolPlan, Task, output};
use crate::commands::ui::Ui;
use crate::failure::{Exit, Failure};
use crate::host::{self, Host};
use crate::model::format::Format;
use crate::render::{json, raw, sanitise};
use serde::Serialize;
use serde_json::json;

/// Looks into the spool or changes it, and shows what came of it.
pub fn inspect(plan: SpoolPlan<'_>, format: Format, ui: &Ui<'_>) -> Result<Exit, Failure> {
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
    let mut view = View {
        host,
        format,
        quiet: ui.talk.quiet,
        rows: output::list::List::new(host.stdout_is_terminal.then_some(host.width)),
        array: json::Array::default(),
    };
    let (mut broken, mut shown_something) = (None, false);
    let exit = super::run(plan, host, &mut |shown| {
        shown_something |= !matches!(shown, SpoolEvent::Notice(_));
        let bytes = if human {
            view.human(shown)
        } else {
            view.machine(shown)
        };
        broken = broken.take().or(stdout.write(&bytes).err());
        !stdout.is_closed()
    });
    // Whatever was read is written, also where the run ends with a failure.
    match list {
        _ if exit.is_err() && !shown_something => {}
        None if changes && !shown_something => ui.talk.notice("no record matches"),
        Some(selective) if human => stdout.write(&view.rows.end(selective))?,
        Some(_) if format == Format::Json => stdout.write(view.array.end().as_bytes())?,
        _ => {}
    }
    stdout.flush()?;
    broken.map_or(exit, Err)
}

/// What is shown, as bytes of a format.
struct View<'a> {
    host: &'a Host,
    format: Format,
    quiet: bool,
    rows: output::list::List,
    array: json::Array,
}

impl View<'_> {
    fn human(&mut self, shown: SpoolEvent) -> Vec<u8> {
        let text = match shown {
            SpoolEvent::Record(record) => return self.rows.record(&record),
            SpoolEvent::Whole(record, body) => output::list::whole(&record, &body),
            SpoolEvent::Imported(count) => output::imported(&count),
            // That it was done is not an error.
            SpoolEvent::Retried(_)
            | SpoolEvent::Dropped(_)
            | SpoolEvent::Moved(_)
            | SpoolEvent::Migrated(_)
                if self.quiet =>
            {
                String::new()
            }
            SpoolEvent::Retried(id) => format!("ready {id}\n"),
            SpoolEvent::Dropped(id) => format!("dropped {id}\n"),
            SpoolEvent::Moved(count) => format!("moved {}\n", count.moved),
            SpoolEvent::Migrated(count) => format!("migrated {count}\n"),
            SpoolEvent::Rights(statements) => {
                let lines = statements.iter().flat_map(|line| [line.as_str(), "\n"]);
                lines.collect()
            }
            SpoolEvent::Health(health) => {
                for complaint in health.damaged.iter().chain(&health.complaints) {
                    host::say(sanitise::line(&format!("damaged: {complaint}")).as_bytes());
                }
                let damaged = health.damaged.len();
                format!("{} intact, {damaged} damaged\n", health.intact)
            }
            SpoolEvent::Status(status) => output::status::human(&status, self.host.width),
            alike => return self.machine(alike),
        };
        text.into_bytes()
    }

    fn machine(&mut self, shown: SpoolEvent) -> Vec<u8> {
        match shown {
            SpoolEvent::Record(record) => self.one_of_many(&*record),
            SpoolEvent::Whole(record, body) => {
                let mut value = serde_json::to_value(&*record).unwrap_or_default();
                value["body"] = String::from_utf8_lossy(&body).into();
                json::line(&value)
            }
            // Elsewhere they are the bytes that were accepted.
            SpoolEvent::Body(body) if self.host.stdout_is_terminal => {
                let body = String::from_utf8_lossy(&body);
                (raw::for_terminal(&body) + "\n").into_bytes()
            }
            SpoolEvent::Body(mut body) => {
                body.push(b'\n');
                body
            }
            SpoolEvent::Exported(stored) => self.one_of_many(&*stored),
            SpoolEvent::Imported(count) => json::line(&count),
            SpoolEvent::Retried(id) => {
                self.one_of_many(&json!({"id": id.to_string(), "state": "ready"}))
            }
            SpoolEvent::Dropped(id) => {
                self.one_of_many(&json!({"id": id.to_string(), "state": "dropped"}))
            }
            SpoolEvent::Moved(count) => json::line(&count),
            SpoolEvent::Rights(statements) => json::line(&json!({ "rights": statements })),
            SpoolEvent::Migrated(count) => json::line(&json!({ "migrated": count })),
            SpoolEvent::Health(health) => json::line(&json!({
                "sound": health.intact,
                "damaged": health.damaged,
                "complaints": health.complaints,
            })),
            SpoolEvent::Status(status) if self.format == Format::Prometheus => {
                output::status::prometheus(&status).into_bytes()
            }
            SpoolEvent::Status(status) => json::line(&*status),
            SpoolEvent::Notice(text) => {
                host::say(sanitise::line(&text).as_bytes());
                Vec::new()
            }
        }
    }

    /// An element of an array, or a line.
    fn one_of_many(&mut self, value: &impl Serialize) -> Vec<u8> {
        if self.format == Format::Ndjson {
            json::line(value)
        } else {
            self.array.value(value)
        }
    }
}
