//! A throw-away PostgreSQL, and PgBouncer before it: in a temporary folder, as a user without
//! rights, reached by sockets.

use super::{PATIENCE, skip};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Mutex, OnceLock};
use std::time::Instant;

/// Who owns the server: whoever runs the tests, or nobody in the place of root.
const NOBODY: &str = "nobody";

/// A server with databases of its own.
pub struct Cluster {
    folder: tempfile::TempDir,
    programs: PathBuf,
    port: u16,
    server: Mutex<Option<Child>>,
    made: AtomicU32,
}

/// The server that tests share which do it no harm; each gets a database of its own.
pub fn shared() -> Option<&'static Cluster> {
    static SHARED: OnceLock<Option<&'static Cluster>> = OnceLock::new();
    *SHARED.get_or_init(|| lasting(""))
}

/// A server that is there until these tests end, with further settings.
pub fn lasting(settings: &str) -> Option<&'static Cluster> {
    let cluster = Cluster::start(settings)?;
    remove_in_the_end(cluster.folder());
    Some(Box::leak(Box::new(cluster)))
}

/// What lasts is never dropped, so a shell removes its folder once the end of these tests has
/// closed what it reads.
fn remove_in_the_end(folder: &Path) {
    let shell = Command::new("sh")
        .args([
            "-c",
            "read -r _; rm -rf \"$0\" || { sleep 1; rm -rf \"$0\"; }",
        ])
        .arg(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    std::mem::forget(shell.expect("a shell"));
}

fn programs() -> Option<PathBuf> {
    let installed = std::fs::read_dir("/usr/lib/postgresql").ok()?;
    let version = |path: &PathBuf| path.file_name()?.to_str()?.parse::<u32>().ok();
    let newest = installed
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| version(path).is_some_and(|version| version >= 15))
        .max_by_key(version)?;
    let programs = newest.join("bin");
    programs.join("initdb").exists().then_some(programs)
}

/// A port that nobody uses; a part of the name of a socket.
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .expect("a port")
        .port()
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// A program as the owner of the server, which ends with these tests.
fn as_owner(program: impl AsRef<Path>) -> Command {
    let mut command = Command::new("setpriv");
    if is_root() {
        command.args(["--reuid", NOBODY, "--regid", "nogroup", "--clear-groups"]);
    }
    command
        .args(["--pdeathsig", "KILL"])
        .arg(program.as_ref())
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("LC_ALL", "C")
        .stdin(Stdio::null());
    command
}

type Job = Box<dyn FnOnce() + Send>;

/// Starts a program that ends with this process. The signal comes with the end of the thread that
/// has started it, so that is one that never ends.
fn start(mut command: Command) -> Child {
    static STARTER: OnceLock<Mutex<Sender<Job>>> = OnceLock::new();
    let starter = STARTER.get_or_init(|| {
        let (sender, receiver) = channel::<Job>();
        std::thread::spawn(move || receiver.iter().for_each(|job| job()));
        Mutex::new(sender)
    });
    let (sender, receiver) = channel();
    let job = Box::new(move || {
        let _ = sender.send(command.spawn());
    });
    starter
        .lock()
        .expect("no panic")
        .send(job)
        .expect("it runs");
    receiver.recv().expect("it answers").expect("it starts")
}

impl Cluster {
    /// Starts a server with further settings; `None` says aloud that there is none here.
    pub fn start(settings: &str) -> Option<Cluster> {
        Cluster::with(settings, &[], None)
    }

    /// The same with files that it reads, and with who is let in how.
    pub fn with(settings: &str, files: &[&str], access: Option<&str>) -> Option<Cluster> {
        let Some(programs) = programs() else {
            skip("PostgreSQL 15 or newer is not installed");
            return None;
        };
        // The path of a socket is short.
        let folder = tempfile::Builder::new()
            .prefix("pg")
            .tempdir_in("/tmp")
            .expect("a folder");
        std::fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o755)).expect("a mode");
        if is_root() {
            std::os::unix::fs::chown(folder.path(), Some(65_534), Some(65_534)).expect("its owner");
        }
        let data = folder.path().join("data");
        let made = as_owner(programs.join("initdb"))
            .args([
                "-A",
                "trust",
                "--no-sync",
                "--locale=C",
                "-E",
                "UTF8",
                "-U",
                "owner",
                "-D",
            ])
            .arg(&data)
            .output()
            .expect("initdb runs");
        assert!(
            made.status.success(),
            "{}",
            String::from_utf8_lossy(&made.stderr)
        );
        let socket = folder.path().display();
        let port = free_port();
        let all = format!(
            "listen_addresses = ''\nport = {port}\nunix_socket_directories = '{socket}'\n\
             max_connections = 60\nshared_buffers = 32MB\nlog_min_messages = fatal\n{settings}\n"
        );
        let path = data.join("postgresql.conf");
        let before = std::fs::read_to_string(&path).expect("a file");
        std::fs::write(&path, before + &all).expect("a file");
        if let Some(access) = access {
            std::fs::write(data.join("pg_hba.conf"), access).expect("a file");
        }
        for name in files {
            let path = data.join(name);
            std::fs::copy(super::data("tls").join(name), &path).expect("a copy");
            std::fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).expect("a mode");
            if is_root() {
                std::os::unix::fs::chown(&path, Some(65_534), Some(65_534)).expect("its owner");
            }
        }
        let cluster = Cluster {
            folder,
            programs,
            port,
            server: Mutex::new(None),
            made: AtomicU32::new(0),
        };
        cluster.up();
        Some(cluster)
    }

    /// Starts the server, and waits until it lets in.
    pub fn up(&self) {
        let mut command = as_owner(self.programs.join("postgres"));
        command
            .arg("-D")
            .arg(self.folder.path().join("data"))
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        *self.server.lock().expect("no panic") = Some(start(command));
        let deadline = Instant::now() + PATIENCE;
        while !self.psql("postgres", "SELECT 1").status.success() {
            assert!(Instant::now() < deadline, "the server does not start");
        }
    }

    /// Stops it at once, as a loss of power would: what is in memory is gone.
    pub fn down(&self) {
        let server = self.server.lock().expect("no panic").take();
        if let Some(mut server) = server {
            let _ = Command::new("kill")
                .args(["-QUIT", &server.id().to_string()])
                .status();
            let _ = server.wait();
        }
    }

    /// The folder of its socket, which also has room for the tests' own files.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// A new database; its name.
    pub fn database(&self) -> String {
        let name = format!("spool{}", self.made.fetch_add(1, Ordering::SeqCst));
        self.sql("postgres", &format!("CREATE DATABASE {name}"));
        name
    }

    /// The address of a database, for a role.
    pub fn url(&self, role: &str, database: &str) -> String {
        let socket = self.folder.path().display();
        format!("postgres://{role}@:{}/{database}?host={socket}", self.port)
    }

    fn psql(&self, database: &str, statement: &str) -> std::process::Output {
        Command::new(self.programs.join("psql"))
            .args([
                "-X",
                "-q",
                "-A",
                "-t",
                "-v",
                "ON_ERROR_STOP=1",
                "-U",
                "owner",
                "-d",
                database,
            ])
            .args(["-p", &self.port.to_string(), "-c", statement, "-h"])
            .arg(self.folder.path())
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .output()
            .expect("psql runs")
    }

    /// An open session of its owner, which does what is written to its standard input.
    pub fn session(&self, database: &str) -> Child {
        let port = self.port.to_string();
        Command::new(self.programs.join("psql"))
            .args(["-X", "-q", "-A", "-t", "-U", "owner", "-d", database])
            .args(["-p", &port, "-h"])
            .arg(self.folder.path())
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("psql runs")
    }

    /// What a statement answers, as its owner.
    pub fn sql(&self, database: &str, statement: &str) -> String {
        let done = self.psql(database, statement);
        let said = String::from_utf8_lossy(&done.stderr).into_owned();
        assert!(done.status.success(), "{statement}: {said}");
        String::from_utf8_lossy(&done.stdout).trim().to_owned()
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.down();
    }
}

/// A PgBouncer before a cluster, in transaction mode with two connections.
pub struct Bouncer {
    folder: tempfile::TempDir,
    port: u16,
    process: Child,
}

impl Bouncer {
    /// Starts one; `None` says aloud that there is none here.
    pub fn start(cluster: &Cluster) -> Option<Bouncer> {
        let program = ["/usr/sbin/pgbouncer", "/usr/bin/pgbouncer"]
            .into_iter()
            .find(|path| Path::new(path).exists());
        let Some(program) = program else {
            skip("PgBouncer is not installed");
            return None;
        };
        let folder = tempfile::Builder::new()
            .prefix("pb")
            .tempdir_in("/tmp")
            .expect("a folder");
        if is_root() {
            std::os::unix::fs::chown(folder.path(), Some(65_534), Some(65_534)).expect("its owner");
        }
        std::fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o755)).expect("a mode");
        let (socket, behind) = (folder.path().display(), cluster.folder().display());
        let port = free_port();
        let settings = format!(
            "[databases]\n* = host={behind} port={} user=owner\n[pgbouncer]\nlisten_addr =\n\
             listen_port = {port}\nunix_socket_dir = {socket}\nunix_socket_mode = 0777\n\
             auth_type = any\npool_mode = transaction\ndefault_pool_size = 2\nmax_client_conn = 200\n\
             ignore_startup_parameters = extra_float_digits\n",
            cluster.port()
        );
        let path = folder.path().join("pgbouncer.ini");
        std::fs::write(&path, settings).expect("a file");
        let mut command = as_owner(program);
        command
            .arg("-q")
            .arg(&path)
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let process = start(command);
        let bouncer = Bouncer {
            folder,
            port,
            process,
        };
        let socket = bouncer.folder.path().join(format!(".s.PGSQL.{port}"));
        let deadline = Instant::now() + PATIENCE;
        while std::os::unix::net::UnixStream::connect(&socket).is_err() {
            assert!(Instant::now() < deadline, "PgBouncer does not start");
            std::thread::yield_now();
        }
        Some(bouncer)
    }

    /// The folder of its socket.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The address of a database behind it.
    pub fn url(&self, database: &str) -> String {
        let socket = self.folder.path().display();
        format!("postgres://owner@:{}/{database}?host={socket}", self.port)
    }
}

impl Drop for Bouncer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
