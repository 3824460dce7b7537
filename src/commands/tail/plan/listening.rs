//! What a receiver is to do.

use crate::commands::listening::listen_address;
use crate::commands::unusable;
use crate::failure::Failure;
use crate::link::address::{self, join};
use crate::link::headers::Headers;
use crate::link::listener::ListenerOptions;
use crate::settings::secret::Secret;
use zeroize::Zeroizing;

/// A receiver.
#[derive(Clone, Debug)]
pub struct Listening {
    /// Where to listen: `HOST:PORT`, `:PORT` or `PORT`.
    pub address: String,
    /// The one path that is accepted.
    pub path: Option<String>,
    /// The header that carries the shared secret.
    pub secret_header: String,
    /// The shared secret.
    pub secret: Option<Secret>,
    /// Whether answers wait until the events are written to a file.
    pub confirmed: bool,
}

impl Listening {
    /// What the receiver needs to know.
    pub fn resolve(self) -> Result<ListenerOptions, Failure> {
        // Whether it can be a header's name is all that is asked.
        Headers::default()
            .set(&self.secret_header, "")
            .map_err(unusable::failure)?;
        let secret = self.secret.as_ref();
        Ok(ListenerOptions {
            address: listen_address("--listen", &self.address)?,
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
        .hint("give the path alone; events are accepted there with any query"));
    }
    let anywhere = address::parse("http://localhost", false).map_err(unusable::failure)?;
    Ok(join(&anywhere, path).path().to_owned())
}
