//! Thresholds on groups: `p95(duration_ms)>2s`, `errorRate>0.05`, `count<10`.

use super::Mistake;
use super::lexer::{Placed, Token, tokens};
use super::test::{Comparison, Operand};
use crate::model::statistics::{Group, Sketch};
use crate::model::text::did_you_mean;

/// A comparison of what is known of a group with a number.
#[derive(Clone, Debug)]
pub struct Threshold {
    /// What the user typed.
    pub text: String,
    /// The field it speaks of, if it names one.
    pub field: Option<String>,
    measure: Measure,
    comparison: Comparison,
    limit: f64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Measure {
    Count,
    Errors,
    ErrorRate,
    Min,
    Mean,
    Max,
    Percentile(f64),
}

const NAMES: [&str; 9] = [
    "count",
    "errors",
    "errorRate",
    "min",
    "mean",
    "max",
    "p50",
    "p95",
    "p99",
];

impl Measure {
    fn find(name: &str) -> Option<Measure> {
        Some(match name {
            "count" => Measure::Count,
            "errors" => Measure::Errors,
            "errorRate" => Measure::ErrorRate,
            "min" => Measure::Min,
            "mean" => Measure::Mean,
            "max" => Measure::Max,
            _ => {
                let percent = name.strip_prefix('p')?.parse().ok()?;
                (0.0..=100.0)
                    .contains(&percent)
                    .then_some(Measure::Percentile(percent))?
            }
        })
    }
}

impl Threshold {
    /// Whether it speaks of a field's values, and not of how many records there are.
    pub fn needs_values(&self) -> bool {
        !matches!(
            self.measure,
            Measure::Count | Measure::Errors | Measure::ErrorRate
        )
    }

    /// Reads a threshold.
    pub fn parse(text: &str) -> Result<Threshold, Mistake> {
        let end = text.trim_end().chars().count();
        let mistake = |at: usize, message: String| Mistake {
            text: text.to_owned(),
            at,
            message,
        };
        let mut tokens = tokens(text)?.into_iter().peekable();
        let measure = match tokens.next() {
            Some((at, Token::Word(name))) => Measure::find(&name).ok_or_else(|| {
                let guess = did_you_mean(&name, NAMES);
                mistake(at, format!("unknown measure '{name}'{guess} (known: count, errors, errorRate, min, mean, max, p50 and the like)"))
            })?,
            Some((at, _)) => return Err(mistake(at, "expected a measure such as p95".to_owned())),
            None => return Err(mistake(end, "expected a measure such as p95(duration_ms)".to_owned())),
        };
        let field = match tokens.next_if(|(_, token)| *token == Token::Open) {
            None => None,
            Some((open, _)) => match (tokens.next(), tokens.next()) {
                (Some((_, Token::Word(field))), Some((_, Token::Close))) => Some(field),
                (_, None) => return Err(mistake(open, "this '(' is not closed".to_owned())),
                (Some((at, _)), _) => {
                    return Err(mistake(at, "expected a field name and ')'".to_owned()));
                }
                (None, Some(_)) => return Err(mistake(end, "expected a field name".to_owned())),
            },
        };
        let (comparison, limit) = compared(
            &mut tokens,
            "a number or a duration",
            |value| Operand::new(value, false).number(),
            text,
        )?;
        Ok(Threshold {
            text: text.to_owned(),
            field,
            measure,
            comparison,
            limit,
        })
    }

    /// Whether a group is beyond it; `field` is the place of its field among the watched ones.
    #[expect(clippy::cast_precision_loss, reason = "counts are small")]
    pub fn holds(&self, group: &Group, field: usize) -> bool {
        let sketch = group.values.get(field);
        let value = match self.measure {
            Measure::Count => Some(group.count as f64),
            Measure::Errors => Some(group.errors as f64),
            Measure::ErrorRate => Some(group.error_rate()),
            Measure::Min => sketch.and_then(Sketch::min),
            Measure::Mean => sketch.and_then(Sketch::mean),
            Measure::Max => sketch.and_then(Sketch::max),
            Measure::Percentile(percent) => sketch.and_then(|sketch| sketch.percentile(percent)),
        };
        value.is_some_and(|value| self.comparison.of(value.partial_cmp(&self.limit)))
    }
}

/// The rest of a threshold, which ends it: how is compared, and with what.
pub(super) fn compared<T>(
    tokens: &mut impl Iterator<Item = Placed>,
    expected: &str,
    read: impl Fn(String) -> Option<T>,
    text: &str,
) -> Result<(Comparison, T), Mistake> {
    let end = text.trim_end().chars().count();
    let mistake = |at: usize, message: String| Mistake {
        text: text.to_owned(),
        at,
        message,
    };
    let (at, comparison) = match tokens.next() {
        Some((at, Token::Operator(operator))) => (at, Comparison::find(operator)),
        Some((at, _)) => (at, None),
        None => (end, None),
    };
    let comparison =
        comparison.ok_or_else(|| mistake(at, "expected = != < <= > or >=".to_owned()))?;
    let (at, limit) = match tokens.next() {
        Some((at, Token::Word(value) | Token::Quoted(value))) => (at, read(value)),
        Some((at, _)) => (at, None),
        None => (end, None),
    };
    let limit = limit.ok_or_else(|| mistake(at, format!("expected {expected}")))?;
    match tokens.next() {
        None => Ok((comparison, limit)),
        Some((at, _)) => Err(mistake(at, "nothing may follow a threshold".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::statistics::Groups;

    #[test]
    fn thresholds_are_read_and_compared() {
        let mut groups = Groups::default();
        for millis in 1..=100 {
            groups.add("a", millis % 10 == 0, [Some(f64::from(millis) * 100.0)]);
        }
        let (_, group) = groups.by_count()[0];
        for (text, expected) in [
            ("p95(duration_ms)>2s", true),
            ("p95(duration_ms) > 9.5s", false),
            ("p99.5>=9900", true),
            ("max(duration_ms)<10s", false),
            ("min=100", true),
            ("mean(duration_ms) < 5051ms", true),
            ("errorRate>0.05", true),
            ("errors>=11", false),
            ("count!=100", false),
        ] {
            let threshold = Threshold::parse(text).unwrap_or_else(|error| panic!("{error}"));
            assert_eq!(threshold.holds(group, 0), expected, "{text}");
        }
    }

    #[test]
    fn mistakes_point_at_the_character() {
        for (text, at) in [
            ("", 0),
            ("p101>1", 0),
            ("median(x)>1", 0),
            ("p95(duration_ms", 3),
            ("p95()>1", 4),
            ("p95(x)", 6),
            ("p95(x)>", 7),
            ("p95(x)>soon", 7),
            ("p95(x)~1", 6),
            ("count>1 or", 8),
        ] {
            assert_eq!(Threshold::parse(text).unwrap_err().at, at, "{text}");
        }
    }
}
