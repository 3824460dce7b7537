//! Why a connection failed, and why following is over.

use std::time::Duration;

/// Why following a source is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StreamEnd {
    /// The source said that nothing more will come.
    Finished,
    /// What there was has come, and the run wants no more.
    CaughtUp,
    /// Too many connections failed in a row.
    Exhausted(String),
    /// The server wants other credentials.
    Unauthorised(String),
    /// The proxy on the way wants credentials.
    ProxyLogin(String),
    /// Nothing can be followed there.
    WrongEndpoint(String),
    /// The server rejected the request for good.
    Refused(String),
}

/// Why a connection failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Trying again may help, not before the given time has passed.
    Again(String, Option<Duration>),
    /// 401 or 403.
    Unauthorised(String),
    /// The proxy on the way wants credentials; nobody's password has been refused.
    ProxyLogin(String),
    /// The position is unknown there.
    Cursor(String),
    /// Redirect, 404, TLS failure, no event stream.
    WrongEndpoint(String),
    /// Any other 4xx.
    Refused(String),
    /// 204: do not come back.
    NoMore,
}

impl Refusal {
    /// What a status other than 200 means; `resumed` says whether a position was asked for.
    pub fn of_status(code: u16, said: String, wait: Option<Duration>, resumed: bool) -> Refusal {
        match code {
            204 => Refusal::NoMore,
            401 | 403 => Refusal::Unauthorised(said),
            407 => Refusal::ProxyLogin(said),
            400 | 410 | 412 | 416 if resumed => Refusal::Cursor(said),
            408 | 425 | 429 | 500 | 502..=504 | 506.. => Refusal::Again(said, wait),
            ..400 | 404 | 405 | 406 | 410 | 501 | 505 => Refusal::WrongEndpoint(said),
            _ => Refusal::Refused(said),
        }
    }
}
