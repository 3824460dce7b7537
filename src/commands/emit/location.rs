//! Where accepted records are kept, as the settings say.

use crate::failure::Failure;
use crate::host::Host;
use crate::settings::Settings;
use crate::spool::place::Place;
use crate::spool::postgres::address::{Address, Password, is_address, password_in};
use crate::spool::postgres::{Database, shortest_lease};
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// What the command line says about a spool in addition to the settings.
#[derive(Clone, Copy, Debug, Default)]
pub struct Permits {
    /// Whether a connection to another machine may be in the clear.
    pub allow_unencrypted: bool,
    /// Whether a database is accepted that may lose what it has confirmed.
    pub allow_unsafe: bool,
    /// How long a drainer that does not renew it keeps its share.
    pub lease: Option<Duration>,
}

impl Permits {
    /// Reads how long a lease is to be, where one attempt may take so long.
    pub fn with_lease(
        self,
        lease: Option<Duration>,
        timeout: Duration,
    ) -> Result<Permits, Failure> {
        let shortest = shortest_lease(timeout);
        if lease.is_some_and(|lease| lease < shortest) {
            return Err(Failure::usage(format!(
                "--lease must be {} s or longer: twice the --timeout and 10 s",
                shortest.as_secs_f64().ceil()
            )));
        }
        Ok(Permits { lease, ..self })
    }
}

/// Where accepted records are kept. Without a home that is memory.
pub fn place(settings: &Settings, host: &Host, permits: Permits) -> Result<Place, Failure> {
    let location = settings.text("spool.location").unwrap_or("default");
    named(location, settings, host, permits)
}

/// The place of this name.
pub fn named(
    location: &str,
    settings: &Settings,
    host: &Host,
    permits: Permits,
) -> Result<Place, Failure> {
    let path = match location {
        "default" => match &host.state_dir {
            Some(state) => state.join("spool"),
            None => return Ok(Place::Memory),
        },
        place if is_address(place) => return database(settings, host, permits, place),
        place if place.contains("://") => {
            let why = "not a supported kind of spool: use a folder or postgres://…";
            return Err(settings.complaint("spool.location", why));
        }
        place => PathBuf::from(host.env.at_home(place)),
    };
    Ok(Place::Folder {
        path,
        max_bytes: settings.bytes("spool.max_bytes")?.unwrap_or(1 << 30),
    })
}

/// Where records are kept, as it is shown; for this no password is asked for.
pub fn shown(settings: &Settings, host: &Host) -> Result<Option<String>, Failure> {
    match settings.text("spool.location") {
        Some(place) if is_address(place) => {
            let address = address(settings, place, true)?;
            Ok(Some(address.to_string()))
        }
        _ => {
            let place = place(settings, host, Permits::default())?;
            Ok(place.is_durable().then(|| place.to_string()))
        }
    }
}

fn address(settings: &Settings, text: &str, allow_unencrypted: bool) -> Result<Address, Failure> {
    Address::parse(text, allow_unencrypted)
        .map_err(|why| settings.complaint("spool.location", &why))
}

fn database(
    settings: &Settings,
    host: &Host,
    permits: Permits,
    text: &str,
) -> Result<Place, Failure> {
    let address = address(settings, text, permits.allow_unencrypted)?;
    let names = ["PGUSER", "USER", "LOGNAME"];
    let known = names.iter().find_map(|name| settings.variable(name));
    let user = address.user.clone().or_else(|| known.map(str::to_owned));
    let user = user.ok_or_else(|| {
        settings.complaint(
            "spool.location",
            "the address has no user name: postgres://USER@…",
        )
    })?;
    Ok(Place::Postgres(Box::new(Database {
        password: password(settings, &address, &user)?,
        address,
        user,
        allow_unsafe: permits.allow_unsafe,
        state: host.state_dir.clone(),
        lease: permits.lease,
        max_records: settings.number("spool.max_records")?,
        given_up: Arc::default(),
    })))
}

/// The password, from wherever it is given first; some servers want none.
fn password(
    settings: &Settings,
    address: &Address,
    user: &str,
) -> Result<Option<Password>, Failure> {
    if settings.text("spool.password").is_none() {
        if let Some(password) = settings.variable("PGPASSWORD") {
            return Ok(Some(Password::new(password)));
        }
        let own = settings.own_value_for_a_secret("spool.location", "spool.password");
        if let Some(own) = own {
            let own = Address::parse(&own, true).ok();
            if own.as_ref().map(Address::place) != Some(address.place()) {
                return Err(Failure::usage(format!(
                    "the profile's spool.password belongs to another spool and is not sent to \
                     {address}"
                ))
                .hint("name another profile, or give the password in HIVELOG_SPOOL_PASSWORD"));
            }
        }
    }
    if let Some(secret) = settings.secret("spool.password")? {
        return Ok(Some(Password::new(secret.expose())));
    }
    let file = settings.variable("PGPASSFILE").map(PathBuf::from);
    let home = || {
        settings
            .variable("HOME")
            .map(|home| PathBuf::from(home).join(".pgpass"))
    };
    let Some(file) = file.or_else(home) else {
        return Ok(None);
    };
    // As the database's own programs have it: one that others can read counts as none.
    let private = std::fs::metadata(&file)
        .is_ok_and(|metadata| metadata.is_file() && metadata.mode().trailing_zeros() >= 6);
    let text = private
        .then(|| std::fs::read_to_string(&file).ok())
        .flatten();
    Ok(text.and_then(|text| password_in(&text, address, user)))
}
