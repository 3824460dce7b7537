//! What was counted: groups, what errors have in common, and names by their ids.

use super::key::{By, Counted};
use crate::model::statistics::{CountGroups, GROUPS, Groups, OTHERS, PartialGroups};
use crate::model::timestamp::{Timestamp, Zone};
use crate::model::trigger::FailurePrefix;
use crate::query::folding::Fillings;
use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};

/// What stands between the parts of a key.
const BETWEEN: char = '\u{1f}';

/// How many names are remembered.
const NAMES: usize = 4096;

/// How many flows of an error are counted separately.
pub const FLOWS: usize = 100;

/// How records are grouped.
#[derive(Clone, Debug)]
pub struct Grouping {
    /// By what; one or two keys.
    pub keys: Vec<By>,
    /// The fields that are watched; the first one is shown.
    pub fields: Vec<String>,
    /// The zone of hours and days.
    pub zone: Zone,
}

impl Grouping {
    /// Whether what one of these keys names is shown: in a key, or with what errors have in common.
    fn names_any_of(&self, keys: &[By]) -> bool {
        self.has_errors() || self.keys.iter().any(|key| keys.contains(key))
    }

    /// Whether errors are among the keys.
    pub fn has_errors(&self) -> bool {
        self.keys.contains(&By::Error)
    }
}

/// What was counted: everything, or by one core.
#[derive(Clone, Debug, Default)]
pub struct Tally<G = Groups> {
    /// The groups by their whole keys.
    pub groups: G,
    /// What is known of the errors in a group.
    errors: HashMap<String, ErrorGroup>,
    /// The texts of each pattern.
    texts: HashMap<String, Fillings>,
    /// The names of flows and triggers by id: not every event repeats them.
    names: HashMap<String, String>,
    /// Whether no more names are remembered.
    passes_names: bool,
}

/// What is known of the errors in a group.
#[derive(Clone, Debug, Default)]
pub struct ErrorGroup {
    /// The flows, else the triggers or integrations, by name where one is known.
    pub flows: BTreeSet<String>,
    /// What those are; nothing where there is none.
    pub noun: &'static str,
    /// When the first one happened, as it was written.
    pub first: Option<(Timestamp, String)>,
    /// When the last one did.
    pub last: Option<(Timestamp, String)>,
    /// Whether a trigger was disabled.
    pub is_disabled: bool,
}

impl<G: CountGroups> Tally<G> {
    /// Counts a record; `values` are those of the watched fields. Returns the key that it lacks, if
    /// it does, and then it is not counted.
    pub fn add(
        &mut self,
        grouping: &Grouping,
        record: &Counted<'_, '_>,
        values: &[Option<f64>],
        source: &str,
    ) -> Option<By> {
        if grouping.names_any_of(&[By::Default, By::Flow]) {
            self.note_name(record.flow());
        }
        if grouping.names_any_of(&[By::Trigger]) {
            self.note_name(record.trigger());
        }
        if grouping.has_errors() && !record.is_bad() {
            return Some(By::Error);
        }
        let mut key = Cow::Borrowed("");
        for (at, by) in grouping.keys.iter().enumerate() {
            let Some(mut part) = record.key(*by, source, grouping.zone) else {
                return Some(*by);
            };
            if part.contains(BETWEEN) {
                part = part.replace(BETWEEN, " ").into();
            }
            if at == 0 {
                key = part;
            } else {
                let whole = key.to_mut();
                whole.push(BETWEEN);
                whole.push_str(&part);
            }
        }
        self.groups.count(&key, record.is_bad(), values);
        if grouping.has_errors() {
            self.add_error(&key, grouping, record);
        }
        None
    }

    fn note_name(&mut self, (name, id): (Option<&str>, Option<&str>)) {
        if !self.passes_names
            && let (Some(name), Some(id)) = (name, id)
            && self.names.len() < NAMES
            && !self.names.contains_key(id)
        {
            self.names.insert(id.to_owned(), name.to_owned());
        }
    }

    fn add_error(&mut self, key: &str, grouping: &Grouping, record: &Counted<'_, '_>) {
        let has_room = self.errors.len() < GROUPS || self.errors.contains_key(key);
        let key = if has_room { key } else { OTHERS };
        let at = grouping.keys.iter().position(|by| *by == By::Error);
        if let (Some(part), Some(text)) = (
            key.split(BETWEEN).nth(at.unwrap_or_default()),
            record.error(),
        ) {
            let texts = self.texts.entry(part.to_owned()).or_default();
            texts.add(&text);
        }
        let group = self.errors.entry(key.to_owned()).or_default();
        group.add(record);
    }
}

impl Tally<PartialGroups> {
    /// Nothing is counted yet. Names need not be gathered where there is no more room for any.
    pub fn begin(passes_names: bool) -> Tally<PartialGroups> {
        Tally {
            passes_names,
            ..Tally::default()
        }
    }
}

impl Tally {
    /// Whether all the names are there that are remembered.
    pub fn has_all_names(&self) -> bool {
        self.names.len() >= NAMES
    }

    /// Takes in what was counted of the next records.
    pub fn absorb(&mut self, later: Tally<PartialGroups>) {
        self.groups.absorb(later.groups);
        for (id, name) in later.names {
            if self.names.len() < NAMES {
                self.names.entry(id).or_insert(name);
            }
        }
        for (key, group) in later.errors {
            let has_room = self.errors.len() < GROUPS || self.errors.contains_key(&key);
            let key = if has_room { key } else { OTHERS.to_owned() };
            self.errors.entry(key).or_default().merge(group);
        }
        for (pattern, texts) in later.texts {
            self.texts.entry(pattern).or_default().merge(texts);
        }
    }

    /// Gives what has only an id the name that goes with it.
    pub fn resolve_names(&mut self) {
        let names = &self.names;
        self.groups.rename(|key| {
            let mut is_new = false;
            let parts = key.split(BETWEEN).map(|part| {
                let name = names.get(part);
                is_new |= name.is_some();
                name.map_or(part, String::as_str)
            });
            let new = parts.collect::<Vec<_>>().join(&BETWEEN.to_string());
            is_new.then_some(new)
        });
        for group in self.errors.values_mut() {
            let flows = std::mem::take(&mut group.flows).into_iter();
            group.flows = flows
                .map(|id| names.get(&id).cloned().unwrap_or(id))
                .collect();
        }
    }

    /// The parts of a key as they are shown: of an error, its most frequent text.
    pub fn parts(&self, grouping: &Grouping, key: &str) -> Vec<String> {
        let parts = key.split(BETWEEN).zip(&grouping.keys);
        let shown = parts.map(|(part, by)| match by {
            By::Error => {
                let text = self.texts.get(part).and_then(Fillings::most_frequent);
                text.unwrap_or(part).to_owned()
            }
            _ => part.to_owned(),
        });
        shown.collect()
    }

    /// What is known of the errors in a group.
    pub fn error(&self, key: &str) -> Option<&ErrorGroup> {
        self.errors.get(key)
    }
}

impl ErrorGroup {
    fn add(&mut self, record: &Counted<'_, '_>) {
        let (flow, flow_id) = record.flow();
        let (trigger, trigger_id) = record.trigger();
        let integration = match record {
            Counted::Log(log, _) => log.integration_key.get(),
            Counted::Event(_) => None,
        };
        let whose = [
            (flow.or(flow_id), "flow"),
            (trigger.or(trigger_id), "trigger"),
            (integration, "integration"),
        ];
        if let Some((whose, noun)) = whose.iter().find_map(|(who, noun)| Some(((*who)?, *noun)))
            && self.flows.len() < FLOWS
            && !self.flows.contains(whose)
        {
            self.flows.insert(whose.to_owned());
            self.call(noun);
        }
        self.is_disabled |= record.event().event_type.ends_with(".disabled");
        if let Some(text) = record.written_time()
            && let Some(stamp) = Timestamp::parse(text)
        {
            self.span(stamp, text);
        }
    }

    /// Notes what its flows are.
    fn call(&mut self, noun: &'static str) {
        self.noun = match (self.noun, noun) {
            ("", noun) | (noun, "") => noun,
            (one, other) if one == other => one,
            _ => "source",
        };
    }

    fn span(&mut self, stamp: Timestamp, text: &str) {
        if self.first.as_ref().is_none_or(|(first, _)| stamp < *first) {
            self.first = Some((stamp, text.to_owned()));
        }
        if self.last.as_ref().is_none_or(|(last, _)| stamp >= *last) {
            self.last = Some((stamp, text.to_owned()));
        }
    }

    fn merge(&mut self, later: ErrorGroup) {
        self.call(later.noun);
        for flow in later.flows {
            if self.flows.len() < FLOWS {
                self.flows.insert(flow);
            }
        }
        self.is_disabled |= later.is_disabled;
        for (stamp, text) in [later.first, later.last].into_iter().flatten() {
            self.span(stamp, &text);
        }
    }

    /// What to do, for a text that is known.
    pub fn advice(text: &str) -> Option<&'static str> {
        FailurePrefix::within(text).map(|known| known.advice)
    }
}
