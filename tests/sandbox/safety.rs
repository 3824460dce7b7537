//! What keeps a sandbox from doing harm: keys of real servers, other machines, limits.

use super::{GOOD, HEADERS, put, request, start};
use crate::support::Place;
use std::io::{Read, Write};
use std::net::TcpStream;

#[test]
fn a_key_of_a_real_server_is_refused_and_not_kept() {
    let sandbox = start(|options| options.real_keys = vec!["9XnZr4JmPWTVHuyFBheg".to_owned()]);
    let (status, problem) = put(&sandbox, HEADERS, GOOD);
    assert_eq!((status, &problem["typeCode"]), (403, &"FORBIDDEN".into()));
    let kept = format!("{:?}", sandbox.ledger());
    assert!(
        !kept.contains("9XnZr4JmPWTVHuyFBheg") && !kept.contains("5004N"),
        "{kept}"
    );
}

#[test]
fn a_profile_s_key_is_known_and_refused_by_the_command() {
    let place = Place::new();
    let key = place.file("key", "9XnZr4JmPWTVHuyFBheg\n");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).expect("ours");
    }
    let profile = format!("[profile.live.synchive]\nkey_file = {key:?}\n");
    place.file(".config/hivelog/config.toml", profile);
    let running = place
        .hivelog(["sandbox", "-o", "json", "--rate", "0"])
        .start();
    let told: serde_json::Value = serde_json::from_str(&running.stdout.next()).expect("JSON");
    let url = told["url"].as_str().expect("a url");
    let mut stream = TcpStream::connect(url.trim_start_matches("http://")).expect("it listens");
    stream
        .write_all(&request("PUT /data-service/v1/eventLog", HEADERS, GOOD))
        .expect("it reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("it answers");
    assert!(answer.starts_with("HTTP/1.1 403 "), "{answer}");
    running.signal("INT");
    let _ = running.end().exits(130).warns("accepted 0, refused 1");
}
