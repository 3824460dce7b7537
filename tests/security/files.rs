//! S32 to S36: the spool's folder, and a machine that gives little.

use crate::emit::{emit, record, records};
use crate::spool::run;
use crate::support::server::{Server, answer};
use crate::support::{Place, Run, skip};
use std::io::Write;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
use std::process::Command;

/// The user that nobody is.
const NOBODY: u32 = 65_534;

fn refusing() -> Server {
    Server::answering(|_, _| answer("503 x", "", ""))
}

/// A run whose records end up in the spool.
fn keep(place: &Place, server: &Server) -> Run {
    let args = ["emit", "-", "--retry-for", "0s"];
    run(place, &server.url(), &args)
}

fn mode(path: &std::path::Path) -> u32 {
    path.symlink_metadata().expect("it is there").mode() & 0o777
}

#[test]
fn s32_the_spool_is_its_owners_alone_whatever_the_umask() {
    let server = refusing();
    for umask in ["000", "077"] {
        let place = Place::new();
        let script = format!("umask {umask}; exec \"$@\"");
        let prepared = keep(&place, &server).under(&["sh", "-c", &script, "sh"]);
        let ended = prepared.expect("a shell").stdin(records(2)).run();
        let _ = ended.exits(6);
        // What was set aside and what lies beside the database as well.
        std::fs::write(place.path("spool/spool.db"), [0x55; 9000]).expect("damage");
        std::fs::write(place.path("spool/spool.db-wal"), []).expect("damage");
        let prepared = keep(&place, &server).under(&["sh", "-c", &script, "sh"]);
        let _ = prepared.expect("a shell").stdin(records(2)).run().exits(6);
        let mut folders = vec![place.path("spool")];
        let mut files = 0;
        while let Some(folder) = folders.pop() {
            assert_eq!(mode(&folder), 0o700, "{umask} {}", folder.display());
            for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
                let path = entry.path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    files += 1;
                    assert_eq!(mode(&path), 0o600, "{umask} {}", path.display());
                }
            }
        }
        assert!(files > 7, "{files}");
    }
}

#[test]
fn s32_links_and_folders_of_others_are_refused() {
    let server = refusing();
    let first = Place::new();
    let _ = keep(&first, &server).stdin(records(1)).run().exits(6);
    let lock = crate::spool::lock_path(&first);
    let lock = lock.file_name().expect("a name").to_str().expect("text");
    for name in ["spool.db", lock, "open.lock", "VERSION.part"] {
        let place = Place::new();
        let target = place.file("precious", "precious");
        std::fs::create_dir(place.path("spool")).expect("a folder");
        symlink(&target, place.path("spool").join(name)).expect("a link");
        let ended = keep(&place, &server).stdin(records(1)).run();
        assert_ne!(ended.code, Some(0), "{name}: {}", ended.transcript());
        assert_eq!(
            std::fs::read(&target).expect("the target"),
            b"precious",
            "{name}"
        );
    }
    let place = Place::new();
    std::fs::create_dir(place.path("real")).expect("a folder");
    symlink(place.path("real"), place.path("spool")).expect("a link");
    let _ = keep(&place, &server).stdin(records(1)).run().exits(2);
    let place = Place::new();
    std::fs::create_dir(place.path("spool")).expect("a folder");
    let permissions = std::fs::Permissions::from_mode(0o770);
    std::fs::set_permissions(place.path("spool"), permissions).expect("a mode");
    let _ = keep(&place, &server).stdin(records(1)).run().exits(2);
    let place = Place::new();
    std::fs::create_dir(place.path("spool")).expect("a folder");
    if chown(place.path("spool"), Some(NOBODY), None).is_err() {
        skip("folders cannot be given away here");
        return;
    }
    let ended = keep(&place, &server).stdin(records(1)).run();
    let _ = ended.exits(2).warns("belongs to another user");
}

#[test]
fn s33_names_in_the_spool_never_come_from_records() {
    let place = Place::new();
    let server = Server::answering(|_, _| answer("503 x", "", ""));
    let evil = record("../../../evil", "5004N").replace("Shop", "../Shop");
    run(
        &place,
        &server.url(),
        &["emit", "-", "--retry-for", "0s", "--fail-on", "never"],
    )
    .stdin(evil)
    .run()
    .exits(6);
    let known = [
        "spool.db",
        "spool.db-wal",
        "spool.db-shm",
        "open.lock",
        "ballast",
        "VERSION",
        "high-water",
    ];
    for entry in std::fs::read_dir(place.path("spool"))
        .expect("a folder")
        .flatten()
    {
        let name = entry.file_name().into_string().expect("text");
        let lock = name.starts_with("drain-");
        assert!(lock || known.contains(&name.as_str()), "{name}");
    }
    for entry in std::fs::read_dir(place.path(""))
        .expect("a folder")
        .flatten()
    {
        assert_eq!(entry.file_name(), "spool");
    }
}

#[test]
fn s34_what_is_in_memory_is_in_no_core_dump() {
    let place = Place::new();
    let silent = Server::scripted(|_, _, _| std::thread::park());
    let mut running = run(&place, &silent.url(), &["emit", "-"]).start();
    running.write((record("b", "5004N") + "\n").as_bytes());
    while silent.requests().is_empty() {
        std::thread::yield_now();
    }
    let filter = format!("/proc/{}/coredump_filter", running.pid());
    let Ok(filter) = std::fs::read_to_string(filter) else {
        skip("there is no /proc to look at");
        return;
    };
    assert_eq!(filter.trim().trim_start_matches('0'), "");
    // A command that is run for the user has what is usual.
    let usual = std::fs::read_to_string("/proc/self/coredump_filter").expect("ours");
    let server = Server::answering(|_, _| answer("200 OK", "", ""));
    let flags = "run -s INBOUND_2 --integration S --shape P --schema l --mode LIVE \
                 --external-id S=9 --on-success 5004N --connector c --no-spool --url";
    let url = server.url();
    // It asks once its parent has had the time to say so.
    let look = "until grep -qx \"$1\" /proc/$$/coredump_filter; do :; done; echo same";
    let command = [&url, "--", "sh", "-c", look, "sh", usual.trim()];
    let args = flags.split_whitespace().chain(command);
    let run = place.hivelog(args).env("HIVELOG_KEY", "k");
    let _ = run.run().exits(0).says("same");
}

#[test]
fn s35_another_user_cannot_hold_the_lock() {
    let place = Place::new();
    let _ = keep(&place, &refusing()).stdin(records(1)).run().exits(6);
    // The folder alone keeps others out, even if the places above it do not.
    let open = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(place.path(""), open).expect("a mode");
    let lock = crate::spool::lock_path(&place);
    let user = NOBODY.to_string();
    let taken = Command::new("setpriv")
        .args(["--reuid", &user, "--clear-groups", "--"])
        .args(["flock", "-n"])
        .arg(&lock)
        .args(["echo", "held"])
        .output();
    match taken {
        Ok(taken) if !String::from_utf8_lossy(&taken.stderr).contains("setpriv:") => {
            let said = String::from_utf8_lossy(&taken.stderr).into_owned();
            assert!(!taken.status.success(), "{said}");
            assert!(said.contains("ermission"), "{said}");
        }
        _ => skip("nobody else can be played here"),
    }
}

#[test]
fn s36_neither_a_home_nor_a_place_to_write_is_needed() {
    let server = Server::answering(|_, _| answer("200 OK", "", ""));
    let mut command = emit(&server.url(), &["-"]).into_command();
    command.env_remove("HOME").current_dir("/");
    // Without `--no-spool` as well: where there is no home, memory has to do.
    let mut bare = std::process::Command::new(command.get_program());
    bare.args(command.get_args().filter(|arg| *arg != "--no-spool"))
        .env_clear()
        .env("HIVELOG_KEY", "canary-7f3a")
        .current_dir("/");
    for mut command in [command, bare] {
        let mut child = command
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .expect("it starts");
        child
            .stdin
            .take()
            .expect("a pipe")
            .write_all(records(1).as_bytes())
            .expect("it reads");
        assert_eq!(child.wait().expect("it ends").code(), Some(0));
    }
    assert_eq!(server.requests().len(), 2);
}

#[test]
fn s36_neither_root_nor_a_disk_that_can_be_written_is_needed() {
    let place = Place::new();
    let server = Server::answering(|_, _| answer("200 OK", "", ""));
    let open = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(place.path(""), open).expect("a mode");
    // Everything there is can only be read, and its user is nobody.
    let script = "mount --make-rprivate / && mount -o remount,bind,ro / || exit 77
        for each in /tmp /var/tmp; do
            mount --bind $each $each && mount -o remount,bind,ro $each || exit 77
        done
        exec setpriv --reuid 65534 --clear-groups --no-new-privs -- \"$@\"";
    let tool = ["unshare", "-m", "sh", "-c", script, "sh"];
    // The program may lie where only root can enter: a copy does not.
    let copy = place.path("hivelog");
    std::fs::copy(env!("CARGO_BIN_EXE_hivelog"), &copy).expect("a copy");
    for (home, code) in [(false, 0), (true, 3)] {
        let mut command = Command::new(tool[0]);
        command.args(&tool[1..]).arg(&copy);
        command.args(["emit", "-", "--connector", "c", "--url", &server.url()]);
        command
            .env_clear()
            .env("HIVELOG_KEY", "k")
            .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
        if home {
            command.env("HOME", place.path(""));
        }
        let piped = std::process::Stdio::piped;
        let started = command
            .stdin(piped())
            .stdout(piped())
            .stderr(piped())
            .spawn();
        let Ok(mut child) = started else {
            skip("no namespace can be made here");
            return;
        };
        let mut stdin = child.stdin.take().expect("a pipe");
        let _ = stdin.write_all(records(1).as_bytes());
        drop(stdin);
        let ended = child.wait_with_output().expect("its end");
        let said = String::from_utf8_lossy(&ended.stderr).into_owned();
        if ended.status.code() == Some(77) || said.contains("unshare:") || said.contains("setpriv:")
        {
            skip("no disk can be made unwritable here");
            return;
        }
        assert_eq!(ended.status.code(), Some(code), "{said}");
        assert_eq!(said.contains("--no-spool"), home, "{said}");
    }
    assert_eq!(server.requests().len(), 1);
}
