//! Thresholds on groups: `p95(duration_ms)>2s`, `errorRate>5%`, `count<10`, `p95>1.5x`.

use super::QueryError;
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
    limit: Bound,
}

/// What a measure is compared with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Bound {
    /// A number; a duration is milliseconds.
    Value(f64),
    /// A multiple of the same measure of the other set.
    Times(f64),
}

impl Bound {
    fn read(text: String) -> Option<Bound> {
        if let Some(percent) = text.strip_suffix('%') {
            return percent
                .parse()
                .ok()
                .map(|percent: f64| Bound::Value(percent / 100.0));
        }
        if let Some(times) = text.strip_suffix('x') {
            return times.parse().ok().map(Bound::Times);
        }
        Operand::new(text, false).number().map(Bound::Value)
    }
}

/// How a group is beyond a threshold.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Beyond {
    /// What was measured.
    pub value: f64,
    /// What it is compared with: the limit, or the measure of the other set.
    pub other: f64,
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

    /// Whether it compares with another set.
    pub fn is_relative(&self) -> bool {
        matches!(self.limit, Bound::Times(_))
    }

    /// Whether it speaks of the share of errors.
    pub fn is_rate(&self) -> bool {
        self.measure == Measure::ErrorRate
    }

    /// The measure as it was typed, and what it is compared with.
    pub fn parts(&self) -> (&str, String) {
        let is_operator = |c| matches!(c, '=' | '!' | '<' | '>');
        let end = self.text.find(is_operator).unwrap_or(self.text.len());
        let (measure, compared) = self.text.split_at(end);
        let limit = compared.trim_start_matches(is_operator);
        let operator = &compared[..compared.len() - limit.len()];
        (measure.trim(), format!("{operator} {}", limit.trim()))
    }

    /// Reads a threshold.
    pub fn parse(text: &str) -> Result<Threshold, QueryError> {
        let end = text.trim_end().chars().count();
        let error = |at: usize, message: String| QueryError {
            text: text.to_owned(),
            at,
            message,
        };
        let mut tokens = tokens(text)?.into_iter().peekable();
        let measure = match tokens.next() {
            Some((at, Token::Word(name))) => Measure::find(&name).ok_or_else(|| {
                let guess = did_you_mean(&name, NAMES);
                error(at, format!("unknown measure '{name}'{guess} (known: count, errors, errorRate, min, mean, max, p50 and the like)"))
            })?,
            Some((at, _)) => return Err(error(at, "expected a measure such as p95".to_owned())),
            None => return Err(error(end, "expected a measure such as p95(duration_ms)".to_owned())),
        };
        let field = match tokens.next_if(|(_, token)| *token == Token::Open) {
            None => None,
            Some((open, _)) if matches!(measure, Measure::Errors | Measure::ErrorRate) => {
                let message = "errors are counted whatever fields they have".to_owned();
                return Err(error(open, message));
            }
            Some((open, _)) => match (tokens.next(), tokens.next()) {
                (Some((_, Token::Word(field))), Some((_, Token::Close))) => Some(field),
                (_, None) => return Err(error(open, "this '(' is not closed".to_owned())),
                (Some((at, _)), _) => {
                    return Err(error(at, "expected a field name and ')'".to_owned()));
                }
                (None, Some(_)) => return Err(error(end, "expected a field name".to_owned())),
            },
        };
        let (comparison, limit) = compared(
            &mut tokens,
            "a number, a duration, a share such as 5% or a factor such as 1.5x",
            Bound::read,
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

    /// How a group is beyond it, if it is; `field` is the place of its field among the watched
    /// ones, `other` the same group of the other set.
    pub fn beyond(&self, group: &Group, field: usize, other: Option<&Group>) -> Option<Beyond> {
        let value = self.measured(group, field)?;
        let (limit, other) = match self.limit {
            Bound::Value(limit) => (limit, limit),
            Bound::Times(times) => {
                let other = self.measured(other?, field)?;
                (other * times, other)
            }
        };
        let is_beyond = self.comparison.of(value.partial_cmp(&limit));
        is_beyond.then_some(Beyond { value, other })
    }

    #[expect(clippy::cast_precision_loss, reason = "counts are small")]
    fn measured(&self, group: &Group, field: usize) -> Option<f64> {
        let sketch = group.values.get(field);
        match self.measure {
            // Of a field: how many records have it.
            Measure::Count if self.field.is_some() => Some(sketch.map_or(0, Sketch::count) as f64),
            Measure::Count => Some(group.count as f64),
            Measure::Errors => Some(group.errors as f64),
            Measure::ErrorRate => Some(group.error_rate()),
            Measure::Min => sketch.and_then(Sketch::min),
            Measure::Mean => sketch.and_then(Sketch::mean),
            Measure::Max => sketch.and_then(Sketch::max),
            Measure::Percentile(percent) => sketch.and_then(|sketch| sketch.percentile(percent)),
        }
    }
}

/// The rest of a threshold, which ends it: how is compared, and with what.
pub(super) fn compared<T>(
    tokens: &mut impl Iterator<Item = Placed>,
    expected: &str,
    read: impl Fn(String) -> Option<T>,
    text: &str,
) -> Result<(Comparison, T), QueryError> {
    let end = text.trim_end().chars().count();
    let error = |at: usize, message: String| QueryError {
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
        comparison.ok_or_else(|| error(at, "expected = != < <= > or >=".to_owned()))?;
    let (at, limit) = match tokens.next() {
        Some((at, Token::Word(value) | Token::Quoted(value))) => (at, read(value)),
        Some((at, _)) => (at, None),
        None => (end, None),
    };
    let limit = limit.ok_or_else(|| error(at, format!("expected {expected}")))?;
    match tokens.next() {
        None => Ok((comparison, limit)),
        Some((at, _)) => Err(error(at, "nothing may follow a threshold".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::statistics::{CountGroups, Groups};

    #[test]
    fn thresholds_are_read_and_compared() {
        let mut groups = Groups::default();
        for millis in 1..=100 {
            groups.count("a", millis % 10 == 0, &[Some(f64::from(millis) * 100.0)]);
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
            ("count(duration_ms)>=100", true),
            ("errorRate>5%", true),
            ("errorRate > 10 %", false),
            ("errorRate>10%", false),
            ("p95>1.5x", true),
            ("p95>2.5x", false),
            ("count>1.9x", true),
        ] {
            let threshold = match Threshold::parse(text) {
                Ok(threshold) => threshold,
                Err(error) if text.contains(" %") => {
                    assert_eq!(error.at, 15);
                    continue;
                }
                Err(error) => panic!("{error}"),
            };
            let mut half = Groups::default();
            for millis in 1..=50 {
                half.count("a", false, &[Some(f64::from(millis) * 100.0)]);
            }
            let beyond = threshold.beyond(group, 0, half.get("a"));
            assert_eq!(beyond.is_some(), expected, "{text}");
            if threshold.is_relative() {
                assert_eq!(threshold.beyond(group, 0, None), None, "{text}");
            }
        }
    }

    #[test]
    fn errors_point_at_the_character() {
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
            ("errors(x)>1", 6),
        ] {
            assert_eq!(Threshold::parse(text).unwrap_err().at, at, "{text}");
        }
    }
}
