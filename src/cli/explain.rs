//! The arguments of `explain`.

use super::complete;
use crate::commands::explain::Plan;

/// The arguments of `explain`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  hivelog explain 4004
  hivelog explain OUTBOUND_4 RETRYING
  hivelog explain trigger.schedule.failed
  hivelog explain 'flow validation failed: node 3'")]
pub struct Args {
    /// An event code or number, stage, outcome, mode, field, event type, rule or exit code, or a
    /// pasted error text of the server
    #[arg(value_name = "VALUE", required = true, value_parser = complete::words(), hide_possible_values = true)]
    values: Vec<String>,
}

impl Args {
    /// What is to be explained.
    pub fn plan(self) -> Plan {
        Plan {
            values: self.values,
        }
    }
}
