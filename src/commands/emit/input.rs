//! Where the records of a run come from: composed from flags and questions, or read from files.

use super::compose::{Surroundings, compose};
use super::composer;
use super::gate::Strictness;
use super::given::GivenFields;
use super::intake::EmitInput;
use crate::commands::ask::Asker;
use crate::commands::ui::Ui;
use crate::failure::Failure;
use crate::records::{Folders, Sources};
use crate::settings::Settings;
use std::path::PathBuf;

/// Records as the command line asks for them.
pub struct Records {
    /// Files; nothing means standard input.
    pub paths: Vec<PathBuf>,
    /// The fields of one event log; beside files they are meant for every record.
    pub fields: GivenFields,
    /// The mode where neither a flag nor a setting gives one.
    pub mode: Option<&'static str>,
    /// Whether every missing field is asked for.
    pub interactive: bool,
    /// Whether nothing may be asked.
    pub no_input: bool,
    /// Whether values are checked while they are composed.
    pub strict: bool,
}

impl Records {
    /// Composes the record, or finds the files. Fields for every record become changes.
    pub fn open(
        self,
        strictness: &mut Strictness,
        settings: &Settings,
        ui: &Ui<'_>,
    ) -> Result<EmitInput, Failure> {
        let now = ui.host.now();
        let mut fields = self.fields.read(now, ui.zone)?;
        let asker = self.interactive.then(|| {
            let instead = "give the fields as flags (see --help)";
            Asker::new(ui.host, self.no_input, "emit -i", instead)
        });
        let asker = asker.transpose()?;
        if let Some(asker) = &asker {
            composer::fields(asker, &mut fields, settings)?;
        }
        if !self.paths.is_empty() || fields.is_empty() {
            strictness.edits.extend(fields.edits());
            return sources(&self.paths, ui);
        }
        fields.fill(&strictness.edits);
        let around = Surroundings {
            settings,
            now: now.at(ui.zone),
            extra_codes: &strictness.policy.extra_codes,
            mode: self.mode,
            strict: self.strict,
        };
        let bytes = compose(fields.clone(), &around)?;
        if let Some(asker) = &asker {
            composer::confirm(asker, &fields, &bytes)?;
        }
        Ok(EmitInput::Composed(bytes))
    }
}

fn sources(paths: &[PathBuf], ui: &Ui<'_>) -> Result<EmitInput, Failure> {
    let sources = Sources::open(paths, None, Folders::Refuse, ui.host, ui.talk);
    let sources = sources.map_err(|failure| {
        if paths.is_empty() {
            failure.hint(
                "name a file, - for standard input, or the fields of one event log (see --help)",
            )
        } else {
            failure
        }
    })?;
    sources.all_exist()?;
    Ok(EmitInput::Sources(sources))
}
