//! Hands what `spool` tells to standard output.

use crate::cli::Context;
use crate::cli::spool::{Args, Verb};
use crate::commands::emit::output::Naming;
use crate::commands::spool::{self as command, Task, Told, output};
use crate::failure::{Exit, Failure};
use crate::host;
use crate::model::format::Format;
use crate::render::{json, raw, sanitise};

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
    super::emit::show(format, Naming::Ids, false, true, context, |tell| {
        command::drain(plan, host, tell)
    })
}

fn inspect(verb: Verb, format: Format, context: &mut Context<'_>) -> Result<Exit, Failure> {
    let human = matches!(format, Format::Human | Format::Table);
    let plan = verb.plan(context)?;
    let list = match &plan.task {
        Task::List(selection) => Some(!selection.is_everything()),
        _ => None,
    };
    let changes = matches!(plan.task, Task::Retry(_) | Task::Drop(_));
    let host = context.host;
    let mut stdout = host.stdout();
    let mut rows = output::List::new(host.stdout_is_terminal.then_some(host.width));
    let mut array = json::Array::default();
    let (mut broken, mut told_something) = (None, false);
    let exit = command::run(&plan, host, &mut |told| {
        told_something |= !matches!(told, Told::Notice(_));
        let bytes = match told {
            Told::Record(record) if format == Format::Ndjson => json::line(&*record),
            Told::Record(record) if human => rows.record(&record),
            Told::Record(record) => array.value(&*record),
            Told::Whole(record, body) if human => output::whole(&record, &body).into_bytes(),
            Told::Whole(record, body) => {
                let mut value = serde_json::to_value(&*record).unwrap_or_default();
                value["body"] = String::from_utf8_lossy(&body).into();
                json::line(&value)
            }
            // Elsewhere they are the bytes that were accepted.
            Told::Body(body) if host.stdout_is_terminal => {
                let body = String::from_utf8_lossy(&body);
                (raw::for_terminal(&body) + "\n").into_bytes()
            }
            Told::Body(mut body) => {
                body.push(b'\n');
                body
            }
            Told::Retried(id) => format!("ready {id}\n").into_bytes(),
            Told::Dropped(id) => format!("dropped {id}\n").into_bytes(),
            Told::Migrated(count) if human => format!("migrated {count}\n").into_bytes(),
            Told::Migrated(count) => json::line(&serde_json::json!({ "migrated": count })),
            Told::Health(health) if human => {
                for complaint in health.damaged.iter().chain(&health.complaints) {
                    host::say(sanitise::line(&format!("damaged: {complaint}")).as_bytes());
                }
                format!(
                    "{} intact, {} damaged\n",
                    health.sound,
                    health.damaged.len()
                )
                .into_bytes()
            }
            Told::Health(health) => json::line(&serde_json::json!({
                "sound": health.sound,
                "damaged": health.damaged,
                "complaints": health.complaints,
            })),
            Told::Notice(text) => {
                host::say(sanitise::line(&text).as_bytes());
                return;
            }
        };
        broken = broken.take().or(stdout.write(&bytes).err());
    });
    // Whatever was read is written, also where the run ends with a failure.
    match list {
        _ if exit.is_err() && !told_something => {}
        None if changes && !told_something => context.talk.notice("no record matches"),
        Some(selective) if human => stdout.write(&rows.end(selective))?,
        Some(_) if format == Format::Json => stdout.write(array.end())?,
        _ => {}
    }
    stdout.flush()?;
    broken.map_or(exit, Err)
}
