//! The arguments of `emit`.

use super::{Context, complete, duration};
use crate::check::rule::Level;
use crate::command::emit::compose::{Fields, GeneratedAt, Surroundings, compose};
use crate::command::emit::destination::{Destination, Extra};
use crate::command::emit::edit::Edit;
use crate::command::emit::gate::Strictness;
use crate::command::emit::intake::Input;
use crate::command::emit::{Keeping, Plan, Target};
use crate::command::input::{Folders, Sources};

use crate::command::emit::{Options, When};
use crate::failure::Failure;
use crate::model::format::Format;
use crate::model::reference::ExternalIdentity;
use crate::model::text::did_you_mean;
use crate::model::timestamp::Timestamp;
use serde_json::value::RawValue;
use std::path::PathBuf;
use std::time::Duration;

const FIELDS: &str = "Fields of one event log";
const RECORDS: &str = "Records";
const TARGET: &str = "Where to";
const SENDING: &str = "Sending";

/// The arguments of `emit`.
#[derive(Debug, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
#[command(after_help = "\
Examples:
  hivelog emit --sandbox -c 5005N -s INBOUND_3 --outcome PROCESSING --integration ShopifyNZ \\
      --shape Product --schema limber --external-id ShopifyNZ=9217354452632
  hivelog emit logs.ndjson --set mode=SANDBOX --rejected refused.ndjson
  tail -f connector.log | hivelog emit -o ndjson")]
pub struct Args {
    /// Files of records; - is standard input
    #[arg(value_name = "FILE")]
    pub paths: Vec<PathBuf>,

    /// Ask for the fields, show the request, send it
    #[arg(short, long, conflicts_with = "paths", help_heading = FIELDS)]
    interactive: bool,

    #[command(flatten)]
    fields: FieldArgs,

    /// Fill NAME in where a record lacks it (JSON or text; dotted path; repeatable)
    #[arg(long, value_name = "NAME=VALUE", help_heading = RECORDS)]
    default: Vec<String>,
    /// Set NAME in every record (JSON or text; dotted path; repeatable)
    #[arg(long, value_name = "NAME=VALUE", help_heading = RECORDS)]
    set: Vec<String>,
    /// Lightest finding that refuses a record: error, warning, hint or never; the rest is sent
    #[arg(long, value_name = "LEVEL", default_value = "error", hide_default_value = true, help_heading = RECORDS)]
    fail_on: String,
    /// Send what our own rules would refuse
    #[arg(long, conflicts_with = "fail_on", help_heading = RECORDS)]
    no_validate: bool,
    /// End with the first record that is not delivered
    #[arg(long, help_heading = RECORDS)]
    fail_fast: bool,
    /// Copy refused records to FILE, byte for byte
    #[arg(long, value_name = "FILE", help_heading = RECORDS)]
    rejected: Option<PathBuf>,
    /// Input without a record is fine
    #[arg(long, help_heading = RECORDS)]
    allow_empty: bool,

    #[command(flatten)]
    target: TargetArgs,
    #[command(flatten)]
    instead: InsteadArgs,
    #[command(flatten)]
    pace: PaceArgs,
    #[command(flatten)]
    spool: SpoolArg,
    /// Keep records in memory only: what is not delivered when the process ends is lost
    #[arg(long, conflicts_with = "spool", help_heading = SENDING)]
    no_spool: bool,
    /// Say of each record when it is safe in the spool
    #[arg(long, help_heading = SENDING)]
    receipts: bool,
}

/// The fields of one event log.
#[derive(Debug, clap::Args)]
pub struct FieldArgs {
    /// Event code, such as 4005E ('hivelog codes' lists them)
    #[arg(short, long, help_heading = FIELDS, add = complete::codes())]
    code: Option<String>,
    /// Lifecycle stage, such as OUTBOUND_4
    #[arg(short, long, help_heading = FIELDS, add = complete::stages())]
    stage: Option<String>,
    /// INBOUND or OUTBOUND; from the stage when left out
    #[arg(short, long, value_name = "DIR", help_heading = FIELDS, add = complete::directions())]
    direction: Option<String>,
    /// Outcome; FAILED when left out with an E code
    #[arg(long, help_heading = FIELDS, add = complete::outcomes())]
    outcome: Option<String>,
    /// Correlation id; made for INBOUND when left out [env: HIVELOG_CORRELATION_ID]
    #[arg(long, value_name = "ID", help_heading = FIELDS)]
    correlation_id: Option<String>,
    /// What happened, for the reader (@FILE reads it from a file)
    #[arg(long, value_name = "TEXT", conflicts_with_all = ["state", "cause", "action"], help_heading = FIELDS)]
    detail: Option<String>,
    /// First part of the detail: what state are we in?
    #[arg(long, value_name = "TEXT", help_heading = FIELDS)]
    state: Option<String>,
    /// Second part of the detail: how did it happen?
    #[arg(long, value_name = "TEXT", help_heading = FIELDS)]
    cause: Option<String>,
    /// Third part of the detail: what can the reader do about it?
    #[arg(long, value_name = "TEXT", help_heading = FIELDS)]
    action: Option<String>,
    /// Technical message (@FILE reads it from a file)
    #[arg(long, value_name = "TEXT", help_heading = FIELDS)]
    technical_info: Option<String>,
    /// The data's address in SyncHive; needed for OUTBOUND
    #[arg(long, value_name = "IRI", help_heading = FIELDS)]
    data_iri: Option<String>,
    /// The data's id in an external system (repeatable)
    #[arg(long, value_name = "INTEGRATION=ID", help_heading = FIELDS)]
    external_id: Vec<String>,
    /// Integration key [env: HIVELOG_INTEGRATION]
    #[arg(long, value_name = "KEY", help_heading = FIELDS)]
    integration: Option<String>,
    /// Shape name, such as Product [env: HIVELOG_SHAPE]
    #[arg(long, value_name = "NAME", help_heading = FIELDS)]
    shape: Option<String>,
    /// Schema name, such as limber [env: HIVELOG_SCHEMA]
    #[arg(long, value_name = "NAME", help_heading = FIELDS)]
    schema: Option<String>,
    /// Schema version [env: HIVELOG_SCHEMA_VERSION]
    #[arg(long, value_name = "V", help_heading = FIELDS)]
    schema_version: Option<String>,
    /// LIVE or SANDBOX [env: HIVELOG_MODE]
    #[arg(long, help_heading = FIELDS, add = complete::modes())]
    mode: Option<String>,
    /// Name of this part of an event that is split into several
    #[arg(long, value_name = "NAME", help_heading = FIELDS)]
    stream: Option<String>,
    /// Data of your own (JSON, or @FILE)
    #[arg(long, value_name = "JSON", help_heading = FIELDS)]
    custom_data: Option<String>,
    /// Identities to link (JSON, or @FILE)
    #[arg(long, value_name = "JSON", help_heading = FIELDS)]
    link_identities: Option<String>,
    /// When it happened; now when left out, 'none' leaves the field out
    #[arg(long, value_name = "TIME", help_heading = FIELDS)]
    generated_at: Option<String>,
}

/// Where records go.
#[derive(Debug, clap::Args)]
pub struct TargetArgs {
    /// SyncHive's address [env: HIVELOG_SYNCHIVE_URL]
    #[arg(long, help_heading = TARGET)]
    url: Option<String>,
    /// Key of the connector that sends [env: HIVELOG_CONNECTOR]
    #[arg(long, value_name = "KEY", help_heading = TARGET)]
    connector: Option<String>,
    /// Header that carries the API key; X-<Name>-Connector-Key when left out [env: HIVELOG_KEY_HEADER]
    #[arg(long, value_name = "NAME", help_heading = TARGET)]
    key_header: Option<String>,
    /// Further header (repeatable)
    #[arg(short = 'H', long = "header", value_name = "N: V", help_heading = TARGET)]
    headers: Vec<String>,
    /// Allow http:// to other machines than this one
    #[arg(long, help_heading = TARGET)]
    allow_http: bool,
}

/// What to do instead of sending to a server.
#[derive(Debug, clap::Args)]
struct InsteadArgs {
    /// Send to an embedded emulator; needs no configuration
    #[arg(long, conflicts_with_all = ["url", "dry_run", "as_curl"], help_heading = TARGET)]
    sandbox: bool,
    /// Show the requests instead of making them; opens no socket
    #[arg(long, help_heading = TARGET)]
    dry_run: bool,
    /// Show the requests as curl command lines
    #[arg(long, conflicts_with = "dry_run", help_heading = TARGET)]
    as_curl: bool,
}

/// How fast records are sent, and how long each is tried.
#[derive(Debug, clap::Args)]
pub struct PaceArgs {
    /// Records in flight at once; order is kept within a journey
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..=1024), help_heading = SENDING)]
    jobs: u16,
    /// Most records begun in a second, such as 50/s
    #[arg(long, value_name = "N/s", value_parser = rate, help_heading = SENDING)]
    rate: Option<f64>,
    /// How long one attempt may take
    #[arg(long, value_name = "DUR", default_value = "10s", value_parser = duration, help_heading = SENDING)]
    timeout: Duration,
    /// How long a record is tried again
    #[arg(long, value_name = "DUR", default_value = "30s", value_parser = duration, help_heading = SENDING)]
    retry_for: Duration,
}

/// Where records are kept.
#[derive(Debug, clap::Args)]
pub struct SpoolArg {
    /// Folder of the spool [env: HIVELOG_SPOOL]
    #[arg(long, value_name = "PATH|URL", help_heading = SENDING)]
    spool: Option<String>,
}

impl SpoolArg {
    /// Lets the flag decide.
    pub fn apply(&self, context: &mut Context<'_>) {
        let settings = &mut context.settings;
        settings.set_flag("spool.location", self.spool.as_deref());
    }
}

impl PaceArgs {
    /// How records are sent.
    pub fn options(&self) -> Options {
        Options {
            jobs: usize::from(self.jobs),
            rate: self.rate,
            retry_for: self.retry_for,
        }
    }

    /// How long one attempt may take.
    pub fn timeout(&self) -> Result<Duration, Failure> {
        if self.timeout.is_zero() {
            return Err(Failure::usage("--timeout must be longer than nothing"));
        }
        Ok(self.timeout)
    }
}

impl TargetArgs {
    /// Lets the flags decide.
    pub fn apply(&self, context: &mut Context<'_>) {
        let settings = &mut context.settings;
        settings.set_flag("synchive.url", self.url.as_deref());
        settings.set_flag("synchive.connector", self.connector.as_deref());
        settings.set_flag("synchive.key_header", self.key_header.as_deref());
    }

    /// What has no setting.
    pub fn extra(&self) -> Result<Extra, Failure> {
        let headers: Result<Vec<(String, String)>, Failure> = self
            .headers
            .iter()
            .map(|header| match header.split_once(':') {
                Some((name, value)) => Ok((name.trim().to_owned(), value.trim().to_owned())),
                // Not repeated: it may hold something secret.
                None => Err(Failure::usage("a --header is not 'NAME: VALUE'")),
            })
            .collect();
        Ok(Extra {
            headers: headers?,
            allow_http: self.allow_http,
        })
    }
}

/// How results are shown.
pub struct Shown {
    /// The format.
    pub format: Format,
    /// Requests as curl command lines.
    pub as_curl: bool,
}

impl Args {
    /// Settles what is to be done.
    pub fn plan(self, context: &mut Context<'_>) -> Result<(Plan, Shown), Failure> {
        const FORMATS: [Format; 3] = [Format::Human, Format::Ndjson, Format::Json];
        let format = context.format(&FORMATS, Format::Human)?;
        self.target.apply(context);
        self.spool.apply(context);
        let timeout = self.pace.timeout()?;

        let strict = !self.no_validate;
        let fail_on = level(&self.fail_on)?.filter(|_| strict);
        let mut edits = self.edits(strict)?;
        let policy = {
            let mut policy = super::validate::policy(&context.settings, context.host.now())?;
            policy.schema = crate::check::Schema::EventLog;
            policy
        };
        let mode = self.instead.sandbox.then_some("SANDBOX");
        let mut fields = self.fields.read(context)?;
        let asker = if self.interactive {
            Some(super::composer::asker(context)?)
        } else {
            None
        };
        if let Some(asker) = &asker {
            fields = super::composer::fields(asker, fields, context)?;
        }
        let input = if self.paths.is_empty() && !fields.is_empty() {
            let around = Surroundings {
                settings: &context.settings,
                now: context.host.now().at(context.zone),
                extra_codes: &policy.extra_codes,
                mode,
                strict,
            };
            let preview = asker.map(|asker| (asker, fields.clone()));
            let log = compose(fields, &around)?;
            let bytes = serde_json::to_vec(&log).map_err(|error| {
                Failure::usage(format!("cannot compose the event log: {error}"))
            })?;
            if let Some((asker, asked)) = preview {
                super::composer::confirm(&asker, &asked, &bytes)?;
            }
            Input::Composed(bytes)
        } else {
            // Fields beside records are meant for every one of them.
            let own = fields.pairs();
            edits.extend(
                own.into_iter()
                    .map(|(name, value)| Edit::of_field(name, value)),
            );
            let sources = Sources::open(
                &self.paths,
                None,
                Folders::Refuse,
                context.host,
                context.talk,
            )
            .map_err(|failure| {
                if self.paths.is_empty() {
                    failure.hint("name a file, - for standard input, or the fields of one event log (see --help)")
                } else {
                    failure
                }
            })?;
            sources.all_exist()?;
            Input::Sources(sources)
        };
        let extra = self.target.extra()?;
        let spool = if self.no_spool || self.instead.sandbox {
            None
        } else {
            keeping(context)?
        };
        let shown = Shown {
            format,
            as_curl: self.instead.as_curl,
        };
        let plan = Plan {
            input,
            strictness: Strictness {
                policy,
                fail_on,
                edits,
            },
            target: self.instead.resolve(context, &extra)?,
            options: self.pace.options(),
            timeout,
            spool,
            fail_fast: self.fail_fast,
            receipts: self.receipts,
            rejected: self.rejected,
            allow_empty: self.allow_empty,
        };
        Ok((plan, shown))
    }

    fn edits(&self, strict: bool) -> Result<Vec<Edit>, Failure> {
        let parsed = |flag: &'static str, texts: &[String], when| {
            let edits: Result<Vec<Edit>, Failure> = texts
                .iter()
                .map(|text| {
                    Edit::parse(text, when, strict)
                        .map_err(|complaint| Failure::usage(format!("{flag}: {complaint}")))
                })
                .collect();
            edits
        };
        // Gaps are filled first, so that what is set has the last word.
        let mut edits = parsed("--default", &self.default, When::Missing)?;
        edits.extend(parsed("--set", &self.set, When::Always)?);
        Ok(edits)
    }
}

impl FieldArgs {
    /// The fields with files read and parts put together.
    pub fn read(self, context: &Context<'_>) -> Result<Fields, Failure> {
        let parts = [&self.state, &self.cause, &self.action];
        let parts: Vec<&str> = parts
            .into_iter()
            .filter_map(|part| part.as_deref())
            .collect();
        let detail = match self.detail {
            Some(detail) => Some(text("--detail", detail)?),
            None => (!parts.is_empty()).then(|| parts.join("\n")),
        };
        let technical_info = self
            .technical_info
            .map(|info| text("--technical-info", info))
            .transpose()?;
        let generated_at = match self.generated_at.as_deref() {
            None => GeneratedAt::Now,
            Some("none") => GeneratedAt::Absent,
            // A documented form is sent as it was typed.
            Some(text) if Timestamp::parse(text).is_some() => GeneratedAt::At(text.to_owned()),
            Some(text) => {
                let instant = context.instant("--generated-at", text)?;
                GeneratedAt::At(instant.at(context.zone).rfc3339())
            }
        };
        Ok(Fields {
            code: self.code,
            stage: self.stage,
            direction: self.direction,
            outcome: self.outcome,
            correlation_id: self.correlation_id,
            detail,
            technical_info,
            data_iri: self.data_iri,
            external_ids: self
                .external_id
                .iter()
                .map(|text| identity(text))
                .collect::<Result<_, _>>()?,
            integration: self.integration,
            shape: self.shape,
            schema: self.schema,
            schema_version: self.schema_version,
            mode: self.mode,
            stream: self.stream,
            custom_data: json("--custom-data", self.custom_data)?,
            link_identities: json("--link-identities", self.link_identities)?,
            generated_at,
        })
    }
}

impl InsteadArgs {
    fn resolve(&self, context: &Context<'_>, extra: &Extra) -> Result<Target, Failure> {
        let settings = &context.settings;
        if self.dry_run || self.as_curl {
            let (destination, unknown) = Destination::sketch(settings, extra)?;
            if !unknown.is_empty() {
                let unknown = unknown.join(" and ");
                context.talk.notice(&format!("not set yet: {unknown}"));
            }
            return Ok(Target::Preview(destination));
        }
        if self.sandbox {
            return Destination::sandbox(settings, extra).map(Target::Sandbox);
        }
        Destination::resolve(settings, extra).map(Target::Server)
    }
}

/// The durable spool of the settings. Without a home there is none.
pub fn keeping(context: &Context<'_>) -> Result<Option<Keeping>, Failure> {
    let settings = &context.settings;
    let folder = match settings.text("spool.location").unwrap_or("default") {
        "default" => {
            let Some(state) = &context.host.state_dir else {
                context
                    .talk
                    .notice("there is no home folder: records are kept in memory only");
                return Ok(None);
            };
            state.join("spool")
        }
        place if place.contains("://") => {
            return Err(Failure::usage(format!(
                "the spool '{place}' is not a folder; no other kind is built in"
            )));
        }
        place => PathBuf::from(place),
    };
    Ok(Some(Keeping {
        folder,
        max_bytes: settings.bytes("spool.max_bytes")?.unwrap_or(1 << 30),
    }))
}

/// A text, or with `@` the content of a file.
fn text(flag: &str, value: String) -> Result<String, Failure> {
    let Some(path) = value.strip_prefix('@') else {
        return Ok(value);
    };
    let content = if path == "-" {
        std::io::read_to_string(std::io::stdin())
    } else {
        std::fs::read_to_string(path)
    };
    let mut content =
        content.map_err(|error| Failure::io(format!("{flag}: cannot read {path}"), error))?;
    // The line break at the end belongs to the file, not to the text.
    if content.ends_with('\n') {
        content.pop();
        if content.ends_with('\r') {
            content.pop();
        }
    }
    Ok(content)
}

fn json(flag: &str, value: Option<String>) -> Result<Option<Box<RawValue>>, Failure> {
    let Some(value) = value else { return Ok(None) };
    let content = text(flag, value)?;
    RawValue::from_string(content.trim().to_owned())
        .map(Some)
        .map_err(|error| {
            Failure::usage(format!("{flag} is not JSON: {error}"))
                .hint("text needs double quotes inside the single quotes of the shell: '\"text\"'")
        })
}

fn identity(text: &str) -> Result<ExternalIdentity, Failure> {
    match text.split_once('=') {
        Some((key, id)) if !key.is_empty() && !id.is_empty() => Ok(ExternalIdentity {
            integration_key: key.to_owned(),
            external_id: id.to_owned(),
        }),
        _ => Err(Failure::usage(format!(
            "--external-id '{text}' is not INTEGRATION=ID, such as ShopifyNZ=9217354452632"
        ))),
    }
}

fn level(text: &str) -> Result<Option<Level>, Failure> {
    if text == "never" {
        return Ok(None);
    }
    Level::find(text).map(Some).ok_or_else(|| {
        let words = ["error", "warning", "hint", "never"];
        let guess = did_you_mean(text, words);
        Failure::usage(format!("--fail-on: unknown level '{text}'{guess}"))
            .hint(format!("there are {}", words.join(", ")))
    })
}

/// Reads `50`, `50/s`, `600/m` or `1000/h`, in records a second.
fn rate(text: &str) -> Result<f64, String> {
    let (number, unit) = text.split_once('/').unwrap_or((text, "s"));
    let seconds = match unit {
        "s" => 1.0,
        "m" => 60.0,
        "h" => 3600.0,
        _ => 0.0,
    };
    let number: f64 = number.trim().parse().unwrap_or(0.0);
    if number > 0.0 && number.is_finite() && seconds > 0.0 {
        Ok(number / seconds)
    } else {
        Err("use a number with /s, /m or /h, such as 50/s".to_owned())
    }
}
