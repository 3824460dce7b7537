//! The targets of `fuzz/`, on changed samples: they compile, and hold on input that is nearly right.
//! A fuzzer searches further, and needs a nightly toolchain.

// Each is a program of its own.
#![allow(unused_attributes)]

use proptest::prelude::*;
use proptest::sample::{Index, select};

#[path = "../fuzz/fuzz_targets/fix.rs"]
mod fix;
#[path = "../fuzz/fuzz_targets/framing.rs"]
mod framing;
#[path = "../fuzz/fuzz_targets/query.rs"]
mod query;
#[path = "../fuzz/fuzz_targets/sse.rs"]
mod sse;
#[path = "../fuzz/fuzz_targets/validator.rs"]
mod validator;
#[path = "../fuzz/fuzz_targets/websocket.rs"]
mod websocket;

/// What a target says to a fuzzer; here, a function.
macro_rules! fuzz_target {
    (|$input:ident: $kind:ty| $body:block) => {
        pub(super) fn run($input: $kind) $body
    };
}
pub(crate) use fuzz_target;

const SAMPLES: [&[u8]; 8] = [
    include_bytes!("../examples/event-logs.ndjson"),
    include_bytes!("../examples/night.ndjson"),
    b"\x05[{\"eventCode\": \"1000N\", \"n\": [1e400, -0.5, \"\\ud83d\\ude00\"]}, {\"a\": {\"a\": null}}]",
    b"\x03\xef\xbb\xbf{\"generatedAt\": \"2024-05-03 17:30:00.895 +1200\"}\r\n{\"kind\": \"sys\"}\r\n",
    b"\x02id: 7\nevent: auth.ok\ndata: {\"type\":\ndata: \"auth.ok\"}\n\nretry: 10\n: note\r\rdata\n\n",
    b"\x01\x81\x02{}\x82\x7e\x00\x05hello\x89\x01a\x01\x01[\x80\x01]\x88\x02\x03\xe8",
    b"trigger.*.ok flow_name=\"Night run\" duration_ms<2s",
    b"not (data.a.0 >= 1h30m or ts < 2026-11-25T22:00:00Z) and flow_name ~ \"^N.*t$\"",
];

/// A sample that begins somewhere and is cut somewhere, with some bytes replaced.
fn input() -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![any::<u8>(), select(b"{}[]\",:\\\n\r 0-e\xff\x00".to_vec())];
    let changes = prop::collection::vec((any::<Index>(), byte), 0..6);
    let parts = (
        select(SAMPLES.to_vec()),
        any::<Index>(),
        1..600_usize,
        changes,
    );
    parts.prop_map(|(sample, start, length, changes)| {
        let start = if length.is_multiple_of(2) {
            0
        } else {
            start.index(sample.len())
        };
        let end = sample.len().min(start + length);
        let mut bytes = sample[start..end].to_vec();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        bytes
    })
}

proptest! {
    #[test]
    fn every_target_holds_on_changed_samples(bytes in input()) {
        fix::run(&bytes);
        framing::run(&bytes);
        query::run(&String::from_utf8_lossy(&bytes));
        sse::run(&bytes);
        validator::run(&bytes);
        websocket::run(&bytes);
    }
}
