//! Events that are rendered before their turn, on any core, as far as nothing in them depends on
//! those before them.

use super::cloudevents::has_own_id;
use super::event::names_in;
use super::names::{LearnedName, LearnedNames, NamesOfBlock};
use super::unmet::Unmet;
use super::{Renderer, Style};
use crate::model::event::Event;
use crate::model::format::{Format, Time};

/// Renders the events of one block after the other.
#[derive(Debug)]
pub struct RenderAhead {
    renderer: Renderer,
    names: NamesOfBlock,
    /// The names of fields that nothing has had yet, and of those the ones that nothing in the
    /// block at hand has had.
    unmet: Unmet,
    unmet_in_block: Unmet,
}

/// What a block has beside its text.
#[derive(Debug)]
pub struct BesideText {
    /// What its events teach, in their order.
    pub names: LearnedNames,
    /// The names of fields that none of its events has.
    pub unmet: Unmet,
}

impl Style {
    /// Whether events can be rendered before their turn.
    pub fn allows_ahead(&self) -> bool {
        self.format != Format::Human || self.time != Time::Delta
    }

    /// Whether what stands in one event changes how later ones are shown.
    pub fn remembers(&self) -> bool {
        self.format == Format::Human
    }
}

impl RenderAhead {
    /// Nothing is rendered yet.
    pub fn new(style: &Style) -> RenderAhead {
        let mut renderer = Renderer::new(style.clone());
        // The first event of all is rendered when its turn comes.
        renderer.written = 1;
        let _ = renderer.array.separator();
        let unmet = Unmet::new(&style.fields, &style.redact);
        RenderAhead {
            renderer,
            names: NamesOfBlock::default(),
            unmet_in_block: unmet.begin(),
            unmet,
        }
    }

    /// Notes what an event teaches, whether or not it is shown.
    pub fn learn(&mut self, record: usize, event: &Event<'_>) {
        if self.renderer.style.remembers() {
            let names = &mut self.names;
            self.renderer.redacted(event, |_, event| {
                for (id, name) in names_in(event.facts()) {
                    names.learn(record, id, name);
                }
            });
        }
    }

    /// Writes an event; false, and nothing, where something in it depends on those before it.
    pub fn event(&mut self, event: &Event<'_>, out: &mut String) -> bool {
        let written = self.renderer.redacted(event, |renderer, event| {
            match renderer.style.format {
                Format::Human => return renderer.human.write_ahead(event, out),
                Format::Cloudevents if !has_own_id(event) => return false,
                _ => renderer.plain(event, None, out),
            }
            true
        });
        let is_written = written == Some(true);
        if is_written {
            self.unmet_in_block.look(event);
        }
        is_written
    }

    /// Events that are not seen here are left to their turn.
    pub fn skip(&mut self) {
        self.renderer.human.forget_day();
    }

    /// What the block has beside its text. The next one begins.
    pub fn end_block(&mut self) -> BesideText {
        self.skip();
        BesideText {
            names: self.names.end_block(),
            unmet: std::mem::replace(&mut self.unmet_in_block, self.unmet.begin()),
        }
    }
}

impl Renderer {
    /// How events are shown.
    pub fn style(&self) -> &Style {
        &self.style
    }

    /// Whether an event has been written.
    pub fn has_begun(&self) -> bool {
        self.written > 0
    }

    /// So many events are written that were rendered before their turn.
    pub fn write_ahead(&mut self, events: u64) {
        self.written += events;
        self.human.was_ahead();
    }

    /// Remembers a name that was learned before its turn.
    pub fn learn_name(&mut self, learned: &LearnedName<'_>) {
        self.human.learn_name(learned);
    }
}
