//! THE table of rules. `validate`, `emit`, `codes rules`, `explain`, the reports and the manual
//! all read it.

use serde::{Serialize, Serializer};
use std::fmt;

pub use crate::model::level::Level;

/// What a rule rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Basis {
    /// The words of the documents.
    Documented,
    /// Our reading.
    Inferred,
}

impl Basis {
    /// The word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Basis::Documented => "documented",
            Basis::Inferred => "inferred",
        }
    }
}

/// What a rule looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RuleSubject {
    /// The record's bytes.
    Text,
    /// The event log's fields.
    Fields,
    /// Codes and stages.
    Codes,
    /// How the fields fit together.
    Meaning,
    /// Records that belong together.
    Journey,
    /// System events.
    SysEvent,
}

/// What there is to know about a rule.
#[derive(Clone, Copy, Debug)]
pub struct Description {
    /// The stable name.
    pub name: &'static str,
    /// The level unless the user changes it.
    pub level: Level,
    /// What it rests on.
    pub basis: Basis,
    /// What it looks at.
    pub subject: RuleSubject,
    /// What it finds, in one sentence.
    pub summary: &'static str,
    /// How to fix it.
    pub help: &'static str,
    /// Why it matters, at length.
    pub explanation: &'static str,
}

macro_rules! rules {
    ($($variant:ident $name:literal $level:ident $basis:ident $subject:ident
        $summary:literal $help:literal $explanation:literal)*) => {
        /// A rule; its position is its place in [`RULES`].
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[expect(missing_docs, reason = "RULES describes each")]
        pub enum Rule { $($variant),* }

        /// Every rule with its description, by subject.
        pub static RULES: &[(Rule, Description)] = &[$((Rule::$variant, Description {
            name: $name,
            level: Level::$level,
            basis: Basis::$basis,
            subject: RuleSubject::$subject,
            summary: $summary,
            help: $help,
            explanation: $explanation,
        })),*];
    };
}

rules! {
    JsonSyntax "json-syntax" Error Documented Text
        "the record is not JSON"
        "correct the JSON; a serialiser never makes this mistake, string concatenation does"
        "The event log API takes a JSON body. A record that is not JSON is rejected as a whole, so that other mistakes in it stay hidden. The usual causes are named exactly: a trailing comma, a raw line break in a string, single quotes, comments, NaN, a cut-off record, bytes that are not UTF-8, or something else altogether such as HTML or gzip."
    NotAnObject "not-an-object" Error Documented Text
        "the record is JSON, but not an object"
        "send one JSON object per event log"
        "An event log is a single JSON object. A scalar, null or an array in its place carries nothing the API could read."
    DuplicateMember "duplicate-member" Error Inferred Text
        "the same member name appears twice in one object"
        "keep one of the two"
        "Receivers disagree about which of two equal names counts: some take the first, some the last, and some reject the record. A name spelled with escapes is the same name."
    TooDeep "too-deep" Error Inferred Text
        "the record is nested more than 64 levels deep"
        "flatten customData, or attach it as text"
        "Many parsers reject deep nesting, and an event log never needs it."
    TooLarge "too-large" Error Inferred Text
        "the record is larger than the limit"
        "shorten detail and technicalInfo, and leave payloads out of customData"
        "No limit is documented; one mebibyte is far above any event log and keeps a broken stream from filling memory. The setting check.max_record changes it."

    MissingField "missing-field" Error Documented Fields
        "a required field is missing"
        "add the field"
        "Ten of the 17 fields are required: eventCode, direction, lifeCycleStage, outcome, correlationId, dataId, integrationKey, shapeName, mode and schemaName."
    WrongType "wrong-type" Error Documented Fields
        "a field has another JSON type than documented"
        "send the documented type"
        "The document gives each field a type. Its table calls dataId a string, but the sample and the note show an object, and the object is right."
    EmptyValue "empty-value" Error Inferred Fields
        "a required text is empty or blank"
        "give the field a value"
        "An empty required field may satisfy the schema, but it carries no information."
    UnknownValue "unknown-value" Error Documented Fields
        "a value is not in the documented list"
        "use one of the documented values; they are spelled in upper case"
        "direction, lifeCycleStage, outcome and mode take values from closed lists."
    UnknownField "unknown-field" Warning Inferred Fields
        "a field is not documented"
        "check the spelling; put data of your own under customData"
        "An undocumented field is probably misspelt, and then the intended one is missing."
    TooLong "too-long" Error Documented Fields
        "a text is longer than documented"
        "shorten it; detail takes 3000 characters, technicalInfo 2000"
        "The document gives a maxLength for two fields. The unit is not stated; Unicode scalar values are counted here."
    BadTimestamp "bad-timestamp" Error Documented Fields
        "generatedAt is not a date and time with an offset"
        "use RFC 3339 with an offset, for example 2024-05-03T17:30:00.895+12:00"
        "The document asks for ISO 8601 with an offset from UTC and shows 2024-05-03 17:30:00.895 +1200, which deviates from it. Both forms are accepted; an offset is required."
    FutureTimestamp "future-timestamp" Warning Inferred Fields
        "generatedAt is more than five minutes in the future"
        "check the clock and the offset of the machine that writes it"
        "A time in the future puts the record in the wrong place of its journey, and usually means a wrong offset."
    IncompleteReference "incomplete-reference" Error Documented Fields
        "the data reference is incomplete"
        "give dataId its @type, schemaName, shapeName and an iri or externalIdentities"
        "A data reference has \"@type\": \"DataReference\", a schemaName, a shapeName and at least one identifier: iri, externalIdentities (each with integrationKey and externalId) or keys."
    StringifiedJson "stringified-json" Warning Inferred Fields
        "a string contains JSON"
        "send the value itself instead of its text"
        "linkIdentities and customData take JSON. A string that itself parses as JSON was most likely serialised twice."

    UnknownCode "unknown-code" Error Documented Codes
        "the event code is not in the glossary"
        "choose a code from the glossary: hivelog codes"
        "Number and letter belong together: not every number exists with every letter, and the letter for information is N, not I. Codes of your own can be declared in the profile under check.extra_codes."
    PlatformOnlyStage "platform-only-stage" Error Documented Codes
        "the stage is for platform use only"
        "a connector reports INBOUND_1 to INBOUND_3 and OUTBOUND_2 to OUTBOUND_4"
        "INBOUND_4, INBOUND_5, OUTBOUND_1 and OUTBOUND_5 are marked for platform use only."
    StageDirectionMismatch "stage-direction-mismatch" Error Inferred Codes
        "the stage belongs to the other direction"
        "make direction and the beginning of lifeCycleStage agree"
        "Every stage's name begins with a direction; a record whose direction differs contradicts itself."
    OutboundNeedsIri "outbound-needs-iri" Error Documented Codes
        "an OUTBOUND event log's dataId has no iri"
        "use the iri of the message that was received from SyncHive (note: SyncHive's published sample violates this)"
        "Event logs with direction OUTBOUND must use a dataId that contains an iri. The published sample is OUTBOUND and has only externalIdentities; the note below it takes precedence."
    KeysOnlyReference "keys-only-reference" Warning Inferred Codes
        "keys are the only identifier of the data reference"
        "add externalIdentities or an iri"
        "Alternate keys are documented for data references in general; the event log's page speaks of externalIdentities and iri only."
    CatchAllCode "catch-all-code" Hint Documented Codes
        "a catch-all code is used where a specific one may exist"
        "look for a specific code: hivelog codes QUERY"
        "0000E and 0000W are fallbacks for unexpected issues. A specific code tells the reader what to do."

    RetryingWithErrorCode "retrying-with-error-code" Error Documented Meaning
        "outcome RETRYING with an error code"
        "use a warning code while you still retry, and the error code once you give up"
        "An error code marks the message as a terminal failure and puts it among the stuck messages. While the connector retries, the document asks for a warning code."
    ErrorCodeNotFailed "error-code-not-failed" Warning Inferred Meaning
        "an error code with an outcome other than FAILED"
        "an error code ends the message: its outcome is FAILED"
        "An error code is terminal, and FAILED is the only outcome that says so."
    FailedWithoutErrorCode "failed-without-error-code" Warning Inferred Meaning
        "outcome FAILED with an information code"
        "use an error code when the connector has given up"
        "A failure reported at information level is not shown among the stuck messages."
    FilterOutcomeMismatch "filter-outcome-mismatch" Warning Inferred Meaning
        "code and outcome disagree about filtering"
        "3000N and 3001N go with FILTERED, and FILTERED with a code of the 3000s"
        "A message that was filtered or skipped has the outcome FILTERED; any other code says that something else happened."
    PlatformOutcome "platform-outcome" Warning Inferred Meaning
        "MESSAGE_STORED is reported by the platform"
        "a connector reports MESSAGE_DELIVERED or PROCESSING"
        "The platform stores the message in INBOUND_5."
    ForeignIntegrationKey "foreign-integration-key" Warning Documented Meaning
        "an external identity names another integration"
        "use the ids of the record's own integration"
        "In its dataId an integration should use only its own external identities."
    ReferenceNameMismatch "reference-name-mismatch" Warning Inferred Meaning
        "the data reference names another schema or shape than the record"
        "make schemaName and shapeName agree, in the iri too"
        "Record, data reference and iri each name a schema and a shape; where they differ, one of them is wrong."
    CorrelationIdNotUuid "correlation-id-not-uuid" Hint Documented Meaning
        "the correlation id is not a UUID"
        "use a UUIDv4, as the document recommends"
        "A UUID is recommended, not required. What matters is that all logs of one message carry the same id."
    DetailMissing "detail-missing" Warning Documented Meaning
        "a warning or error has no detail"
        "say which state we are in, how it happened, and what the end user can do"
        "The detail is what an end user reads when something needs attention."
    DetailUnstructured "detail-unstructured" Hint Documented Meaning
        "the detail of a warning or error is a single line"
        "write three lines: the state, the cause, what the reader can do"
        "The document recommends three parts: What state are we in? How did it happen? What can the end user do about it?"
    StackTraceInDetail "stack-trace-in-detail" Warning Inferred Meaning
        "the detail looks like a stack trace"
        "put it into technicalInfo and write the detail for an end user"
        "detail is for the end user; technicalInfo is for whoever has to look inside."
    SecretInText "secret-in-text" Warning Inferred Meaning
        "a text seems to carry a key, token or password"
        "remove it and revoke the secret: anyone who reads the log can use it"
        "Event logs are shown to end users and stored. Requests and headers pasted into technicalInfo are the usual way for a secret to get there."

    AfterTerminalError "after-terminal-error" Error Documented Journey
        "a record with another code follows an error code"
        "an error code ends the message; use a warning while you still retry"
        "After an error-level code the message is a terminal failure: it must not be processed further, and no event log with another code may follow for it."
    DuplicateLog "duplicate-log" Warning Inferred Journey
        "the same event log appears again"
        "send each event log once"
        "Same code, stage, outcome, generatedAt and detail: most likely one event that was logged twice."
    FalseTwin "false-twin" Warning Documented Journey
        "two codes share their number but not their meaning"
        "compare the glossary's descriptions: hivelog explain NUMBER"
        "1000, 1001, 4004 and 5003 are used twice in the glossary with different meanings: swapping the letter does not make a warning of an error."
    StageGoesBack "stage-goes-back" Warning Inferred Journey
        "the stage is earlier than the one before"
        "log the stages in their order"
        "The stages of a direction are numbered in the order in which a message passes them."
    TimeGoesBack "time-goes-back" Warning Inferred Journey
        "generatedAt is earlier than in the record before"
        "check the clocks, and that logs are written in order"
        "Within a journey the records are expected in the order in which things happened."
    SplitDataId "split-data-id" Error Documented Journey
        "parts of one event have different data references"
        "use the same dataId for every stream of one event"
        "An event that is split into several parts uses a unique stream value for each and the same dataId for all."
    MixedMode "mixed-mode" Warning Inferred Journey
        "LIVE and SANDBOX in one journey"
        "keep one mode for a message's whole journey"
        "A message belongs either to real operation or to a trial."
    NeverEnded "never-ended" Warning Inferred Journey
        "the journey ends in an unfinished outcome"
        "log how it ended: delivered, filtered or failed"
        "With --whole each journey is expected to be complete in the input; one whose last outcome is WAITING, PROCESSING or RETRYING is not finished."

    SysMissingField "sys-missing-field" Error Documented SysEvent
        "kind or type is missing"
        "every event has a kind and a type"
        "Every event travels in an envelope; kind tells the server's events (sys) from those of flows (usr), type says what happened."
    SysUnknownType "sys-unknown-type" Hint Documented SysEvent
        "the reference does not list this sys event"
        "check the spelling; newer server versions may have more types"
        "The reference lists 17 types of kind sys. Newer server versions may add types."
    SysWrongType "sys-wrong-type" Error Documented SysEvent
        "a data field has another JSON type than documented"
        "send the documented type"
        "The reference names the data fields of each event type."
    SysMissingData "sys-missing-data" Hint Documented SysEvent
        "a data field that the reference lists is missing"
        "nothing to do if your server's version leaves it out"
        "Fields vary by server version: the guide's own sample of auth.ok lacks the exp that the reference lists."
    SysContradiction "sys-contradiction" Warning Documented SysEvent
        "type and data contradict each other"
        "an …ok event has ok=true and no error text, an …error event has ok=false"
        "ok is true if the flow executed without errors, and error is populated if it is not."
    SysStarInType "sys-star-in-type" Warning Inferred SysEvent
        "a star is part of the type's name"
        "write trigger.schedule.sync or trigger.event.sync"
        "The star after the two sync types is a footnote mark of the reference, not part of the name."
}

impl Rule {
    /// How many rules there are.
    pub const COUNT: usize = RULES.len();

    /// What there is to know about it.
    pub fn description(self) -> &'static Description {
        &RULES[self as usize].1
    }

    /// The stable name.
    pub fn name(self) -> &'static str {
        self.description().name
    }

    /// Looks a rule up by name.
    pub fn find(name: &str) -> Option<Rule> {
        RULES
            .iter()
            .find(|(_, description)| description.name == name)
            .map(|(rule, _)| *rule)
    }

    /// Every rule's name.
    pub fn names() -> impl Iterator<Item = &'static str> {
        RULES.iter().map(|(_, description)| description.name)
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Serialize for Description {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct RuleRow<'a> {
            rule: &'a str,
            level: Level,
            basis: Basis,
            summary: &'a str,
            help: &'a str,
            explanation: &'a str,
        }
        RuleRow {
            rule: self.name,
            level: self.level,
            basis: self.basis,
            summary: self.summary,
            help: self.help,
            explanation: self.explanation,
        }
        .serialize(serializer)
    }
}

/// The level of each rule for one run; `None` is off.
#[derive(Clone, Debug)]
pub struct Levels([Option<Level>; Rule::COUNT]);

impl Default for Levels {
    fn default() -> Self {
        let mut levels = [None; Rule::COUNT];
        for (rule, description) in RULES {
            levels[*rule as usize] = Some(description.level);
        }
        Levels(levels)
    }
}

impl Levels {
    /// A rule's level, or `None` where it is off.
    pub fn of(&self, rule: Rule) -> Option<Level> {
        self.0[rule as usize]
    }

    /// Changes a rule's level; `None` turns it off.
    pub fn set(&mut self, rule: Rule, level: Option<Level>) {
        self.0[rule as usize] = level;
    }

    /// Turns off every rule but these.
    pub fn only(&mut self, rules: &[Rule]) {
        for (rule, _) in RULES {
            if !rules.contains(rule) {
                self.set(*rule, None);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_order_and_names_are_unique_kebab_case() {
        for (at, (rule, description)) in RULES.iter().enumerate() {
            assert_eq!(*rule as usize, at);
            assert_eq!(Rule::find(description.name), Some(*rule));
            assert!(
                description
                    .name
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b == b'-')
            );
            assert!(!description.help.ends_with('.') && !description.summary.ends_with('.'));
            assert!(description.explanation.ends_with(['.', '?']), "{rule}");
        }
        assert_eq!(RULES.len(), 47);
    }
}
