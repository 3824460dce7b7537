//! The plan of `tail`, made from its arguments: source, filter, verdict and continuity.

use super::{FilterArgs, Reconnect, SourceArgs, TailArgs, VerdictArgs};
use crate::cli::Context;
use crate::cli::filter::Documented;
use crate::commands::tail::plan::{self, Listening, ServerFlags};
use crate::commands::tail::position::PositionFile;
use crate::commands::tail::{Followed, TailPlan, TailSource};
use crate::failure::Failure;
use crate::follow::verdict::Terms;
use crate::query::filter::Filter;
use crate::records::{Folders, Sources};
use crate::settings::{Settings, secret};
use std::path::PathBuf;
use std::time::Duration;

impl TailArgs {
    /// Decides everything that can be decided before the first event.
    pub fn plan(self, context: &mut Context<'_>) -> Result<TailPlan, Failure> {
        self.source.apply(&mut context.settings);
        let kind = self.filter.kind.0;
        let layout = plan::layout(&context.settings, self.source.type_from.as_ref())?;
        let is_foreign = !layout.mapping.is_empty();
        let documented = Documented {
            types: kind == Some("sys") && !is_foreign,
            fields: !is_foreign,
            has_kind: true,
        };
        Ok(TailPlan {
            source: self.source(context)?,
            layout,
            filter: self.filter.filter(documented, context)?,
            terms: self.verdict.terms(documented)?,
            last: self.source.last,
            gap: self.continuity.gap,
            meta: self.continuity.meta,
            allow_empty: self.source.allow_empty,
            refresh: match self.show.summary {
                None => None,
                // Without a duration it is drawn anew each second where it can be.
                Some(Duration::ZERO) => context
                    .host
                    .stdout_is_terminal
                    .then_some(Duration::from_secs(1)),
                every => every,
            },
            ready_file: self.continuity.ready_file,
        })
    }

    fn source(&self, context: &Context<'_>) -> Result<TailSource, Failure> {
        if let Some(address) = &self.source.listen {
            let mut listening = self.source.listening(address, context)?;
            listening.confirmed = self.show.tee.is_some();
            let options = listening.resolve()?;
            self.source.has_no_pages("requests")?;
            return Ok(TailSource::Listener(
                options,
                self.position_file(None, context)?,
            ));
        }
        if self.source.sandbox {
            return Ok(TailSource::Sandbox(
                self.server(),
                self.position_file(None, context)?,
            ));
        }
        let several = !context.further_profiles().is_empty();
        if self.files.is_empty() && (several || context.settings.text("server.url").is_some()) {
            return self.servers(context).map(TailSource::Servers);
        }
        if self.files.is_empty() && context.host.stdin_is_terminal {
            return Err(Failure::usage("no server, file or --listen address given").hint(
                "use --server or a profile with a server, a file, --listen ADDR, or --sandbox to try it out",
            ));
        }
        self.source.has_no_pages("files")?;
        let is_stdin = |path: &PathBuf| path.as_os_str() == "-";
        if self.source.follow && !self.files.iter().all(is_stdin) {
            if self.files.iter().any(is_stdin) {
                return Err(Failure::usage(
                    "--follow takes files only, not standard input (-)",
                ));
            }
            let position_file = self.position_file(None, context)?;
            return Ok(TailSource::Growing(self.files.clone(), position_file));
        }
        let sources = Sources::open(
            &self.files,
            None,
            Folders::Refuse,
            context.host,
            context.talk,
        )?;
        Ok(TailSource::Recorded(
            sources,
            self.position_file(None, context)?,
        ))
    }

    /// The server of the profile, or of each.
    fn servers(&self, context: &Context<'_>) -> Result<Vec<Followed>, Failure> {
        let (server, now) = (self.server(), context.host.now());
        let first = server.resolve(&context.settings, now)?;
        let mut all = vec![first];
        for profile in context.further_profiles() {
            if self.source.server.is_some() {
                return Err(Failure::usage(
                    "--server and several profiles cannot be combined",
                ));
            }
            let mut settings = context.settings_of(profile)?;
            self.source.apply(&mut settings);
            let mut followed = server.resolve(&settings, now)?;
            // Two clients of one process must not come in step either.
            followed.seed = followed.seed.wrapping_add(all.len() as u64);
            all.push(followed);
        }
        let several = all.len() > 1;
        for followed in &mut all {
            followed.position_file =
                self.position_file(several.then_some(&*followed.name), context)?;
        }
        Ok(all)
    }

    /// The position that outlives the run, if one is to; each of several servers has its own.
    fn position_file(
        &self,
        server: Option<&str>,
        context: &Context<'_>,
    ) -> Result<Option<PositionFile>, Failure> {
        let Some(name) = &self.continuity.resume else {
            return Ok(None);
        };
        let folder = context.host.state_dir.as_ref().ok_or_else(|| {
            Failure::usage("--resume needs a folder for its positions")
                .hint("set HOME or XDG_STATE_HOME")
        })?;
        let name = match server {
            Some(server) => format!("{name}@{server}"),
            None => name.clone(),
        };
        PositionFile::open(folder, &name).map(Some)
    }

    fn server(&self) -> ServerFlags {
        ServerFlags {
            transport: self.source.transport,
            allow_http: self.source.allow_http,
            follow: !self.source.no_follow,
            reconnects: match self.continuity.reconnect {
                Some(Reconnect::Times(times)) => Some(times),
                _ => None,
            },
            patient: self.continuity.reconnect.is_some(),
            poll_interval: self.source.poll_interval,
            hide_self: self.continuity.hide_self,
            page_items: self.source.page_items.clone(),
            cursor_param: self.source.cursor_param.clone(),
            cursor_pointer: self.source.cursor_pointer.clone(),
            hello: self.source.hello.clone(),
            type_from: self.source.type_from.clone(),
        }
    }
}

impl SourceArgs {
    fn apply(&self, settings: &mut Settings) {
        settings.set_flag("server.url", self.server.as_deref());
        settings.set_flag("server.events_path", self.events_path.as_deref());
        settings.set_flag("server.username", self.username.as_deref());
        settings.set_flag("server.auth", self.auth.as_deref());
        settings.set_flag("server.subprotocol", self.subprotocol.as_deref());
        settings.set_flag("server.envelope", self.envelope.as_deref());
    }

    /// Rejects what only the pages of a server can have.
    fn has_no_pages(&self, what: &str) -> Result<(), Failure> {
        let flags = [
            ("--page-items", self.page_items.is_some()),
            ("--cursor-param", self.cursor_param.is_some()),
        ];
        match flags.iter().find(|(_, is_given)| *is_given) {
            None => Ok(()),
            Some((flag, _)) => Err(Failure::usage(format!(
                "{flag} applies to the pages of a server only (--server)"
            ))
            .hint(format!(
                "use --envelope to say where events are in the JSON of {what}; it may lead to an array"
            ))),
        }
    }

    fn listening(&self, address: &str, context: &Context<'_>) -> Result<Listening, Failure> {
        let variable = "HIVELOG_LISTEN_SECRET";
        let secret = match (&self.listen_secret_file, context.host.env.get(variable)) {
            (Some(path), _) => Some(secret::from_file("shared secret", path)?),
            (None, Some(value)) => {
                secret::check(&format!("shared secret from variable {variable}"), value)?;
                Some(secret::Secret::new(value))
            }
            (None, None) => None,
        };
        Ok(Listening {
            address: address.to_owned(),
            path: self.listen_path.clone(),
            secret_header: self.listen_secret_header.clone(),
            secret,
            confirmed: false,
        })
    }
}

impl FilterArgs {
    fn filter(&self, documented: Documented, context: &Context<'_>) -> Result<Filter, Failure> {
        Ok(Filter {
            statuses: self.status.clone(),
            slower_than: self.slower_than.map(|limit| limit.as_secs_f64() * 1000.0),
            grep: self.grep.clone(),
            ..self.shared.filter(self.kind.0, documented, context)?
        })
    }
}

impl VerdictArgs {
    fn terms(self, documented: Documented) -> Result<Terms, Failure> {
        for (flag, conditions) in [
            ("--until", &self.until),
            ("--fail-on", &self.fail_on),
            ("--expect", &self.expect),
        ] {
            for condition in conditions {
                documented.types(flag, condition.types())?;
                documented.fields(flag, condition.misspelt())?;
            }
        }
        Ok(Terms {
            until: self.until,
            fail_on: self.fail_on,
            expect: self.expect,
            count: self.count,
            timeout: self.timeout,
            idle_timeout: self.idle_timeout,
            settle: self.settle,
        })
    }
}
