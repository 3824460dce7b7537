//! The page, as a program without a script reads it.

use super::{GOOD, HEADERS, exchange, put, request, start};

#[test]
fn the_page_shows_the_state_without_a_script_and_hostile_text_as_text() {
    let sandbox = start(|_| {});
    let hostile = "<script>alert(1)</script>\u{202e}";
    let detail = format!("\"detail\":\"{hostile}\",\"mode\"");
    let body = GOOD
        .replace("\"mode\"", &detail)
        .replace("\"Product\"", "\"<img src=x>\"");
    assert_eq!(put(&sandbox, HEADERS, &body).0, 200);
    let order =
        format!(r#"[{{"type":"auth.error","data":{{"username":"{hostile}","reason":"</ol>"}}}}]"#);
    assert_eq!(
        exchange(&sandbox, &request("POST /_sandbox/events", "", &order)).0,
        200
    );
    let (status, head, page) = exchange(&sandbox, &request("GET /", "", ""));
    assert_eq!(status, 200);
    assert!(
        head.contains("content-security-policy: default-src 'none';"),
        "{head}"
    );
    for wanted in [
        "5004N",
        "Data received",
        "INBOUND_1",
        "&lt;script&gt;alert(1)&lt;/script&gt;\\u{202e}",
        "&lt;img src=x&gt;",
        "auth.error",
    ] {
        assert!(page.contains(wanted), "{wanted} in {page}");
    }
    for unwanted in ["<script>", "<img src=x", "\u{202e}", "</ol></p>"] {
        assert!(!page.contains(unwanted), "{unwanted} in {page}");
    }
    assert!(
        !page.contains("http://") && !page.contains("https://"),
        "nothing from elsewhere"
    );
    let filtered =
        |query: &str| exchange(&sandbox, &request(&format!("GET /?q={query}"), "", "")).2;
    assert!(filtered("5004n").contains("<article"));
    assert!(!filtered("4003w").contains("<article"));
}
