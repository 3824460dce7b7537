//! Lifecycle stages and the direction of a message (event logging, "Lifecycle Stage").

use serde::{Serialize, Serializer};
use std::fmt;

/// Which way the data flows, seen from SyncHive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Direction {
    /// Into SyncHive.
    Inbound,
    /// Out of SyncHive.
    Outbound,
}

impl Direction {
    /// Both directions.
    pub const ALL: [Direction; 2] = [Direction::Inbound, Direction::Outbound];

    /// The document's spelling.
    pub const fn name(self) -> &'static str {
        match self {
            Direction::Inbound => "INBOUND",
            Direction::Outbound => "OUTBOUND",
        }
    }

    /// Looks a direction up by its exact name.
    pub fn find(name: &str) -> Option<Direction> {
        Self::ALL
            .into_iter()
            .find(|direction| direction.name() == name)
    }
}

/// Who may report a stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum StageSender {
    /// A connector.
    Connector,
    /// "For platform use only".
    Platform,
}

/// A moment in the life of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stage {
    /// The key sent in `lifeCycleStage`.
    pub key: &'static str,
    /// Its place in the document's numbering, 1 to 10.
    pub number: u8,
    /// The direction its name begins with.
    pub direction: Direction,
    /// The document's description.
    pub description: &'static str,
    /// Who may report it.
    pub sender: StageSender,
}

const fn stage(
    key: &'static str,
    number: u8,
    sender: StageSender,
    description: &'static str,
) -> Stage {
    Stage {
        key,
        number,
        direction: if number <= 5 {
            Direction::Inbound
        } else {
            Direction::Outbound
        },
        description,
        sender,
    }
}

/// The ten stages, in order.
pub static STAGES: [Stage; 10] = {
    use StageSender::{Connector, Platform};
    [
        stage("INBOUND_1", 1, Connector, "Connector collect inbound data"),
        stage(
            "INBOUND_2",
            2,
            Connector,
            "Connector assemble inbound message",
        ),
        stage(
            "INBOUND_3",
            3,
            Connector,
            "Connector transfer inbound message",
        ),
        stage("INBOUND_4", 4, Platform, "Platform receive inbound message"),
        stage("INBOUND_5", 5, Platform, "Platform store inbound message"),
        stage(
            "OUTBOUND_1",
            6,
            Platform,
            "Platform generate outbound message(s)",
        ),
        stage(
            "OUTBOUND_2",
            7,
            Connector,
            "Connector receive outbound message",
        ),
        stage(
            "OUTBOUND_3",
            8,
            Connector,
            "Connector assemble outbound data",
        ),
        stage(
            "OUTBOUND_4",
            9,
            Connector,
            "Connector deliver outbound data",
        ),
        stage(
            "OUTBOUND_5",
            10,
            Platform,
            "Platform finalize outbound delivery",
        ),
    ]
};

impl Stage {
    /// Looks a stage up by its exact key.
    pub fn find(key: &str) -> Option<&'static Stage> {
        STAGES.iter().find(|stage| stage.key == key)
    }

    /// What is done in it, in one word: `Connector collect inbound data` is `collect`.
    pub fn word(&self) -> &'static str {
        let mut words = self.description.split(' ');
        words.nth(1).unwrap_or(self.description)
    }

    /// Looks a stage up by its number.
    pub fn numbered(number: u8) -> Option<&'static Stage> {
        STAGES.get(usize::from(number).wrapping_sub(1))
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.key)
    }
}

impl Serialize for Stage {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct StageRow<'a> {
            key: &'a str,
            number: u8,
            direction: Direction,
            description: &'a str,
            sender: StageSender,
        }
        StageRow {
            key: self.key,
            number: self.number,
            direction: self.direction,
            description: self.description,
            sender: self.sender,
        }
        .serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_begin_with_their_direction_and_numbers_count_up() {
        for (at, stage) in STAGES.iter().enumerate() {
            assert_eq!(usize::from(stage.number), at + 1);
            let prefix = stage.key.split('_').next();
            assert_eq!(prefix, Some(stage.direction.name()));
            assert_eq!(
                stage.description.starts_with("Platform"),
                stage.sender == StageSender::Platform
            );
        }
    }
}
