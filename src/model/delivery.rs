//! How a record that is to be delivered ends, and what the platform says of it.

use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// How a record ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum DeliveryStatus {
    /// A complete 2xx head was read.
    Delivered,
    /// Our own check turned it away; never sent.
    Invalid,
    /// The server turned it away for good.
    Refused,
    /// In the durable spool, not delivered yet.
    Kept,
    /// Neither delivered nor kept.
    Failed,
}

/// What the platform said about a refusal: problem JSON, as far as it was there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Problem {
    /// The short summary; for transport faults, what happened.
    pub title: String,
    /// The longer explanation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// The platform's machine-readable kind, for example `RETRY_LATER`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub type_code: Option<String>,
    /// The platform's reference for support.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uuid: Option<String>,
}

/// What the title of a [`Problem::behind`] begins with.
const BEHIND: &str = "waits behind line ";

impl Problem {
    /// One of which no more than this is known.
    pub fn titled(title: impl Into<String>) -> Problem {
        Problem {
            title: title.into(),
            ..Problem::default()
        }
    }

    /// A record was not sent because one before it in its journey was not delivered.
    pub fn behind(line: u64) -> Problem {
        Problem::titled(format!("{BEHIND}{line} of the same journey"))
    }

    /// Why a record was not delivered, in words that records of any journey share.
    pub fn kind(&self) -> (&str, Option<&str>) {
        if self.title.starts_with(BEHIND) {
            return ("waits behind an earlier line of the same journey", None);
        }
        let detail = self.detail.as_deref();
        (&self.title, detail.filter(|detail| *detail != self.title))
    }
}

/// What was said of a record, behind the status of the answer, on one line.
pub fn in_words(http: Option<u16>, said: &Problem) -> String {
    let title = with_status(http, &said.title);
    match &said.detail {
        Some(detail) => format!("{title}: {detail}"),
        None => title.into_owned(),
    }
}

/// A title behind the status of the answer it came with, unless it begins with it.
pub fn with_status(http: Option<u16>, title: &str) -> Cow<'_, str> {
    match http.map(|http| http.to_string()) {
        Some(http) if !title.starts_with(&http) => format!("{http} {title}").into(),
        _ => title.into(),
    }
}
