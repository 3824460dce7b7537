//! The header that carries a connector's key.

/// The header that carries the key: `shopify_connector` sends `X-Shopify-Connector-Key`.
pub fn key_header(connector: &str) -> String {
    let mut words: Vec<&str> = connector
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    if words.len() > 1
        && words
            .last()
            .is_some_and(|word| word.eq_ignore_ascii_case("connector"))
    {
        words.pop();
    }
    let mut name = String::from("X-");
    for word in words {
        let (first, rest) = word.split_at(1);
        name.push_str(&first.to_ascii_uppercase());
        name.push_str(rest);
        name.push('-');
    }
    name + "Connector-Key"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_header_follows_from_the_connector() {
        for (connector, header) in [
            ("shopify_connector", "X-Shopify-Connector-Key"),
            ("shopify", "X-Shopify-Connector-Key"),
            ("my-erp_connector", "X-My-erp-Connector-Key"),
            ("connector", "X-Connector-Connector-Key"),
        ] {
            assert!(
                key_header(connector).eq_ignore_ascii_case(header),
                "{}",
                key_header(connector)
            );
        }
    }
}
