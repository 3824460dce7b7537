//! The plain sequences of a working day: a job that reports, again and again, to a server that is
//! up, down, slow, throttling or refusing. After every step the exit code, both streams, what the
//! server got and what the spool holds are checked.

use crate::emit::record;
use crate::support::server::{Server, answer};
use crate::support::{Ended, Place, Run};
use std::sync::{Arc, Mutex};

/// A machine with a spool in its usual place, and a server that answers as reported.
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
        self.exports("--ready", records);
    }

    /// The bytes of the records that the server rejected.
    #[track_caller]
    fn holds_rejected(&self, records: &[&String]) {
        self.exports("--dead", records);
    }

    #[track_caller]
    fn exports(&self, state: &str, records: &[&String]) {
        let held = self
            .place
            .hivelog(["spool", "export", state])
            .run()
            .exits(0);
        let mut wanted = String::new();
        for record in records {
            wanted.push_str(record);
            wanted.push('\n');
        }
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
    assert!(!errors.contains("storage"), "{}", ended.transcript());
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
fn a_report_waits_for_a_second_that_the_server_asked_an_earlier_one_for() {
    let day = Day::begin();
    let [first, second, _] = steps();
    day.server_says("503 x", "Retry-After: 1\r\n");
    kept(day.report(&first, &["--retry-for", "0s"]));
    day.server_says("200 OK", "");
    day.report(&second, &[]).exits(0).says("delivered 1");
    day.got(&[&first, &second]);
    day.holds(&[]);
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

#[test]
fn reports_that_were_kept_are_drained_when_the_server_is_back() {
    let day = Day::begin();
    let one = steps();
    let two = ["1000N", "5004N"].map(|code| record("order-2", code));
    day.server_says("503 x", "");
    let args = ["--retry-for", "0s"];
    for step in [&one[0], &two[0], &one[1]] {
        kept(day.report(step, &args));
    }
    // Still down: what waits is reported, and nothing of it is lost.
    day.drain(&args)
        .exits(6)
        .says("delivered 0")
        .says("kept 3")
        .warns("3 records wait");
    day.holds(&[&one[0], &two[0], &one[1]]);
    day.server_says("200 OK", "");
    let jobs = ["--jobs", "1"];
    day.drain(&jobs)
        .exits(0)
        .says("delivered 3, invalid 0, kept 0");
    day.holds(&[]);
    day.drain(&[])
        .exits(0)
        .says("delivered 0, invalid 0, kept 0");
    // The next reports go straight through.
    for step in [&two[1], &one[2]] {
        day.report(step, &[]).exits(0).says("delivered 1");
    }
    day.got(&[&one[0], &two[0], &one[1], &two[1], &one[2]]);
    day.holds(&[]);
}

#[test]
fn a_report_takes_what_waits_with_it_when_the_server_is_back() {
    let day = Day::begin();
    let [first, second, third] = steps();
    day.server_says("503 x", "");
    for step in [&first, &second] {
        kept(day.report(step, &["--retry-for", "0s"]));
    }
    day.server_says("200 OK", "");
    let ended = day.report(&third, &[]).exits(0);
    assert_eq!(ended.errors(), "");
    ended.says("delivered 1, invalid 0, kept 0");
    day.got(&[&first, &second, &third]);
    day.holds(&[]);
}

#[test]
fn a_server_that_throttles_is_waited_for() {
    let day = Day::begin();
    let [first, second, _] = steps();
    let (place, accepted) = (&day.place, Arc::new(Mutex::new(Vec::new())));
    let takes = Arc::clone(&accepted);
    let server = Server::answering(move |number, request| {
        if number % 2 == 0 {
            return answer("429 x", "Retry-After: 1\r\n", "");
        }
        let body = String::from_utf8_lossy(&request.body).into_owned();
        takes.lock().expect("no panic").push(body);
        answer("200 OK", "", "")
    });
    for step in [&first, &second] {
        place.file("one.json", step);
        let ended = day.at(&server.url(), &["emit", "one.json"]).run().exits(0);
        assert_eq!(ended.errors(), "");
        ended.says("delivered 1");
        day.holds(&[]);
    }
    assert_eq!(*accepted.lock().expect("no panic"), [first, second]);
}

#[test]
fn a_server_that_is_slow_gets_each_report_once() {
    let day = Day::begin();
    let [first, second, _] = steps();
    let pause = std::time::Duration::from_millis(300);
    let (_never, wait) = std::sync::mpsc::channel::<()>();
    let wait = Mutex::new(wait);
    let server = Server::answering(move |_, _| {
        let _ = wait.lock().expect("no panic").recv_timeout(pause);
        answer("200 OK", "", "")
    });
    for step in [&first, &second] {
        day.report_to(&server.url(), step, &[])
            .exits(0)
            .says("delivered 1");
        day.holds(&[]);
    }
    let got: Vec<Vec<u8>> = server.requests().into_iter().map(|one| one.body).collect();
    assert_eq!(got, [first.into_bytes(), second.into_bytes()]);
}

#[test]
fn a_report_that_is_refused_stays_and_holds_up_none_that_follows() {
    let day = Day::begin();
    let [first, second, _] = steps();
    day.server_says("400 x", "");
    day.report(&first, &[]).exits(5).says("refused 1");
    day.holds_rejected(&[&first]);
    day.server_says("200 OK", "");
    day.report(&second, &[]).exits(0).says("delivered 1");
    day.got(&[&second]);
    day.holds_rejected(&[&first]);
    day.drain(&[])
        .exits(0)
        .says("delivered 0")
        .warns("1 record was rejected");
    day.got(&[&second]);
    let retry = ["spool", "retry", "--dead"];
    day.place.hivelog(retry).run().exits(0).says("ready ");
    day.place
        .hivelog(retry)
        .run()
        .exits(0)
        .warns("no record matches");
}

#[test]
fn a_report_says_that_an_earlier_one_was_rejected_on_the_way() {
    let day = Day::begin();
    let (first, second) = (record("order-1", "1000N"), record("order-2", "1000N"));
    day.server_says("503 x", "");
    kept(day.report(&first, &["--retry-for", "0s"]));
    day.server_says("400 x", "");
    day.report(&second, &[])
        .exits(5)
        .says("refused 1")
        .warns("2 records were rejected")
        .warns("hivelog spool drain --dead");
    day.holds_rejected(&[&first, &second]);
}

#[test]
fn a_list_shows_how_long_the_server_is_left_alone_for_each_record_that_waits() {
    let day = Day::begin();
    let [first, second, _] = steps();
    day.server_says("503 x", "Retry-After: 900\r\n");
    for step in [&first, &second] {
        kept(day.report(step, &[]));
    }
    let ended = day
        .drain(&[])
        .exits(6)
        .warns("to try sooner: hivelog spool retry --ready");
    // Draining again before that is no help.
    assert!(
        !ended.text().contains("spool drain"),
        "{}",
        ended.transcript()
    );
    let listed = day.place.hivelog(["spool", "list"]).run().exits(0).text();
    let waiting = listed.lines().filter(|line| line.contains(" min "));
    assert_eq!(waiting.count(), 2, "{listed}");
}

#[test]
fn a_key_that_has_expired_keeps_everything_until_it_is_renewed() {
    let day = Day::begin();
    let one = steps();
    let two = record("order-2", "1000N");
    day.server_says("401 x", "");
    for step in [&one[0], &one[1], &two] {
        let ended = day.report(step, &[]).exits(4).says("kept 1");
        assert!(ended.text().contains("401"), "{}", ended.transcript());
    }
    day.holds(&[&one[0], &one[1], &two]);
    day.drain(&[]).exits(4).says("kept 3");
    day.holds(&[&one[0], &one[1], &two]);
    day.server_says("200 OK", "");
    day.drain(&["--jobs", "1"]).exits(0).says("delivered 3");
    day.report(&one[2], &[]).exits(0).says("delivered 1");
    day.got(&[&one[0], &one[1], &two, &one[2]]);
    day.holds(&[]);
}

#[test]
fn what_to_check_is_the_same_for_a_report_that_waited_behind_one_with_a_rejected_key() {
    let day = Day::begin();
    for status in ["401 x", "404 x"] {
        day.server_says(status, "");
        let to_check = |journey: &str| {
            let ended = day.report(&record(journey, "1000N"), &[]).says("kept 1");
            let text = ended.text();
            let check = text.lines().find(|line| line.contains("check "));
            check.map(str::to_owned)
        };
        let first = to_check(&format!("first {status}"));
        assert!(first.is_some());
        assert_eq!(to_check(&format!("second {status}")), first);
    }
}

#[test]
fn a_job_that_is_run_reports_whether_the_server_is_up_or_not() {
    let day = Day::begin();
    let run = |code: u8| {
        let script = format!("exit {code}");
        let args = [
            "run",
            "-s",
            "INBOUND_2",
            "--integration",
            "Shop",
            "--shape",
            "Product",
            "--schema",
            "limber",
            "--mode",
            "LIVE",
            "--external-id",
            "Shop=9",
            "--on-start",
            "5004N",
            "--on-success",
            "2000N",
            "--on-failure",
            "2002E",
            "--retry-for",
            "0s",
            "--url",
            &day.server.url(),
            "--connector",
            "shop_connector",
            "--",
            "sh",
            "-c",
            &script,
        ]
        .map(str::to_owned);
        let ended = day
            .place
            .hivelog(args)
            .env("HIVELOG_KEY", "canary-7f3a")
            .run();
        ended.exits(i32::from(code))
    };
    run(0);
    assert_eq!(day.accepted.lock().expect("no panic").len(), 2);
    day.holds(&[]);
    day.server_says("503 x", "");
    run(0);
    run(3);
    let held = day.place.hivelog(["spool", "export"]).run().exits(0).text();
    let codes: Vec<&str> = held
        .lines()
        .filter_map(|line| {
            ["5004N", "2000N", "2002E"]
                .into_iter()
                .find(|code| line.contains(code))
        })
        .collect();
    assert_eq!(codes, ["5004N", "2000N", "5004N", "2002E"]);
    day.server_says("200 OK", "");
    day.drain(&[]).exits(0);
    assert_eq!(day.accepted.lock().expect("no panic").len(), 6);
    day.holds(&[]);
}

#[test]
fn a_pipe_that_goes_on_has_each_record_delivered_before_the_next_is_written() {
    let day = Day::begin();
    let mut emit = day
        .at(&day.server.url(), &["emit", "-", "-o", "ndjson"])
        .start();
    let sent: Vec<String> = (0..30)
        .map(|at| {
            record(&format!("order-{}", at % 4), "5004N").replace("\"9\"", &format!("\"{at}\""))
        })
        .collect();
    for record in &sent {
        emit.write(record.as_bytes());
        emit.write(b"\n");
        emit.stdout.until("\"status\":\"delivered\"");
    }
    emit.end().exits(0).says("\"delivered\":30");
    day.got(&sent.iter().collect::<Vec<_>>());
    day.holds(&[]);
}

#[test]
fn two_profiles_share_the_spool_and_each_sends_its_own() {
    let day = Day::begin();
    let profile = |name: &str| {
        let key = day
            .place
            .file(&format!("{name}.key"), format!("key-of-{name}"));
        let private = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        std::fs::set_permissions(&key, private).expect("a mode");
        format!(
            "[profile.{name}.synchive]\nurl = \"{}\"\nconnector = \"{name}_connector\"\n\
             key_file = \"{}\"\n",
            day.server.url(),
            key.display()
        )
    };
    let profiles = profile("shop") + &profile("erp");
    day.place.file(".config/hivelog/config.toml", profiles);
    let report = |name: &str, record: &str| {
        day.place.file("one.json", record);
        let args = ["emit", "one.json", "-p", name, "--retry-for", "0s"];
        day.place.hivelog(args).run()
    };
    let drain = |name: &str| day.place.hivelog(["spool", "drain", "-p", name]).run();
    let (shop, erp) = (record("order-1", "1000N"), record("order-2", "1000N"));
    day.server_says("503 x", "");
    kept(report("shop", &shop));
    kept(report("erp", &erp));
    day.holds(&[&shop, &erp]);
    day.server_says("200 OK", "");
    drain("erp")
        .exits(0)
        .says("delivered 1")
        .warns("1 record waits for");
    day.got(&[&erp]);
    day.holds(&[&shop]);
    drain("shop").exits(0).says("delivered 1");
    day.got(&[&erp, &shop]);
    day.holds(&[]);
    let requests = day.server.requests();
    for request in requests {
        let name = request.header("limber-connector").expect("a connector");
        let key = if name == "erp_connector" {
            "key-of-erp"
        } else {
            "key-of-shop"
        };
        assert!(request.head.contains(key), "{}", request.head);
    }
}

#[test]
fn a_cron_job_that_follows_a_file_shows_each_event_once() {
    let day = Day::begin();
    let event = |id: u32| {
        format!("{{\"id\":\"e{id}\",\"kind\":\"sys\",\"type\":\"trigger.schedule.ok\"}}\n")
    };
    let mut file = String::new();
    for run in 0..3 {
        let new = event(run * 2) + &event(run * 2 + 1);
        file += &new;
        day.place.file("events.ndjson", &file);
        let args = [
            "tail",
            "-o",
            "ndjson",
            "--resume",
            "nightly",
            "events.ndjson",
        ];
        let ended = day.place.hivelog(args).run().exits(0);
        assert_eq!(ended.text(), new, "{}", ended.transcript());
    }
}

#[test]
fn a_long_file_is_shown_once_however_often_a_job_follows_it() {
    let day = Day::begin();
    let event = |id: u32| format!("{{\"id\":\"e{id}\",\"type\":\"trigger.schedule.ok\"}}\n");
    let events: String = (0..66_000).map(event).collect();
    let follow = || {
        let args = [
            "tail",
            "-o",
            "ndjson",
            "--resume",
            "nightly",
            "night.ndjson",
        ];
        let ended = day.place.hivelog(args).run().exits(0);
        ended.text().lines().count()
    };
    day.place.file("night.ndjson", &events);
    assert_eq!(follow(), 66_000);
    assert_eq!(follow(), 0);
    let more = events + "{\"id\":\"last\",\"type\":\"server.shutdown\"}\n";
    day.place.file("night.ndjson", &more);
    assert_eq!(follow(), 1);
    assert_eq!(follow(), 0);
}
