//! Pages that are asked for again, by literal bytes.

use super::{event, ids, tail};
use crate::support::server::{Request, Server, answer};

const JSON: &str = "Content-Type: application/json\r\n";

fn page(headers: &str, from: u32, to: u32) -> Vec<u8> {
    let events: Vec<_> = (from..=to).map(|id| event(id, "auth.ok")).collect();
    let body = format!("[{}]", events.join(","));
    answer("200 OK", &format!("{JSON}{headers}"), &body)
}

fn path(request: &Request) -> &str {
    request.head.split_whitespace().nth(1).expect("a path")
}

#[test]
fn a_page_that_has_not_changed_is_not_sent_again() {
    let marks = "ETag: \"v1\"\r\nLast-Modified: Fri, 27 Nov 2026 03:00:00 GMT\r\n";
    let server = Server::answering(move |number, _| match number {
        0 => page(marks, 1, 2),
        1 => answer("304 Not Modified", "ETag: \"v1\"\r\n", ""),
        2 => answer("204 No Content", "", ""),
        3 => answer("429 Too Many Requests", "Retry-After: 0\r\n", ""),
        _ => page("ETag: \"v2\"\r\n", 1, 3),
    });
    let more = ["--poll-interval", "1ms", "--count", "3"];
    let ended = tail(&server, &more).wait().exits(0);
    assert_eq!(
        ids(&ended.text()),
        ["e-1", "e-2", "e-3"],
        "{}",
        ended.transcript()
    );
    let asked = server.requests();
    assert_eq!(asked[0].header("if-none-match"), None);
    for later in &asked[1..5] {
        assert_eq!(later.header("if-none-match"), Some("\"v1\""));
        let date = "Fri, 27 Nov 2026 03:00:00 GMT";
        assert_eq!(later.header("if-modified-since"), Some(date));
    }
}

#[test]
fn a_page_that_broke_off_is_asked_for_as_a_whole() {
    let server = Server::answering(|number, _| {
        let mut whole = page("ETag: \"v1\"\r\n", 1, 2);
        if number == 0 {
            whole.truncate(whole.len() - 20);
        }
        whole
    });
    let more = ["--transport", "poll", "--count", "2"];
    let ended = tail(&server, &more).wait().exits(0);
    assert_eq!(ids(&ended.text()), ["e-1", "e-2"], "{}", ended.transcript());
    assert_eq!(server.requests()[1].header("if-none-match"), None);
}

#[test]
fn links_to_the_next_page_are_followed_at_once_on_the_same_server() {
    let server = Server::answering(|_, request| match path(request) {
        "/e?p=2" => page(
            "Link: </e?p=1>; rel=\"prev\", </e?p=3>; rel=\"next\"\r\n",
            3,
            4,
        ),
        "/e?p=3" => page("Link: <http://other.example/e>; rel=next\r\n", 5, 6),
        _ => page("Link: </e?p=2>; rel=next\r\nETag: \"first\"\r\n", 1, 2),
    });
    let more = ["--events-path", "/e", "--no-follow", "--last", "3"];
    let ended = tail(&server, &more).wait().exits(0);
    assert_eq!(
        ids(&ended.text()),
        ["e-4", "e-5", "e-6"],
        "{}",
        ended.transcript()
    );
    let ended = ended.warns("leads to another server and is not followed");
    let asked: Vec<_> = server.requests();
    let paths: Vec<_> = asked.iter().map(path).collect();
    assert_eq!(paths, ["/e", "/e?p=2", "/e?p=3"], "{}", ended.transcript());
}

#[test]
fn a_cursor_in_the_page_is_sent_back_and_kept() {
    let server = Server::answering(|_, request| {
        let (first, next) = match path(request) {
            "/e?topic=a" => (1, "\"c-1\""),
            "/e?topic=a&after=c-1" => (3, "17"),
            _ => (5, "null"),
        };
        let items = [event(first, "auth.ok"), event(first + 1, "auth.ok")].join(",");
        let items = if first == 5 { String::new() } else { items };
        let body = format!("{{\"items\":[{items}],\"meta\":{{\"next\":{next}}}}}");
        answer("200 OK", JSON, &body)
    });
    let more = [
        "--events-path",
        "/e?topic=a",
        "--page-items",
        "/items",
        "--cursor-param",
        "after",
        "--cursor-pointer",
        "/meta/next",
        "--no-follow",
        "--poll-interval",
        "1h",
    ];
    let ended = tail(&server, &more).wait().exits(0);
    assert_eq!(
        ids(&ended.text()),
        ["e-1", "e-2", "e-3", "e-4"],
        "{}",
        ended.transcript()
    );
    let asked = server.requests();
    let paths: Vec<_> = asked.iter().map(path).collect();
    let wanted = ["/e?topic=a", "/e?topic=a&after=c-1", "/e?topic=a&after=17"];
    assert_eq!(paths, wanted);
    let more = ["--cursor-pointer", "/next"];
    tail(&server, &more).wait().exits(2);
}

#[test]
fn events_come_under_every_name_that_lines_and_documents_have() {
    for content_type in [
        "application/x-ndjson",
        "text/x-ndjson",
        "application/jsonlines",
        "application/x-jsonl",
        "application/stream+json",
        "application/json-seq",
        "application/cloudevents-batch+json",
        "application/json",
    ] {
        let (one, two) = (event(1, "auth.ok"), event(2, "auth.ok"));
        let body = match content_type {
            "application/json-seq" => format!("\u{1e}{one}\n\u{1e}{two}\n"),
            "application/cloudevents-batch+json" => format!("[{one},{two}]"),
            "application/stream+json" => format!("{one}{two}"),
            _ => format!("{one}\n{two}\n"),
        };
        let server = Server::answering(move |_, _| {
            let headers = format!("Content-Type: {content_type}\r\n");
            answer("200 OK", &headers, &body)
        });
        let ended = tail(&server, &["--no-follow"]).wait().exits(0);
        assert_eq!(ids(&ended.text()), ["e-1", "e-2"], "{content_type}");
        assert_eq!(ended.errors(), "", "{content_type}");
    }
}
