//! What was asked for in words, turned into what it means, before anything is opened.

use crate::commands::tail::Followed;
use crate::commands::unusable;
use crate::failure::Failure;
use crate::follow::Policy;
use crate::host::read_whole_text;
use crate::link::address::{self, join, over_http};
use crate::link::auth::{self, Auth};
use crate::link::headers::Headers;
use crate::link::listener;
use crate::link::login::Login;
use crate::link::server;
use crate::link::variables::Variables;
use crate::link::websocket::{Dialogue, check_subprotocol};
use crate::model::timestamp::Timestamp;
use crate::settings::secret::Secret;
use crate::settings::{Origin, Settings};
use crate::wire::envelope::Layout;
use crate::wire::feed::{Framing, PageLayout};
use crate::wire::mapping::Mapping;
use std::fs::File;
use std::net::{SocketAddr, ToSocketAddrs};
use std::time::Duration;
use zeroize::Zeroizing;

/// How events are carried.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Transport {
    /// As scheme and content type say.
    #[default]
    Auto,
    /// Server-sent events.
    Sse,
    /// Lines.
    Lines,
    /// Pages.
    Poll,
    /// WebSocket messages.
    WebSocket,
}

/// A server to follow, beside what the settings say about it.
#[derive(Clone, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a wish of its own")]
pub struct Server {
    /// How events are carried.
    pub transport: Transport,
    /// Whether `http://` may leave this machine.
    pub allow_http: bool,
    /// Whether a stream that ends is opened again.
    pub follow: bool,
    /// How many failed connections in a row are too many.
    pub reconnects: Option<u32>,
    /// Whether the first connection may fail.
    pub patient: bool,
    /// How long to wait between two pages.
    pub poll_interval: Duration,
    /// Where the events are in a page.
    pub page_items: Option<String>,
    /// The query parameter that carries the id of the last event seen.
    pub cursor_param: Option<String>,
    /// Where a page says what the next one is to be asked for with.
    pub cursor_pointer: Option<String>,
    /// The first WebSocket messages: text, or `@` and a file that holds it.
    pub hello: Vec<String>,
    /// Whether the events that our own logins cause are left out.
    pub hide_self: bool,
    /// Where the type of an event is, if not in its envelope.
    pub type_from: Option<TypeFrom>,
}

/// Where the type of an event is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TypeFrom {
    /// In the name of the SSE event.
    SseEvent,
    /// Where a JSON pointer leads.
    Pointer(String),
}

/// Where the settings say that envelopes and their members are.
pub fn layout(settings: &Settings, type_from: Option<&TypeFrom>) -> Result<Layout, Failure> {
    let mut mapping = Mapping::default();
    for (member, pointer) in settings.table("server.map") {
        mapping
            .set(&member, &pointer)
            .map_err(|why| settings.complaint("server.map", &why))?;
    }
    match type_from {
        None => {}
        Some(TypeFrom::SseEvent) => mapping.take_type_from_name(),
        Some(TypeFrom::Pointer(pointer)) => mapping
            .set("type", pointer)
            .map_err(|why| Failure::usage(format!("--type-from: {why}")))?,
    }
    let envelope = settings.text("server.envelope").unwrap_or_default();
    Ok(Layout {
        envelope: envelope.to_owned(),
        mapping,
    })
}

impl Server {
    /// The server that the settings name.
    pub fn resolve(&self, settings: &Settings, now: Timestamp) -> Result<Followed, Failure> {
        let setting = |name: &str| settings.text(name).unwrap_or_default();
        let url = setting("server.url");
        if url.is_empty() {
            let profile = settings.profile().unwrap_or("none");
            return Err(Failure::usage(format!("there is no server (profile: {profile})"))
                .hint("name it with --server, HIVELOG_SERVER_URL, or url in the profile's server section"));
        }
        let base = address::parse_server(url, self.allow_http)
            .map_err(|why| unusable::setting(settings, "server.url", why))?;
        let mut headers = Headers::default();
        for (name, value) in settings.table("server.headers") {
            headers
                .set_extra(&name, &value)
                .map_err(|why| unusable::entry(settings, "server.headers", &name, why))?;
        }
        settings.guard_origin("server", "server.headers")?;
        for (name, value) in settings.secret_headers("server.headers")? {
            headers
                .set_masked(&name, value.expose())
                .map_err(unusable::failure)?;
        }
        let auth = Auth::parse(setting("server.auth"))
            .map_err(|why| unusable::setting(settings, "server.auth", why))?;
        let token = token(settings, &auth)?;
        let login = match (&token, settings.text("server.username")) {
            (None, Some(username)) => Some(login(settings, &over_http(&base), username)?),
            _ => None,
        };
        let is_socket = matches!(base.scheme(), "ws" | "wss");
        let events = join(&base, setting("server.events_path"));
        let mut server = server::Server::new(events, headers, self.framing(is_socket))
            .heeding(Variables::read(|name| settings.variable(name)));
        server.auth = auth;
        server.dialogue = self.dialogue(settings)?;
        let asked =
            !self.hello.is_empty() || settings.origin("server.subprotocol") == Some(&Origin::Flag);
        if asked && server.framing != Some(Framing::Messages) {
            return Err(
                Failure::usage("--hello and --subprotocol are for a WebSocket")
                    .hint("add --transport websocket, or give an address with wss:// or ws://"),
            );
        }
        if server.dialogue.mentions("token") && token.is_none() && login.is_none() {
            return Err(Failure::usage(
                "the first message (hello) carries a token, and there is none",
            )
            .hint(
                "give it in HIVELOG_SERVER_TOKEN, or in token_file or token_command of the profile",
            ));
        }
        let mut followed = self.followed(server, now);
        settings
            .profile()
            .unwrap_or("server")
            .clone_into(&mut followed.name);
        followed.token = token;
        followed.policy.login = login.is_some();
        followed.login = login;
        followed.layout = layout(settings, self.type_from.as_ref())?;
        Ok(followed)
    }

    /// A server on this machine that wants no login.
    pub fn local(&self, url: &str, events_path: &str, now: Timestamp) -> Result<Followed, Failure> {
        let events = join(
            &address::parse(url, false).map_err(unusable::failure)?,
            events_path,
        );
        let server = server::Server::new(events, Headers::default(), self.framing(false));
        Ok(self.followed(server, now))
    }

    /// What is agreed on and said first over a WebSocket.
    fn dialogue(&self, settings: &Settings) -> Result<Dialogue, Failure> {
        let subprotocol = settings.text("server.subprotocol").map(str::to_owned);
        if let Some(name) = &subprotocol {
            check_subprotocol(name)
                .map_err(|why| unusable::setting(settings, "server.subprotocol", why))?;
        }
        let hello = if self.hello.is_empty() {
            settings.list("server.hello").unwrap_or_default()
        } else {
            self.hello.clone()
        };
        Ok(Dialogue {
            subprotocol,
            hello: hello
                .iter()
                .map(|text| hello_text(text))
                .collect::<Result<_, _>>()?,
        })
    }

    fn framing(&self, is_socket: bool) -> Option<Framing> {
        match (self.transport, &self.page_items) {
            (Transport::WebSocket, _) => Some(Framing::Messages),
            (Transport::Auto, _) if is_socket => Some(Framing::Messages),
            (Transport::Sse, _) => Some(Framing::Sse),
            (Transport::Lines, _) => Some(Framing::Lines),
            (_, Some(items)) => Some(Framing::Page(PageLayout {
                items: items.clone(),
                cursor: self.cursor_pointer.clone(),
            })),
            (Transport::Poll, None) => Some(Framing::Document),
            (Transport::Auto, None) => None,
        }
    }

    fn followed(&self, mut server: server::Server, now: Timestamp) -> Followed {
        server.cursor.clone_from(&self.cursor_param);
        let by_id = self.cursor_param.is_some() && self.cursor_pointer.is_none();
        let by_id = by_id || server.dialogue.mentions("position");
        Followed {
            name: String::new(),
            server,
            token: None,
            login: None,
            policy: Policy {
                reconnects: self.reconnects,
                patient: self.patient,
                follow: self.follow,
                login: false,
                by_id,
            },
            poll_interval: self.poll_interval,
            pages_lead_on: self.cursor_pointer.is_some(),
            hide_self: self.hide_self,
            keeper: None,
            layout: Layout::default(),
            // Whatever differs between processes keeps them from coming in step.
            seed: now.millis().unsigned_abs() ^ u64::from(std::process::id()) << 32,
        }
    }
}

/// A first message, which may stand in a file; the line break at its end is the editor's.
fn hello_text(text: &str) -> Result<String, Failure> {
    let Some(path) = text.strip_prefix('@') else {
        return Ok(text.to_owned());
    };
    let read = File::open(path).and_then(read_whole_text);
    let text = read.map_err(|error| Failure::io(format!("--hello: cannot read {path}"), error))?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

/// What requests carry from the beginning: a token, or user name and password.
fn token(settings: &Settings, auth: &Auth) -> Result<Option<Zeroizing<String>>, Failure> {
    if *auth == Auth::Basic {
        let username = settings.text("server.username").ok_or_else(|| {
            Failure::usage("basic authentication needs a user name").hint(
                "give it with --username, HIVELOG_SERVER_USERNAME, or username in the profile",
            )
        })?;
        let pair = auth::basic(username, password(settings, username)?.expose());
        let pair = pair.map_err(|why| unusable::setting(settings, "server.username", why));
        return pair.map(Some);
    }
    settings.guard_origin("server", "server.token")?;
    let Some(token) = settings.secret("server.token")? else {
        return Ok(None);
    };
    auth.check(token.expose()).map_err(|why| {
        let source = settings.secret_source("server.token");
        unusable::setting(settings, source.as_deref().unwrap_or("server.token"), why)
    })?;
    Ok(Some(Zeroizing::new(token.expose().to_owned())))
}

fn password(settings: &Settings, username: &str) -> Result<Secret, Failure> {
    settings.guard_origin("server", "server.password")?;
    settings.secret("server.password")?.ok_or_else(|| {
        Failure::usage(format!("there is no password for {username}")).hint(
            "set HIVELOG_SERVER_PASSWORD, or password_file or password_command in the profile",
        )
    })
}

fn login(settings: &Settings, base: &url::Url, username: &str) -> Result<Login, Failure> {
    let setting = |name: &str| settings.text(name).unwrap_or_default();
    let password = password(settings, username)?;
    let paths = [setting("server.login_path"), setting("server.renew_path")];
    let pointer = setting("server.token_pointer");
    Ok(Login::at(base, paths, username, password.expose(), pointer))
}

/// A receiver.
#[derive(Clone, Debug)]
pub struct Listening {
    /// Where to listen: `HOST:PORT`, `:PORT` or `PORT`.
    pub address: String,
    /// The one path that is taken.
    pub path: Option<String>,
    /// The header that carries the shared secret.
    pub secret_header: String,
    /// The shared secret.
    pub secret: Option<Secret>,
    /// Whether answers wait until what was taken is written to a file.
    pub confirmed: bool,
}

impl Listening {
    /// What the receiver needs to know.
    pub fn resolve(self) -> Result<listener::Options, Failure> {
        // Whether it can be a header's name is all that is asked.
        Headers::default()
            .set(&self.secret_header, "")
            .map_err(unusable::failure)?;
        let secret = self.secret.as_ref();
        Ok(listener::Options {
            address: listen_address(&self.address)?,
            path: self.path.as_deref().map(listen_path).transpose()?,
            secret_header: self.secret_header,
            confirmed: self.confirmed,
            secret: secret.map(|secret| Zeroizing::new(secret.expose().to_owned())),
        })
    }
}

/// A path as it arrives in a request.
fn listen_path(path: &str) -> Result<String, Failure> {
    if path.contains(['?', '#']) {
        return Err(Failure::usage(format!(
            "--listen-path: '{path}' has a query or a fragment, which is not compared"
        ))
        .hint("give the path alone; events are taken there with any query"));
    }
    let anywhere = address::parse("http://localhost", false).map_err(unusable::failure)?;
    Ok(join(&anywhere, path).path().to_owned())
}

/// Without a host it is this machine alone.
fn listen_address(text: &str) -> Result<SocketAddr, Failure> {
    let whole = match text.strip_prefix(':') {
        Some(port) => format!("127.0.0.1:{port}"),
        None if text.bytes().all(|byte| byte.is_ascii_digit()) => format!("127.0.0.1:{text}"),
        None => text.to_owned(),
    };
    whole
        .to_socket_addrs()
        .ok()
        .and_then(|mut found| found.next())
        .ok_or_else(|| {
            Failure::usage(format!("--listen: '{text}' is not an address to listen on"))
                .hint("use HOST:PORT, :PORT or PORT")
        })
}
