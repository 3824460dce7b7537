//! No query panics, and a mistake points into its text.

#![no_main]

use hivelog::model::event::Event;
use hivelog::query::QueryError;
use hivelog::query::condition::Condition;
use hivelog::query::expression::Expression;
use hivelog::query::threshold::Threshold;
use libfuzzer_sys::fuzz_target;

const EVENT: &str = r#"{"id":"1","ts":"2024-05-03T05:30:00Z","type":"trigger.event.ok","data":{"flow_name":"Orders","duration_ms":412,"inputs":3}}"#;

fn points_inside(mistake: &QueryError) {
    assert!(mistake.at <= mistake.text.chars().count());
    assert!(!mistake.to_string().is_empty() && !mistake.marked(0).is_empty());
}

fuzz_target!(|text: &str| {
    let event = Event::read(EVENT).expect("an event");
    match Expression::parse(text) {
        Ok(expression) => assert_eq!(expression.matches(&event), expression.matches(&event)),
        Err(mistake) => points_inside(&mistake),
    }
    match Condition::parse(text) {
        Ok(condition) => assert_eq!(condition.matches(&event), condition.matches(&event)),
        Err(mistake) => points_inside(&mistake),
    }
    if let Err(mistake) = Threshold::parse(text) {
        points_inside(&mistake);
    }
});
