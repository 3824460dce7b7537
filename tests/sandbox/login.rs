//! Login, renewal, and tokens that expire.

use super::{connect, event, exchange, listen, request, start};
use std::io::{Read, Write};
use std::time::Duration;

#[test]
fn a_login_gives_a_token_raises_events_and_opens_the_stream() {
    let sandbox = start(|options| {
        options.require_login = true;
        options.login = Some(("operator".to_owned(), "sesame".to_owned()));
    });
    let (head, _) = listen(&sandbox, "");
    assert!(head.starts_with("HTTP/1.1 401 "), "{head}");
    let login = |password: &str| {
        let body = format!(r#"{{"username":"operator","password":"{password}"}}"#);
        let (status, _, body) = exchange(&sandbox, &request("POST /api/v1/auth/login", "", &body));
        (
            status,
            serde_json::from_str::<serde_json::Value>(&body).expect("JSON"),
        )
    };
    assert_eq!(login("wrong").0, 401);
    let (status, granted) = login("sesame");
    assert_eq!(status, 200);
    let bearer = format!(
        "Authorization: Bearer {}\r\n",
        granted["token"].as_str().expect("a token")
    );
    let (status, _, renewed) = exchange(&sandbox, &request("POST /api/v1/auth/renew", &bearer, ""));
    assert_eq!(status, 200, "{renewed}");
    assert_eq!(
        exchange(&sandbox, &request("POST /api/v1/auth/renew", "", "")).0,
        401
    );
    let (_, mut reader) = listen(&sandbox, &bearer);
    let types: Vec<_> = (0..3).map(|_| event(&mut reader).1).collect();
    assert_eq!(types[0]["type"], "auth.error");
    assert_eq!(types[0]["data"]["reason"], "invalid credentials");
    assert_eq!(types[1]["type"], "auth.ok");
    assert_eq!(types[1]["data"]["username"], "operator");
    assert_eq!(types[2]["type"], "auth.renew");
    assert!(!format!("{types:?}").contains("sesame"));
}

#[test]
fn a_token_that_expires_closes_its_stream() {
    let sandbox = start(|options| options.token_life = Duration::from_millis(30));
    let body = r#"{"username":"a","password":"b"}"#;
    let (_, _, granted) = exchange(&sandbox, &request("POST /api/v1/auth/login", "", body));
    let granted: serde_json::Value = serde_json::from_str(&granted).expect("JSON");
    let bearer = format!(
        "Authorization: Bearer {}\r\n",
        granted["token"].as_str().expect("a token")
    );
    let mut stream = connect(&sandbox);
    let request = format!("GET /api/v1/events/stream HTTP/1.1\r\nHost: localhost\r\n{bearer}\r\n");
    stream.write_all(request.as_bytes()).expect("it reads");
    let mut all = String::new();
    let ended = loop {
        let mut block = [0; 4096];
        match stream.read(&mut block).expect("it ends in time") {
            0 => break false,
            length => all.push_str(&String::from_utf8_lossy(&block[..length])),
        }
        if all.ends_with("0\r\n\r\n") || all.starts_with("HTTP/1.1 401") {
            break true;
        }
    };
    assert!(ended, "{all}");
}
