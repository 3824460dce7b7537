//! How the results of `emit` look.

mod human;
mod places;
pub mod progress;
mod request;

use crate::commands::emit::result::{Delivery, FindingSummary, Totals};
use crate::model::format::Format;
use crate::render::theme::Theme;
use crate::render::{json, sanitise};
use human::HumanResults;
use request::{curl, request};
use serde::Serialize;

/// The formats of results.
pub const FORMATS: [Format; 3] = [Format::Human, Format::Ndjson, Format::Json];

/// By what people find a record again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Naming {
    /// Source and line, for the records of one input.
    Lines,
    /// The id, for records of any number of runs, whose lines are those of many inputs.
    Ids,
}

impl Naming {
    /// Whether a record is the only one of its run, and needs no name.
    fn is_composed(self, delivery: &Delivery) -> bool {
        self == Naming::Lines && delivery.source == "flags"
    }
}

/// Results in the format that was asked for.
#[derive(Debug)]
pub struct Show {
    format: Format,
    naming: Naming,
    as_curl: bool,
    human: HumanResults,
    array: json::Array,
    composed: bool,
    /// Whether the run has ended as was asked, and nothing is to be said of that.
    silent: bool,
}

impl Show {
    /// Nothing shown yet.
    pub fn new(format: Format, naming: Naming, as_curl: bool, theme: Theme, quiet: bool) -> Show {
        Show {
            format,
            naming,
            as_curl,
            human: HumanResults::new(theme, naming, quiet),
            array: json::Array::default(),
            composed: false,
            silent: false,
        }
    }

    /// The receipt of a record.
    pub fn receipt(&mut self, receipt: &impl Serialize, id: &str) -> Vec<u8> {
        match self.format {
            Format::Human => format!("accepted {id}\n").into_bytes(),
            _ => self.value(receipt),
        }
    }

    /// What became of a record.
    pub fn result(&mut self, delivery: &Delivery) -> Vec<u8> {
        self.composed |= self.naming.is_composed(delivery);
        match self.format {
            Format::Human => self.human.result(delivery).into_bytes(),
            _ => self.value(delivery),
        }
    }

    /// A finding on a record that is sent all the same.
    pub fn remark(&self, remark: &FindingSummary) -> String {
        self.human.remark(remark)
    }

    /// A request that would be made.
    pub fn request(
        &mut self,
        method: &str,
        url: &str,
        key_header: &str,
        headers: &[(String, Option<String>)],
        body: &[u8],
    ) -> Vec<u8> {
        if self.as_curl {
            return curl(method, url, key_header, headers, body);
        }
        if self.format == Format::Human {
            return request(method, url, headers, body);
        }
        let headers: serde_json::Map<String, serde_json::Value> = headers
            .iter()
            .map(|(name, value)| (name.clone(), value.as_deref().unwrap_or("***").into()))
            .collect();
        self.value(&serde_json::json!({
            "method": method,
            "url": url,
            "headers": headers,
            "body": String::from_utf8_lossy(body),
        }))
    }

    /// What has become of records that ended like one that was shown.
    pub fn so_far(&mut self) -> Vec<u8> {
        match self.format {
            Format::Human => self.human.so_far().into_bytes(),
            _ => Vec::new(),
        }
    }

    /// What the user can do next.
    pub fn step(&self, step: &str) -> Vec<u8> {
        match self.format {
            Format::Human if self.silent => Vec::new(),
            Format::Human => format!("  {}\n", sanitise::line(step)).into_bytes(),
            _ => Vec::new(),
        }
    }

    /// The last word; one event log from flags has said everything already.
    pub fn summary(&mut self, totals: &Totals) -> Vec<u8> {
        self.silent = self.human.is_silent(totals);
        match self.format {
            Format::Human if self.composed || self.silent => Vec::new(),
            Format::Human => self.human.summary(totals).into_bytes(),
            _ => self.value(totals),
        }
    }

    /// What closes the output: without a summary, what was only counted so far.
    pub fn end(&mut self) -> Vec<u8> {
        match self.format {
            Format::Human => self.human.folded().into_bytes(),
            Format::Json => self.array.end().into(),
            _ => Vec::new(),
        }
    }

    fn value(&mut self, value: &impl Serialize) -> Vec<u8> {
        if self.format == Format::Json {
            self.array.value(value)
        } else {
            json::line(value)
        }
    }
}
