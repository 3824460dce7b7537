//! Hands what `spool` tells to standard output.

use crate::cli::Context;
use crate::cli::spool::{Args, Verb};
use crate::command::spool::{self as command, Told};
use crate::failure::{Exit, Failure};
use crate::host;
use crate::model::format::Format;
use crate::view;

/// Plans, does and shows.
pub fn run(args: Args, context: &mut Context<'_>) -> Result<Exit, Failure> {
    let known = [Format::Human, Format::Table, Format::Json, Format::Ndjson];
    let format = context.format(&known, Format::Human)?;
    match args.verb {
        Verb::Drain(args) => drain(*args, format, context),
        Verb::Path(spool) => {
            let folder = spool.folder(context)?;
            let mut stdout = context.host.stdout();
            stdout.write(format!("{}\n", folder.display()).as_bytes())?;
            stdout.flush()?;
            Ok(Exit::Yes)
        }
        verb => inspect(verb, format, context),
    }
}

fn drain(
    args: crate::cli::spool::DrainArgs,
    format: Format,
    context: &mut Context<'_>,
) -> Result<Exit, Failure> {
    let plan = args.plan(context)?;
    let host = context.host;
    super::emit::show(format, false, true, context, |tell| {
        command::drain(plan, host, tell)
    })
}

fn inspect(verb: Verb, format: Format, context: &mut Context<'_>) -> Result<Exit, Failure> {
    let human = matches!(format, Format::Human | Format::Table);
    let is_list = matches!(verb, Verb::List(_));
    let plan = verb.plan(context)?;
    let host = context.host;
    let mut stdout = host.stdout();
    let mut records = Vec::new();
    let mut broken = None;
    let ended = command::run(&plan, host, &mut |told| {
        let bytes = match told {
            Told::Record(record) if format == Format::Ndjson => view::json::line(&*record),
            Told::Record(record) => {
                records.push(*record);
                return;
            }
            Told::Whole(record, body) if human => view::spool::whole(&record, &body).into_bytes(),
            Told::Whole(record, body) => {
                let mut value = serde_json::to_value(&*record).unwrap_or_default();
                value["body"] = String::from_utf8_lossy(&body).into();
                view::json::line(&value)
            }
            // Elsewhere they are the bytes that were accepted.
            Told::Body(body) if host.stdout_is_terminal => {
                let body = String::from_utf8_lossy(&body);
                (view::raw::for_terminal(&body) + "\n").into_bytes()
            }
            Told::Body(mut body) => {
                body.push(b'\n');
                body
            }
            Told::Retried(id) => format!("ready {id}\n").into_bytes(),
            Told::Dropped(id) => format!("dropped {id}\n").into_bytes(),
            Told::Migrated(count) if human => format!("migrated {count}\n").into_bytes(),
            Told::Migrated(count) => view::json::line(&serde_json::json!({ "migrated": count })),
            Told::Health(health) if human => {
                for complaint in health.damaged.iter().chain(&health.complaints) {
                    host::say(view::sanitise::line(&format!("damaged: {complaint}")).as_bytes());
                }
                format!("{} sound, {} damaged\n", health.sound, health.damaged.len()).into_bytes()
            }
            Told::Health(health) => view::json::line(&serde_json::json!({
                "sound": health.sound,
                "damaged": health.damaged,
                "complaints": health.complaints,
            })),
        };
        broken = broken.take().or(stdout.write(&bytes).err());
    });
    // What was found is shown whole, however the run ends.
    let is_list = is_list && (ended.is_ok() || !records.is_empty());
    if is_list && human {
        let shown = match format {
            Format::Table => view::spool::as_table(&records, host.width),
            _ => view::spool::list(&records),
        };
        stdout.write(&shown)?;
    } else if is_list && format == Format::Json {
        stdout.write(&view::json::array(&records))?;
    }
    stdout.flush()?;
    broken.map_or(ended, Err)
}
