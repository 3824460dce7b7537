//! A server behind TLS, as good or as bad as a test wants it, and HTTP/2 in literal frames.

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, ServerConnection, StreamOwned};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A connection after the handshake.
pub type Stream = StreamOwned<ServerConnection, Counted>;

/// The certificate that vouches for most of the others.
pub fn authority() -> PathBuf {
    file("ca.pem")
}

fn file(name: &str) -> PathBuf {
    super::data("tls").join(name)
}

/// A server that is to be.
pub struct Secure {
    certificate: &'static str,
    protocols: &'static [&'static [u8]],
    wants_client: bool,
    ip: &'static str,
}

impl Secure {
    /// A server for `localhost` that the authority vouches for.
    pub fn new() -> Secure {
        Secure::with("server.pem")
    }

    /// The same with another certificate.
    pub fn with(certificate: &'static str) -> Secure {
        Secure {
            certificate,
            protocols: &[],
            wants_client: false,
            ip: "127.0.0.1",
        }
    }

    /// The same on another address.
    pub fn on(self, ip: &'static str) -> Secure {
        Secure { ip, ..self }
    }

    /// The same, asking for a certificate that nobody has.
    pub fn wanting_a_client_certificate(self) -> Secure {
        Secure {
            wants_client: true,
            ..self
        }
    }

    /// The same for HTTP/2 alone.
    pub fn http2(self) -> Secure {
        Secure {
            protocols: &[b"h2"],
            ..self
        }
    }

    fn config(&self) -> ServerConfig {
        let certificate = |name| CertificateDer::from_pem_file(file(name)).expect("a certificate");
        let key = PrivateKeyDer::from_pem_file(file("server.key")).expect("a key");
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .expect("versions");
        let config = if self.wants_client {
            let mut roots = RootCertStore::empty();
            roots.add(certificate("ca.pem")).expect("a root");
            let verifier =
                WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build();
            config.with_client_cert_verifier(verifier.expect("a verifier"))
        } else {
            config.with_no_client_auth()
        };
        let mut config = config
            .with_single_cert(vec![certificate(self.certificate)], key)
            .expect("a configuration");
        config.alpn_protocols = self.protocols.iter().map(|name| name.to_vec()).collect();
        config
    }

    /// Serves the n-th connection (from 0), which is closed without a farewell afterwards.
    pub fn serving(self, serve: impl Fn(usize, &mut Stream) + Send + Sync + 'static) -> Listening {
        let config = Arc::new(self.config());
        let listener = TcpListener::bind((self.ip, 0)).expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let (understood, clear) = (Arc::default(), Arc::default());
        let listening = Listening {
            port,
            understood: Arc::clone(&understood),
            clear: Arc::clone(&clear),
        };
        let serve = Arc::new(serve);
        std::thread::spawn(move || {
            for (number, socket) in listener.incoming().flatten().enumerate() {
                let (config, serve) = (Arc::clone(&config), Arc::clone(&serve));
                let (understood, clear) = (Arc::clone(&understood), Arc::clone(&clear));
                std::thread::spawn(move || {
                    let connection = ServerConnection::new(config).expect("a connection");
                    let socket = Counted { socket, clear };
                    let mut stream = StreamOwned::new(connection, socket);
                    if stream.conn.complete_io(&mut stream.sock).is_ok() {
                        understood.fetch_add(1, Ordering::SeqCst);
                        serve(number, &mut stream);
                    }
                });
            }
        });
        listening
    }

    /// Answers every HTTP/1.1 request on every connection with these bytes, then closes.
    pub fn answering(self, bytes: Vec<u8>) -> Listening {
        self.serving(move |_, stream| {
            let mut block = [0; 4096];
            // Records are sent in one piece; the blank line after the head is enough.
            while let Ok(read @ 1..) = stream.read(&mut block) {
                if block[..read].windows(4).any(|window| window == b"\r\n\r\n") {
                    let _ = stream.write_all(&bytes);
                    let _ = stream.flush();
                    return;
                }
            }
        })
    }
}

/// A socket that notices what should never travel as it is.
pub struct Counted {
    socket: TcpStream,
    clear: Arc<AtomicUsize>,
}

impl Read for Counted {
    fn read(&mut self, block: &mut [u8]) -> std::io::Result<usize> {
        let read = self.socket.read(block)?;
        let clear = [&b"PUT "[..], b"eventCode", b"canary"].iter().any(|word| {
            let mut windows = block[..read].windows(word.len());
            windows.any(|window| window == *word)
        });
        self.clear.fetch_add(usize::from(clear), Ordering::SeqCst);
        Ok(read)
    }
}

impl Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.socket.write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.socket.flush()
    }
}

/// A server that listens.
pub struct Listening {
    port: u16,
    understood: Arc<AtomicUsize>,
    clear: Arc<AtomicUsize>,
}

impl Listening {
    /// Its address under a name.
    pub fn url(&self, host: &str) -> String {
        format!("https://{host}:{}", self.port)
    }

    /// How many handshakes were completed.
    pub fn handshakes(&self) -> usize {
        self.understood.load(Ordering::SeqCst)
    }

    /// How many blocks held something that should have been encrypted.
    pub fn in_the_clear(&self) -> usize {
        self.clear.load(Ordering::SeqCst)
    }
}

/// The frames of HTTP/2 that the tests need.
pub mod http2 {
    use super::Stream;
    use std::collections::HashMap;
    use std::io::{Read, Write};
    use std::net::Shutdown;

    const DATA: u8 = 0;
    const HEADERS: u8 = 1;
    const RST_STREAM: u8 = 3;
    const SETTINGS: u8 = 4;
    const GOAWAY: u8 = 7;
    const END_STREAM: u8 = 1;
    const ACK: u8 = 1;

    /// `REFUSED_STREAM`.
    pub const REFUSED: u32 = 7;

    fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
        let length = u32::try_from(payload.len()).expect("a short frame");
        let mut bytes = length.to_be_bytes()[1..].to_vec();
        bytes.extend([kind, flags]);
        bytes.extend(stream.to_be_bytes());
        bytes.extend(payload);
        bytes
    }

    /// The server's side of a connection.
    pub struct Session<'a> {
        stream: &'a mut Stream,
        open: HashMap<u32, Vec<u8>>,
    }

    impl<'a> Session<'a> {
        /// Begins, allowing so many streams at once.
        pub fn begin(stream: &'a mut Stream, streams: u32) -> Session<'a> {
            let mut preface = [0; 24];
            let _ = stream.read_exact(&mut preface);
            let limit = [&[0, 3][..], &streams.to_be_bytes()].concat();
            let mut session = Session {
                stream,
                open: HashMap::new(),
            };
            session.send(&frame(SETTINGS, 0, 0, &limit));
            session
        }

        fn send(&mut self, bytes: &[u8]) {
            let _ = self.stream.write_all(bytes);
            let _ = self.stream.flush();
        }

        /// The next whole request: its stream and its body.
        pub fn request(&mut self) -> Option<(u32, Vec<u8>)> {
            loop {
                let mut head = [0; 9];
                self.stream.read_exact(&mut head).ok()?;
                let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
                let mut payload = vec![0; usize::try_from(length).ok()?];
                self.stream.read_exact(&mut payload).ok()?;
                let (kind, flags) = (head[3], head[4]);
                let stream = u32::from_be_bytes([head[5], head[6], head[7], head[8]]);
                match kind {
                    SETTINGS if flags & ACK == 0 => self.send(&frame(SETTINGS, ACK, 0, &[])),
                    HEADERS => drop(self.open.insert(stream, Vec::new())),
                    DATA => self.open.entry(stream).or_default().extend(payload),
                    _ => {}
                }
                if matches!(kind, HEADERS | DATA) && flags & END_STREAM != 0 {
                    return Some((stream, self.open.get(&stream)?.clone()));
                }
            }
        }

        /// Whether another stream is open.
        pub fn is_busy_beside(&self, stream: u32) -> bool {
            self.open.keys().any(|open| *open != stream)
        }

        /// Answers a stream with 200.
        pub fn accept(&mut self, stream: u32) {
            self.open.remove(&stream);
            // The eighth entry of the static table is `:status: 200`; 4 ends the headers.
            self.send(&frame(HEADERS, END_STREAM | 4, stream, &[0x88]));
        }

        /// Answers everything that comes with 200.
        pub fn accept_all(&mut self) {
            while let Some((stream, _)) = self.request() {
                self.accept(stream);
            }
        }

        /// Says nothing more, and waits until the other side has left.
        pub fn leave(&mut self) {
            let _ = self.stream.sock.socket.shutdown(Shutdown::Write);
            while self.request().is_some() {}
        }

        /// Resets a stream.
        pub fn reset(&mut self, stream: u32, code: u32) {
            self.open.remove(&stream);
            self.send(&frame(RST_STREAM, 0, stream, &code.to_be_bytes()));
        }

        /// Says farewell; streams after `last` were not looked at.
        pub fn go_away(&mut self, last: u32, code: u32) {
            let payload = [last.to_be_bytes(), code.to_be_bytes()].concat();
            self.send(&frame(GOAWAY, 0, 0, &payload));
        }
    }
}
