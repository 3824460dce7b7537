//! The screen of `tail`: what it tells, rendered and written.

use crate::cli::Context;
use crate::cli::tail::{Args, Look};
use crate::command::tail::{self, Audience};
use crate::failure::{Exit, Failure};
use crate::host::{Output, Talk};
use crate::model::event::Event;
use crate::view::sanitise;
use crate::view::tail::{Renderer, Style};
use crate::view::theme::Theme;

/// The screen of `tail`.
pub struct Screen {
    renderer: Renderer,
    output: Output,
    talk: Talk,
    line: String,
}

impl Screen {
    /// An empty screen.
    pub fn new(look: Look, context: &Context<'_>) -> Screen {
        let terminal = context.host.stdout_is_terminal;
        let style = Style {
            format: look.format,
            terminal,
            width: context.host.width,
            theme: Theme::new(context.coloured(terminal)),
            zone: context.zone,
            time: look.time,
            fields: look.fields,
            redact: look.redact,
        };
        Screen {
            renderer: Renderer::new(style),
            output: context.host.stdout(),
            talk: context.talk,
            line: String::new(),
        }
    }

    fn hand_over(&mut self) -> Result<(), Failure> {
        let written = self.output.write(self.line.as_bytes());
        self.line.clear();
        written
    }
}

impl Audience for Screen {
    fn event(&mut self, event: &Event<'_>, source: Option<&str>) -> Result<(), Failure> {
        self.renderer.event(event, source, &mut self.line);
        self.hand_over()
    }

    fn flush(&mut self) -> Result<bool, Failure> {
        self.output.flush()?;
        Ok(!self.output.is_closed())
    }

    fn remark(&mut self, text: &str) {
        self.talk.notice(&sanitise::line(text));
    }

    fn detail(&mut self, text: &str) {
        self.talk.detail(&sanitise::line(text));
    }

    fn finish(&mut self) -> Result<(), Failure> {
        self.renderer.finish(&mut self.line);
        self.hand_over()?;
        self.output.flush()
    }
}

/// Runs `tail` on the screen it writes to.
pub fn run(args: Args, context: &mut Context<'_>) -> Result<Exit, Failure> {
    let look = args.look(context)?;
    let plan = args.plan(context)?;
    let interrupt = context.host.interrupt()?;
    let mut screen = Screen::new(look, context);
    tail::run(plan, interrupt, &|| context.host.now(), &mut screen)
}
