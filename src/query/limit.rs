//! Limits of a few named quantities: `oldest>1h`, `dead>=10`, `held`.

use super::QueryError;
use super::lexer::{Token, tokens};
use super::test::Comparison;
use super::threshold::compared;
use crate::model::duration::parse_duration;
use crate::model::size::Size;
use crate::model::text::did_you_mean;

/// What a quantity is measured in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// A number.
    Count,
    /// A duration, compared in milliseconds.
    Duration,
    /// A size, compared in bytes.
    Size,
}

/// A comparison of a quantity with a number; a name alone means that there is any of it.
#[derive(Clone, Debug)]
pub struct Limit {
    /// What the user typed.
    pub text: String,
    /// The quantity's name.
    pub name: &'static str,
    comparison: Comparison,
    number: u64,
}

impl Limit {
    /// Reads a limit of one of these quantities.
    pub fn parse(text: &str, known: &[(&'static str, Unit)]) -> Result<Limit, QueryError> {
        let names = || known.iter().map(|(name, _)| *name);
        let error = |at: usize, message: String| QueryError {
            text: text.to_owned(),
            at,
            message,
        };
        let mut tokens = tokens(text)?.into_iter().peekable();
        let (at, typed) = match tokens.next() {
            Some((at, Token::Word(name))) => (at, name),
            other => {
                let list = names().collect::<Vec<_>>().join(", ");
                let at = other.map_or(0, |(at, _)| at);
                return Err(error(at, format!("expected one of {list}")));
            }
        };
        let found = known.iter().find(|(name, _)| *name == typed);
        let (name, unit) = *found.ok_or_else(|| {
            let guess = did_you_mean(&typed, names());
            let list = names().collect::<Vec<_>>().join(", ");
            error(
                at,
                format!("unknown measure '{typed}'{guess} (known: {list})"),
            )
        })?;
        let (comparison, number) = if tokens.peek().is_none() {
            (Comparison::More, 0)
        } else {
            compared(
                &mut tokens,
                unit.expected(),
                |value| unit.read(&value),
                text,
            )?
        };
        Ok(Limit {
            text: text.to_owned(),
            name,
            comparison,
            number,
        })
    }

    /// Whether a value of the quantity is beyond it.
    pub fn holds(&self, value: u64) -> bool {
        self.comparison.of(Some(value.cmp(&self.number)))
    }
}

impl Unit {
    const fn expected(self) -> &'static str {
        match self {
            Unit::Count => "a number",
            Unit::Duration => "a duration such as 1h",
            Unit::Size => "a size such as 500MiB",
        }
    }

    fn read(self, text: &str) -> Option<u64> {
        match self {
            Unit::Count => text.parse().ok(),
            Unit::Duration => {
                let duration = parse_duration(text).ok()?;
                u64::try_from(duration.as_millis()).ok()
            }
            Unit::Size => Size::parse(text).map(|size| size.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: [(&str, Unit); 3] = [
        ("dead", Unit::Count),
        ("oldest", Unit::Duration),
        ("bytes", Unit::Size),
    ];

    #[test]
    fn limits_are_read_in_the_unit_of_their_quantity() {
        for (text, value, expected) in [
            ("dead", 1, true),
            ("dead", 0, false),
            ("dead>=2", 1, false),
            ("oldest > 1h30m", 5_400_001, true),
            ("oldest>1h30m", 5_400_000, false),
            ("bytes<1KiB", 1023, true),
            ("bytes=1024", 1024, true),
        ] {
            let limit = Limit::parse(text, &KNOWN).unwrap_or_else(|error| panic!("{error}"));
            assert_eq!(limit.holds(value), expected, "{text}");
        }
    }

    #[test]
    fn errors_point_at_the_character() {
        for (text, at) in [
            ("", 0),
            (">1", 0),
            ("deed>1", 0),
            ("dead>many", 5),
            ("oldest>5", 7),
            ("bytes>1TiB", 6),
            ("dead>1 or", 7),
            ("dead>", 5),
        ] {
            assert_eq!(Limit::parse(text, &KNOWN).unwrap_err().at, at, "{text}");
        }
    }
}
