//! Texts that occur in many records, held once.

use std::collections::HashSet;
use std::sync::Arc;

/// How many are remembered; any further one is held by itself, so that texts which never come
/// again do not add up.
const REMEMBERED: usize = 4096;

/// The texts that one core has seen.
#[derive(Debug, Default)]
pub struct SharedTexts(HashSet<Arc<str>>);

impl SharedTexts {
    /// The text, shared with all that are equal to it.
    pub fn share(&mut self, text: Option<&str>) -> Option<Arc<str>> {
        let text = text?;
        if let Some(known) = self.0.get(text) {
            return Some(Arc::clone(known));
        }
        let new: Arc<str> = text.into();
        if self.0.len() < REMEMBERED {
            self.0.insert(Arc::clone(&new));
        }
        Some(new)
    }
}
