//! Errors of the HTTP client in words.

/// What the client library wraps around the system's own words.
const WRAPPING: [&str; 3] = ["tcp connect error", "dns error", "error resolving DNS"];

/// An error with its causes, each said once, without the address.
pub(super) fn causes(error: &reqwest::Error) -> String {
    let mut said: Vec<String> = Vec::new();
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        let text = plain(inner);
        if !text.starts_with("client error") && !WRAPPING.contains(&text.as_str()) {
            said.retain(|outer| !outer.contains(&text) && !text.contains(outer.as_str()));
            said.push(text);
        }
        cause = inner.source();
    }
    if said.is_empty() {
        said.push(error.to_string());
    }
    said.join(": ")
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
