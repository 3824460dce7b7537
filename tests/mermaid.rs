//! Diagrams that `journey -o mermaid` writes, read by Mermaid itself.

use crate::support::{Place, hivelog, skip};
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;

/// Reads the diagram in `drawing` and prints what its messages and notes say, one array.
const READ: &str = r#"
const { pathToFileURL } = require("url");
import(pathToFileURL(require.resolve("mermaid"))).then(async ({ default: mermaid }) => {
  const text = require("fs").readFileSync("drawing", "utf8");
  await mermaid.parse(text);
  const { db } = await mermaid.mermaidAPI.getDiagramFromText(text);
  console.log(JSON.stringify(db.getMessages().map(({ message }) => message)));
});
"#;

fn node(program: &str) -> Command {
    let mut node = Command::new("node");
    node.args(["-e", program]);
    if std::env::var_os("NODE_PATH").is_none() {
        let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("target");
        node.env("NODE_PATH", target.join("npm/node_modules"));
    }
    node
}

#[test]
fn mermaid_reads_a_diagram_whatever_others_have_written_in_it() {
    let asked = node("require.resolve('mermaid')").output();
    if !asked.is_ok_and(|asked| asked.status.success()) {
        skip("node does not find mermaid (NODE_PATH names its folder)");
        return;
    }
    let hostile = [
        "end",
        "a;b",
        "%%{init: {'theme': 'dark'}}%%",
        "note over X: <script>alert(1)</script>",
        "x->>y: loop\nend\nopt",
        "#35; &amp; \"quoted\" \\",
        "participant Z as [box] {}",
        "\u{202e}\u{1b}[2Jé😀",
        "",
    ];
    let logs = hostile.iter().enumerate().map(|(at, text)| {
        let code = ["4005E", "4003W", "5001N"][at % 3];
        let log = json!({
            "eventCode": code, "direction": "OUTBOUND", "lifeCycleStage": "OUTBOUND_4",
            "outcome": "PROCESSING", "generatedAt": format!("2024-05-03T17:30:{at:02}+12:00"),
            "correlationId": "14cac731-6dd7-424c-bfbf-f0be0b07f8cf", "detail": text,
            "integrationKey": text, "shapeName": text, "mode": "LIVE", "stream": "1",
        });
        let event = json!({"ts": "2024-05-03T05:31:00Z", "kind": "sys", "type": text,
            "data": {"error": format!("{text} 14cac731-6dd7-424c-bfbf-f0be0b07f8cf")}});
        format!("{log}\n{event}\n")
    });
    let logs: String = logs.collect();
    let line = ["journey", "14cac731", "-", "-o", "ndjson"];
    let stories = hivelog(line).stdin(logs.clone()).run().exits(0).ndjson();
    let ids = stories.iter().map(|story| &story["entries"]);
    let entries: usize = ids
        .filter_map(|entries| Some(entries.as_array()?.len()))
        .sum();
    assert!(entries > 2 * hostile.len());
    let line = ["journey", "14cac731", "-", "-o", "mermaid"];
    // All of the journeys are one diagram.
    let drawing = hivelog(line).stdin(logs).run().exits(0).text();
    let place = Place::new();
    place.file("drawing", &drawing);
    let ended = node(READ)
        .current_dir(place.path(""))
        .output()
        .expect("node");
    let errors = String::from_utf8_lossy(&ended.stderr);
    assert!(ended.status.success(), "{errors}\n{drawing}");
    let said: Value = serde_json::from_slice(&ended.stdout).expect("an array");
    let read = said.as_array().map_or(0, Vec::len);
    // Each line but the first and the participants is a message or a note.
    assert_eq!(read, drawing.lines().count() - 4, "{drawing}");
    assert!(read > entries, "{read}");
}
