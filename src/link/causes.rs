//! Errors of the HTTP client in words.

/// What the client library wraps around the system's own words.
const WRAPPING: [&str; 3] = ["tcp connect error", "dns error", "error resolving DNS"];

/// An error with its causes, each once, without the address.
pub(super) fn causes(error: &reqwest::Error) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        let text = plain(inner);
        if !text.starts_with("client error") && !WRAPPING.contains(&text.as_str()) {
            parts.retain(|outer| !outer.contains(&text) && !text.contains(outer.as_str()));
            parts.push(text);
        }
        cause = inner.source();
    }
    if parts.is_empty() {
        parts.push(error.to_string());
    }
    parts.join(": ")
}

/// An error in words; of the system's own, without the number and in the midst of a sentence.
fn plain(error: &(dyn std::error::Error + 'static)) -> String {
    let text = error.to_string();
    match text.split_once(" (os error ") {
        Some((words, _)) => {
            let mut chars = words.chars();
            let first = chars.next().into_iter().flat_map(char::to_lowercase);
            first.chain(chars).collect()
        }
        None => text,
    }
}
