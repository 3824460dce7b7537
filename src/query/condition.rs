//! Conditions that a verdict is waiting for: `trigger.schedule.ok flow_name=Orders duration_ms<2000`.

use super::QueryError;
use super::expression::Parser;
use super::glob::Globs;
use super::lexer::Token;
use super::test::Test;
use crate::model::event::Event;

/// A type glob and tests, all of which must hold.
#[derive(Clone, Debug)]
pub struct Condition {
    /// What the user typed.
    pub text: String,
    types: Globs,
    tests: Vec<Test>,
}

impl Condition {
    /// Reads a condition: a type glob, tests, or both.
    pub fn parse(text: &str) -> Result<Condition, QueryError> {
        let mut parser = Parser::new(text)?;
        let mut condition = Condition {
            text: text.to_owned(),
            types: Globs::default(),
            tests: Vec::new(),
        };
        if let Some((at, Token::Word(globs))) = parser.peek().cloned()
            && !parser.operator_follows()
        {
            condition.types = Globs::parse(&globs).map_err(|message| parser.error(at, &message))?;
            parser.advance();
        }
        while let Some((at, _)) = parser.peek().cloned() {
            if !parser.operator_follows() {
                return Err(parser.error(at, "expected a test such as flow_name=Orders"));
            }
            condition.tests.push(parser.test()?);
        }
        if condition.types.is_empty() && condition.tests.is_empty() {
            return Err(parser.error(0, "a condition is a type glob and tests of fields"));
        }
        Ok(condition)
    }

    /// Whether an event meets it.
    pub fn matches(&self, event: &Event<'_>) -> bool {
        self.types.matches(&event.event_type) && self.tests.iter().all(|test| test.holds(event))
    }

    /// A field whose name is nearly a known one, most likely by mistake.
    pub fn misspelt(&self) -> Option<QueryError> {
        self.tests.iter().find_map(|test| test.misspelt(&self.text))
    }

    /// The type globs.
    pub fn types(&self) -> &Globs {
        &self.types
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_condition_is_a_glob_and_tests() {
        let raw =
            r#"{"type":"trigger.schedule.ok","data":{"flow_name":"My Orders","duration_ms":412}}"#;
        let event = Event::read(raw).unwrap();
        let table = [
            ("trigger.schedule.ok", true),
            (
                "trigger.schedule.ok flow_name=\"My Orders\" duration_ms<2000",
                true,
            ),
            ("trigger.schedule.ok duration_ms<400", false),
            ("@bad", false),
            ("!@bad", true),
            ("!*.ok", false),
            ("flow_name~Orders$", true),
            ("*.ok flow_name != \"My Orders\"", false),
            ("*.ok,*.error duration_ms>=412", true),
        ];
        for (text, expected) in table {
            let condition = Condition::parse(text).unwrap_or_else(|error| panic!("{error}"));
            assert_eq!(condition.matches(&event), expected, "{text}");
        }
    }

    #[test]
    fn errors_point_at_the_character() {
        for (text, at) in [
            ("", 0),
            ("a.b c", 4),
            ("a.b c=", 6),
            ("@bda x=1", 0),
            ("a (b=1)", 2),
            ("trigger.schedule.ok =5", 0),
            ("*.ok = 5", 0),
            ("n=1 auth.ok=2", 4),
        ] {
            assert_eq!(Condition::parse(text).unwrap_err().at, at, "{text}");
        }
    }
}
