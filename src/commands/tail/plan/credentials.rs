//! Credentials for a server: tokens, logins, further headers, each from where its secret is stored.

use crate::commands::unusable;
use crate::failure::Failure;
use crate::link::auth::{self, Auth};
use crate::link::headers::Headers;
use crate::link::login::LoginRequest;
use crate::settings::Settings;
use crate::settings::secret::Secret;
use zeroize::Zeroizing;

/// The further headers of every request.
pub(super) fn headers(settings: &Settings) -> Result<Headers, Failure> {
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
    Ok(headers)
}

/// What requests carry from the beginning: a token, or user name and password.
pub(super) fn token(
    settings: &Settings,
    auth: &Auth,
) -> Result<Option<Zeroizing<String>>, Failure> {
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

pub(super) fn login(
    settings: &Settings,
    base: &url::Url,
    username: &str,
) -> Result<LoginRequest, Failure> {
    let setting = |name: &str| settings.text(name).unwrap_or_default();
    let password = password(settings, username)?;
    let paths = [setting("server.login_path"), setting("server.renew_path")];
    let pointer = setting("server.token_pointer");
    Ok(LoginRequest::at(
        base,
        paths,
        username,
        password.expose(),
        pointer,
    ))
}
