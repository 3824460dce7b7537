//! Lines for people, as they are documented.

use super::*;

fn shown(width: Option<usize>, events: &[&str]) -> String {
    let zone = Zone::parse("+12:00").unwrap();
    let mut human = HumanEvents::new(Theme::new(false), zone, Time::Short, width);
    let mut out = String::new();
    for raw in events {
        human.write(&Event::read(raw).unwrap(), None, &mut out);
    }
    out
}

#[test]
fn the_story_of_a_trigger_is_shown_as_documented() {
    let text = shown(
        Some(100),
        &[
            r#"{"ts":"2024-05-03T05:29:00Z","type":"trigger.schedule.ok","data":{"schedule_id":"s1","schedule_name":"Nightly orders","duration_ms":61000}}"#,
            r#"{"ts":"2024-05-03T05:30:02.114Z","type":"trigger.schedule.failed","data":{"trigger_id":"s1","error":"flow validation failed: node 3"}}"#,
            r#"{"ts":"2024-05-03T05:30:02.131Z","type":"trigger.schedule.disabled","data":{"trigger_id":"s1","reason":"flow validation failed: node 3"}}"#,
            r#"{"ts":"2024-05-03T05:30:09.870Z","type":"trigger.event.ok","data":{"trigger_name":"Stock update","duration_ms":412,"inputs":3,"outputs":3,"status":"unknown"}}"#,
        ],
    );
    assert_eq!(
        text,
        "\
── 2024-05-03 +12:00 ──
17:29:00.000  · trigger.schedule.ok        Nightly orders            1 min 1 s
17:30:02.114  E trigger.schedule.failed    Nightly orders            flow validation failed: node 3
                the server will try to disable this trigger; open the flow and save it: the editor
                shows descriptive errors
17:30:02.131  E trigger.schedule.disabled  Nightly orders            (17 ms later)
17:30:09.870  · trigger.event.ok           Stock update              412 ms, in 3 out 3
"
    );
}

#[test]
fn trigger_and_flow_are_both_named_where_they_differ_and_learned_from_any_event() {
    let ok = r#"{"ts":"2024-05-03T05:29:00Z","type":"trigger.event.ok","data":{"trigger_id":"t1","trigger_name":"Stock levels","flow_id":"f1","flow_name":"Stock sync","duration_ms":412}}"#;
    let failed = r#"{"ts":"2024-05-04T05:30:02Z","type":"trigger.event.failed","data":{"trigger_id":"t1","flow_id":"f1","error":"node 7"}}"#;
    let text = shown(Some(80), &[ok, failed]);
    assert_eq!(
        text,
        "\
── 2024-05-03 +12:00 ──
17:29:00.000  · trigger.event.ok           Stock levels → Stock sync  412 ms
── 2024-05-04 +12:00 ──
17:30:02.000  E trigger.event.failed       Stock levels → Stock sync  node 7
"
    );
}

#[test]
fn the_flow_comes_before_details_and_an_arrow_without_room_behind_it_is_left_out() {
    let ok = r#"{"ts":"2024-05-03T05:29:00Z","type":"trigger.event.ok","data":{"trigger_name":"Stock levels","flow_name":"Stock sync of the warehouse","duration_ms":412,"inputs":23,"outputs":21}}"#;
    for (width, name) in [
        (79, "Stock levels     412 ms, in 23 out…"),
        (80, "Stock levels → Stock sy…  412 ms, …"),
        (90, "Stock levels → Stock syn…  412 ms, in 23 out 21"),
    ] {
        let text = shown(Some(width), &[ok]);
        assert!(text.contains(name), "{text}");
    }
}

#[test]
fn advice_is_shown_once_unless_it_is_wanted_more_or_less_often() {
    let failed = |second: u32, error: &str| {
        format!(
            r#"{{"ts":"2024-05-03T05:30:{second:02}Z","type":"trigger.event.failed","data":{{"trigger_id":"t{second}","error":"{error}"}}}}"#
        )
    };
    let events = [
        failed(1, "flow validation failed: a"),
        failed(2, "flow validation failed: b"),
        failed(3, "failed to fetch target flow: c"),
    ];
    for (advice, times) in [
        (AdviceDisplay::Once, 2),
        (AdviceDisplay::Always, 3),
        (AdviceDisplay::Never, 0),
    ] {
        let human = HumanEvents::new(Theme::new(false), Zone::Utc, Time::Short, None);
        let mut human = human.advising(advice);
        let mut out = String::new();
        for raw in &events {
            human.write(&Event::read(raw).unwrap(), None, &mut out);
        }
        let shown = out.matches("the server will ").count();
        assert_eq!(shown, times, "{out}");
    }
}

#[test]
fn chosen_fields_stand_in_place_of_the_story() {
    let raw = r#"{"ts":"2024-05-03T05:29:00Z","type":"trigger.event.ok","data":{"flow_name":"a\nb","duration_ms":412}}"#;
    let human = HumanEvents::new(Theme::new(false), Zone::Utc, Time::Short, Some(80));
    let fields = ["type", "duration_ms", "none", "flow_name"].map(str::to_owned);
    let mut out = String::new();
    human
        .showing(&fields)
        .write(&Event::read(raw).unwrap(), None, &mut out);
    assert_eq!(
        out,
        "── 2024-05-03 +00:00 ──\n05:29:00.000  · trigger.event.ok  duration_ms=412  flow_name=a\\nb\n"
    );
}

#[test]
fn text_of_others_cannot_steer_the_terminal_nor_leave_its_line() {
    let text = shown(
        None,
        &[
            r#"{"ts":"\u001b[2J","type":"auth.error\n","data":{"username":"a\u202eb","ip":"\u009b31m","reason":"x\r\ny"}}"#,
        ],
    );
    assert_eq!(text.matches('\n').count(), 1);
    assert!(
        !text
            .trim_end_matches('\n')
            .chars()
            .any(sanitise::is_harmful),
        "{text:?}"
    );
}
