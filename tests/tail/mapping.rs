//! Foreign envelopes that become ours.

use super::tail;
use crate::support::Place;
use crate::support::server::Server;
use std::io::Write;

#[test]
fn the_name_of_an_sse_event_or_a_pointer_gives_the_type() {
    let stream = "event: order.created\ndata: {\"id\":\"1\",\"n\":1.50}\n\ndata: {\"id\":\"2\"}\n\nevent: tick\ndata: 7\n\n";
    let serve = || {
        Server::scripted(move |_, _, connection| {
            let head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n";
            let _ = connection.write_all((head.to_owned() + stream).as_bytes());
        })
    };
    let server = serve();
    let more = ["--type-from", "sse-event", "--no-follow", "-t", "!message"];
    let ended = tail(&server, &more).wait().exits(0);
    let wanted =
        "{\"type\":\"order.created\",\"id\":\"1\",\"n\":1.50}\n{\"type\":\"tick\",\"data\":7}\n";
    assert_eq!(ended.text(), wanted, "{}", ended.transcript());
    let server = serve();
    let more = ["--type-from", "/id", "--no-follow"];
    let ended = tail(&server, &more).wait().exits(0);
    let wanted = "{\"type\":\"1\",\"id\":\"1\",\"n\":1.50}\n{\"type\":\"2\",\"id\":\"2\"}\n";
    assert_eq!(ended.text(), wanted);
    let _ = ended.warns("no type at /id");
}

#[test]
fn a_mapping_holds_for_what_is_recorded_and_what_is_sent_too() {
    let place = Place::new();
    place.file(
        "c.toml",
        "[profile.a.server.map]\ntype = \"/detail/event\"\nts = \"/at\"\nid = \"/_msgid\"\ndata = \"/detail\"\n",
    );
    let foreign =
        "{\"_msgid\":\"m1\",\"at\":1714714200895,\"detail\":{\"event\":\"order.paid\",\"n\":2}}\n";
    let line = ["tail", "-p", "a", "--config", "c.toml"];
    let ours = "{\"id\":\"m1\",\"ts\":\"2024-05-03T05:30:00.895Z\",\"type\":\"order.paid\",\"data\":{\"event\":\"order.paid\",\"n\":2},";
    let ended = place.hivelog(line).stdin(foreign).run().exits(0);
    assert!(ended.text().starts_with(ours), "{}", ended.transcript());
    let ended = place
        .hivelog(line)
        .stdin("{\"type\":\"x\"}\n")
        .run()
        .exits(3);
    let _ = ended.warns("-:1:1: no type at /detail/event");
    // Its members may be called what they like.
    for wish in [
        ["--until", "order.paid tpye=x"],
        ["--where", "statu = 1"],
        ["--fields", "typ"],
    ] {
        let line = line.iter().chain(&wish);
        let ended = place.hivelog(line).stdin(foreign).run();
        assert_ne!(ended.code(), Some(2), "{}", ended.transcript());
    }
    for (member, reported) in [
        ("typ = \"/a\"", "did you mean type?"),
        ("type = \"a.b\"", "did you mean /a/b?"),
    ] {
        place.file("d.toml", format!("[server.map]\n{member}\n"));
        let line = ["tail", "--config", "d.toml"];
        let ended = place
            .hivelog(line)
            .stdin(foreign)
            .run()
            .exits(2)
            .warns(reported);
        let _ = ended.warns("d.toml: server.map");
    }
}
