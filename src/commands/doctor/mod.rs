//! What `doctor` does: looks at everything the other commands rely on, before they do.

pub mod diagnosis;
pub mod output;
use crate::commands::doctor::diagnosis::{Check, Health};
use crate::commands::emit::destination::{Destination, Extra};
use crate::commands::emit::keeping::drained_by;
use crate::commands::emit::{Place, spool_failure};
use crate::commands::spool::status::{Status, Waiting};
use crate::commands::tail::plan::Server;
use crate::commands::ui::Ui;
use crate::failure::{Exit, Failure};
use crate::host::{self, Host};
use crate::link::variables::Variables;
use crate::link::{address, probe};
use crate::model::format::Format;
use crate::model::timestamp::Zone;
use crate::settings::Settings;
use crate::spool::inspect::{Access, Durability};
use crate::spool::lock_wait::LockWait;
use std::path::Path;
use std::time::Duration;

/// How long an address may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long a spool may be locked by another process.
const LOCKED: Duration = Duration::from_secs(2);

/// What is to be looked at, as far as it must be read first.
#[derive(Debug)]
pub struct Plan {
    /// Whether the rules of the profile make sense.
    pub rules: Result<(), Failure>,
    /// Where undelivered records are.
    pub spool: Result<Place, Failure>,
    /// The zone of the times that are shown.
    pub zone: Zone,
    /// Whether to open connections.
    pub probe: bool,
}

/// Checks one thing after the other; the answer is no when one does not work. People see each
/// result at once.
pub fn run(plan: Plan, settings: &Settings, format: Format, ui: &Ui<'_>) -> Result<Exit, Failure> {
    let page = ui.page(format);
    let mut checks = Vec::new();
    let mut report = |check: Check| {
        if format == Format::Human {
            return ui.print(output::line(&check, &page).as_bytes());
        }
        checks.push(check);
        Ok(())
    };
    let exit = check_all(plan, settings, ui.host, &mut report)?;
    ui.print(&output::all(&checks, &page))?;
    Ok(exit)
}

fn check_all(
    plan: Plan,
    settings: &Settings,
    host: &Host,
    report: &mut dyn FnMut(Check) -> Result<(), Failure>,
) -> Result<Exit, Failure> {
    let mut exit = Exit::Yes;
    let mut add = |check: Check| {
        if check.status == Health::Failed {
            exit = Exit::No;
        }
        report(check)
    };
    add(profile_file(settings))?;
    add(profile(settings))?;
    add(judged(
        "check",
        plan.rules.map(|()| "the rules are in order".to_owned()),
    ))?;
    for check in spool(plan.spool, plan.zone, settings, host) {
        add(check)?;
    }
    add(synchive(settings))?;
    add(server(settings, host))?;
    if plan.probe {
        for (check, name) in [
            ("synchive probe", "synchive.url"),
            ("server probe", "server.url"),
        ] {
            add(probed(check, settings, name)?)?;
        }
    }
    Ok(exit)
}

/// What a failure elsewhere would say, or that all is well.
fn judged(check: &'static str, result: Result<String, Failure>) -> Check {
    match result {
        Ok(message) => Check::new(check, Health::Ok, message),
        Err(failure) => Check {
            help: failure.hint.clone(),
            ..Check::new(check, Health::Failed, failure.to_string())
        },
    }
}

fn profile_file(settings: &Settings) -> Check {
    let name = "profile file";
    let Some(path) = settings.file_path() else {
        return Check::new(name, Health::Skipped, "none is in use");
    };
    let shown = path.display().to_string();
    if !path.exists() {
        return Check::new(name, Health::Skipped, format!("{shown} does not exist"))
            .help("'hivelog config init' writes it");
    }
    if others_may_write(path) {
        return Check::new(
            name,
            Health::Warning,
            format!("{shown} can be changed by others"),
        )
        .help(format!("chmod 600 {shown}"));
    }
    Check::new(name, Health::Ok, shown)
}

#[cfg(unix)]
fn others_may_write(path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata(path).is_ok_and(|metadata| metadata.mode() & 0o022 != 0)
}

#[cfg(not(unix))]
fn others_may_write(_: &Path) -> bool {
    false
}

fn profile(settings: &Settings) -> Check {
    match (settings.profile(), settings.origin("profile")) {
        (Some(name), Some(origin)) => {
            Check::new("profile", Health::Ok, format!("{name} ({origin})"))
        }
        _ => Check::new("profile", Health::Skipped, "none is chosen"),
    }
}

/// Where undelivered records are, and what waits there, for whom and why.
fn spool(
    place: Result<Place, Failure>,
    zone: Zone,
    settings: &Settings,
    host: &Host,
) -> Vec<Check> {
    let place = match place {
        Ok(place) if place.is_durable() => place,
        Ok(_) => {
            let message = "there is no home: undelivered records live in memory only";
            let check = Check::new("spool", Health::Warning, message).help("set HIVELOG_SPOOL");
            return vec![check];
        }
        Err(failure) => return vec![judged("spool", Err(failure))],
    };
    if let Some(check) = not_writable(&place) {
        return vec![check];
    }
    match status(&place, zone, host) {
        Err(failure) => vec![judged("spool", Err(failure))],
        Ok((status, settings_of_database)) => {
            let waits = match status.destinations.as_slice() {
                [] => "nothing waits".to_owned(),
                _ => status.counts(),
            };
            let message = format!("{place}: {waits}");
            let configured = Destination::configured(settings);
            let waiting = status.destinations.iter();
            let waiting = waiting.map(|one| waits_for(one, drained_by(&one.identity, &configured)));
            std::iter::once(Check::new("spool", Health::Ok, message))
                .chain(settings_of_database.as_ref().map(durability))
                .chain(waiting)
                .collect()
        }
    }
}

fn not_writable(place: &Place) -> Option<Check> {
    let Place::Folder { path: folder, .. } = place else {
        return None;
    };
    // The folder is made when it is needed; until then its nearest parent decides.
    let mut parents = folder.ancestors().filter(|folder| folder.exists());
    let existing = parents.next().unwrap_or(Path::new("."));
    let error = writable(existing).err()?;
    let message = format!("cannot write to {}: {error}", existing.display());
    let check = Check::new("spool", Health::Failed, message);
    Some(check.help("name another folder with HIVELOG_SPOOL or spool.location"))
}

/// What waits, and what a database does before it confirms a record.
fn status(place: &Place, zone: Zone, host: &Host) -> Result<(Status, Option<Durability>), Failure> {
    let mut quiet = |_| {};
    let opened = place.inspect(Access::Look, &mut LockWait::new(LOCKED, &mut quiet));
    let opened = opened.map_err(spool_failure)?;
    if let Some(damaged) = opened.as_ref().filter(|spool| !spool.damage().is_empty()) {
        return Err(Failure::input(damaged.damage()));
    }
    let durability = opened.as_ref().map(|spool| spool.durability()).transpose();
    let durability = durability.map_err(spool_failure)?.flatten();
    let status = Status::read(place, opened.as_deref(), zone, host.now().millis())?;
    Ok((status, durability))
}

/// Which promise a database keeps for records that it has confirmed.
fn durability(settings: &Durability) -> Check {
    let name = "durability";
    let fsync = if settings.fsync { "on" } else { "off" };
    let standbys = match settings.standbys.as_str() {
        "" => "no synchronous standby".to_owned(),
        names => format!("synchronous standbys {names}"),
    };
    let facts = format!(
        "fsync {fsync}, synchronous_commit {}, {standbys}",
        settings.commit
    );
    let Some(survives) = settings.survives() else {
        let message = format!("a crash of the server may lose confirmed records ({facts})");
        return Check::new(name, Health::Warning, message)
            .help("switch fsync and synchronous_commit on");
    };
    let message = format!("confirmed records survive {survives} ({facts})");
    let check = Check::new(name, Health::Ok, message);
    if settings.is_replicated() {
        return check;
    }
    check.help("with synchronous_standby_names a failover loses none either")
}

/// What waits for one destination, why, and the command that sends it.
fn waits_for(waiting: &Waiting, drain: Option<String>) -> Check {
    let why = waiting.held.as_ref().or(waiting.last_error.as_ref());
    let message = match why {
        Some(why) => format!("{}; {why}", waiting.summary()),
        None => waiting.summary(),
    };
    let is_well = why.is_none() && waiting.dead == 0;
    let health = if is_well { Health::Ok } else { Health::Warning };
    let help = match (waiting.ready, drain) {
        (0, _) => "'hivelog spool list --dead' shows why, 'hivelog spool drain --dead' sends again"
            .to_owned(),
        (_, Some(command)) => format!("send with: {command}"),
        (_, None) => {
            "no profile sends to it: 'hivelog spool drain' with --url and --connector does"
                .to_owned()
        }
    };
    Check::new("waiting", health, message).help(help)
}

/// Tries it: permissions say nothing about read-only and full disks.
fn writable(folder: &Path) -> std::io::Result<()> {
    let trial = folder.join(format!(".hivelog-doctor-{}", std::process::id()));
    std::fs::write(&trial, b"?")?;
    std::fs::remove_file(trial)
}

fn synchive(settings: &Settings) -> Check {
    let Some(url) = settings.text("synchive.url") else {
        let message = "no address: emit has nowhere to send to, except to --sandbox";
        return Check::new("synchive", Health::Skipped, message)
            .help("set HIVELOG_SYNCHIVE_URL, or write a profile: hivelog config init");
    };
    let resolved = Destination::resolve(settings, &Extra::default());
    judged(
        "synchive",
        resolved.map(|_| {
            let connector = settings.text("synchive.connector").unwrap_or_default();
            let key = source(settings, "synchive.key");
            format!("{url} as {connector}, the key from {key}")
        }),
    )
}

fn server(settings: &Settings, host: &Host) -> Check {
    let Some(url) = settings.text("server.url") else {
        let message = "no address: tail follows files, --listen and --sandbox only";
        return Check::new("server", Health::Skipped, message);
    };
    let plain = Server {
        follow: true,
        poll_interval: PATIENCE,
        ..Server::default()
    };
    judged(
        "server",
        plain.resolve(settings, host.now()).map(|followed| {
            let who = match settings.text("server.username") {
                // By basic authentication the password is sent with each request.
                _ if followed.token.is_some() && settings.text("server.auth") != Some("basic") => {
                    format!("the token from {}", source(settings, "server.token"))
                }
                Some(name) => {
                    format!(
                        "{name}, the password from {}",
                        source(settings, "server.password")
                    )
                }
                None => return format!("{url} without login: no credentials configured"),
            };
            format!("{url} as {who}")
        }),
    )
}

/// Where a secret comes from, in words.
fn source(settings: &Settings, secret: &str) -> String {
    if let Some(origin) = settings.origin(secret) {
        return origin.to_string();
    }
    if let Some(path) = settings.text(&format!("{secret}_file")) {
        return format!("the file {path}");
    }
    let argv = settings.list(&format!("{secret}_command"));
    let program = argv.and_then(|argv| argv.into_iter().next());
    format!("the command '{}'", program.unwrap_or_default())
}

fn probed(check: &'static str, settings: &Settings, name: &str) -> Result<Check, Failure> {
    let Some(url) = settings.text(name) else {
        return Ok(Check::new(check, Health::Skipped, "no address"));
    };
    let Ok(address) = address::parse_server(url, false) else {
        return Ok(Check::new(
            check,
            Health::Skipped,
            "the address cannot be used",
        ));
    };
    let shown = address::shown(&address);
    let variables = Variables::read(|name| settings.variable(name));
    Ok(
        match host::block_on(probe::reach(&address, variables, PATIENCE))? {
            Ok(status) => Check::new(
                check,
                Health::Ok,
                format!("{shown} answers (HTTP {status})"),
            ),
            Err(cause) => Check::new(check, Health::Failed, cause)
                .help("check address, network, proxy variables and certificates"),
        },
    )
}
