//! SyncHive and the automation server: whether their settings are complete, and whether they answer.

use super::diagnosis::{CheckStatus, Diagnosis};
use crate::commands::emit::destination::{Destination, Extra};
use crate::commands::tail::plan::ServerFlags;
use crate::failure::Failure;
use crate::host::{self, Host};
use crate::link::variables::Variables;
use crate::link::{address, probe};
use crate::settings::Settings;
use std::time::Duration;

/// How long an address may take to answer.
const TIME_LIMIT: Duration = Duration::from_secs(10);

pub fn synchive(settings: &Settings, allow_http: bool) -> Diagnosis {
    let Some(url) = settings.text("synchive.url") else {
        let message =
            "no SyncHive address configured: only 'emit --sandbox' and 'emit --dry-run' work";
        return Diagnosis::new("synchive", CheckStatus::Skipped, message)
            .help("set HIVELOG_SYNCHIVE_URL, or create a profile: hivelog config init");
    };
    let extra = Extra {
        allow_http,
        ..Extra::default()
    };
    let resolved = Destination::resolve(settings, &extra);
    Diagnosis::of(
        "synchive",
        resolved.map(|_| {
            let connector = settings.text("synchive.connector").unwrap_or_default();
            let key = source(settings, "synchive.key");
            format!("{url} as {connector}, the key from {key}")
        }),
    )
}

pub fn server(settings: &Settings, allow_http: bool, host: &Host) -> Diagnosis {
    let Some(url) = settings.text("server.url") else {
        let message =
            "no server address configured: tail can only use files, --listen and --sandbox";
        return Diagnosis::new("server", CheckStatus::Skipped, message)
            .help("set HIVELOG_SERVER_URL, or create a profile: hivelog config init");
    };
    let plain = ServerFlags {
        follow: true,
        allow_http,
        poll_interval: TIME_LIMIT,
        ..ServerFlags::default()
    };
    Diagnosis::of(
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

pub fn probed(
    check: &'static str,
    settings: &Settings,
    name: &str,
    allow_http: bool,
) -> Result<Diagnosis, Failure> {
    let Some(url) = settings.text(name) else {
        return Ok(Diagnosis::new(
            check,
            CheckStatus::Skipped,
            "no address configured",
        ));
    };
    let Ok(address) = address::parse_server(url, allow_http) else {
        return Ok(Diagnosis::new(
            check,
            CheckStatus::Skipped,
            "not probed: the address cannot be used",
        ));
    };
    let shown = address::shown(&address);
    let variables = Variables::read(|name| settings.variable(name));
    Ok(
        match host::block_on(probe::reach(&address, variables, TIME_LIMIT))? {
            Ok(status) => Diagnosis::new(
                check,
                CheckStatus::Ok,
                format!("{shown} answers (HTTP {status})"),
            ),
            Err(cause) => Diagnosis::new(check, CheckStatus::Failed, cause)
                .help("check the address, the network, the proxy variables and the certificates"),
        },
    )
}
