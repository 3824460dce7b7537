//! The plain sequences of a working day: a job that reports, again and again, to a server that is
//! up, down, slow, throttling or refusing. After every step the exit code, both streams, what the
//! server got and what the spool holds are checked.

use crate::emit::record;
use crate::support::server::{Server, answer};
use crate::support::{Ended, Place, Run};
use std::sync::{Arc, Mutex};

/// A machine with a spool in its usual place, and a server that answers as told.
struct Day {
    place: Place,
    server: Server,
    reply: Arc<Mutex<Vec<u8>>>,
    /// What the server has accepted so far.
    accepted: Arc<Mutex<Vec<String>>>,
}

impl Day {
    fn begin() -> Day {
        let reply = Arc::new(Mutex::new(answer("200 OK", "", "")));
        let accepted = Arc::new(Mutex::new(Vec::new()));
        let (says, takes) = (Arc::clone(&reply), Arc::clone(&accepted));
        let server = Server::answering(move |_, request| {
            let reply = says.lock().expect("no panic").clone();
            if reply.starts_with(b"HTTP/1.1 2") {
                let body = String::from_utf8_lossy(&request.body).into_owned();
                takes.lock().expect("no panic").push(body);
            }
            reply
        });
        Day {
            place: Place::new(),
            server,
            reply,
            accepted,
        }
    }

    /// From now on the server answers so.
    fn server_says(&self, status: &str, headers: &str) {
        *self.reply.lock().expect("no panic") = answer(status, headers, "");
    }

    fn at(&self, url: &str, args: &[&str]) -> Run {
        let target = ["--url", url, "--connector", "shop_connector"];
        self.place
            .hivelog(args.iter().chain(&target))
            .env("HIVELOG_KEY", "canary-7f3a")
    }

    /// One report of a job, from a file of its own.
    fn report(&self, record: &str, args: &[&str]) -> Ended {
        self.report_to(&self.server.url(), record, args)
    }

    fn report_to(&self, url: &str, record: &str, args: &[&str]) -> Ended {
        self.place.file("one.json", record);
        let mut all = vec!["emit", "one.json"];
        all.extend(args);
        self.at(url, &all).run()
    }

    fn drain(&self, args: &[&str]) -> Ended {
        let mut all = vec!["spool", "drain"];
        all.extend(args);
        self.at(&self.server.url(), &all).run()
    }

    /// The bytes the spool holds, in order; and nothing is thought to be wrong with it.
    #[track_caller]
    fn holds(&self, records: &[&String]) {
        let held = self.place.hivelog(["spool", "export"]).run().exits(0);
        let wanted: String = records.iter().map(|record| format!("{record}\n")).collect();
        assert_eq!(held.text(), wanted);
        let verified = self.place.hivelog(["spool", "verify"]).run().exits(0);
        assert_eq!(verified.errors(), "");
        let suspect = self.place.path(".local/state/hivelog/spool/suspect");
        assert!(!suspect.exists(), "the spool is marked as suspect");
    }

    /// What the server has accepted in all: each once, in this order, byte for byte.
    #[track_caller]
    fn got(&self, records: &[&String]) {
        let got = self.accepted.lock().expect("no panic").clone();
        assert_eq!(got.iter().collect::<Vec<_>>(), records);
    }
}

/// Nothing listens there.
fn nowhere() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    format!("http://{}", listener.local_addr().expect("an address"))
}

/// Ended as kept, without a word of a fault of the spool.
#[track_caller]
fn kept(ended: Ended) -> Ended {
    let errors = ended.errors();
    assert!(!errors.contains("storage"), "{}", ended.tell());
    ended.exits(6).says("delivered 0, invalid 0, kept 1")
}

/// The first reports of a journey: started, in work, in work again.
fn steps() -> [String; 3] {
    ["1000N", "5004N", "5003N"].map(|code| record("order-1", code))
}

#[test]
fn a_job_reports_each_step_while_the_server_is_up() {
    let day = Day::begin();
    let [first, second, third] = steps();
    for step in [&first, &second, &third] {
        let ended = day.report(step, &[]).exits(0);
        assert_eq!(ended.errors(), "");
        ended.says("delivered 1, invalid 0, kept 0");
        day.holds(&[]);
    }
    day.got(&[&first, &second, &third]);
    day.drain(&[]).exits(0);
}

#[test]
fn a_job_reports_on_while_the_server_asks_for_a_quarter_of_an_hour() {
    for retry_after in ["900", "86400"] {
        let day = Day::begin();
        let [first, second, third] = steps();
        day.server_says("503 x", &format!("Retry-After: {retry_after}\r\n"));
        kept(day.report(&first, &[]));
        day.holds(&[&first]);
        kept(day.report(&second, &[]));
        day.holds(&[&first, &second]);
        kept(day.report(&third, &[]));
        day.holds(&[&first, &second, &third]);
        day.got(&[]);
    }
}

#[test]
fn a_job_reports_on_while_nothing_listens() {
    for patience in ["0s", "100ms"] {
        let day = Day::begin();
        let address = nowhere();
        let [first, second, third] = steps();
        let args = ["--retry-for", patience];
        kept(day.report_to(&address, &first, &args));
        day.holds(&[&first]);
        kept(day.report_to(&address, &second, &args));
        day.holds(&[&first, &second]);
        kept(day.report_to(&address, &third, &args));
        day.holds(&[&first, &second, &third]);
    }
}
