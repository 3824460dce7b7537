//! A story is repeatable, complete and causal.

use super::*;
use crate::model::sys_event::{DataType, SYS_TYPES, SysType};
use crate::model::trigger::FailurePrefix;
use std::collections::BTreeSet;

fn play(seed: u64, length: usize) -> Vec<StoryEvent> {
    let mut story = Story::new(seed, 5.0, Timestamp::from_millis(1_700_000_000_000));
    (0..length).map(|_| story.next()).collect()
}

#[test]
fn a_seed_tells_the_same_story_and_another_seed_another_one() {
    let text = |seed| format!("{:?}", play(seed, 300));
    assert_eq!(text(4), text(4));
    assert_ne!(text(4), text(5));
}

#[test]
fn every_type_occurs_with_exactly_its_documented_data() {
    for seed in 0..20 {
        let story = play(seed, 120);
        let seen: BTreeSet<_> = story.iter().map(|event| event.event_type).collect();
        let all: BTreeSet<_> = SYS_TYPES.iter().map(|known| known.name).collect();
        assert_eq!(seen, all, "seed {seed}");
        for event in &story {
            let known = SysType::find(event.event_type).expect("documented");
            let given = event.data.as_object().map_or(0, serde_json::Map::len);
            assert_eq!(given, known.data.len(), "{event:?}");
            for field in known.data {
                let value = &event.data[field.name];
                assert!(
                    match field.data_type {
                        DataType::String => value.is_string(),
                        DataType::Number => value.is_number(),
                        DataType::Boolean => value.is_boolean(),
                        DataType::Any => !value.is_null(),
                    },
                    "{} of {event:?}",
                    field.name
                );
            }
        }
    }
}

#[test]
fn causes_come_first() {
    let story = play(11, 2000);
    let mut ids = BTreeSet::new();
    let mut clock = Duration::ZERO;
    for (at, event) in story.iter().enumerate() {
        assert!(event.offset >= clock, "time goes on");
        clock = event.offset;
        if let Some(cause) = event.data["event_id"].as_str() {
            assert!(ids.contains(cause), "{event:?}");
        }
        let kind = TriggerKind::of(event.event_type);
        if event.event_type.ends_with(".disabled") {
            let before = &story[at - 1];
            assert_eq!(before.data["error"], event.data["reason"]);
            assert_eq!(before.data["trigger_id"], event.data["trigger_id"]);
        }
        if let (Some(kind), true) = (kind, event.event_type.ends_with(".failed")) {
            let error = event.data["error"].as_str().expect("text");
            let known = FailurePrefix::of(error).expect("a documented prefix");
            let follows = story
                .get(at + 1)
                .is_none_or(|next| next.event_type.ends_with(".disabled"));
            assert_eq!(follows, known.disables(kind) || story.len() == at + 1);
        }
        ids.insert(event.id.as_str());
    }
    assert_eq!(ids.len(), story.len(), "ids are unique");
}
