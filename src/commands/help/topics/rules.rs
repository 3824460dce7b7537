//! The rules of `validate`, `emit` and the sandbox.

use crate::check::rule::RULES;
use crate::commands::help::{HelpBlock, Topic};

/// Every rule, and how its level is changed.
pub fn rules() -> Topic {
    let rows = RULES.iter().map(|(_, rule)| {
        let about = format!("{}: {}", rule.level.name(), rule.summary);
        (rule.name.to_owned(), about)
    });
    Topic {
        title: "The rules",
        blocks: vec![
            HelpBlock::text(
                "validate, emit and the sandbox apply the same rules. Each has a level: an error makes SyncHive reject the event log or misread it, a warning is most likely a mistake, a hint is a recommendation. --fail-on sets the lowest level that fails a run.",
            ),
            HelpBlock::Heading("Levels"),
            HelpBlock::Example(
                "hivelog validate --rule detail-missing=error --rule never-ended=off logs/\nhivelog validate --only unknown-code,wrong-type logs.ndjson\nhivelog validate --skip detail-unstructured logs.ndjson",
            ),
            HelpBlock::text("In the profile file, for every command:"),
            HelpBlock::Example(
                "[check]\nextra_codes = [\"9000E\"]\nmax_record = \"2MiB\"\n\n[check.rules]\ndetail-missing = \"error\"\nnever-ended = \"off\"",
            ),
            HelpBlock::text(
                "'hivelog explain RULE' gives the reason, an example and what the rule is based on; 'hivelog codes rules -o json' is the same list for programs.",
            ),
            HelpBlock::Heading("Rules"),
            HelpBlock::Terms(rows.collect()),
        ],
    }
}
