//! Names: look-ups that fail, and a name with a dead and a live address.

use super::{End, expect, one};
use crate::support::server::{Server, answer};
use crate::support::{Place, skip};
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};

/// What a name server says.
#[derive(Clone, Copy, Debug)]
enum Says {
    /// Nothing at all.
    Nothing,
    /// A code instead of an answer.
    Code(u8),
    /// These addresses.
    Addresses(&'static [Ipv4Addr]),
}

/// Answers one question, or does not.
fn reply(question: &[u8], says: Says) -> Option<Vec<u8>> {
    let (code, addresses) = match says {
        Says::Nothing => return None,
        Says::Code(code) => (code, &[][..]),
        Says::Addresses(addresses) => (0, addresses),
    };
    // The name ends with an empty label; its type and class follow.
    let end = 12 + question.get(12..)?.iter().position(|byte| *byte == 0)? + 5;
    let is_v4 = question.get(end - 4..end - 2)? == [0, 1];
    let addresses = if is_v4 { addresses } else { &[] };
    let mut reply = question[..2].to_vec();
    let count = u8::try_from(addresses.len()).ok()?;
    reply.extend([0x81, 0x80 | code, 0, 1, 0, count, 0, 0, 0, 0]);
    reply.extend(&question[12..end]);
    for address in addresses {
        // The name of the question, an address, for a second.
        reply.extend([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 1, 0, 4]);
        reply.extend(address.octets());
    }
    Some(reply)
}

/// A name server on an address of its own; `None` where its port is not for us.
fn name_server(says: Says) -> Option<Ipv4Addr> {
    let address = Ipv4Addr::new(127, 77, says_number(says), 1);
    let socket = UdpSocket::bind(SocketAddr::from((address, 53))).ok()?;
    std::thread::spawn(move || {
        let mut block = [0; 512];
        while let Ok((length, from)) = socket.recv_from(&mut block) {
            if let Some(reply) = reply(&block[..length], says) {
                let _ = socket.send_to(&reply, from);
            }
        }
    });
    Some(address)
}

fn says_number(says: Says) -> u8 {
    match says {
        Says::Nothing => 1,
        Says::Code(code) => 10 + code,
        Says::Addresses(_) => 2,
    }
}

/// An address on which nobody listens, and that of the server.
const DEAD_AND_LIVE: [Ipv4Addr; 2] = [Ipv4Addr::new(127, 0, 0, 9), Ipv4Addr::LOCALHOST];

#[test]
fn a_name_that_cannot_be_looked_up_was_surely_not_sent_to() {
    for (name, says, end) in [
        ("53 no such name", Says::Code(3), End::Late(0)),
        ("54 the name server has failed", Says::Code(2), End::Late(0)),
        ("55 the name server is silent", Says::Nothing, End::Late(0)),
        (
            "56 a dead and a live address",
            Says::Addresses(&DEAD_AND_LIVE),
            End::Delivered(1, 0),
        ),
    ] {
        let Some(address) = name_server(says) else {
            skip("no name server can be started here");
            return;
        };
        let place = Place::new();
        let options = "options timeout:1 attempts:1";
        place.file("resolv.conf", format!("nameserver {address}\n{options}\n"));
        place.file("nsswitch.conf", "hosts: files dns\n");
        let server = Server::answering(|_, _| answer("200 OK", "", ""));
        let url = server.url().replace("127.0.0.1", "hivelog.example");
        // In a namespace of its own: nothing outside sees the other name server.
        let script = "mount --bind resolv.conf /etc/resolv.conf &&
            mount --bind nsswitch.conf /etc/nsswitch.conf || exit 77
            exec \"$@\"";
        let tool = ["unshare", "-rm", "sh", "-c", script, "sh"];
        for spool in [true, false] {
            let more = ["--allow-http", "--retry-for", "100ms"];
            let run = one(&place, &url, spool, false, &more);
            let Some(run) = run.under(&tool) else { return };
            let ended = run.run();
            if ended.code == Some(77) || ended.code == Some(1) {
                skip("no files can be put over others here");
                return;
            }
            expect(&place, &ended, end, spool, name);
            assert_eq!(server.requests().is_empty(), end == End::Late(0), "{name}");
            let _ = std::fs::remove_dir_all(place.path("spool"));
        }
    }
}
