//! Where records go: address, headers and key, as the settings say.

use crate::commands::emit::remedies::Remedies;
use crate::commands::unusable;
use crate::failure::Failure;
use crate::link::address;
use crate::link::event_log::EventLogs;
use crate::link::headers::{Headers, MaskedKey};
use crate::link::variables::Variables;
use crate::retry::verdict::RetryOn;
use crate::settings::{Settings, key_header};
use crate::spool::identity::Identity;
use std::collections::BTreeMap;
use std::time::Duration;
use url::Url;

/// What stands for a value that is not known when a request is only shown.
const UNKNOWN_HOST: &str = "https://synchive-url-not-set";

/// A destination, settled before anything is read.
#[derive(Clone, Debug)]
pub struct Destination {
    url: Url,
    headers: Headers,
    key_header: String,
    key: MaskedKey,
    retry_on: RetryOn,
    identity: Identity,
    /// Whether it is the only configured destination at its address: records of which only the
    /// address is known can be meant for no other.
    pub(super) sole: bool,
    variables: Variables,
    remedies: Remedies,
}

/// A request as it would be made, for showing; the key and the values of profile headers are not
/// in it.
#[derive(Clone, Debug)]
pub struct Request {
    /// The method.
    pub method: &'static str,
    /// The address.
    pub url: String,
    /// The name of the header that carries the key.
    pub key_header: String,
    /// Names and values; a value that must not be shown is absent.
    pub headers: Vec<(String, Option<String>)>,
}

/// A destination of the profile file.
#[derive(Debug)]
pub struct Configured {
    /// Its profile; `None` for what stands outside any.
    pub profile: Option<String>,
    /// Under which identity it sends; without a connector there is no sender.
    pub identity: Identity,
    /// What the file says for it, without flags and variables.
    pub settings: Settings,
}

/// What the command line says about a destination in addition to the settings.
#[derive(Clone, Debug, Default)]
pub struct Extra {
    /// Further headers.
    pub headers: Vec<(String, String)>,
    /// Whether plain http to other machines is allowed.
    pub allow_http: bool,
}

impl Destination {
    /// The destination of the settings, with its key.
    pub fn resolve(settings: &Settings, extra: &Extra) -> Result<Destination, Failure> {
        // The address is judged before a command for the key is run.
        let (address, connector) = sender(settings, extra)?;
        settings.guard_origin("synchive", "synchive.key")?;
        let key = settings.secret("synchive.key")?.ok_or_else(|| {
            let of = settings.section_of_profile("synchive");
            Failure::usage("the connector's key is missing").hint(format!(
                "give it in HIVELOG_KEY, or as key_file or key_command in {of}"
            ))
        })?;
        let mut destination =
            Destination::build(settings, address, connector, key.expose(), extra)?;
        destination.sole = destination.is_sole(settings);
        Ok(destination)
    }

    /// The destination of the settings for work that sends nothing and needs no key.
    pub fn keyless(settings: &Settings, extra: &Extra) -> Result<Destination, Failure> {
        let (address, connector) = sender(settings, extra)?;
        let mut destination = Destination::build(settings, address, connector, "", extra)?;
        destination.sole = destination.is_sole(settings);
        Ok(destination)
    }

    /// The destination as far as it is known, without its key, and what is not known.
    pub fn sketch(
        settings: &Settings,
        extra: &Extra,
    ) -> Result<(Destination, Vec<&'static str>), Failure> {
        // A preview refuses what the real run would refuse.
        settings.guard_origin("synchive", "synchive.key")?;
        let mut unknown = Vec::new();
        let url = settings.text("synchive.url").unwrap_or_else(|| {
            unknown.push("the address (--url)");
            UNKNOWN_HOST
        });
        let connector = settings.text("synchive.connector").unwrap_or_else(|| {
            unknown.push("the connector (--connector)");
            "connector-not-set"
        });
        let address = parse_address(settings, url, extra)?;
        let destination = Destination::build(settings, address, connector, "", extra)?;
        Ok((destination, unknown))
    }

    /// The embedded emulator, which needs no settings; its address is known when it runs.
    pub fn sandbox(settings: &Settings, extra: &Extra) -> Result<Destination, Failure> {
        let nowhere = address::parse("http://127.0.0.1", false).map_err(unusable::failure)?;
        let connector = settings
            .text("synchive.connector")
            .unwrap_or("sandbox_connector");
        let address = address::join(&nowhere, "/data-service/v1/eventLog");
        Destination::build(settings, address, connector, "sandbox", extra)
    }

    /// The same with another base address.
    pub fn moved_to(mut self, base: &str) -> Result<Destination, Failure> {
        let base = address::parse(base, false).map_err(unusable::failure)?;
        let path = &self.url[url::Position::BeforePath..];
        self.url = address::join(&base, path);
        self.identity.url = self.shown();
        Ok(self)
    }

    fn build(
        settings: &Settings,
        url: Url,
        connector: &str,
        key: &str,
        extra: &Extra,
    ) -> Result<Destination, Failure> {
        let key_header = settings
            .text("synchive.key_header")
            .map_or_else(|| key_header(connector), str::to_owned);
        let mut headers = Headers::default();
        let complaint = |name: &str, why| unusable::setting(settings, name, why);
        headers
            .set("limber-connector", connector)
            .map_err(|why| complaint("synchive.connector", why))?;
        // Its name first: what is wrong after that is the key.
        headers
            .set_key(&key_header, "")
            .map_err(|why| complaint("synchive.key_header", why))?;
        headers.set_key(&key_header, key).map_err(|why| {
            let source = settings.secret_source("synchive.key");
            complaint(source.as_deref().unwrap_or("synchive.key"), why)
        })?;
        headers
            .set("Content-Type", "application/json")
            .map_err(unusable::failure)?;
        let own = settings.table("synchive.headers");
        let mut further = BTreeMap::new();
        for (name, value) in &own {
            // Profiles may hold secrets of gateways here.
            headers
                .set_masked(name, value)
                .map_err(|why| unusable::entry(settings, "synchive.headers", name, why))?;
        }
        for (name, value) in &extra.headers {
            headers.set_extra(name, value).map_err(unusable::failure)?;
        }
        for (name, value) in own.iter().chain(&extra.headers) {
            further.insert(name.to_ascii_lowercase(), value.clone());
        }
        let retry_on = match settings.list("synchive.retry_on") {
            Some(list) => {
                RetryOn::new(list).map_err(|why| settings.complaint("synchive.retry_on", &why))?
            }
            None => RetryOn::default(),
        };
        Ok(Destination {
            identity: Identity::new(address::shown(&url), connector, &key_header, &further),
            url,
            headers,
            key_header,
            key: MaskedKey::new(key),
            retry_on,
            sole: false,
            variables: Variables::read(|name| settings.variable(name)),
            remedies: Remedies::of(settings, &extra.headers, extra.allow_http),
        })
    }

    /// What helps when it takes nothing.
    pub fn remedies(&self) -> &Remedies {
        &self.remedies
    }

    /// Under which identity records are accepted and sent.
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    fn is_sole(&self, settings: &Settings) -> bool {
        let configured = Destination::configured(settings);
        let mut there = configured
            .iter()
            .filter(|known| known.identity.url == self.identity.url)
            .peekable();
        there.peek().is_some() && there.all(|known| known.identity == self.identity)
    }

    /// The destinations of the profile file. To what cannot be used nothing was ever sent.
    pub fn configured(settings: &Settings) -> Vec<Configured> {
        let extra = Extra {
            allow_http: true,
            ..Extra::default()
        };
        let named = settings.profiles().into_iter().map(Some);
        named
            .chain([None])
            .filter_map(|profile| {
                let settings = settings.alone(profile);
                settings.text("synchive.url")?;
                let (destination, _) = Destination::sketch(&settings, &extra).ok()?;
                let mut identity = destination.identity;
                if settings.text("synchive.connector").is_none() {
                    // What stands outside any profile need not be complete.
                    profile?;
                    identity.sender = None;
                }
                Some(Configured {
                    profile: profile.map(str::to_owned),
                    identity,
                    settings,
                })
            })
            .collect()
    }

    /// The address, as it may be shown.
    pub fn shown(&self) -> String {
        address::shown(&self.url)
    }

    /// A text without the key.
    pub fn mask(&self, text: String) -> String {
        self.key.mask(text)
    }

    /// Makes it ready for sending; nothing is opened before the first record.
    pub fn open(self, timeout: Duration, jobs: usize) -> EventLogs {
        EventLogs::new(
            self.url,
            self.headers,
            self.key,
            self.retry_on,
            timeout,
            jobs,
        )
        .with_variables(self.variables)
    }

    /// The request every record makes.
    pub fn request(&self) -> Request {
        let spelled = |name: &str| {
            // The name as it was configured, not in the lower case it travels in.
            let known = [self.key_header.as_str(), "Content-Type"];
            let known = known
                .into_iter()
                .find(|known| known.eq_ignore_ascii_case(name));
            known.unwrap_or(name).to_owned()
        };
        Request {
            method: "PUT",
            url: self.shown(),
            key_header: self.key_header.clone(),
            headers: self
                .headers
                .shown()
                .map(|(name, value)| (spelled(name), value.map(str::to_owned)))
                .collect(),
        }
    }
}

/// The address and the connector that sends to it.
fn sender<'a>(settings: &'a Settings, extra: &Extra) -> Result<(Url, &'a str), Failure> {
    let url = settings.text("synchive.url").ok_or_else(|| {
        let profiles = match (settings.profile(), settings.profiles().as_slice()) {
            (None, profiles @ [_, ..]) => format!("a profile (-p {})", profiles.join(", -p ")),
            _ => "a profile ('hivelog config init')".to_owned(),
        };
        Failure::usage("no destination configured").hint(format!(
            "give --url, HIVELOG_SYNCHIVE_URL or {profiles}; 'hivelog emit --sandbox' needs none of them"
        ))
    })?;
    let connector = settings.text("synchive.connector").ok_or_else(|| {
        Failure::usage("no connector key configured")
            .hint("give --connector, HIVELOG_CONNECTOR or a profile")
    })?;
    Ok((parse_address(settings, url, extra)?, connector))
}

fn path(settings: &Settings) -> &str {
    settings
        .text("synchive.path")
        .unwrap_or("/data-service/v1/eventLog")
}

fn parse_address(settings: &Settings, url: &str, extra: &Extra) -> Result<Url, Failure> {
    address::parse(url, extra.allow_http)
        .map(|address| endpoint(address, path(settings)))
        .map_err(|why| unusable::setting(settings, "synchive.url", why))
}

/// The endpoint under an address, which may already end in the endpoint's path.
fn endpoint(mut address: Url, path: &str) -> Url {
    let (segments, _) = path.split_once('?').unwrap_or((path, ""));
    let segments = format!("/{}", segments.trim_matches('/'));
    let whole = address.path().trim_end_matches('/');
    if let Some(prefix) = whole.strip_suffix(&segments).map(str::to_owned) {
        address.set_path(&prefix);
    }
    address::join(&address, path)
}
