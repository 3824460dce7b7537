//! Enumerations for Java, nested in one class so that they fit in one file.

use crate::commands::codes::output::export::{constant, literal, origin};
use crate::model::code::GLOSSARY;
use crate::model::format::Export;
use crate::model::outcome::{MODES, OUTCOMES};
use crate::model::stage::{Direction, STAGES, StageSender};
use std::fmt::Write;

/// `SyncHive.java`: the codes with level and description, and the closed lists.
pub fn render() -> String {
    let mut text = format!(
        "// {}\n\n/** The words of SyncHive event logs. */\npublic final class SyncHive {{\n    private SyncHive() {{}}\n",
        origin(Export::Java)
    );
    text.push_str("\n    /** The level of an event code. */\n");
    text.push_str("    public enum Level { INFO, WARNING, ERROR }\n");
    text.push_str("\n    /** An event code; its value is sent as eventCode. */\n");
    text.push_str("    public enum EventCode {\n");
    let codes: Vec<_> = GLOSSARY
        .iter()
        .map(|code| {
            format!(
                "        {}({}, Level.{}, {}, {})",
                constant(code),
                literal(code.key),
                code.level().name(),
                literal(code.category().name()),
                literal(code.description)
            )
        })
        .collect();
    let _ = writeln!(text, "{};\n", codes.join(",\n"));
    text.push_str(CODE_MEMBERS);
    text.push_str("\n    /** A lifecycle stage; some are for the platform only. */\n");
    text.push_str("    public enum LifeCycleStage {\n");
    let stages: Vec<_> = STAGES
        .iter()
        .map(|stage| {
            format!(
                "        {stage}({})",
                stage.sender == StageSender::Connector
            )
        })
        .collect();
    let _ = writeln!(text, "{};\n", stages.join(",\n"));
    text.push_str(STAGE_MEMBERS);
    let values = |choices: &[crate::model::outcome::ListedValue]| {
        let all: Vec<_> = choices.iter().map(|choice| choice.value).collect();
        all.join(", ")
    };
    let directions = Direction::ALL.map(Direction::name).join(", ");
    for (name, about, members) in [
        ("Direction", "A direction", directions),
        ("Outcome", "An outcome", values(&OUTCOMES)),
        ("Mode", "A mode of operation", values(&MODES)),
    ] {
        let _ = writeln!(
            text,
            "\n    /** {about}. */\n    public enum {name} {{ {members} }}"
        );
    }
    text.push_str("}\n");
    text
}

const CODE_MEMBERS: &str = "        public final String value;
        public final Level level;
        public final String category;
        public final String description;

        EventCode(String value, Level level, String category, String description) {
            this.value = value;
            this.level = level;
            this.category = category;
            this.description = description;
        }
    }
";

const STAGE_MEMBERS: &str = "        public final boolean connector;

        LifeCycleStage(boolean connector) {
            this.connector = connector;
        }
    }
";
