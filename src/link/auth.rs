//! How a request to an automation server shows who makes it.

use super::address::RequestError;
use super::headers::{bearer, credentials_header, header_value};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use reqwest::header::{AUTHORIZATION, HeaderName, HeaderValue};
use zeroize::Zeroizing;

/// Where the credentials go.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Auth {
    /// A token in `Authorization: Bearer`.
    #[default]
    Bearer,
    /// User name and password in `Authorization: Basic`.
    Basic,
    /// A token as it is, in a header of this name.
    Header(HeaderName),
}

impl Auth {
    /// Reads `bearer`, `basic` or `header:NAME`.
    pub fn parse(text: &str) -> Result<Auth, RequestError> {
        match text {
            "bearer" => Ok(Auth::Bearer),
            "basic" => Ok(Auth::Basic),
            _ => match text.strip_prefix("header:") {
                Some(name) => credentials_header(name).map(Auth::Header),
                None => Err(RequestError::new(format!(
                    "'{text}' is not a way to authenticate: use bearer, basic or header:NAME"
                ))),
            },
        }
    }

    /// Refuses a token that cannot be carried so.
    pub fn check(&self, token: &str) -> Result<(), RequestError> {
        self.header(token).map(drop)
    }

    /// The header that carries a token.
    pub(super) fn header(&self, token: &str) -> Result<(HeaderName, HeaderValue), RequestError> {
        let (name, mut value) = match self {
            Auth::Bearer => (AUTHORIZATION, bearer(token)?),
            Auth::Basic => (
                AUTHORIZATION,
                header_value("the credentials", &format!("Basic {token}"))?,
            ),
            Auth::Header(name) => (name.clone(), header_value("the token", token)?),
        };
        value.set_sensitive(true);
        Ok((name, value))
    }
}

/// User name and password as [`Auth::Basic`] carries them (RFC 7617).
pub fn basic(username: &str, password: &str) -> Result<Zeroizing<String>, RequestError> {
    if username.contains(':') {
        return Err(RequestError::new(
            "a user name with a colon cannot be sent by basic authentication",
        ));
    }
    let pair = Zeroizing::new(format!("{username}:{password}"));
    Ok(Zeroizing::new(BASE64_STANDARD.encode(pair.as_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_stand_where_they_are_wanted_and_are_never_shown() {
        let pair = basic("Aladdin", "open sesame").unwrap();
        for (how, token, header) in [
            ("bearer", "t0k", "authorization: Bearer t0k"),
            (
                "basic",
                pair.as_str(),
                "authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==",
            ),
            ("header:X-Api-Key", "any thing", "x-api-key: any thing"),
        ] {
            let (name, value) = Auth::parse(how).unwrap().header(token).unwrap();
            assert_eq!(format!("{name}: {}", value.to_str().unwrap()), header);
            assert!(value.is_sensitive());
        }
        for wrong in ["Basic", "header:", "header:a b", "header:Host", "token"] {
            assert!(Auth::parse(wrong).is_err(), "{wrong}");
        }
        assert!(basic("a:b", "c").is_err());
        assert!(Auth::Bearer.check("two words").is_err());
    }
}
