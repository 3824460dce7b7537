//! Runs that are killed and go on from the position they have kept.

use super::{event, hold, sse};
use crate::support::server::Server;
use crate::support::{Ended, PATIENCE, Place, Running};
use std::io::Write;
use std::path::Path;
use std::time::Instant;

const EVENTS: u32 = 4000;

/// A server that replays everything after the position it is given.
fn replaying() -> Server {
    Server::scripted(|_, request, stream| {
        let after = request.header("last-event-id");
        let after = after.map_or(0, |id| id.parse::<u32>().expect("our own id"));
        sse(stream, b"retry: 100\n\n");
        for first in (after + 1..=EVENTS).step_by(50) {
            let framed = |id| format!("id: {id}\ndata: {}\n\n", event(id, "auth.ok"));
            let last = EVENTS.min(first + 49);
            let body: String = (first..=last).map(framed).collect();
            if stream.write_all(body.as_bytes()).is_err() {
                return;
            }
        }
        hold(stream);
    })
}

/// The numbers of the events that were written as whole lines, in order.
fn numbers(text: &str) -> Vec<u32> {
    let lines = text.split_inclusive('\n');
    let whole = lines.filter(|line| line.ends_with('\n'));
    whole
        .map(|line| serde_json::from_str::<serde_json::Value>(line).expect("JSON"))
        .filter(|event| event["kind"] != "hivelog")
        .map(|event| {
            event["id"].as_str().expect("an id")[2..]
                .parse()
                .expect("a number")
        })
        .collect()
}

/// The position that is written down; 0 before there is one.
fn recorded(position: &Path) -> u32 {
    let Ok(text) = std::fs::read_to_string(position) else {
        return 0;
    };
    let head = text.lines().next().expect("a head");
    let head: serde_json::Value = serde_json::from_str(head).expect("it is always whole");
    let position = head["position"].as_str();
    position.map_or(0, |id| id.parse().expect("a number"))
}

/// When a run is killed.
#[derive(Clone, Copy, Debug)]
enum When {
    /// As soon as so many lines have come.
    Shown(usize),
    /// As soon as its position is beyond what it was.
    Recorded,
    /// As soon as everything has come and is written down.
    Idle,
}

fn kill(mut running: Running, when: When, position: &Path, before: u32) -> Vec<u32> {
    let mut text = String::new();
    let wait = |wanted: &dyn Fn(u32) -> bool| {
        let began = Instant::now();
        while !wanted(recorded(position)) {
            assert!(began.elapsed() < PATIENCE, "{when:?}");
            std::thread::yield_now();
        }
    };
    match when {
        When::Shown(lines) => {
            let left = usize::try_from(EVENTS - before).expect("few");
            (0..lines.min(left)).for_each(|_| text += &running.stdout.next());
        }
        When::Recorded => wait(&|at| at > before),
        When::Idle => wait(&|at| at == EVENTS),
    }
    running.kill();
    let ended: Ended = running.wait();
    assert_eq!(ended.code, None, "{}", ended.transcript());
    numbers(&(text + &ended.text()))
}

#[test]
fn a_run_that_is_killed_goes_on_from_what_it_has_written_down() {
    let server = replaying();
    let url = server.url();
    for rounds in [
        &[
            When::Shown(1),
            When::Shown(2),
            When::Recorded,
            When::Shown(700),
        ][..],
        &[
            When::Recorded,
            When::Recorded,
            When::Shown(40),
            When::Shown(1500),
        ],
        &[When::Idle],
    ] {
        let place = Place::new();
        let line = ["tail", "--server", &url, "--resume", "night"];
        let position = place.path(".local/state/hivelog/positions/night.position");
        let mut before = 0;
        for when in rounds {
            if before == EVENTS {
                break;
            }
            let running = place.hivelog(line).start();
            let shown = kill(running, *when, &position, before);
            let last = before + u32::try_from(shown.len()).expect("few");
            let wanted: Vec<_> = (before + 1..=last).collect();
            assert_eq!(shown, wanted, "nothing is passed over: {when:?}");
            let after = recorded(&position);
            assert!(
                (before..=last).contains(&after),
                "{after} is written down, but only {last} were shown: {when:?}"
            );
            before = after;
        }
        let left = (EVENTS - before).to_string();
        let (more, code) = if before < EVENTS {
            (["--count", &left], 0)
        } else {
            (["--idle-timeout", "200ms"], 8)
        };
        let rest = place.hivelog(line.into_iter().chain(more));
        let ended = rest.run().exits(code);
        let wanted: Vec<_> = (before + 1..=EVENTS).collect();
        assert_eq!(numbers(&ended.text()), wanted, "{before} {rounds:?}");
    }
}
