//! Finding out whether an address answers, without saying who asks or what for.

use super::address::over_http;
use super::client::{Client, ClientLimits};
use super::fault::NoAnswer;
use super::variables::Variables;
use std::time::Duration;
use url::Url;

/// Opens a connection and waits for the head of any answer. Neither key nor record is sent.
pub async fn reach(address: &Url, variables: Variables, limit: Duration) -> Result<u16, String> {
    let mut root = over_http(address);
    root.set_path("/");
    let limits = ClientLimits {
        connect: limit,
        read: Some(limit),
        idle: 0,
    };
    let client = Client::new(&root, limits).with_variables(variables);
    let request = client.get().map_err(|error| error.to_string())?.head(root);
    match request.send().await {
        Ok(answer) => Ok(answer.status().as_u16()),
        Err(error) => Err(NoAnswer::of(&error, &client, address).await.to_string()),
    }
}
