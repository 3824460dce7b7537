//! How long a record takes to be judged and repaired: in proportion to its length, whatever it is
//! made of.
//!
//! What is compared is the processor time of the thread, which other programs hardly change: four
//! times a text, and once the same one four times as long. In proportion both take as long; with a
//! look-ahead that is begun anew at every mark the long one takes four times as long. A shape
//! fails only if it is too slow three times in a row.

use crate::support::skip;
use hivelog::check::fix::{Fixer, Part, StreamFixer};
use hivelog::check::{Checker, Policy};
use hivelog::model::timestamp::Timestamp;
use hivelog::wire::records::{Framer, Record};

/// The length of the shorter text.
const SHORT: usize = 32 * 1024;

/// How many times as long the other one is.
const TIMES: usize = 4;

/// Below this the clock's grain counts for more than the work.
const LEAST: f64 = 0.016;

/// Texts that stand again and again inside a string.
const IN_STRINGS: &[&str] = &[
    "pwd=<",
    "pwd=<pwd=‹",
    "pwd=x",
    "pwd:x",
    "pwd=***",
    "pwd= ",
    "pwd=\\\"",
    "pwd=Bearer ",
    "token=aaaaaaaaaaaaaaaaaaaaaaaaaa",
    "Bearer ",
    "Bearer x",
    "eyJ",
    "eyJ.",
    "eyJ eyJ",
    "eyJa.eyJb.",
    "AKIA",
    "ghp_",
    "sk_live_",
    "xoxb-",
    "://",
    "://a:b",
    "://:@",
    "@:",
    "-----BEGIN ",
    "PRIVATE KEY-",
    "=",
    ":",
    "\\\\",
    "\\\\n",
    "\\\\\\\\=",
    "\\n",
    "\\n\\tat ",
    "\\n\\tat a(",
    "\\nat x:1",
    "Traceback",
    "goroutine ",
    "panicked at ",
    "\\nFile \\\"",
    " ",
    "'",
    "\\u0041",
    "\\u0000",
    "\\ud83d\\ude00",
    "\\ud83d",
    "\\x",
    "\t",
    "\r",
    "漢",
    "\u{202e}",
    "e\u{301}",
    "<",
    "{\\\"a\\\":",
    "[",
    "%",
    "5004I",
    "INBOUND_",
];

/// Texts that stand again and again between two others.
const IN_STRUCTURE: &[(&str, &str, &str)] = &[
    ("{\"customData\":[", "0,", "0]}"),
    ("{\"customData\":[", "nul,", "0]}"),
    ("{\"customData\":[", "+1,", "0]}"),
    ("{\"customData\":[", ",", "0]}"),
    ("{\"customData\":[", "{},", "0]}"),
    ("{\"customData\":[", "{\"\\u0061\":1,\"a\":2},", "0]}"),
    ("{\"customData\":[", "{\"a\":1,\"a\":2},", "0]}"),
    ("{\"customData\":[", "[0,],", "0]}"),
    ("{\"customData\":[", "\"a\" ", "0]}"),
    ("{\"customData\":", "[", ""),
    ("{\"customData\":", "{\"a\":", ""),
    ("{\"customData\":{", "\"a\":1,", "\"b\":1}}"),
    ("{\"customData\":{", "\"\\u0061\":1,", "\"b\":1}}"),
    ("{\"customData\":{", "\"a\" 1,", "\"b\":1}}"),
    ("{\"customData\":{", "a:1,", "\"b\":1}}"),
    ("{\"customData\":{", "\"mode\":1,", "\"b\":1}}"),
    ("{", "\"a\":1,", "\"b\":1}"),
    ("{", "\"mode\":\"Life\",", "\"b\":1}"),
    ("{", "'a':1,", "\"b\":1}"),
    ("{", "/**/", "\"b\":1}"),
    ("{", "//\n", "\"b\":1}"),
    ("{\"dataId\":{\"externalIdentities\":[", "{},", "{}]}}"),
    ("{\"dataId\":{\"externalIdentities\":[", "1,", "1]}}"),
    (
        "{\"integrationKey\":\"A\",\"dataId\":{\"externalIdentities\":[",
        "{\"integrationKey\":\"B\"},",
        "{}]}}",
    ),
    ("{\"dataId\":{\"keys\":[", "1,", "1]}}"),
    ("{\"dataId\":{\"iri\":\"", "/", "\"}}"),
    ("{\"kind\":\"sys\",\"type\":\"", "trigger.", "\"}"),
    ("{\"kind\":\"sys\",\"type\":\"", "*", "\"}"),
    ("{\"eventCode\":\"", "4005", "\"}"),
    ("{\"mode\":\"", "LIVE", "\"}"),
    ("{\"generatedAt\":\"", "2024-", "\"}"),
    ("{\"correlationId\":\"", "0", "\"}"),
    ("{\"", "lifecyclestage", "\":1}"),
    ("[", "[", ""),
    ("", "]", ""),
];

/// A text of about this length.
fn grown(before: &str, again: &str, after: &str, length: usize) -> Vec<u8> {
    format!("{before}{}{after}", again.repeat(length / again.len())).into_bytes()
}

/// Judges and repairs the records of a text.
fn work(text: &[u8]) {
    let policy = Policy::at(Timestamp::from_millis(0));
    let mut checker = Checker::new(policy.clone());
    let mut framer = Framer::new(1 << 20);
    let mut judge = |record: Record<'_>| {
        checker.check("x", &record);
        checker.accept(&record);
    };
    framer.push(text, &mut judge);
    framer.finish(&mut judge);
    let mut repair = StreamFixer::new(Fixer::new(policy, true), 1 << 20);
    let mut hand = |_: Part<'_>| ();
    repair.push(text, &mut hand);
    repair.finish(&mut hand);
}

/// The processor time of this thread in seconds.
fn now() -> Option<f64> {
    let reported = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let nanoseconds = reported.split(' ').next()?.parse().ok()?;
    Some(std::time::Duration::from_nanos(nanoseconds).as_secs_f64())
}

/// How much longer a long text takes than as much of short ones.
fn growth(short: &[u8], long: &[u8]) -> f64 {
    let time = |text, times| {
        let begun = now().unwrap_or_default();
        (0..times).for_each(|_| work(text));
        now().unwrap_or_default() - begun
    };
    let long = time(long, 1);
    if long < LEAST {
        return 1.0;
    }
    long / time(short, TIMES).max(LEAST / 2.0)
}

#[test]
fn a_longer_text_takes_longer_in_proportion_whatever_it_is_made_of() {
    if now().is_none() {
        return skip("there is no /proc to read the processor time from");
    }
    let strings = ["detail", "customData"].iter().flat_map(|field| {
        let before = format!("{{\"{field}\":\"");
        let shape = move |again: &&'static str| (before.clone(), *again, "\"}");
        IN_STRINGS.iter().map(shape)
    });
    let structure = IN_STRUCTURE.iter();
    let structure = structure.map(|(before, again, after)| ((*before).to_owned(), *again, *after));
    for (before, again, after) in strings.chain(structure) {
        let short = grown(&before, again, after, SHORT);
        let long = grown(&before, again, after, TIMES * SHORT);
        let tries: Vec<_> = (0..3)
            .map(|_| growth(&short, &long))
            .scan(true, |goes_on, growth| {
                std::mem::replace(goes_on, growth >= 2.0).then_some(growth)
            })
            .collect();
        assert!(
            tries.len() < 3 || tries[2] < 2.0,
            "{before}{again}…: {tries:?}"
        );
    }
}
