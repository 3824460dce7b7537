//! Finding out whether an address answers, without saying who asks or what for.

use super::client::{Client, Limits, causes, over_http};
use std::time::Duration;
use url::Url;

/// Opens a connection and waits for the head of any answer. Neither key nor record is sent.
pub async fn knock(address: &Url, limit: Duration) -> Result<u16, String> {
    let mut root = over_http(address);
    root.set_path("/");
    let limits = Limits {
        connect: limit,
        read: Some(limit),
        idle: 0,
    };
    let client = Client::new(&root, limits);
    let client = client.get().map_err(|error| error.to_string())?;
    let answer = client.head(root).send().await;
    answer
        .map(|answer| answer.status().as_u16())
        .map_err(|error| causes(&error))
}
