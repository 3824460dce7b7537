//! The arguments of `explain`.

use super::complete;

/// The arguments of `explain`.
#[derive(Debug, clap::Args)]
pub struct ExplainArgs {
    /// An event code or number, stage, outcome, mode, field, event type, rule or exit code, or a
    /// pasted error text of the server
    #[arg(value_name = "VALUE", required = true, value_parser = complete::words(), add = complete::in_any_case(complete::words()), hide_possible_values = true)]
    pub values: Vec<String>,
}
