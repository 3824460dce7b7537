//! The questions of `config init`.

use super::{ProfilePlan, check_address, read};
use crate::commands::ask::Asker;
use crate::failure::Failure;
use crate::host::{self, Host};
use crate::settings::draft::{Draft, check_name, outline};
use crate::settings::key_header;
use crate::settings::keys::find;
use crate::settings::secret::{self, Secret};
use std::path::{Path, PathBuf};
use toml::Value;

/// Asks for a profile; nothing where the user does not want it written in the end.
pub fn ask(
    path: PathBuf,
    profile: Option<&str>,
    no_input: bool,
    host: &Host,
) -> Result<Option<ProfilePlan>, Failure> {
    let asker = Asker::new(
        host,
        no_input,
        "config init",
        &format!(
            "write {} by hand ('hivelog help environment' lists what it takes), or set HIVELOG_SYNCHIVE_URL, HIVELOG_CONNECTOR and HIVELOG_KEY",
            path.display()
        ),
    )?;
    let existing = read(&path)?;
    let mut questions = Questions {
        asker,
        secrets: Vec::new(),
        folder: path.parent().unwrap_or(Path::new(".")).to_owned(),
        draft: Draft::new(""),
    };
    questions.name(profile, &existing, &path)?;
    questions.purpose()?;
    let shown = questions.draft.text();
    host::say(format!("\n{}\n{shown}", path.display()).as_bytes());
    if !questions.asker.confirm("Write this profile?", true)? {
        return Ok(None);
    }
    let question = "Test it now? Neither a key nor a record is sent";
    let test = questions.asker.confirm(question, true)?;
    Ok(Some(ProfilePlan {
        test,
        path,
        existing,
        draft: questions.draft,
        secrets: questions.secrets,
    }))
}

struct Questions {
    asker: Asker,
    draft: Draft,
    secrets: Vec<(PathBuf, Secret)>,
    /// Where the profile file lies; secrets go into the same folder.
    folder: PathBuf,
}

impl Questions {
    fn name(&mut self, profile: Option<&str>, existing: &str, path: &Path) -> Result<(), Failure> {
        let outline = outline(existing, path)?;
        let known = outline.profiles;
        let proposed = profile.unwrap_or("default");
        let proposed = Some(proposed).filter(|name| !known.iter().any(|own| own == name));
        let name = self.asker.text("Name of the profile", proposed, |name| {
            check_name(name)?;
            if known.iter().any(|own| own == name) {
                return Err(format!("{name} exists already; edit the file to change it"));
            }
            Ok(())
        })?;
        self.draft = Draft::new(name);
        self.draft.is_default = !outline.has_default
            && (known.is_empty()
                || self
                    .asker
                    .confirm("Use it when no other profile is named?", true)?);
        Ok(())
    }

    fn purpose(&mut self) -> Result<(), Failure> {
        let purpose = self.asker.choose(
            "What is it for?",
            &[
                "sending event logs to SyncHive",
                "following an automation server",
                "both",
            ],
        )?;
        if purpose != 1 {
            self.synchive()?;
        }
        if purpose != 0 {
            self.server()?;
        }
        Ok(())
    }

    fn synchive(&mut self) -> Result<(), Failure> {
        let url = self.asker.text("SyncHive's address", None, check_address)?;
        self.draft.set("synchive.url", url);
        let connector =
            self.asker
                .text("Connector, such as shopify_connector", None, |_| Ok(()))?;
        let derived = key_header(&connector);
        self.draft.set("synchive.connector", connector);
        self.unless(
            &derived,
            "synchive.key_header",
            "Header that carries the API key",
        )?;
        self.secret(
            "API key",
            "HIVELOG_KEY",
            ["synchive.key_command", "synchive.key_file"],
        )?;
        self.optional(
            "defaults.integrationKey",
            "Integration key of your logs (leave empty to pass it as a flag)",
        )?;
        self.optional(
            "defaults.schemaName",
            "Schema name (leave empty to pass it as a flag)",
        )?;
        self.optional(
            "defaults.schemaVersion",
            "Schema version (leave empty for none)",
        )?;
        let modes = ["pass it as a flag", "LIVE", "SANDBOX"];
        match self.asker.choose("Mode", &modes)? {
            0 => {}
            mode => self.draft.set("defaults.mode", modes[mode]),
        }
        Ok(())
    }

    fn server(&mut self) -> Result<(), Failure> {
        let url = self
            .asker
            .text("The automation server's address", None, check_address)?;
        self.draft.set("server.url", url);
        let events_path = find("server.events_path").and_then(|key| key.built_in);
        self.unless(
            events_path.unwrap_or_default(),
            "server.events_path",
            "Path of the event stream",
        )?;
        let ways = [
            "with a token",
            "with a user name and a password",
            "without either",
        ];
        match self.asker.choose("How does hivelog log in there?", &ways)? {
            0 => self.secret(
                "Token",
                "HIVELOG_SERVER_TOKEN",
                ["server.token_command", "server.token_file"],
            ),
            1 => {
                let name = self.asker.text("Username", None, |_| Ok(()))?;
                self.draft.set("server.username", name);
                self.secret(
                    "Password",
                    "HIVELOG_SERVER_PASSWORD",
                    ["server.password_command", "server.password_file"],
                )
            }
            _ => Ok(()),
        }
    }

    /// Asks for a setting that is written down only where it differs from what holds anyway.
    fn unless(
        &mut self,
        otherwise: &str,
        name: &'static str,
        question: &str,
    ) -> Result<(), Failure> {
        let answer = self.asker.text(question, Some(otherwise), |_| Ok(()))?;
        if answer != otherwise {
            self.draft.set(name, answer);
        }
        Ok(())
    }

    /// Asks for a setting that may be left out; true if it was given.
    fn optional(&mut self, name: &'static str, question: &str) -> Result<bool, Failure> {
        let answer = self.asker.optional(question)?;
        let given = answer.is_some();
        if let Some(answer) = answer {
            self.draft.set(name, answer);
        }
        Ok(given)
    }

    /// Asks where a secret comes from. It never goes into the profile file itself.
    fn secret(
        &mut self,
        what: &str,
        variable: &str,
        [by_command, by_file]: [&'static str; 2],
    ) -> Result<(), Failure> {
        let from_variable = format!("from the variable {variable}, set when it is needed");
        let ways = [
            "printed by a command, such as a password manager",
            "typed now and saved in a file that only you can read",
            &from_variable,
        ];
        match self
            .asker
            .choose(&format!("{what}: where does it come from?"), &ways)?
        {
            0 => {
                let line = self.asker.text("The command", None, |_| Ok(()))?;
                self.draft.set(by_command, argv(&line));
            }
            1 => {
                let typed = self.asker.secret(what)?;
                secret::check(&format!("{what} that was typed"), typed.expose())?;
                let kind = by_file.split(['.', '_']).nth(1).unwrap_or("secret");
                let name = format!("{}.{kind}", self.draft.profile);
                let path = self.folder.join(name);
                self.draft.set(by_file, path.display().to_string());
                self.secrets.push((path, typed));
            }
            _ => {}
        }
        Ok(())
    }
}

/// A command line as arguments; one that needs a shell is given to one.
fn argv(line: &str) -> Value {
    let plain = |c: char| c.is_alphanumeric() || " _-./:@=,+%".contains(c);
    if line.chars().all(plain) {
        let words: Vec<_> = line.split_whitespace().map(Value::from).collect();
        Value::Array(words)
    } else {
        Value::Array(["sh", "-c", line].map(Value::from).to_vec())
    }
}
