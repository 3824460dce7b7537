//! The HTTP client: what every connection has in common.

use super::address::{RequestError, is_loopback};
use super::causes::causes;
use super::headers::AGENT;
use super::proxy::{Proxy, Route};
use super::variables::Variables;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::OnceLock;
use std::time::Duration;
use url::{Host, Url};

/// Bounds of a client.
#[derive(Clone, Copy, Debug)]
pub struct ClientLimits {
    /// The longest wait for a connection, name look-up and TLS included.
    pub connect: Duration,
    /// The longest silence while an answer is read; `None` for streams that may be silent.
    pub read: Option<Duration>,
    /// How many idle connections stay open.
    pub idle: usize,
}

/// A client that is built when the first request is made.
#[derive(Debug)]
pub struct Client {
    url: Url,
    limits: ClientLimits,
    variables: Variables,
    upgradable: bool,
    built: OnceLock<reqwest::Client>,
}

impl Client {
    /// A client for one destination.
    pub fn new(url: &Url, limits: ClientLimits) -> Client {
        Client {
            url: url.clone(),
            limits,
            variables: Variables::default(),
            upgradable: false,
            built: OnceLock::new(),
        }
    }

    /// The same client, with the proxy variables of the environment.
    #[must_use]
    pub fn with_variables(self, variables: Variables) -> Client {
        Client { variables, ..self }
    }

    /// The same client for connections that become something else: only HTTP/1.1 lets them.
    #[must_use]
    pub fn upgradable(self) -> Client {
        Client {
            upgradable: true,
            ..self
        }
    }

    /// The client itself.
    pub fn get(&self) -> Result<&reqwest::Client, RequestError> {
        if let Some(client) = self.built.get() {
            return Ok(client);
        }
        let client = self.build()?;
        Ok(self.built.get_or_init(|| client))
    }

    fn build(&self) -> Result<reqwest::Client, RequestError> {
        // A redirect would carry the key to another host, and attempts are ours to count.
        let mut builder = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never().max_retries_per_request(0))
            .referer(false)
            .user_agent(AGENT)
            .connect_timeout(self.limits.connect)
            .pool_max_idle_per_host(self.limits.idle)
            .pool_idle_timeout(Duration::from_secs(30));
        if let Some(silence) = self.limits.read {
            builder = builder.read_timeout(silence);
        }
        if self.is_encrypted() {
            self.variables.check_certificates()?;
            // Already installed is as good; two providers without a choice would panic.
            let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        } else {
            // Without TLS no certificate store is needed, and where there is none the client
            // could not be built.
            builder = builder.tls_certs_only([]);
        }
        if self.upgradable {
            builder = builder.http1_only();
        }
        builder = match self.route()? {
            Route::Unset => builder,
            Route::Direct => builder.no_proxy(),
            Route::Through(proxy) => {
                builder.proxy(proxy.setting().map_err(|error| failed(&error))?)
            }
        };
        if let Some(Host::Domain(name)) = self.url.host()
            && is_loopback(&self.url)
        {
            // Whatever a resolver says: what is trusted to stay on this machine does.
            let loopback: [IpAddr; 2] = [Ipv6Addr::LOCALHOST.into(), Ipv4Addr::LOCALHOST.into()];
            builder = builder.resolve_to_addrs(name, &loopback.map(|ip| SocketAddr::new(ip, 0)));
        }
        builder.build().map_err(|error| failed(&error))
    }

    /// How connections are made. A proxy sees nothing of what is encrypted, and all of what is
    /// not.
    fn route(&self) -> Result<Route, RequestError> {
        if !self.is_encrypted() || is_loopback(&self.url) {
            Ok(Route::Direct)
        } else {
            self.variables.route(&self.url)
        }
    }

    fn is_encrypted(&self) -> bool {
        matches!(self.url.scheme(), "https" | "wss")
    }

    fn proxy(&self) -> Option<Proxy> {
        match self.route() {
            Ok(Route::Through(proxy)) => Some(proxy),
            _ => None,
        }
    }

    /// Whether a proxy is on the way.
    pub(super) fn has_proxy(&self) -> bool {
        self.proxy().is_some()
    }

    /// The proxy on the way, as it may be shown.
    pub(super) fn proxy_shown(&self) -> String {
        self.proxy()
            .map_or_else(|| "on the way".to_owned(), |proxy| proxy.shown())
    }

    /// The status with which the proxy on the way refuses to connect.
    pub(super) async fn proxy_status(&self) -> Option<u16> {
        let (proxy, client) = (self.proxy()?, self.get().ok()?);
        proxy.status(client, &self.url, self.limits.connect).await
    }

    /// What to look at when a certificate is not trusted.
    pub(super) fn trusted(&self) -> Option<String> {
        self.variables.trusted()
    }
}

fn failed(error: &reqwest::Error) -> RequestError {
    RequestError::new(format!("cannot set up the HTTP client: {}", causes(error)))
        .hint("SSL_CERT_FILE names the certificates to trust where the system has none")
}
