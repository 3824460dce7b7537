//! The address of a spool in PostgreSQL: `postgres://[user@]host[:port]/database[?…]`.

use std::borrow::Cow;
use std::fmt;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use url::{Host, Url};
use zeroize::Zeroizing;

/// PostgreSQL's own port.
const PORT: u16 = 5432;

/// The parameters that may follow the `?`.
const WORDS: [&str; 3] = ["sslmode", "sslrootcert", "host"];

/// Where a database is, and how it is reached. No password is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// Who connects; the name of the user of this machine where it is not said.
    pub user: Option<String>,
    /// Which machine.
    pub server: Server,
    /// The port, which is a part of the name of a socket, too.
    pub port: u16,
    /// The database.
    pub database: String,
    /// How the connection is encrypted.
    pub tls: Tls,
}

/// Which machine a database is on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Server {
    /// One that has a name or an address.
    Host(String),
    /// This one, by a socket in a folder.
    Socket(PathBuf),
}

/// How a connection is encrypted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tls {
    /// Not at all.
    Off,
    /// Whoever answers.
    Unverified,
    /// By whom a certificate vouches for: the system's, or those of a file.
    Verified(Option<PathBuf>),
}

/// A password, which cannot be printed and is wiped when dropped.
#[derive(Clone)]
pub struct Password(Zeroizing<String>);

impl Password {
    /// A password from its text.
    pub fn new(text: &str) -> Password {
        Password(Zeroizing::new(text.to_owned()))
    }

    pub(super) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// Whether a text is such an address, right or wrong.
pub fn is_address(text: &str) -> bool {
    ["postgres://", "postgresql://"]
        .iter()
        .any(|scheme| text.starts_with(scheme))
}

impl Address {
    /// Reads an address. What is wrong is said without repeating what may be a password.
    pub fn parse(text: &str, allow_unencrypted: bool) -> Result<Address, String> {
        let (text, has_host) = with_host(text);
        let url =
            Url::parse(&text).map_err(|error| format!("the address is not a URL: {error}"))?;
        let host = url.host().filter(|_| has_host);
        if url.password().is_some() {
            return Err(
                "the address contains a password: give it in HIVELOG_SPOOL_PASSWORD, a \
                 password_file or password_command of the profile's spool, or .pgpass"
                    .to_owned(),
            );
        }
        if url.fragment().is_some() {
            return Err("the address has a fragment (#), which is not supported".to_owned());
        }
        let mut words = Words::default();
        for (word, value) in url.query_pairs() {
            words.take(&word, value.into_owned())?;
        }
        let server = match (words.host, host) {
            (Some(folder), _) if folder.starts_with('/') => Server::Socket(folder.into()),
            (Some(_), Some(_)) => {
                return Err("host= names a second server in the address".to_owned());
            }
            (Some(host), None) => Server::Host(host),
            (None, Some(Host::Domain(host))) if !host.is_empty() => Server::Host(decoded(host)?),
            (None, Some(Host::Ipv4(ip))) => Server::Host(ip.to_string()),
            (None, Some(Host::Ipv6(ip))) => Server::Host(ip.to_string()),
            _ => {
                return Err("the address has no host: postgres://HOST/DATABASE, or \
                     postgres:///DATABASE?host=/FOLDER for a socket"
                    .to_owned());
            }
        };
        let database = decoded(url.path().trim_start_matches('/'))?;
        if database.is_empty() || database.contains('/') {
            return Err("the address has no database: postgres://HOST/DATABASE".to_owned());
        }
        let tls = tls(
            &server,
            words.sslmode.as_deref(),
            words.root,
            allow_unencrypted,
        )?;
        Ok(Address {
            user: Some(decoded(url.username())?).filter(|user| !user.is_empty()),
            server,
            port: url.port().unwrap_or(PORT),
            database,
            tls,
        })
    }

    /// The place that a password belongs to: server, port, database.
    pub fn place(&self) -> (String, u16, &str) {
        let server = match &self.server {
            Server::Host(host) => host.to_ascii_lowercase(),
            Server::Socket(folder) => folder.display().to_string(),
        };
        (server, self.port, &self.database)
    }
}

/// How it is shown: an address again, which holds no secret.
impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("postgres://")?;
        if let Some(user) = &self.user {
            write!(f, "{user}@")?;
        }
        match &self.server {
            Server::Host(host) if host.contains(':') => write!(f, "[{host}]")?,
            Server::Host(host) => f.write_str(host)?,
            Server::Socket(_) => {}
        }
        if self.port != PORT {
            write!(f, ":{}", self.port)?;
        }
        write!(f, "/{}", self.database)?;
        if let Server::Socket(folder) = &self.server {
            write!(f, "?host={}", folder.display())?;
        }
        Ok(())
    }
}

/// The parameters behind the `?`.
#[derive(Default)]
struct Words {
    sslmode: Option<String>,
    root: Option<PathBuf>,
    host: Option<String>,
}

impl Words {
    fn take(&mut self, word: &str, value: String) -> Result<(), String> {
        let twice = match word {
            "sslmode" => self.sslmode.replace(value).is_some(),
            "sslrootcert" => self.root.replace(value.into()).is_some(),
            "host" => self.host.replace(value).is_some(),
            // By its name alone: its value may be a password.
            _ => {
                return Err(format!(
                    "the address has an unknown parameter '{word}' (known: {})",
                    WORDS.join(", ")
                ));
            }
        };
        if twice {
            return Err(format!("the address has '{word}' twice"));
        }
        Ok(())
    }
}

fn tls(
    server: &Server,
    mode: Option<&str>,
    root: Option<PathBuf>,
    allow_unencrypted: bool,
) -> Result<Tls, String> {
    let Server::Host(host) = server else {
        return match mode {
            None | Some("disable") if root.is_none() => Ok(Tls::Off),
            _ => Err("a socket is not encrypted: leave sslmode and sslrootcert out".to_owned()),
        };
    };
    let here = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
    match (mode, root) {
        (Some("disable"), Some(_)) => {
            Err("sslmode=disable and sslrootcert exclude each other".to_owned())
        }
        (Some("disable"), None) if here || allow_unencrypted => Ok(Tls::Off),
        (Some("disable"), None) => Err(format!(
            "the connection to {host} would not be encrypted: leave sslmode out, or say \
             --allow-http if this network is trusted"
        )),
        (None, None) if here => Ok(Tls::Off),
        (None | Some("verify-full"), root) => Ok(Tls::Verified(root)),
        // Whoever names a certificate wants it to be looked at.
        (Some("require"), Some(root)) => Ok(Tls::Verified(Some(root))),
        (Some("require"), None) => Ok(Tls::Unverified),
        (Some(other), _) => Err(format!(
            "'{other}' is not a supported sslmode (verify-full, require, disable)"
        )),
    }
}

/// The address with some host where it names none, which no URL with a user may do; whether it
/// names one.
fn with_host(text: &str) -> (Cow<'_, str>, bool) {
    let begin = text.find("://").map_or(0, |at| at + 3);
    let rest = &text[begin..];
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let host = rest[..end].rfind('@').map_or(0, |at| at + 1);
    if host < end && !rest[host..end].starts_with(':') {
        return (Cow::Borrowed(text), true);
    }
    let (before, after) = text.split_at(begin + host);
    (Cow::Owned(format!("{before}localhost{after}")), false)
}

fn decoded(text: &str) -> Result<String, String> {
    let pairs = format!("x={}", text.replace('+', "%2B"));
    let decoded = url::form_urlencoded::parse(pairs.as_bytes()).next();
    let decoded = decoded.map_or_else(String::new, |(_, value)| value.into_owned());
    if decoded.contains(char::is_control) {
        return Err("the address contains a control character".to_owned());
    }
    Ok(decoded)
}

/// Finds the password for an address in the text of a `.pgpass` file.
pub fn password_in(text: &str, address: &Address, user: &str) -> Option<Password> {
    let (server, port, database) = address.place();
    let server = match &address.server {
        // As the database's own client calls the folder it was built for.
        Server::Socket(folder) if is_default_socket(folder) => "localhost".to_owned(),
        _ => server,
    };
    let wanted = [server.as_str(), &port.to_string(), database, user].map(str::to_owned);
    text.lines()
        .filter(|line| !line.starts_with('#'))
        .find_map(|line| {
            let fields = fields(line);
            let [pattern @ .., password] = fields.as_slice() else {
                return None;
            };
            let matches = pattern.len() == wanted.len()
                && pattern
                    .iter()
                    .zip(&wanted)
                    .all(|(pattern, wanted)| pattern == "*" || pattern == wanted);
            matches.then(|| Password::new(password))
        })
}

fn is_default_socket(folder: &Path) -> bool {
    ["/var/run/postgresql", "/run/postgresql", "/tmp"]
        .iter()
        .any(|known| folder == Path::new(known))
}

/// The fields of a line, which are separated by colons; `\` takes the meaning from what follows.
fn fields(line: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        let last = fields.len() - 1;
        match character {
            '\\' => fields[last].extend(characters.next()),
            // The password is the rest of the line, but for what is escaped in it.
            ':' if fields.len() < 5 => fields.push(String::new()),
            other => fields[last].push(other),
        }
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Address, String> {
        Address::parse(text, false)
    }

    #[test]
    fn an_address_is_read_and_shown_without_what_may_be_secret() {
        for (text, shown, tls) in [
            (
                "postgres://db.example/hive",
                "postgres://db.example/hive",
                Tls::Verified(None),
            ),
            (
                "postgresql://me@db.example:6432/hive?sslmode=require",
                "postgres://me@db.example:6432/hive",
                Tls::Unverified,
            ),
            (
                "postgres://db.example/hive?sslmode=verify-full&sslrootcert=/ca.pem",
                "postgres://db.example/hive",
                Tls::Verified(Some("/ca.pem".into())),
            ),
            (
                "postgres://127.0.0.1/hive",
                "postgres://127.0.0.1/hive",
                Tls::Off,
            ),
            (
                "postgres://[::1]:5433/hive",
                "postgres://[::1]:5433/hive",
                Tls::Off,
            ),
            (
                "postgres://me@/hive?host=/run/postgresql",
                "postgres://me@/hive?host=/run/postgresql",
                Tls::Off,
            ),
        ] {
            let address = parse(text).unwrap_or_else(|why| panic!("{text}: {why}"));
            assert_eq!((address.to_string().as_str(), &address.tls), (shown, &tls));
        }
    }

    #[test]
    fn what_is_wrong_is_named_and_no_password_is_repeated() {
        for (text, wanted) in [
            ("postgres://me:canary@h/d", "contains a password"),
            (
                "postgres://h/d?password=canary",
                "unknown parameter 'password'",
            ),
            (
                "postgres://h/d?sslmod=require",
                "unknown parameter 'sslmod'",
            ),
            (
                "postgres://h/d?sslmode=prefer",
                "'prefer' is not a supported sslmode",
            ),
            ("postgres://h/d?sslmode=disable", "would not be encrypted"),
            ("postgres://h/d?sslmode=require&sslmode=disable", "twice"),
            ("postgres://h", "no database"),
            ("postgres:///d", "no host"),
            ("postgres:///d?host=/run&sslmode=require", "not encrypted"),
        ] {
            let why = parse(text).unwrap_err();
            assert!(
                why.contains(wanted) && !why.contains("canary"),
                "{text}: {why}"
            );
        }
        assert!(Address::parse("postgres://h/d?sslmode=disable", true).is_ok());
    }

    #[test]
    fn a_password_is_found_by_the_first_line_that_fits() {
        let address = parse("postgres://me@h:5433/d").unwrap();
        let found = |text| password_in(text, &address, "me").map(|one| one.expose().to_owned());
        let text =
            "# h:5433:d:me:no\nh:5432:d:me:no\nh:*:d:other:no\n*:5433:d:me:a\\:b:c\n*:*:*:*:z";
        assert_eq!(found(text).as_deref(), Some("a:b:c"));
        assert_eq!(found("h:5433:d:me"), None);
        let socket = parse("postgres:///d?host=/run/postgresql").unwrap();
        assert!(password_in("localhost:*:*:me:x", &socket, "me").is_some());
    }
}
