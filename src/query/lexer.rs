//! Words, quoted text, operators and parentheses, each with its place.

use super::QueryError;

/// One token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// A bare word.
    Word(String),
    /// Text between quotes.
    Quoted(String),
    /// `= != < <= > >= ~`
    Operator(&'static str),
    /// `(`
    Open,
    /// `)`
    Close,
}

/// A token and the character it begins at.
pub(super) type Placed = (usize, Token);

const OPERATORS: [&str; 8] = ["==", "!=", "<=", ">=", "=", "<", ">", "~"];

/// Splits a text into tokens.
pub(super) fn tokens(text: &str) -> Result<Vec<Placed>, QueryError> {
    let chars: Vec<char> = text.chars().collect();
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(&c) = chars.get(at) {
        let begin = at;
        let token = match c {
            c if c.is_whitespace() => {
                at += 1;
                continue;
            }
            '(' => {
                at += 1;
                Token::Open
            }
            ')' => {
                at += 1;
                Token::Close
            }
            '"' | '\'' => Token::Quoted(quoted(text, &chars, &mut at)?),
            _ => {
                if let Some(operator) = operator(&chars[at..]) {
                    at += operator.len();
                    Token::Operator(if operator == "==" { "=" } else { operator })
                } else {
                    Token::Word(word(&chars, &mut at))
                }
            }
        };
        tokens.push((begin, token));
    }
    Ok(tokens)
}

fn operator(chars: &[char]) -> Option<&'static str> {
    OPERATORS.into_iter().find(|operator| {
        operator.chars().zip(chars).filter(|(a, b)| a == *b).count() == operator.len()
    })
}

/// A word ends at a blank, a quote, a parenthesis or an operator; its first character may be `!`.
fn word(chars: &[char], at: &mut usize) -> String {
    let begin = *at;
    *at += 1;
    while let Some(&c) = chars.get(*at) {
        if c.is_whitespace() || matches!(c, '"' | '(' | ')') || operator(&chars[*at..]).is_some() {
            break;
        }
        *at += 1;
    }
    chars[begin..*at].iter().collect()
}

fn quoted(text: &str, chars: &[char], at: &mut usize) -> Result<String, QueryError> {
    let begin = *at;
    let quote = chars[begin];
    let mut inside = String::new();
    *at += 1;
    while let Some(&c) = chars.get(*at) {
        *at += 1;
        match c {
            c if c == quote => return Ok(inside),
            // Only a quote and the escape itself are escaped, so that expressions keep theirs.
            '\\' if chars
                .get(*at)
                .is_some_and(|next| *next == quote || *next == '\\') =>
            {
                inside.push(chars[*at]);
                *at += 1;
            }
            c => inside.push(c),
        }
    }
    Err(QueryError {
        text: text.to_owned(),
        at: begin,
        message: "this quote is not closed".to_owned(),
    })
}
