//! Which codes fit a situation. The document names the codes and leaves the choice to the
//! reader: this is our reading of it, as one table in order of preference.

use super::code::{Category, Code, CodeLevel, GLOSSARY};
use super::text::lower_first;
use serde::{Serialize, Serializer};

/// The system that a connector was talking to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The SyncHive platform.
    Synchive,
    /// The external system.
    External,
}

/// What is known of a situation that wants an event code.
#[derive(Clone, Copy, Debug, Default)]
pub struct Situation {
    /// Who was being talked to.
    pub side: Option<Side>,
    /// The HTTP status that came back.
    pub http: Option<u16>,
    /// Whether the connector will try again.
    pub retrying: bool,
    /// What the code must be about.
    pub category: Option<Category>,
}

/// A code that fits, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pick {
    /// The code.
    pub code: &'static Code,
    /// Why it fits.
    pub reason: String,
}

impl Serialize for Pick {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct SituationRow<'a> {
            code: &'a str,
            reason: &'a str,
        }
        SituationRow {
            code: self.code.key,
            reason: &self.reason,
        }
        .serialize(serializer)
    }
}

/// One line of advice.
struct CodeAdvice {
    code: &'static str,
    /// `None` fits either side.
    side: Option<Side>,
    /// The HTTP statuses it fits, as inclusive ranges.
    http: &'static [(u16, u16)],
    reason: &'static str,
}

const fn advice(
    code: &'static str,
    side: Option<Side>,
    http: &'static [(u16, u16)],
    reason: &'static str,
) -> CodeAdvice {
    CodeAdvice {
        code,
        side,
        http,
        reason,
    }
}

const EXTERNAL: Option<Side> = Some(Side::External);
const SYNCHIVE: Option<Side> = Some(Side::Synchive);
const EITHER: Option<Side> = None;
const SUCCESS: &[(u16, u16)] = &[(200, 299)];
const UNREACHABLE: &[(u16, u16)] = &[(300, 399), (408, 408), (425, 425), (500, 599)];
const CREDENTIALS: &[(u16, u16)] = &[(401, 401), (403, 403), (407, 407)];
const ABSENT: &[(u16, u16)] = &[(404, 404), (410, 410)];
const INVALID: &[(u16, u16)] = &[(400, 400), (422, 422)];
/// Every refusal that is not about credentials, time or rate.
const REJECTED: &[(u16, u16)] = &[
    (400, 400),
    (402, 402),
    (404, 406),
    (409, 424),
    (426, 428),
    (430, 499),
];

/// Every code with the situations it fits, the most usual first.
#[rustfmt::skip]
static ADVICE: &[CodeAdvice] = &[
    // Something could not be reached.
    advice("4003W", EXTERNAL, UNREACHABLE, "the external system does not answer as it should, and the connector tries again"),
    advice("4003E", EXTERNAL, UNREACHABLE, "the external system does not answer as it should, and the connector has given up"),
    advice("5008W", SYNCHIVE, UNREACHABLE, "SyncHive does not answer as it should, and the connector tries again"),
    advice("5008E", SYNCHIVE, &[(429, 429), (500, 599)], "SyncHive answered that it cannot serve, and the connector has given up"),
    advice("4002E", SYNCHIVE, UNREACHABLE, "SyncHive could not be reached at all, and the connector has given up"),
    // The rate limit, which has a warning only.
    advice("4004W", EITHER, &[(429, 429)], "the rate limit is exceeded, and the connector tries again later"),
    advice("4003E", EXTERNAL, &[(429, 429)], "the connector has given up at the rate limit; 4004E means something else"),
    // Credentials.
    advice("4005E", EXTERNAL, CREDENTIALS, "the external system does not accept the credentials"),
    advice("4004E", SYNCHIVE, CREDENTIALS, "SyncHive does not accept the connector's key"),
    advice("5006W", EITHER, CREDENTIALS, "access is refused, and the connector tries again; 4004 and 4005 have no warning of that meaning"),
    advice("5006E", EITHER, CREDENTIALS, "the credentials are good, but what was asked for is not permitted"),
    // The data was refused.
    advice("1003E", EITHER, &[(409, 409)], "the data carries an id that is already in use"),
    advice("1001W", EITHER, ABSENT, "the id or key it refers to is not known there yet"),
    advice("1002E", EITHER, ABSENT, "the id or key it refers to is not known there"),
    advice("1000W", EXTERNAL, &[(400, 400), (404, 406), (409, 424), (426, 428), (430, 500), (507, 507)], "the external system has not saved the data, and the connector tries again"),
    advice("1001E", EXTERNAL, REJECTED, "the external system understood the request and rejected the data"),
    advice("5003E", EXTERNAL, REJECTED, "the external system rejected the data as it was sent"),
    advice("5002E", SYNCHIVE, REJECTED, "SyncHive rejected the message"),
    advice("1004W", EITHER, REJECTED, "the message is not valid as it is, and will be tried again"),
    advice("1004E", EITHER, INVALID, "the message is not valid: undefined properties, no identifier, or a badly formed id"),
    advice("1005E", EITHER, INVALID, "the message lacks data that is needed"),
    advice("2001E", EXTERNAL, &[], "what the external system sent makes no sense"),
    advice("2002E", EITHER, &[], "the message could not be transformed"),
    // It went well.
    advice("1000N", EXTERNAL, SUCCESS, "the external system has saved the data"),
    advice("5000N", SYNCHIVE, SUCCESS, "SyncHive has accepted the message"),
    advice("5005N", EXTERNAL, SUCCESS, "the data was sent to the external system"),
    advice("5004N", EXTERNAL, SUCCESS, "data came from the external system"),
    advice("5001N", SYNCHIVE, SUCCESS, "a message came from SyncHive"),
    advice("4000N", SYNCHIVE, SUCCESS, "SyncHive accepted the credentials"),
    advice("4001N", EXTERNAL, SUCCESS, "the external system accepted the credentials"),
    advice("5003N", EXTERNAL, &[(200, 299), (304, 304)], "the external system was asked whether there is new data"),
    advice("2000N", EITHER, SUCCESS, "the message was put together"),
    advice("3000N", EITHER, SUCCESS, "a filter left the message out"),
    advice("3001N", EITHER, SUCCESS, "the message needed no work and was skipped"),
    advice("3002E", EITHER, &[], "a filter could not be applied"),
    // The connector itself, and whatever else there is.
    advice("5007W", EITHER, &[], "the connector itself cannot work at the moment"),
    advice("5007E", EITHER, &[], "the connector itself cannot work, and has given up"),
    advice("0000W", EITHER, &[], "no specific warning fits; the connector tries again"),
    advice("0000E", EITHER, &[], "no specific error fits"),
];

impl Situation {
    /// At most three codes that fit, best first; empty only where the glossary has nothing.
    pub fn picks(self) -> Vec<Pick> {
        let mut picks: Vec<Pick> = Vec::new();
        for advice in ADVICE.iter().filter(|advice| self.agrees(advice)) {
            let Some(code) = Code::find(advice.code) else {
                continue;
            };
            if self.allows(code) && picks.iter().all(|pick| pick.code != code) {
                picks.push(Pick {
                    code,
                    reason: advice.reason.to_owned(),
                });
            }
        }
        if picks.is_empty() {
            picks = self.otherwise();
        }
        picks.truncate(3);
        picks
    }

    fn agrees(self, advice: &CodeAdvice) -> bool {
        let side = match (self.side, advice.side) {
            (Some(wanted), Some(fits)) => wanted == fits,
            _ => true,
        };
        side && self.http.is_none_or(|status| {
            let mut ranges = advice.http.iter();
            ranges.any(|(from, to)| (*from..=*to).contains(&status))
        })
    }

    fn allows(self, code: &Code) -> bool {
        self.levels().contains(&code.level())
            && self.category.is_none_or(|wanted| wanted == code.category())
    }

    /// The levels that can be right: a connector that tries again sends warnings, one that got
    /// what it wanted information, and one that has given up errors.
    fn levels(self) -> &'static [CodeLevel] {
        match self.http {
            _ if self.retrying => &[CodeLevel::Warning],
            Some(200..=299) => &[CodeLevel::Info],
            // "Not modified" is what a poll without news brings; SyncHive is not polled.
            Some(304) if self.side != SYNCHIVE => &[CodeLevel::Info],
            Some(_) => &[CodeLevel::Error],
            None if self.side.is_some() => &[CodeLevel::Error],
            None => &[CodeLevel::Error, CodeLevel::Info],
        }
    }

    /// Where no advice fits: what the category has at that level, or the nearest elsewhere.
    fn otherwise(self) -> Vec<Pick> {
        let Some(category) = self.category else {
            let catch_all = if self.retrying { "0000W" } else { "0000E" };
            let reason = "no specific code fits this answer";
            return picked(Code::find(catch_all), |_| reason.to_owned());
        };
        let inside = picked(GLOSSARY.iter().filter(|code| self.allows(code)), |code| {
            format!(
                "{} is about {}",
                code.key,
                lower_first(category.row().description)
            )
        });
        if !inside.is_empty() {
            return inside;
        }
        let mut near = picked(
            GLOSSARY
                .iter()
                .filter(|code| code.category() == category)
                .filter_map(|code| Code::find(code.nearest?))
                .filter(|code| self.levels().contains(&code.level())),
            |code| {
                format!(
                    "the {} category has no {} of its own; this one comes nearest",
                    category.name(),
                    code.level().name()
                )
            },
        );
        near.dedup_by_key(|pick| pick.code.key);
        near
    }
}

fn picked(
    codes: impl IntoIterator<Item = &'static Code>,
    reason: impl Fn(&Code) -> String,
) -> Vec<Pick> {
    let pick = |code| Pick {
        code,
        reason: reason(code),
    };
    codes.into_iter().map(pick).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(situation: Situation) -> Vec<&'static str> {
        situation.picks().iter().map(|pick| pick.code.key).collect()
    }

    #[test]
    fn the_advice_knows_every_code_and_no_other() {
        for advice in ADVICE {
            assert!(Code::find(advice.code).is_some(), "{}", advice.code);
        }
        for code in &GLOSSARY {
            assert!(
                ADVICE.iter().any(|advice| advice.code == code.key),
                "{code}"
            );
        }
    }

    #[test]
    fn the_usual_situations_have_the_expected_code_first() {
        use Side::{External, Synchive};
        for (side, http, retrying, first) in [
            (Some(External), Some(401), false, "4005E"),
            (Some(Synchive), Some(401), false, "4004E"),
            (Some(External), Some(401), true, "5006W"),
            (Some(External), Some(429), true, "4004W"),
            (None, Some(429), true, "4004W"),
            (Some(External), Some(429), false, "4003E"),
            (Some(External), Some(503), true, "4003W"),
            (Some(External), Some(503), false, "4003E"),
            (Some(Synchive), Some(503), true, "5008W"),
            (Some(Synchive), Some(503), false, "5008E"),
            (Some(External), Some(404), false, "1002E"),
            (Some(External), Some(409), false, "1003E"),
            (Some(External), Some(422), false, "1001E"),
            (Some(Synchive), Some(400), false, "5002E"),
            (Some(External), Some(200), false, "1000N"),
            (Some(Synchive), Some(200), false, "5000N"),
            (None, Some(101), false, "0000E"),
        ] {
            let situation = Situation {
                side,
                http,
                retrying,
                category: None,
            };
            assert_eq!(keys(situation)[0], first, "{situation:?}");
        }
    }

    #[test]
    fn no_situation_gets_a_code_of_the_wrong_level_or_more_than_three() {
        let sides = [None, SYNCHIVE, EXTERNAL];
        let categories: Vec<_> = Category::ALL.map(Some).into_iter().chain([None]).collect();
        for (status, retrying) in (100..600).flat_map(|status| [(status, true), (status, false)]) {
            for side in sides {
                for category in categories.iter().copied() {
                    let situation = Situation {
                        side,
                        http: Some(status),
                        retrying,
                        category,
                    };
                    let picks = situation.picks();
                    assert!(picks.len() <= 3);
                    let levels = situation.levels();
                    for pick in &picks {
                        assert!(
                            levels.contains(&pick.code.level()),
                            "{situation:?} {pick:?}"
                        );
                    }
                    let nothing =
                        category == Some(Category::Internal) && levels[0] == CodeLevel::Info;
                    assert_eq!(picks.is_empty(), nothing, "{situation:?}");
                }
            }
        }
    }

    #[test]
    fn a_category_without_a_warning_gets_the_nearest_one_and_says_so() {
        let situation = Situation {
            retrying: true,
            category: Some(Category::Logic),
            ..Situation::default()
        };
        let picks = situation.picks();
        assert_eq!(picks[0].code.key, "1004W");
        assert!(picks[0].reason.contains("comes nearest"));
    }
}
