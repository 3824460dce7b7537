//! The sandbox's page in a real browser, driven over `WebDriver`: Debian's `chromium` and
//! `chromium-driver`. Skipped aloud where they are not installed.

use crate::support::PATIENCE;
use hivelog::sandbox::{Sandbox, SandboxOptions};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, ChildStdout, Command, Stdio};

/// A browser that is closed at the end, whatever happens.
struct Browser {
    driver: Child,
    /// Open to the end, so that the driver can go on talking.
    said: BufReader<ChildStdout>,
    port: u16,
    session: String,
}

impl Browser {
    fn open() -> Option<Browser> {
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        let mut said = BufReader::new(driver.stdout.take().expect("a pipe"));
        let port = said.by_ref().lines().find_map(|line| {
            let line = line.ok()?;
            let (_, port) = line.split_once("successfully on port ")?;
            port.trim_end_matches('.').parse().ok()
        });
        let mut browser = Browser {
            driver,
            said,
            port: port.expect("chromedriver says its port"),
            session: String::new(),
        };
        let arguments = [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
        ];
        let wanted = json!({ "capabilities": { "alwaysMatch": {
            "goog:chromeOptions": { "args": arguments },
            "timeouts": { "script": 20_000 },
        } } });
        let session = browser.call("POST", "/session", &wanted);
        session["sessionId"]
            .as_str()?
            .clone_into(&mut browser.session);
        Some(browser)
    }

    fn call(&self, method: &str, path: &str, body: &Value) -> Value {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).expect("it listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("a socket");
        let body = body.to_string();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .expect("it reads");
        let mut answer = BufReader::new(stream);
        let mut length = 0;
        loop {
            let mut line = String::new();
            answer.read_line(&mut line).expect("it answers");
            if line.trim().is_empty() {
                break;
            }
            if let Some((name, value)) = line.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = value.trim().parse().expect("a number");
            }
        }
        let mut body = vec![0; length];
        answer.read_exact(&mut body).expect("a whole answer");
        let answer: Value = serde_json::from_slice(&body).expect("JSON");
        answer["value"].clone()
    }

    fn at_session(&self, what: &str, body: &Value) -> Value {
        self.call("POST", &format!("/session/{}/{what}", self.session), body)
    }

    /// Runs a script and returns its value.
    fn script(&self, script: &str) -> Value {
        self.at_session("execute/sync", &json!({ "script": script, "args": [] }))
    }

    /// Waits until an expression is true, looking again whenever the page changes.
    fn until(&self, expression: &str) {
        let script = format!(
            "const done = arguments[0]; const look = () => {{ if ({expression}) {{ watch.disconnect(); done(true); }} }};
             const watch = new MutationObserver(look); watch.observe(document.body, {{subtree: true, childList: true, characterData: true, attributes: true}}); look();"
        );
        let met = self.at_session("execute/async", &json!({ "script": script, "args": [] }));
        assert_eq!(met, true, "{expression}");
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        if !self.session.is_empty() && !std::thread::panicking() {
            self.call("DELETE", &format!("/session/{}", self.session), &json!({}));
        }
        let _ = self.driver.kill();
        let _ = self.said.read_to_end(&mut Vec::new());
        let _ = self.driver.wait();
    }
}

const HOSTILE: &str = "<img src=x onerror='window.struck=1'><script>window.struck=1</script>";

fn send(sandbox: &Sandbox, code: &str, outcome: &str, correlation: &str) {
    let long = "Shop".repeat(40);
    let body = json!({
        "eventCode": code, "direction": "INBOUND", "lifeCycleStage": "INBOUND_1",
        "outcome": outcome, "correlationId": correlation, "integrationKey": long,
        "shapeName": HOSTILE, "mode": "SANDBOX", "schemaName": "limber", "detail": HOSTILE,
        "dataId": { "@type": "DataReference", "schemaName": "limber", "shapeName": HOSTILE,
            "externalIdentities": [{ "integrationKey": long, "externalId": "1" }] },
    })
    .to_string();
    let mut stream = TcpStream::connect(sandbox.address()).expect("it listens");
    write!(
        stream,
        "PUT /data-service/v1/eventLog HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nX-A-Connector-Key: k\r\nlimber-connector: c\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .expect("it reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("it answers");
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
}

#[test]
fn the_page_lives_filters_and_takes_no_markup_from_others() {
    let Some(browser) = Browser::open() else {
        eprintln!("SKIPPED: chromedriver is not on this machine, so the page was not opened");
        return;
    };
    let options = SandboxOptions {
        rate: 0.0,
        ..SandboxOptions::default()
    };
    let sandbox = Sandbox::start(options).expect("a free port");
    browser.at_session("url", &json!({ "url": sandbox.url() }));
    browser.until("document.querySelector('#journeys .empty')");

    send(&sandbox, "5004N", "PROCESSING", "first");
    browser.until("document.querySelector('article .code')?.textContent.includes('5004N')");
    browser.script("document.querySelector('article details summary').click()");
    send(&sandbox, "4003W", "RETRYING", "second");
    browser.until("document.querySelectorAll('article').length === 2");
    browser.until("document.querySelectorAll('details[open]').length === 1");

    let struck = browser.script("return [window.struck ?? 0, document.querySelectorAll('article img, article script').length]");
    assert_eq!(struck, json!([0, 0]), "hostile text stays text");
    let shown = browser.script("return document.querySelector('article h3').textContent");
    assert!(
        shown.as_str().is_some_and(|text| text.contains(HOSTILE)),
        "{shown}"
    );

    let typed = json!({ "actions": [{ "type": "key", "id": "keys", "actions": "/4003w".chars().flat_map(|key| {
        [json!({ "type": "keyDown", "value": key.to_string() }), json!({ "type": "keyUp", "value": key.to_string() })]
    }).collect::<Vec<_>>() }] });
    browser.at_session("actions", &typed);
    browser.until("document.querySelectorAll('article').length === 1 && document.querySelector('article .id').textContent === 'second'");

    let fits = "return document.documentElement.scrollWidth <= innerWidth && [...document.querySelectorAll('article')].every(one => one.scrollWidth <= one.clientWidth)";
    browser.at_session("window/rect", &json!({ "width": 500, "height": 900 }));
    assert_eq!(browser.script(fits), true, "nothing is wider than a phone");
}
