//! How much memory is taken: by `validate` a little for each journey, and nothing for what is
//! long; by `tail` no more than a page has bytes.

use crate::support::server::{Server, answer};
use crate::support::{PATIENCE, Place, hivelog, skip};
use std::fmt::Write as _;
use std::process::Stdio;
use std::sync::Mutex;
use std::sync::mpsc::channel;

/// The most memory a running program has used so far, in KiB.
fn peak(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse().ok()
}

/// Runs a command line and writes to it piece by piece; gives back the peak after each `mark` of
/// pieces. What is in the pipe still may be 64 KiB.
fn peaks(args: &[&str], pieces: usize, mark: usize, piece: impl Fn(usize) -> Vec<u8>) -> Vec<u64> {
    use std::io::Write as _;
    let mut command = hivelog(args).into_command();
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let mut child = command.spawn().expect("it starts");
    let mut pipe = child.stdin.take().expect("a pipe");
    let mut peaks = Vec::new();
    for at in 0..pieces {
        pipe.write_all(&piece(at)).expect("it reads");
        if (at + 1) % mark == 0 {
            peaks.extend(peak(child.id()));
        }
    }
    drop(pipe);
    let code = child.wait().expect("it ends").code();
    assert!(matches!(code, Some(0 | 1)), "{code:?}");
    if peaks.is_empty() {
        skip("there is no /proc to read the memory from");
    }
    peaks
}

/// Ten event logs of journeys of their own, or each the next one of as many journeys.
fn records(at: usize, journeys: usize) -> Vec<u8> {
    let mut text = String::new();
    for record in at * 10..at * 10 + 10 {
        let (journey, turn) = (record % journeys, record / journeys);
        let _ = writeln!(
            text,
            "{{\"eventCode\":\"1000N\",\"direction\":\"INBOUND\",\"lifeCycleStage\":\"INBOUND_2\",\
             \"outcome\":\"PROCESSING\",\"correlationId\":\"14cac731-6dd7-424c-bfbf-{journey:012}\",\
             \"generatedAt\":\"2024-05-03T17:{:02}:00Z\",\"integrationKey\":\"A\",\"shapeName\":\"B\",\
             \"mode\":\"LIVE\",\"schemaName\":\"l\",\"dataId\":{{\"@type\":\"DataReference\",\
             \"schemaName\":\"l\",\"shapeName\":\"B\",\"externalIdentities\":\
             [{{\"integrationKey\":\"A\",\"externalId\":\"9\"}}]}}}}",
            turn % 60
        );
    }
    text.into_bytes()
}

#[test]
fn a_journey_of_one_record_takes_few_bytes() {
    let peaks = peaks(&["validate", "-"], 10_000, 2_000, |at| {
        records(at, usize::MAX)
    });
    if let [first, .., last] = peaks[..] {
        let bytes = (last - first) * 1024 / 80_000;
        assert!(bytes < 200, "{bytes} bytes a journey: {peaks:?} KiB");
    }
}

#[test]
fn a_journey_of_several_records_takes_few_bytes() {
    let peaks = peaks(&["validate", "-"], 8_000, 4_000, |at| records(at, 40_000));
    if let [_, last] = peaks[..] {
        // Against a run that has as many records and hardly any journey.
        let few = self::peaks(&["validate", "-"], 4_000, 4_000, |at| records(at, 10));
        let bytes = last.saturating_sub(few[0]) * 1024 / 40_000;
        assert!(
            bytes < 200,
            "{bytes} bytes a journey: {last} and {few:?} KiB"
        );
    }
}

#[test]
fn a_line_beyond_the_limit_is_not_held_whatever_is_done_with_it() {
    for way in [
        &["validate", "-"][..],
        &["validate", "--fix", "-"],
        &["validate", "--fix", "--diff", "-"],
        &["validate", "--filter", "invalid", "-"],
    ] {
        let peaks = peaks(way, 400, 20, |at| match at {
            0 => b"[{\"a\":\"b\",}, {\"a\":\"".to_vec(),
            399 => b"\"}]\n".to_vec(),
            _ => vec![b'x'; 100_000],
        });
        if let [first, .., last] = peaks[..] {
            assert!(last - first < 8 * 1024, "{way:?}: {peaks:?} KiB");
        }
    }
}

#[test]
fn records_with_more_findings_than_bytes_take_no_more_memory() {
    let peaks = peaks(&["validate", "-"], 40, 4, |_| b"{}\n".repeat(10_000));
    if let Some(last) = peaks.last() {
        assert!(*last < 64 * 1024, "{peaks:?} KiB");
    }
}

#[test]
fn reports_of_many_bad_records_take_no_more_memory_than_they_show() {
    let reports =
        ["junit", "gitlab", "markdown"].map(|format| format!("--report={format}=/dev/null"));
    let args = ["validate", "-", &reports[0], &reports[1], &reports[2]];
    let peaks = peaks(&args, 24, 4, |_| b"{}\n".repeat(10_000));
    if let Some(last) = peaks.last() {
        assert!(*last < 128 * 1024, "{peaks:?} KiB");
    }
}

#[test]
fn a_junit_report_is_not_held_a_second_time_to_be_written() {
    use std::io::Read as _;
    let place = Place::new();
    let pipe = place.path("report");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.expect("mkfifo runs").success());
    place.file("bad", "{}\n".repeat(150_000));
    let validate = ["validate", "bad", "--report", "junit=report"];
    let running = place.hivelog(validate).start();
    let mut report = std::fs::File::open(&pipe).expect("a report");
    // It begins when everything is known, and waits for its reader behind 64 KiB.
    let begin = report.read_exact(&mut vec![0; 1 << 20]);
    begin.expect("a long report");
    let peak = peak(running.pid());
    let rest = std::io::copy(&mut report, &mut std::io::sink());
    assert!(rest.expect("a report") > 1 << 20);
    let _ = running.wait().exits(1);
    match peak {
        Some(peak) => assert!(peak < 80 * 1024, "{peak} KiB"),
        None => skip("there is no /proc to read the memory from"),
    }
}

#[test]
fn a_page_of_very_many_very_small_things_takes_little_more_memory_than_its_bytes() {
    const SIZE: usize = 5 << 20;
    let items = format!("[{}0]", "0,".repeat(SIZE / 2));
    let members: Vec<_> = (0..SIZE / 12).map(|n| format!("\"{n:07}\":0,")).collect();
    let members = members.concat();
    for (page, pointer) in [
        (format!("{{\"items\":{items}}}"), "/items"),
        (items, ""),
        (format!("{{{members}\"items\":[]}}"), "/items"),
        (format!("{{{members}\"a\":[]}}"), "/items"),
    ] {
        let (asked_again, second) = channel();
        let asked_again = Mutex::new(asked_again);
        let server = Server::answering(move |number, _| {
            let _ = number == 1 && asked_again.lock().expect("no panic").send(()).is_ok();
            let page = if number == 0 { &page } else { "{\"items\":[]}" };
            answer("200 OK", "Content-Type: application/json\r\n", page)
        });
        let place = Place::new();
        let mut args = vec!["tail", "--poll-interval", "10ms"];
        let url = server.url();
        args.extend(["--server", &url, "--page-items", pointer]);
        let running = place.hivelog(args).start();
        second
            .recv_timeout(4 * PATIENCE)
            .expect("another page is asked for");
        match peak(running.pid()) {
            Some(peak) => assert!(peak < 64 * 1024, "{peak} KiB at {pointer:?}"),
            None => skip("there is no /proc to read the memory from"),
        }
    }
}

#[test]
fn long_bodies_from_many_senders_are_never_held_whole() {
    use std::io::{Read as _, Write as _};
    let mut command = hivelog(["tail", "--listen", ":0"]).into_command();
    command.stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("it starts");
    let stderr = std::io::BufReader::new(child.stderr.take().expect("a pipe"));
    let line = std::io::BufRead::lines(stderr).next().expect("a line");
    let address = line
        .expect("text")
        .rsplit('/')
        .next()
        .expect("an address")
        .to_owned();
    let line = format!(
        "{{\"type\":\"auth.ok\",\"pad\":\"{}\"}}\n",
        "x".repeat(2000)
    );
    let body = line.repeat(1000);
    let head = format!(
        "POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    let send = || {
        let mut stream = std::net::TcpStream::connect(&address).expect("it listens");
        stream.write_all(head.as_bytes()).expect("it reads");
        stream.write_all(body.as_bytes()).expect("it reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("it answers");
        assert!(answer.starts_with("HTTP/1.1 204 "), "{answer}");
    };
    // Together 128 MB.
    std::thread::scope(|scope| {
        let senders: Vec<_> = (0..64).map(|_| scope.spawn(send)).collect();
        for sender in senders {
            sender.join().expect("it is taken");
        }
    });
    let peak = peak(child.id());
    child.kill().expect("it runs");
    child.wait().expect("it ends");
    match peak {
        // Of a debug build the program alone takes 20 MiB.
        Some(peak) => assert!(peak < 72 << 10, "{peak} KiB"),
        None => skip("there is no /proc to read the memory from"),
    }
}
