//! The arguments of `validate`.

use super::one_of::{LevelThreshold, THRESHOLDS, one_of};
use super::{ALLOW_EMPTY, Context, complete, report};
use crate::check::rule::{Level, Levels, Rule};
use crate::check::{Policy, Schema, rule_named};
use crate::commands::validate::baseline::BaselineFiles;
use crate::commands::validate::fix::FixOptions;
use crate::commands::validate::reports::format::WantedReport;
use crate::commands::validate::{FORMATS, FindingDisplay, ValidatePlan, ValidityFilter};
use crate::failure::Failure;
use crate::model::event_log::Field;
use crate::model::format::Format;
use crate::model::text::did_you_mean;
use crate::settings::Settings;
use clap::builder::TypedValueParser;
use std::path::PathBuf;

/// The arguments of `validate`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Exit codes: 0 nothing at the threshold, 1 findings at or above it, 2 wrong usage, \
3 input that cannot be read or holds no record."
)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag")]
pub struct ValidateArgs {
    /// Files, folders, or - for standard input
    #[arg(value_name = "FILE")]
    pub paths: Vec<PathBuf>,
    /// Kind of records: auto, event-log or sys-event
    #[arg(long, value_name = "KIND", default_value = "auto", value_parser = one_of([("auto", Schema::Auto), ("event-log", Schema::EventLog), ("sys-event", Schema::SysEvent)]), hide_possible_values = true)]
    pub schema: Schema,
    /// Set a rule's level: NAME=error, warning, hint or off (repeatable)
    #[arg(long = "rule", value_name = "NAME=LEVEL", value_parser = complete::rule_settings().try_map(|text| RuleLevel::parse(&text)), hide_possible_values = true, add = complete::rule_levels())]
    pub rules: Vec<RuleLevel>,
    /// Use only these rules
    #[arg(long, value_name = "NAME,..", value_delimiter = ',', value_parser = complete::rules(), hide_possible_values = true)]
    pub only: Vec<String>,
    /// Turn these rules off
    #[arg(long, value_name = "NAME,..", value_delimiter = ',', value_parser = complete::rules(), hide_possible_values = true)]
    pub skip: Vec<String>,
    /// Lowest level that fails the run (exit code 1): error, warning, hint or never
    #[arg(long, value_name = "LEVEL", default_value = "error", value_parser = one_of(THRESHOLDS), hide_possible_values = true)]
    pub fail_on: LevelThreshold,
    /// Show at most N findings [default: all]
    #[arg(long, value_name = "N")]
    pub max_findings: Option<u64>,
    /// Stop at the first record that fails the run
    #[arg(long)]
    pub fail_fast: bool,
    /// Show every finding instead of folding repeated ones
    #[arg(long)]
    pub all: bool,
    /// Require every journey to finish within this input
    #[arg(long)]
    pub whole: bool,
    /// The fields that make a journey [default: integrationKey,correlationId,direction,stream]
    #[arg(long, value_name = "FIELD,..", value_delimiter = ',', value_parser = complete::fields(), hide_possible_values = true)]
    pub journey_key: Vec<String>,
    /// Use TIME as the current time, for repeatable results
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub now: Option<String>,
    /// Print only these records, byte for byte: valid or invalid; findings go to standard error
    #[arg(long, value_name = "KIND", value_parser = one_of([("valid", ValidityFilter::Valid), ("invalid", ValidityFilter::Invalid)]), hide_possible_values = true)]
    pub filter: Option<ValidityFilter>,
    /// Fix what is safe to fix, in place; standard input is fixed to standard output. With
    /// =timestamp, also write times as RFC 3339
    #[arg(long, value_name = "timestamp", num_args = 0..=1, require_equals = true, default_missing_value = "safe", value_parser = one_of([("safe", Fix { timestamps: false }), ("timestamp", Fix { timestamps: true })]), hide_possible_values = true, conflicts_with_all = ["filter", "fail_fast"])]
    pub fix: Option<Fix>,
    /// With --fix: print what would change as a unified diff, and write nothing
    #[arg(long, requires = "fix")]
    pub diff: bool,
    /// Ignore the findings recorded in this file
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// Record this run's findings in a file for --baseline; the exit code is unchanged
    #[arg(long, value_name = "FILE", conflicts_with = "fail_fast")]
    pub write_baseline: Option<PathBuf>,
    /// Write a report: sarif, junit, github, gitlab, json or markdown; without a file it takes the
    /// place of the findings on standard output (repeatable)
    #[arg(long = "report", value_name = "FORMAT[=FILE]", value_parser = report::parser(), hide_possible_values = true, add = complete::report_and_file())]
    pub reports: Vec<WantedReport>,
    /// Name for standard input in findings
    #[arg(long, value_name = "NAME")]
    pub stdin_name: Option<String>,
    /// Whether zero records are accepted.
    #[arg(long, help = ALLOW_EMPTY)]
    pub allow_empty: bool,
}

/// A rule with the level that it is set to; none turns it off.
#[derive(Clone, Copy, Debug)]
pub struct RuleLevel {
    rule: Rule,
    level: Option<Level>,
}

impl RuleLevel {
    /// Reads `NAME=LEVEL`.
    fn parse(text: &str) -> Result<RuleLevel, String> {
        let (name, level) = text.split_once('=').ok_or("write NAME=LEVEL")?;
        RuleLevel::new(name, level)
    }

    fn new(name: &str, level: &str) -> Result<RuleLevel, String> {
        let rule = rule_named(name)?;
        let level = match level {
            "off" => None,
            _ => Some(Level::find(level).ok_or_else(|| {
                let guess = did_you_mean(level, complete::LEVELS);
                let known = complete::LEVELS.join(", ");
                format!("{name}: unknown level '{level}'{guess} (levels are {known})")
            })?),
        };
        Ok(RuleLevel { rule, level })
    }
}

/// What `--fix` repairs.
#[derive(Clone, Copy, Debug)]
pub struct Fix {
    /// Times as well.
    timestamps: bool,
}

impl ValidateArgs {
    /// Settles what is to be done.
    pub fn plan(&self, context: &Context<'_>) -> Result<ValidatePlan, Failure> {
        let now = match &self.now {
            Some(text) => context.instant("--now", text)?,
            None => context.host.now(),
        };
        let mut policy = policy(&context.settings, now)?;
        policy.schema = self.schema;
        policy.whole = self.whole;
        if !self.journey_key.is_empty() {
            let fields = self.journey_key.iter().map(|field| known_field(field));
            policy.journey_key = Some(fields.collect::<Result<_, _>>()?);
        }
        self.change(&mut policy.levels)?;
        if report::takes_stdout(&self.reports)? && self.needs_stdout() {
            return Err(Failure::usage(
                "the report and the records both need standard output; give the report a file: --report FORMAT=FILE",
            ));
        }
        Ok(ValidatePlan {
            reports: self.reports.clone(),
            paths: self.paths.clone(),
            stdin_name: self.stdin_name.clone(),
            fail_on: self.fail_on.0,
            fail_fast: self.fail_fast,
            max_findings: self.max_findings,
            allow_empty: self.allow_empty,
            filter: self.filter,
            shown: FindingDisplay {
                format: context.format(&FORMATS, Format::Human)?,
                all: self.all,
                on_stderr: self.needs_stdout(),
                diff: self.diff,
            },
            baseline: BaselineFiles {
                read: self.baseline.clone(),
                write: self.write_baseline.clone(),
            },
            fix: self
                .fix
                .map(|fix| FixOptions::new(policy.clone(), fix.timestamps, context.talk)),
            policy,
            talk: context.talk,
        })
    }

    /// Whether standard output is for records or a diff, so that findings go to standard error.
    fn needs_stdout(&self) -> bool {
        let stdin = self.paths.is_empty() || self.paths.iter().any(|path| path.as_os_str() == "-");
        self.filter.is_some() || self.diff || self.fix.is_some() && stdin
    }

    fn change(&self, levels: &mut Levels) -> Result<(), Failure> {
        if !self.only.is_empty() {
            levels.only(&named(&self.only)?);
        }
        for rule in named(&self.skip)? {
            levels.set(rule, None);
        }
        for change in &self.rules {
            levels.set(change.rule, change.level);
        }
        Ok(())
    }
}

/// A field of the event log, or something inside one.
fn known_field(path: &str) -> Result<String, Failure> {
    let path = path.trim();
    let first = path.split('.').next().unwrap_or_default();
    if Field::find(first).is_some() && !path.ends_with('.') {
        return Ok(path.to_owned());
    }
    let guess = did_you_mean(first, Field::ALL.map(Field::name));
    Err(Failure::usage(format!(
        "--journey-key: unknown field '{path}'{guess}"
    )))
}

fn named(names: &[String]) -> Result<Vec<Rule>, Failure> {
    names
        .iter()
        .map(|name| rule_named(name.trim()).map_err(unknown_rule))
        .collect()
}

fn unknown_rule(complaint: String) -> Failure {
    Failure::usage(complaint).hint("'hivelog codes rules' lists the rules")
}

/// The rules as profile and defaults have them, at a moment.
pub fn policy(
    settings: &Settings,
    now: crate::model::timestamp::Timestamp,
) -> Result<Policy, Failure> {
    let mut policy = Policy::at(now);
    for (name, level) in settings.table("check.rules") {
        let change = RuleLevel::new(&name, &level).map_err(|complaint| {
            let place = settings.entry_place("check.rules", &name);
            unknown_rule(format!("{place}: {complaint}"))
        })?;
        policy.levels.set(change.rule, change.level);
    }
    policy.extra_codes = settings.list("check.extra_codes").unwrap_or_default();
    if let Some(bytes) = settings.bytes("check.max_record")? {
        policy.max_record = usize::try_from(bytes)
            .ok()
            .filter(|bytes| (1..=1 << 30).contains(bytes))
            .ok_or_else(|| {
                let range = "it must be between 1 byte and 1 GiB";
                settings.complaint("check.max_record", range)
            })?;
    }
    Ok(policy)
}
