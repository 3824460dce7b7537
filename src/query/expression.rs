//! Expressions: `data.inputs > 100 and not (status = ok or flow_name ~ "^Test")`.

use super::lexer::{Placed, Token, tokens};
use super::test::{Check, Comparison, Operand, Test};
use super::{QueryError, glob};
use crate::model::event::Event;
use regex::Regex;

/// An expression over an event's fields.
#[derive(Clone, Debug)]
pub struct Expression {
    text: String,
    node: Node,
}

#[derive(Clone, Debug)]
enum Node {
    Test(Test),
    Not(Box<Node>),
    All(Vec<Node>),
    Any(Vec<Node>),
}

impl Expression {
    /// Reads an expression.
    pub fn parse(text: &str) -> Result<Expression, QueryError> {
        let mut parser = Parser::new(text)?;
        let node = parser.any(0)?;
        match parser.peek() {
            None => Ok(Expression {
                text: text.to_owned(),
                node,
            }),
            Some((at, Token::Close)) => Err(parser.error(*at, "this ')' has no '('")),
            Some((at, _)) => Err(parser.error(*at, "expected 'and' or 'or'")),
        }
    }

    /// Whether an event is meant.
    pub fn matches(&self, event: &Event<'_>) -> bool {
        self.node.holds(event)
    }

    /// The fields it asks about.
    pub fn paths(&self) -> Vec<&str> {
        let mut paths = Vec::new();
        self.node.add_paths(&mut paths);
        paths
    }

    /// A field whose name is nearly a known one, most likely by mistake.
    pub fn misspelt(&self) -> Option<QueryError> {
        self.node.misspelt(&self.text)
    }
}

impl Node {
    fn add_paths<'n>(&'n self, paths: &mut Vec<&'n str>) {
        match self {
            Node::Test(one) => paths.push(&one.path),
            // That a field is missing is what `not` may be about.
            Node::Not(_) => {}
            Node::All(parts) | Node::Any(parts) => {
                for part in parts {
                    part.add_paths(paths);
                }
            }
        }
    }

    fn misspelt(&self, text: &str) -> Option<QueryError> {
        match self {
            Node::Test(one) => one.misspelt(text),
            Node::Not(inner) => inner.misspelt(text),
            Node::All(parts) | Node::Any(parts) => {
                parts.iter().find_map(|part| part.misspelt(text))
            }
        }
    }

    fn holds(&self, event: &Event<'_>) -> bool {
        match self {
            Node::Test(test) => test.holds(event),
            Node::Not(inner) => !inner.holds(event),
            Node::All(parts) => parts.iter().all(|part| part.holds(event)),
            Node::Any(parts) => parts.iter().any(|part| part.holds(event)),
        }
    }
}

/// Reads tokens from the left; shared with conditions.
pub(super) struct Parser<'t> {
    text: &'t str,
    tokens: Vec<Placed>,
    next: usize,
}

/// Deeper nesting is refused instead of risking the stack.
const DEEPEST: usize = 64;

impl<'t> Parser<'t> {
    pub(super) fn new(text: &'t str) -> Result<Parser<'t>, QueryError> {
        Ok(Parser {
            text,
            tokens: tokens(text)?,
            next: 0,
        })
    }

    pub(super) fn peek(&self) -> Option<&Placed> {
        self.tokens.get(self.next)
    }

    pub(super) fn advance(&mut self) -> Option<Placed> {
        let token = self.tokens.get(self.next).cloned();
        self.next += 1;
        token
    }

    /// Whether the token after the next is an operator.
    pub(super) fn operator_follows(&self) -> bool {
        matches!(
            self.tokens.get(self.next + 1),
            Some((_, Token::Operator(_)))
        )
    }

    pub(super) fn error(&self, at: usize, message: &str) -> QueryError {
        QueryError {
            text: self.text.to_owned(),
            at,
            message: message.to_owned(),
        }
    }

    fn end(&self) -> usize {
        self.text.trim_end().chars().count()
    }

    fn keyword(&mut self, word: &str) -> bool {
        let found = matches!(self.peek(), Some((_, Token::Word(next))) if next.eq_ignore_ascii_case(word))
            && !self.operator_follows();
        self.next += usize::from(found);
        found
    }

    fn any(&mut self, depth: usize) -> Result<Node, QueryError> {
        let mut parts = vec![self.all(depth)?];
        while self.keyword("or") {
            parts.push(self.all(depth)?);
        }
        Ok(one_or(parts, Node::Any))
    }

    fn all(&mut self, depth: usize) -> Result<Node, QueryError> {
        let mut parts = vec![self.one(depth)?];
        while self.keyword("and") {
            parts.push(self.one(depth)?);
        }
        Ok(one_or(parts, Node::All))
    }

    fn one(&mut self, depth: usize) -> Result<Node, QueryError> {
        let at = self.peek().map_or(self.end(), |(at, _)| *at);
        if depth > DEEPEST {
            return Err(self.error(at, "nested too deeply"));
        }
        if self.keyword("not") {
            return Ok(Node::Not(Box::new(self.one(depth + 1)?)));
        }
        if matches!(self.peek(), Some((_, Token::Open))) {
            self.next += 1;
            let node = self.any(depth + 1)?;
            return match self.advance() {
                Some((_, Token::Close)) => Ok(node),
                Some((at, _)) => Err(self.error(at, "expected 'and', 'or' or ')'")),
                None => Err(self.error(at, "this '(' is not closed")),
            };
        }
        self.test().map(Node::Test)
    }

    /// A field, and most often an operator and a value.
    pub(super) fn test(&mut self) -> Result<Test, QueryError> {
        let (at, path) = match self.advance() {
            Some((at, Token::Word(path))) => {
                if path.starts_with('!') || path.split('.').any(str::is_empty) {
                    return Err(self.error(at, "this is not a field name"));
                }
                if glob::is_type(&path) {
                    let message = format!(
                        "'{path}' is an event type, not a field: compare a field such as type or duration_ms"
                    );
                    return Err(self.error(at, &message));
                }
                (at, path)
            }
            Some((at, _)) => return Err(self.error(at, "expected a field name")),
            None => return Err(self.error(self.end(), "expected a field name")),
        };
        let Some((_, Token::Operator(operator))) = self.peek() else {
            return Ok(Test {
                path,
                at,
                check: Check::Truthy,
            });
        };
        let operator = *operator;
        self.next += 1;
        let (value_at, value, quoted) = match self.advance() {
            Some((at, Token::Word(value))) => (at, value, false),
            Some((at, Token::Quoted(value))) => (at, value, true),
            Some((at, _)) => return Err(self.error(at, "expected a value")),
            None => {
                let message = format!("expected a value after '{operator}'");
                return Err(self.error(self.end(), &message));
            }
        };
        let check = match Comparison::find(operator) {
            Some(comparison) => Check::Compare(comparison, Operand::new(value, quoted)),
            None => Check::Matches(regex(&value).map_err(|why| self.error(value_at, &why))?),
        };
        Ok(Test { path, at, check })
    }
}

/// Compiles a regular expression with a bound on its size.
pub fn regex(pattern: &str) -> Result<Regex, String> {
    regex::RegexBuilder::new(pattern)
        .size_limit(1 << 20)
        .build()
        .map_err(|error| {
            let text = error.to_string();
            let why = text.lines().last().unwrap_or_default();
            format!(
                "not a valid regular expression: {}",
                why.trim_start_matches("error: ")
            )
        })
}

fn one_or(mut parts: Vec<Node>, several: fn(Vec<Node>) -> Node) -> Node {
    if parts.len() == 1 {
        parts.swap_remove(0)
    } else {
        several(parts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const RAW: &str = r#"{"id":"a1","ts":"2024-05-03T17:30:00.895+12:00","type":"trigger.event.ok",
        "handled":false,"data":{"flow_name":"Orders","inputs":120,"duration_ms":1999,"status":"a b",
        "code":"0042","long":"9007199254740993","id64":9007199254740993,"tags":["x","y"],"none":null,"nested":{"deep":true}}}"#;

    #[test]
    fn expressions_say_which_events_are_meant() {
        let event = Event::read(RAW).unwrap();
        let table = [
            ("data.inputs > 100", true),
            ("inputs>120", false),
            ("inputs >= 120 and inputs<=120", true),
            ("inputs = 120.0", true),
            ("flow_name=Orders", true),
            ("flow_name==orders", false),
            ("flow_name ~ ^Ord", true),
            ("flow_name ~ '(?i)^ORD'", true),
            ("status = \"a b\"", true),
            ("duration_ms < 2s", true),
            ("ts > 2024-05-03T05:00:00Z", true),
            ("ts < 2024-05-03T05:00:00Z", false),
            ("code = 42", true),
            ("long = 9007199254740992", false),
            ("long = 9007199254740993", true),
            ("id64 = 9007199254740992", false),
            ("id64 > 9007199254740992", true),
            ("id64 < 9007199254740993.5e3", true),
            ("missing = x", false),
            ("missing != x", true),
            ("missing < 5 or missing > 5", false),
            ("not missing", true),
            ("missing = null and none = null", true),
            ("flow_name = null", false),
            ("handled", false),
            ("nested.deep", true),
            ("tags = y", true),
            ("tags != y", false),
            ("data.tags.0 = x", true),
            ("not (inputs > 100 or flow_name = x)", false),
            ("inputs > 100 or flow_name = x and missing", true),
            ("(inputs > 100 or flow_name = x) and missing", false),
            ("type = trigger.event.ok AND kind = sys", true),
            ("NOT not handled", false),
            ("and = 1 or inputs=120", true),
        ];
        for (text, expected) in table {
            let expression = Expression::parse(text).unwrap_or_else(|error| panic!("{error}"));
            assert_eq!(expression.matches(&event), expected, "{text}");
        }
    }

    #[test]
    fn errors_point_at_the_character() {
        let table = [
            ("", 0, "expected a field name"),
            ("data.inputs >", 13, "expected a value after '>'"),
            ("a = 1 b = 2", 6, "expected 'and' or 'or'"),
            ("(a = 1", 0, "this '(' is not closed"),
            ("a = 1)", 5, "this ')' has no '('"),
            ("ä = \"x", 4, "this quote is not closed"),
            ("a ~ [", 4, "not a valid regular expression"),
            ("= 1", 0, "expected a field name"),
            ("a = = 1", 4, "expected a value"),
            ("a and", 5, "expected a field name"),
            ("a..b = 1", 0, "this is not a field name"),
            ("n = 1 and auth.ok = 1", 10, "'auth.ok' is an event type"),
            ("trigger.*.failed", 0, "'trigger.*.failed' is an event type"),
            ("@bad != 1", 0, "'@bad' is an event type"),
        ];
        for (text, at, message) in table {
            let error = Expression::parse(text).unwrap_err();
            assert_eq!(error.at, at, "{text}: {error}");
            assert!(error.message.starts_with(message), "{text}: {error}");
        }
        assert!(Expression::parse(&"(".repeat(100_000)).is_err());
        assert!(Expression::parse(&"not ".repeat(100_000)).is_err());
    }

    proptest! {
        #[test]
        fn whatever_is_typed_is_answered(text in "([a-z.]|and|or|not|[ ()=!<>~\"']|\\PC){0,20}") {
            let event = Event::read(RAW).unwrap();
            match Expression::parse(&text) {
                Ok(expression) => { expression.matches(&event); }
                Err(error) => prop_assert!(error.at <= text.chars().count()),
            }
        }
    }
}
