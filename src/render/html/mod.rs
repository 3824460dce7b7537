//! Pages for a browser. What others wrote is hostile: it passes [`escape`], and nothing else of
//! theirs reaches a page.

pub mod journey;

use crate::model::sanitise;

/// The style sheet of every page.
pub const CSS: &str = include_str!("page.css");

/// The icon: a cell of the hive.
pub const ICON: &str = r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32" width="28" height="28" aria-hidden="true"><path d="M16 2 28 9v14l-12 7L4 23V9z" fill="#f2a900"/><path d="M10 12h12M10 16h9M10 20h12" stroke="#3b2a00" stroke-width="2.4" stroke-linecap="round"/></svg>"##;

/// A page that needs nothing from elsewhere; `title` is text, `body` is markup.
pub fn page(title: &str, body: &str) -> String {
    format!("{}{body}{END}", begin(title))
}

/// What stands before the body of a page.
pub fn begin(title: &str) -> String {
    let title = escape(title);
    format!(
        r#"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<title>{title}</title>
<style>
{CSS}</style>
</head>
<body class="alone">
<header>
<h1>{ICON}{title}</h1>
</header>
<main>
"#
    )
}

/// What stands behind the body of a page.
pub const END: &str = "</main>\n</body>\n</html>\n";

/// Text from others as HTML: nothing in it is markup, and what cannot be seen is shown escaped.
pub fn escape(text: &str) -> String {
    escape_with(text, false)
}

/// Like [`escape`], but line breaks and tabs stay.
pub fn escape_block(text: &str) -> String {
    escape_with(text, true)
}

fn escape_with(text: &str, keep_breaks: bool) -> String {
    let mut html = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            '\n' | '\t' if keep_breaks => html.push(c),
            c if sanitise::is_harmful(c) => html.extend(c.escape_unicode()),
            c => html.push(c),
        }
    }
    html
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn nothing_that_others_wrote_is_markup_or_invisible(text in any::<String>()) {
            let html = escape(&text);
            prop_assert!(!html.contains(['<', '>', '"', '\'']));
            prop_assert!(!html.chars().any(sanitise::is_harmful));
        }
    }
}
