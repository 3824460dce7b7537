//! The login of an automation server, and the renewal of its token.

use super::address::join;
use super::answer::{self, LONGEST_BODY};
use super::server::{EventServer, StreamFault};
use crate::model::timestamp::Timestamp;
use crate::wire::pointer::inside;
use reqwest::header::CONTENT_TYPE;
use reqwest::{RequestBuilder, Response};
use serde_json::json;
use std::fmt;
use std::time::Duration;
use url::Url;
use zeroize::Zeroizing;

/// How long the body of an answer may take.
const TIMEOUT: Duration = Duration::from_secs(20);

/// Who logs in, and where. The paths are settings, because the server's own are not public.
pub struct LoginRequest {
    /// The user.
    pub username: String,
    /// The password.
    pub password: Zeroizing<String>,
    /// Where to log in.
    pub login: Url,
    /// Where to renew a token.
    pub renew: Url,
    /// Where the token is in the answer (RFC 6901).
    pub token_pointer: String,
}

impl fmt::Debug for LoginRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Login({} at {})", self.username, self.login)
    }
}

/// A token, and the server's clock when it was issued.
#[derive(Clone)]
pub struct IssuedToken {
    /// The token.
    pub secret: Zeroizing<String>,
    /// The server's clock.
    pub issued: Option<Timestamp>,
}

impl fmt::Debug for IssuedToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(***)")
    }
}

impl LoginRequest {
    /// A login under a server's address.
    pub fn at(
        base: &Url,
        paths: [&str; 2],
        username: &str,
        password: &str,
        pointer: &str,
    ) -> LoginRequest {
        LoginRequest {
            username: username.to_owned(),
            password: Zeroizing::new(password.to_owned()),
            login: join(base, paths[0]),
            renew: join(base, paths[1]),
            token_pointer: pointer.to_owned(),
        }
    }

    /// Logs in.
    pub async fn log_in(&self, server: &EventServer) -> Result<IssuedToken, StreamFault> {
        let client = server.client.get().map_err(StreamFault::Unusable)?;
        let body = json!({"username": self.username, "password": self.password.as_str()});
        let request = client
            .post(self.login.clone())
            .headers(server.headers.map().clone())
            .header(CONTENT_TYPE, "application/json")
            .body(body.to_string());
        self.token(server, request, &self.login, &self.password)
            .await
    }

    /// Exchanges a token that is still good for a new one.
    pub async fn renew(
        &self,
        server: &EventServer,
        token: &str,
    ) -> Result<IssuedToken, StreamFault> {
        let client = server.client.get().map_err(StreamFault::Unusable)?;
        let (name, value) = server.auth.header(token).map_err(StreamFault::Unusable)?;
        let request = client
            .post(self.renew.clone())
            .headers(server.headers.map().clone())
            .header(name, value);
        self.token(server, request, &self.renew, token).await
    }

    async fn token(
        &self,
        server: &EventServer,
        request: RequestBuilder,
        to: &Url,
        secret: &str,
    ) -> Result<IssuedToken, StreamFault> {
        let response = server.send(request, &[200], to, secret).await?;
        let issued = answer::date(response.headers());
        let body = read(response).await?;
        let text = std::str::from_utf8(&body).unwrap_or_default();
        let secret = inside(text.trim_ascii(), &self.token_pointer)
            .ok()
            .and_then(|found| serde_json::from_str::<String>(found).ok())
            .filter(|token| server.auth.check(token).is_ok())
            .ok_or_else(|| {
                StreamFault::NotEvents(format!(
                    "the login's answer has no token at '{}' (server.token_pointer)",
                    self.token_pointer
                ))
            })?;
        Ok(IssuedToken {
            secret: Zeroizing::new(secret),
            issued,
        })
    }
}

/// A whole body, decoded.
async fn read(mut response: Response) -> Result<Zeroizing<Vec<u8>>, StreamFault> {
    let unreadable = |error| StreamFault::NotEvents(format!("the login's answer: {error}"));
    let coding = answer::coding(response.headers()).map_err(unreadable)?;
    let mut body = Zeroizing::new(Vec::with_capacity(LONGEST_BODY));
    let reading = async {
        while let Some(chunk) = response.chunk().await? {
            let room = LONGEST_BODY - body.len();
            body.extend_from_slice(&chunk[..chunk.len().min(room)]);
        }
        Ok::<_, reqwest::Error>(())
    };
    match (tokio::time::timeout(TIMEOUT, reading).await, coding) {
        (Ok(Ok(())), None) => Ok(body),
        (Ok(Ok(())), Some(coding)) => {
            let decoded = coding.decode(&body, LONGEST_BODY).map_err(unreadable)?;
            Ok(Zeroizing::new(decoded))
        }
        _ => Err(StreamFault::Broken(
            "the login's answer broke off".to_owned(),
        )),
    }
}
