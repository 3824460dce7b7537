//! The arguments of `sandbox`.

use super::Context;
use crate::command::sandbox::Plan;
use crate::failure::Failure;
use crate::sandbox::Options;
use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use std::time::Duration;

/// The arguments of `sandbox`.
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct Args {
    /// How to serve.
    #[command(flatten)]
    pub serve: Serve,
}

/// How both servers behave.
#[derive(Debug, clap::Args)]
pub struct Serve {
    /// Port to listen on; a free one when left out
    #[arg(long, value_name = "N")]
    pub port: Option<u16>,
    /// Seed of the sys events: the same seed tells the same story
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    /// Sys events a second, for example 5/s or 0
    #[arg(long, value_name = "N/s", default_value = "2/s", value_parser = rate)]
    pub rate: f64,
    /// Write every request to this file, a line of JSON each
    #[arg(long, value_name = "FILE")]
    pub record: Option<PathBuf>,
    /// Let the events be read only with a token from the login
    #[arg(long)]
    pub require_login: bool,
    /// How long a token from the login lives
    #[arg(long, value_name = "DUR", default_value = "1h", value_parser = super::duration)]
    pub token_life: Duration,
    /// Listen beyond this machine, on every address or on this one
    #[arg(long, value_name = "ADDRESS", num_args = 0..=1, default_missing_value = "0.0.0.0")]
    pub expose: Option<IpAddr>,
}

impl Args {
    /// Settles what to serve.
    pub fn plan(self, context: &Context<'_>) -> Result<Plan, Failure> {
        Ok(Plan {
            options: self.serve.options(context),
        })
    }
}

impl Serve {
    fn options(self, context: &Context<'_>) -> Options {
        Options {
            host: self.expose.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST)),
            port: self.port.unwrap_or(0),
            seed: self.seed,
            rate: self.rate,
            now: context.host.now(),
            record: self.record,
            require_login: self.require_login,
            token_life: self.token_life,
            ..Options::default()
        }
    }
}

/// Reads `5/s`, `5` or `0.5/s`.
fn rate(text: &str) -> Result<f64, String> {
    let number = text.strip_suffix("/s").unwrap_or(text);
    number
        .parse()
        .ok()
        .filter(|rate| (0.0..=100_000.0).contains(rate))
        .ok_or_else(|| "a rate is a number of events a second, such as 5/s or 0".to_owned())
}
