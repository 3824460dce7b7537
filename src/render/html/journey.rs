//! A journey as an article: who and what, the ladder of its stages, and every entry.

use super::{escape, escape_block};
use crate::model::stage::StageSender;
use crate::model::text::counted;
use crate::render::ladder::rungs;
use crate::render::mark::Mark;
use std::fmt::Write;

/// How much of a record is shown.
const RAW: usize = 16 * 1024;

/// A journey. All text is as others wrote it.
#[derive(Debug, Default)]
pub struct Article<'a> {
    /// What the article can be linked by.
    pub anchor: String,
    /// What kind of data it is about.
    pub shape: &'a str,
    /// The integration.
    pub integration: &'a str,
    /// `INBOUND`, `OUTBOUND` or anything else.
    pub direction: &'a str,
    /// The correlation id.
    pub correlation_id: &'a str,
    /// The part of a split event.
    pub stream: Option<&'a str>,
    /// How it ends, and how bad that is; nothing where it is not known.
    pub ends: Option<(Mark, &'a str)>,
    /// What there is to say about it as a whole, and what the reader can do.
    pub closing: Option<(String, Vec<String>)>,
    /// How many entries before these are not shown.
    pub hidden: usize,
    /// The entries, in order.
    pub rows: Vec<HtmlRow<'a>>,
}

/// An entry of a journey. All text is as others wrote it.
#[derive(Debug)]
pub struct HtmlRow<'a> {
    /// What the entry can be linked by.
    pub anchor: String,
    /// The day, where it is another than that of the entry before.
    pub day: Option<String>,
    /// The time of day.
    pub clock: String,
    /// How bad it is.
    pub mark: Mark,
    /// How badly its stage went: that may be worse.
    pub stage_mark: Mark,
    /// The event code, or the type of a sys event.
    pub code: &'a str,
    /// What the code means, or whose event it is.
    pub what: &'a str,
    /// The stage.
    pub stage: &'a str,
    /// The outcome.
    pub outcome: &'a str,
    /// What sets it apart from others.
    pub badge: Option<(Mark, String)>,
    /// Text on lines of its own.
    pub detail: Option<&'a str>,
    /// Where it came from.
    pub from: String,
    /// The record.
    pub raw: Option<std::borrow::Cow<'a, str>>,
    /// Whether its details are shown without being asked for.
    pub is_open: bool,
    /// What there is to say about it, always in sight.
    pub remarks: Vec<HtmlRemark<'a>>,
}

/// What a rule found, or an answer said.
#[derive(Debug)]
pub struct HtmlRemark<'a> {
    /// How bad it is.
    pub mark: Mark,
    /// The rule.
    pub rule: &'a str,
    /// What is wrong.
    pub message: &'a str,
    /// What to do.
    pub help: &'a str,
}

impl Article<'_> {
    /// The article.
    pub fn html(&self) -> String {
        let mut html = String::with_capacity(4096);
        let worst = self.rows.iter().map(|row| row.stage_mark).max();
        let _ = writeln!(
            html,
            "<article id=\"{}\" class=\"journey {}\">\n<header>",
            escape(&self.anchor),
            worst.map_or("", Mark::class)
        );
        self.heading(&mut html);
        html.push_str("</header>\n");
        self.ladder(&mut html);
        html.push_str("<ol class=\"steps\">\n");
        for row in &self.rows {
            row.html(&mut html);
        }
        html.push_str("</ol>\n");
        if self.hidden > 0 {
            let hidden = counted(self.hidden as u64, "earlier event log");
            let _ = writeln!(html, "<p class=\"empty\">{hidden} not shown.</p>");
        }
        if let Some((said, help)) = &self.closing {
            let class = self.ends.map_or("", |(mark, _)| mark.class());
            let _ = writeln!(html, "<p class=\"closing {class}\">{}</p>", escape(said));
            for help in help {
                let _ = writeln!(html, "<p class=\"help\">{}</p>", escape(help));
            }
        }
        html.push_str("</article>\n");
        html
    }

    fn heading(&self, html: &mut String) {
        let (arrow, direction) = match self.direction {
            "INBOUND" => ("→", "into SyncHive"),
            "OUTBOUND" => ("←", "out of SyncHive"),
            _ => ("·", "direction unknown"),
        };
        let _ = write!(
            html,
            "<h3><span class=\"arrow\" title=\"{direction}\" aria-label=\"{direction}\">{arrow}</span> {} <small>{}</small></h3>",
            escape(self.shape),
            escape(self.integration),
        );
        let _ = write!(
            html,
            "<code class=\"id\" title=\"correlation id\">{}</code>",
            escape(self.correlation_id)
        );
        if let Some(stream) = self.stream {
            let _ = write!(
                html,
                "<span class=\"stream\">part {}</span>",
                escape(stream)
            );
        }
        if let Some((mark, ends)) = self.ends {
            let class = match mark {
                Mark::Unknown | Mark::Hint => "open",
                mark => mark.class(),
            };
            let _ = write!(
                html,
                "<span class=\"outcome {class}\">{}</span>",
                escape(ends)
            );
        }
    }

    /// The stages of the journey's direction, each with how often and how badly it was reported.
    fn ladder(&self, html: &mut String) {
        let reported = self.rows.iter().map(|row| (row.stage, row.stage_mark));
        let mut ladder = String::new();
        for rung in rungs(self.direction, reported) {
            let sender = match rung.stage.sender {
                StageSender::Platform => " platform",
                StageSender::Connector => "",
            };
            let (class, sign, word) = match rung.worst {
                Some(mark) => (mark.class(), mark.sign(), mark.word()),
                None => ("unseen", "○", "not reported"),
            };
            let times = match rung.times {
                0 | 1 => String::new(),
                times => format!("<b>×{times}</b>"),
            };
            let _ = write!(
                ladder,
                "<li class=\"{class}{sender}\" title=\"{}: {}, {word}\"><i aria-hidden=\"true\">{sign}</i><span>{}</span>{times}</li>",
                rung.stage.key,
                rung.stage.description,
                rung.stage.word(),
            );
        }
        if !ladder.is_empty() {
            let _ = writeln!(
                html,
                "<ol class=\"ladder\" aria-label=\"stages\">{ladder}</ol>"
            );
        }
    }
}

impl HtmlRow<'_> {
    fn html(&self, html: &mut String) {
        if let Some(day) = &self.day {
            let _ = writeln!(html, "<li class=\"day\">{}</li>", escape(day));
        }
        let _ = write!(
            html,
            "<li><details id=\"{}\"{}><summary><time>{}</time><span class=\"code {}\" title=\"{}\"><i aria-hidden=\"true\">{}</i> {}</span><span class=\"what\">{}</span><span class=\"stage\">{}</span><span class=\"result\">{}</span>",
            escape(&self.anchor),
            if self.is_open { " open" } else { "" },
            escape(&self.clock),
            self.mark.class(),
            self.mark.word(),
            self.mark.sign(),
            escape(self.code),
            escape(self.what),
            escape(self.stage),
            escape(self.outcome),
        );
        if let Some((mark, badge)) = &self.badge {
            let _ = write!(
                html,
                "<span class=\"badge {}\">{}</span>",
                mark.class(),
                escape(badge)
            );
        }
        html.push_str("</summary>\n");
        if let Some(detail) = self.detail {
            let _ = writeln!(html, "<p class=\"detail\">{}</p>", escape_block(detail));
        }
        let _ = writeln!(html, "<p class=\"from\">{}</p>", escape(&self.from));
        if let Some(raw) = &self.raw {
            let end = raw.char_indices().nth(RAW).map_or(raw.len(), |(at, _)| at);
            let _ = writeln!(
                html,
                "<pre class=\"raw\" tabindex=\"0\" aria-label=\"the record\">{}{}</pre>",
                escape_block(&raw[..end]),
                if end < raw.len() { " …" } else { "" },
            );
        }
        html.push_str("</details>\n");
        for remark in &self.remarks {
            remark.html(html);
        }
        html.push_str("</li>\n");
    }
}

impl HtmlRemark<'_> {
    fn html(&self, html: &mut String) {
        let _ = write!(
            html,
            "<p class=\"finding {}\"><i aria-hidden=\"true\">{}</i> ",
            self.mark.class(),
            self.mark.sign()
        );
        for (tag, text) in [("b", self.rule), ("span", self.message)] {
            if !text.is_empty() {
                let _ = write!(html, "<{tag}>{}</{tag}> ", escape(text));
            }
        }
        if !self.help.is_empty() {
            let _ = write!(html, "<span class=\"help\">{}</span>", escape(self.help));
        }
        html.push_str("</p>\n");
    }
}
