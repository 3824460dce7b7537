//! What was asked for in words, turned into what it means, before anything is opened.

mod credentials;
mod listening;

use crate::commands::tail::Followed;
use crate::commands::unusable;
use crate::failure::Failure;
use crate::follow::FollowPolicy;
use crate::host::read_whole_text;
use crate::link::address::{self, join, over_http};
use crate::link::auth::Auth;
use crate::link::handshake::{Dialogue, check_subprotocol};
use crate::link::headers::Headers;
use crate::link::server;
use crate::link::variables::Variables;
use crate::model::timestamp::Timestamp;
use crate::settings::{Origin, Settings};
use crate::wire::envelope::Layout;
use crate::wire::feed::{Framing, PageLayout};
use crate::wire::mapping::Mapping;
pub use listening::Listening;
use std::fs::File;
use std::time::Duration;

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

impl Transport {
    /// Every transport by its name.
    pub const NAMED: [(&str, Transport); 5] = [
        ("auto", Transport::Auto),
        ("sse", Transport::Sse),
        ("ndjson", Transport::Lines),
        ("websocket", Transport::WebSocket),
        ("poll", Transport::Poll),
    ];
}

/// A server to follow, as far as flags say it and not settings.
#[derive(Clone, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a wish of its own")]
pub struct ServerFlags {
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

impl ServerFlags {
    /// The server that the settings name.
    pub fn resolve(&self, settings: &Settings, now: Timestamp) -> Result<Followed, Failure> {
        let setting = |name: &str| settings.text(name).unwrap_or_default();
        let url = setting("server.url");
        if url.is_empty() {
            let profile = settings.profile().unwrap_or("none");
            return Err(Failure::usage(format!("no server is configured (profile: {profile})"))
                .hint("name it with --server, HIVELOG_SERVER_URL, or url in the profile's server section"));
        }
        let base = address::parse_server(url, self.allow_http)
            .map_err(|why| unusable::setting(settings, "server.url", why))?;
        let headers = credentials::headers(settings)?;
        let auth = Auth::parse(setting("server.auth"))
            .map_err(|why| unusable::setting(settings, "server.auth", why))?;
        let token = credentials::token(settings, &auth)?;
        let login = match (&token, settings.text("server.username")) {
            (None, Some(username)) => {
                Some(credentials::login(settings, &over_http(&base), username)?)
            }
            _ => None,
        };
        let is_socket = matches!(base.scheme(), "ws" | "wss");
        let events = join(&base, setting("server.events_path"));
        let mut server = server::EventServer::new(events, headers, self.framing(is_socket))
            .with_variables(Variables::read(|name| settings.variable(name)));
        server.auth = auth;
        server.dialogue = self.dialogue(settings)?;
        self.check_dialogue(settings, &server, token.is_some() || login.is_some())?;
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
        let server = server::EventServer::new(events, Headers::default(), self.framing(false));
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

    /// Refuses first messages that nobody would see, or that would lack what they carry.
    fn check_dialogue(
        &self,
        settings: &Settings,
        server: &server::EventServer,
        has_token: bool,
    ) -> Result<(), Failure> {
        let is_asked =
            !self.hello.is_empty() || settings.origin("server.subprotocol") == Some(&Origin::Flag);
        if is_asked && server.framing != Some(Framing::Messages) {
            return Err(
                Failure::usage("--hello and --subprotocol are for a WebSocket")
                    .hint("add --transport websocket, or give an address with wss:// or ws://"),
            );
        }
        if server.dialogue.mentions("token") && !has_token {
            let message = "the first message (hello) contains {token}, but no token is configured";
            return Err(Failure::usage(message).hint(
                "give it in HIVELOG_SERVER_TOKEN, or in token_file or token_command of the profile",
            ));
        }
        Ok(())
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

    fn followed(&self, mut server: server::EventServer, now: Timestamp) -> Followed {
        server.cursor.clone_from(&self.cursor_param);
        let by_id = self.cursor_param.is_some() && self.cursor_pointer.is_none();
        let by_id = by_id || server.dialogue.mentions("position");
        let greets = !server.dialogue.hello.is_empty();
        Followed {
            name: String::new(),
            server,
            token: None,
            login: None,
            policy: FollowPolicy {
                reconnects: self.reconnects,
                patient: self.patient,
                follow: self.follow,
                login: false,
                by_id,
            },
            poll_interval: self.poll_interval,
            pages_lead_on: self.cursor_pointer.is_some(),
            greets,
            hide_self: self.hide_self,
            position_file: None,
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
