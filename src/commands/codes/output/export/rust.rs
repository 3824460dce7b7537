//! Enumerations for Rust, without dependencies.

use crate::commands::codes::output::export::{camel, constant, literal, origin};
use crate::model::code::GLOSSARY;
use crate::model::format::Export;
use crate::model::outcome::{ListedValue, MODES, OUTCOMES};
use crate::model::stage::{Direction, STAGES, StageSender};
use std::fmt::Write;

/// One module: the codes with level and description, and the closed lists.
pub fn render() -> String {
    let mut text = format!("// {}\n", origin(Export::Rust));
    let codes: Vec<_> = GLOSSARY
        .iter()
        .map(|code| Variant {
            name: constant(code),
            value: code.key,
            about: format!("{}: {}", code.level().name(), code.description),
        })
        .collect();
    enumeration(&mut text, "EventCode", "An event code.", &codes);
    text.push_str("\nimpl EventCode {\n");
    property(&mut text, "level", "INFO, WARNING or ERROR", |code| {
        code.level().name()
    });
    text.push('\n');
    property(
        &mut text,
        "description",
        "The glossary's description",
        |code| code.description,
    );
    text.push_str("}\n");
    let stages: Vec<_> = STAGES
        .iter()
        .map(|stage| Variant {
            name: camel(stage.key),
            value: stage.key,
            about: match stage.sender {
                StageSender::Connector => stage.description.to_owned(),
                StageSender::Platform => format!("{} (for platform use only)", stage.description),
            },
        })
        .collect();
    enumeration(&mut text, "LifeCycleStage", "A lifecycle stage.", &stages);
    let directions = Direction::ALL.map(|direction| Variant {
        name: camel(direction.name()),
        value: direction.name(),
        about: format!("{} data", camel(direction.name())),
    });
    enumeration(&mut text, "Direction", "A direction.", &directions);
    enumeration(&mut text, "Outcome", "An outcome.", &variants(&OUTCOMES));
    enumeration(&mut text, "Mode", "A mode of operation.", &variants(&MODES));
    text
}

struct Variant {
    name: String,
    value: &'static str,
    about: String,
}

fn variants(choices: &[ListedValue]) -> Vec<Variant> {
    let variant = |choice: &ListedValue| Variant {
        name: camel(choice.value),
        value: choice.value,
        about: choice.description.to_owned(),
    };
    choices.iter().map(variant).collect()
}

fn enumeration(text: &mut String, name: &str, about: &str, variants: &[Variant]) {
    let _ = write!(
        text,
        "\n/// {about}\n#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]\npub enum {name} {{\n"
    );
    for variant in variants {
        let _ = writeln!(text, "    /// {}\n    {},", variant.about, variant.name);
    }
    let all: Vec<_> = variants
        .iter()
        .map(|variant| format!("{name}::{}", variant.name))
        .collect();
    // As rustfmt would have it: a short list on one line.
    let short = all.join(", ");
    let all = if short.len() <= 60 {
        format!("[{short}]")
    } else {
        format!("[\n        {},\n    ]", all.join(",\n        "))
    };
    let _ = writeln!(
        text,
        "}}\n\nimpl {name} {{\n    /// Every value.\n    pub const ALL: [{name}; {}] = {all};\n",
        variants.len()
    );
    text.push_str("    /// The value as it is sent.\n");
    text.push_str("    pub const fn as_str(self) -> &'static str {\n        match self {\n");
    for variant in variants {
        let value = literal(variant.value);
        let _ = writeln!(text, "            {name}::{} => {value},", variant.name);
    }
    text.push_str("        }\n    }\n}\n");
}

fn property(
    text: &mut String,
    name: &str,
    about: &str,
    value: impl Fn(&crate::model::code::Code) -> &'static str,
) {
    let _ = write!(
        text,
        "    /// {about}.\n    pub const fn {name}(self) -> &'static str {{\n        match self {{\n"
    );
    for code in &GLOSSARY {
        let value = literal(value(code));
        let _ = writeln!(
            text,
            "            EventCode::{} => {value},",
            constant(code)
        );
    }
    text.push_str("        }\n    }\n");
}
