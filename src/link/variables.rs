//! Variables of other programs that decide how connections are made.

use super::address::RequestError;
use std::fmt;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// What to do when a proxy wants a login.
pub const PROXY_LOGIN: &str = "give the user name and password of the proxy in its variable: HTTPS_PROXY=http://USER:PASSWORD@HOST:PORT";

/// The values of such variables; an empty one counts as unset.
#[derive(Clone, Default)]
pub struct Variables {
    /// The proxy for encrypted connections: the variable that names it, and its value.
    pub(super) proxy: Option<(&'static str, String)>,
    /// What is reached without a proxy.
    pub(super) no_proxy: Option<String>,
    /// The certificates to trust: the variable that names them, and the file or folder.
    certificates: Vec<(&'static str, PathBuf)>,
}

impl Variables {
    /// Picks them out of an environment.
    pub fn read<'a>(get: impl Fn(&str) -> Option<&'a str>) -> Variables {
        let first = |names: [&'static str; 4]| {
            let found = names.into_iter().find_map(|name| Some((name, get(name)?)));
            found.map(|(name, value)| (name, value.to_owned()))
        };
        Variables {
            proxy: first(["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"]),
            no_proxy: get("NO_PROXY")
                .or_else(|| get("no_proxy"))
                .map(str::to_owned),
            certificates: ["SSL_CERT_FILE", "SSL_CERT_DIR"]
                .into_iter()
                .filter_map(|name| Some((name, PathBuf::from(get(name)?))))
                .collect(),
        }
    }

    /// Refuses certificates that cannot be read: the TLS library would pass over them and trust
    /// nobody.
    pub(super) fn check_certificates(&self) -> Result<(), RequestError> {
        for (name, path) in &self.certificates {
            readable(name, path).map_err(|error| {
                RequestError::new(format!(
                    "the certificates in {} ({name}) cannot be read: {error}",
                    path.display()
                ))
                .hint(format!(
                    "correct the variable {name}, or unset it to trust the system's certificates"
                ))
            })?;
        }
        Ok(())
    }

    /// What to look at when a certificate is not trusted.
    pub(super) fn trusted(&self) -> Option<String> {
        let named = self.certificates.iter();
        let named: Vec<_> = named
            .map(|(name, path)| format!("{} ({name})", path.display()))
            .collect();
        (!named.is_empty())
            .then(|| format!("only certificates in {} are trusted", named.join(", ")))
    }
}

/// Whether a file, or one of several folders, can be read.
fn readable(name: &str, path: &Path) -> io::Result<()> {
    if name == "SSL_CERT_FILE" {
        return File::open(path).map(drop);
    }
    let folders = path.to_string_lossy();
    let mut read = folders
        .split(':')
        .map(|folder| fs::read_dir(folder).map(drop));
    let first = read.next().unwrap_or(Ok(()));
    first.or_else(|error| read.find(Result::is_ok).unwrap_or(Err(error)))
}

impl fmt::Debug for Variables {
    /// The address of a proxy may hold a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let proxy = self.proxy.as_ref().map(|(name, _)| name);
        write!(f, "Variables({proxy:?}, {:?})", self.certificates)
    }
}
