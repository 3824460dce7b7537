//! Expectations of a program's event logs: how many journeys, how each ends, which codes must or
//! must not occur. Written in the language of the profile file.

use super::journey::Journey;
use crate::model::code::{Code, GLOSSARY};
use crate::model::outcome::OUTCOMES;
use crate::model::stage::Direction;
use crate::model::text::{counted, did_you_mean};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a run of the program should have sent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expectation {
    /// How many journeys there are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub journeys: Option<usize>,
    /// Codes that must occur.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub codes: Vec<String>,
    /// Codes that must not occur.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub forbidden: Vec<String>,
    /// Kinds of journeys, and how many there are of each.
    #[serde(default, rename = "journey", skip_serializing_if = "Vec::is_empty")]
    pub kinds: Vec<Kind>,
}

/// Journeys that are alike; what is left out does not matter.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kind {
    /// How many there are; 1 when left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<usize>,
    /// The integration key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub integration: Option<String>,
    /// The direction.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub direction: Option<String>,
    /// The codes, in order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub codes: Option<Vec<String>>,
    /// The last outcome.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ends: Option<String>,
}

impl Kind {
    fn matches(&self, journey: &Journey) -> bool {
        let fits = |wanted: &Option<String>, seen: Option<&str>| {
            wanted.as_deref().is_none_or(|wanted| Some(wanted) == seen)
        };
        fits(&self.integration, Some(&journey.integration))
            && fits(&self.direction, Some(&journey.direction))
            && fits(&self.ends, journey.ends())
            && self
                .codes
                .as_ref()
                .is_none_or(|codes| *codes == journey.codes())
    }

    fn describe(&self) -> String {
        let mut parts = Vec::new();
        parts.extend(self.integration.clone());
        parts.extend(self.direction.clone());
        parts.extend(self.codes.as_ref().map(|codes| codes.join(" ")));
        parts.extend(self.ends.as_ref().map(|ends| format!("ending {ends}")));
        parts.join(", ")
    }
}

impl Expectation {
    /// Reads an expectation; a code that is neither in the glossary nor among `extra_codes` is a
    /// mistake.
    pub fn parse(text: &str, extra_codes: &[String]) -> Result<Expectation, String> {
        let expectation: Expectation = toml::from_str(text).map_err(|error| {
            let before = error.span().map_or("", |span| &text[..span.start]);
            format!(
                "line {}: {}",
                before.matches('\n').count() + 1,
                error.message()
            )
        })?;
        let kinds = expectation
            .kinds
            .iter()
            .filter_map(|kind| kind.codes.as_ref());
        let codes = expectation.codes.iter().chain(&expectation.forbidden);
        for code in codes.chain(kinds.flatten()) {
            if Code::find(code).is_none() && !extra_codes.contains(code) {
                let guess = did_you_mean(code, GLOSSARY.iter().map(|known| known.key));
                return Err(format!("unknown event code {code}{guess}"));
            }
        }
        for kind in &expectation.kinds {
            known(
                "direction",
                kind.direction.as_deref(),
                &Direction::ALL.map(Direction::name),
            )?;
            known(
                "outcome",
                kind.ends.as_deref(),
                &OUTCOMES.map(|outcome| outcome.value),
            )?;
        }
        Ok(expectation)
    }

    /// The expectation that a run met exactly.
    pub fn of(journeys: &[Journey]) -> Expectation {
        let mut kinds: BTreeMap<Kind, usize> = BTreeMap::new();
        let mut met = 0;
        for journey in journeys.iter().filter(|journey| counts(journey)) {
            met += 1;
            let kind = Kind {
                count: None,
                integration: Some(journey.integration.clone()),
                direction: Some(journey.direction.clone()),
                codes: Some(journey.codes().into_iter().map(str::to_owned).collect()),
                ends: journey.ends().map(str::to_owned),
            };
            *kinds.entry(kind).or_default() += 1;
        }
        Expectation {
            journeys: Some(met),
            kinds: kinds
                .into_iter()
                .map(|(kind, count)| Kind {
                    count: Some(count),
                    ..kind
                })
                .collect(),
            ..Expectation::default()
        }
    }

    /// The expectation as a file.
    pub fn text(&self) -> String {
        toml::to_string(self).unwrap_or_default()
    }

    /// Where a run differs, a sentence each.
    pub fn differences(&self, journeys: &[Journey]) -> Vec<String> {
        let journeys: Vec<_> = journeys.iter().filter(|journey| counts(journey)).collect();
        let mut differences = Vec::new();
        if let Some(wanted) = self.journeys
            && wanted != journeys.len()
        {
            let wanted = counted(wanted as u64, "journey");
            differences.push(format!("expected {wanted}, saw {}", journeys.len()));
        }
        let seen = |code: &String| {
            let with = journeys
                .iter()
                .find(|journey| journey.codes().contains(&code.as_str()));
            with.map(|journey| journey.correlation.clone())
        };
        for code in &self.codes {
            if seen(code).is_none() {
                differences.push(format!("expected {code}, which did not occur"));
            }
        }
        for code in &self.forbidden {
            if let Some(journey) = seen(code) {
                differences.push(format!(
                    "{code} must not occur, and did in journey {journey}"
                ));
            }
        }
        for kind in &self.kinds {
            let wanted = kind.count.unwrap_or(1);
            let found = journeys
                .iter()
                .filter(|journey| kind.matches(journey))
                .count();
            if found != wanted {
                differences.push(format!(
                    "expected {wanted} of the journeys ({}), saw {found}",
                    kind.describe()
                ));
            }
        }
        if !self.kinds.is_empty() {
            let stray = |journey: &&&Journey| !self.kinds.iter().any(|kind| kind.matches(journey));
            differences.extend(journeys.iter().filter(stray).map(|journey| {
                format!(
                    "journey {} is not expected: {}, ending {}",
                    journey.correlation,
                    journey.codes().join(" "),
                    journey.ends().unwrap_or("nowhere")
                )
            }));
        }
        differences
    }
}

/// A value of a closed list, if one is given, is one of them.
fn known(what: &str, typed: Option<&str>, names: &[&str]) -> Result<(), String> {
    match typed {
        Some(typed) if !names.contains(&typed) => {
            let guess = did_you_mean(typed, names.iter().copied());
            Err(format!("unknown {what} {typed}{guess}"))
        }
        _ => Ok(()),
    }
}

/// A journey of which nothing was taken does not exist for the platform; its findings say why.
fn counts(journey: &Journey) -> bool {
    journey.accepted().next().is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::timestamp::Timestamp;
    use crate::sandbox::journey::journeys;
    use crate::sandbox::ledger::Entry;
    use std::sync::Arc;

    fn entry(correlation: &str, code: &str, outcome: &str) -> Arc<Entry> {
        Arc::new(Entry {
            number: 1,
            at: Timestamp::from_millis(0),
            method: "PUT".to_owned(),
            path: String::new(),
            headers: Vec::new(),
            body: format!(r#"{{"direction":"INBOUND","outcome":"{outcome}"}}"#).into_bytes(),
            journey: Some(correlation.to_owned()),
            event_code: Some(code.to_owned()),
            integration_key: Some("Shop".to_owned()),
            status: 200,
            refusal: None,
            fault: None,
            findings: Vec::new(),
        })
    }

    #[test]
    fn what_was_seen_meets_the_expectation_written_from_it() {
        let seen = [
            entry("a", "5004N", "PROCESSING"),
            entry("b", "5004N", "PROCESSING"),
            entry("a", "5000N", "MESSAGE_DELIVERED"),
        ];
        let journeys = journeys(seen.iter());
        let written = Expectation::of(&journeys).text();
        let expectation = Expectation::parse(&written, &[]).expect("our own words");
        assert_eq!(expectation.journeys, Some(2));
        assert_eq!(expectation.differences(&journeys), Vec::<String>::new());
        assert_eq!(
            expectation.differences(&journeys[..1]).len(),
            2,
            "{written}"
        );
    }

    #[test]
    fn every_difference_is_named() {
        let seen = [entry("a", "5004N", "PROCESSING")];
        let journeys = journeys(seen.iter());
        let expectation = Expectation::parse(
            "codes = ['5000N']\nforbidden = ['5004N']\n[[journey]]\nends = 'FAILED'\n",
            &[],
        )
        .expect("right");
        let differences = expectation.differences(&journeys).join("\n");
        for wanted in [
            "expected 5000N, which did not occur",
            "5004N must not occur, and did in journey a",
            "expected 1 of the journeys (ending FAILED), saw 0",
            "journey a is not expected: 5004N, ending PROCESSING",
        ] {
            assert!(differences.contains(wanted), "{differences}");
        }
    }

    #[test]
    fn mistakes_are_named_with_what_is_right() {
        let mistake = Expectation::parse("codes = ['5004I']", &[]).expect_err("no such code");
        assert!(mistake.contains("5004I, did you mean 5004N"), "{mistake}");
        let mistake = Expectation::parse("journey = 5", &[]).expect_err("no list");
        assert!(mistake.contains("line 1"), "{mistake}");
        let mistake = Expectation::parse("codes = []\njournies = 5", &[]).expect_err("no key");
        assert!(
            mistake.starts_with("line 2: unknown field `journies`"),
            "{mistake}"
        );
        let mistake = Expectation::parse("[[journey]]\nends = 'FALED'", &[]).expect_err("a slip");
        assert_eq!(mistake, "unknown outcome FALED, did you mean FAILED?");
        let mistake = Expectation::parse("[[journey]]\ndirection = 'inbound'", &[]);
        let mistake = mistake.expect_err("a slip");
        assert_eq!(mistake, "unknown direction inbound, did you mean INBOUND?");
    }
}
