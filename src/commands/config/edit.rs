//! `config edit`: the profile file in an editor, checked when that has ended.

use crate::commands::config::{read, replace};
use crate::failure::{Exit, Failure};
use crate::host::{ChildProcess, Host};
use crate::settings::draft::outline;
use std::path::Path;

/// The content of a new file.
const TEMPLATE: &str = "\
# The profile file of hivelog; 'hivelog help environment' lists every key.
#
# default_profile = \"staging\"
#
# [profile.staging.synchive]
# url = \"https://staging.example.com\"
# connector = \"shopify_connector\"
# key_file = \"~/.config/hivelog/staging.key\"
";

/// Opens the file, makes it first where there is none, and says what is wrong with it in the end.
pub fn run(path: &Path, host: &Host) -> Result<Exit, Failure> {
    let editor = editor(host)?;
    if !path.exists() {
        replace(path, TEMPLATE.as_bytes())?;
    }
    // By a shell, since an editor may come with flags.
    let line = format!("{editor} \"$@\"");
    let words = ["sh".as_ref(), "-c".as_ref(), line.as_ref(), "sh".as_ref()];
    let words = words.into_iter().chain([path.as_os_str()]);
    let words: Vec<_> = words.map(std::ffi::OsStr::to_owned).collect();
    let ended = ChildProcess::start(ChildProcess::command(&words)?)?.wait()?;
    if let Some(exit) = ended.asked() {
        return Ok(exit);
    }
    if !ended.well() {
        return Err(
            Failure::usage(format!("the editor '{editor}' {}", ended.description()))
                .hint("set VISUAL or EDITOR to another one"),
        );
    }
    outline(&read(path)?, path)
        .map(|_| Exit::Yes)
        .map_err(|failure| failure.hint("'hivelog config edit' opens it again"))
}

/// The editor, as a shell would start it.
fn editor(host: &Host) -> Result<String, Failure> {
    let chosen = ["VISUAL", "EDITOR"].map(|name| host.env.get(name));
    match chosen.into_iter().flatten().next() {
        Some(editor) => Ok(editor.to_owned()),
        None if host.stdin_is_terminal && host.stdout_is_terminal => Ok("vi".to_owned()),
        None => Err(Failure::usage("there is no terminal for the default editor, vi")
            .hint("set VISUAL or EDITOR, or change the file by other means: 'hivelog config path' prints where it is")),
    }
}
