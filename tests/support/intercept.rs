//! A socket between a program and a database, which can fall silent or lose an answer.

use super::postgres::free_port;
use std::io::{Read, Write};
use std::net::Shutdown;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex};

/// What becomes of bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Mode {
    /// They go through.
    Through,
    /// They wait.
    Silent,
    /// They go through until a request has these; its answer is lost, and the connection with it.
    Losing(Vec<u8>),
    /// The request is on its way.
    Lost,
}

type Shared = Arc<(Mutex<Mode>, Condvar)>;

/// The socket, in a folder of its own.
pub struct Interceptor {
    folder: tempfile::TempDir,
    port: u16,
    mode: Shared,
}

impl Interceptor {
    /// One before the socket in a folder.
    pub fn before(folder: &Path, port: u16) -> Interceptor {
        let target = folder.join(format!(".s.PGSQL.{port}"));
        let folder = tempfile::Builder::new()
            .prefix("pi")
            .tempdir_in("/tmp")
            .expect("a folder");
        std::fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o755)).expect("a mode");
        let port = free_port();
        let path = folder.path().join(format!(".s.PGSQL.{port}"));
        let listener = UnixListener::bind(path).expect("a socket");
        let mode: Shared = Arc::new((Mutex::new(Mode::Through), Condvar::new()));
        let shared = Arc::clone(&mode);
        std::thread::spawn(move || {
            for client in listener.incoming() {
                connect(client.expect("a connection"), &target, &shared);
            }
        });
        Interceptor { folder, port, mode }
    }

    /// The address of a database behind it.
    pub fn url(&self, database: &str) -> String {
        let socket = self.folder.path().display();
        format!("postgres://owner@:{}/{database}?host={socket}", self.port)
    }

    fn set(&self, mode: Mode) {
        *self.mode.0.lock().expect("no panic") = mode;
        self.mode.1.notify_all();
    }

    /// Nothing goes through any more, in neither direction, and nobody hears of that.
    pub fn fall_silent(&self) {
        self.set(Mode::Silent);
    }

    /// Everything goes through again.
    pub fn go_on(&self) {
        self.set(Mode::Through);
    }

    /// The next request that has this in it is answered, and its answer is lost.
    pub fn lose_answer_to(&self, request: &str) {
        self.set(Mode::Losing(request.as_bytes().to_vec()));
    }

    /// Waits until that has happened.
    pub fn wait_for_loss(&self) {
        let mode = self.mode.0.lock().expect("no panic");
        let lost = |mode: &mut Mode| *mode != Mode::Through;
        let (_mode, waited) = self
            .mode
            .1
            .wait_timeout_while(mode, super::PATIENCE, lost)
            .expect("no panic");
        assert!(!waited.timed_out(), "no such request has come");
    }
}

fn connect(client: UnixStream, target: &Path, mode: &Shared) {
    let Ok(server) = UnixStream::connect(target) else {
        return;
    };
    let copy = |stream: &UnixStream| stream.try_clone().expect("a copy");
    let (from, to, shared) = (copy(&client), copy(&server), Arc::clone(mode));
    std::thread::spawn(move || pass(from, to, |bytes| pass_request(&shared, bytes)));
    let shared = Arc::clone(mode);
    std::thread::spawn(move || pass(server, client, |bytes| pass_answer(&shared, bytes)));
}

/// Passes bytes on for as long as they may; then the connection ends.
fn pass(mut from: UnixStream, mut to: UnixStream, may: impl Fn(&[u8]) -> bool) {
    let mut buffer = vec![0; 1 << 16];
    while let Ok(read @ 1..) = from.read(&mut buffer) {
        if !may(&buffer[..read]) || to.write_all(&buffer[..read]).is_err() {
            break;
        }
    }
    let _ = (from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both));
}

fn pass_request(mode: &Shared, bytes: &[u8]) -> bool {
    let mode_now = mode.0.lock().expect("no panic");
    let silent = |mode: &mut Mode| *mode == Mode::Silent;
    let mut mode_now = mode.1.wait_while(mode_now, silent).expect("no panic");
    if let Mode::Losing(wanted) = &*mode_now
        && bytes.windows(wanted.len()).any(|some| some == wanted)
    {
        *mode_now = Mode::Lost;
    }
    true
}

fn pass_answer(mode: &Shared, bytes: &[u8]) -> bool {
    /// What ends an answer: it comes after the commit.
    const READY: &[u8] = b"Z\0\0\0\x05I";
    let mode_now = mode.0.lock().expect("no panic");
    let silent = |mode: &mut Mode| *mode == Mode::Silent;
    let mut mode_now = mode.1.wait_while(mode_now, silent).expect("no panic");
    let is_lost = *mode_now == Mode::Lost && bytes.ends_with(READY);
    if is_lost {
        *mode_now = Mode::Through;
        mode.1.notify_all();
    }
    !is_lost
}
