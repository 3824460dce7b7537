//! Which lane a record is in.

use crate::model::fnv::Fnv;
use crate::spool::AcceptedRecord;
use uuid::Uuid;

/// The lane of a record: the same in every version and on every machine.
pub fn lane_of(record: &AcceptedRecord, id: &Uuid, lanes: i16) -> i16 {
    let mut hash = Fnv::new();
    match &record.correlation_id {
        Some(correlation) => {
            if let Some(integration) = &record.integration_key {
                hash.take(integration.as_bytes());
            }
            hash.take(&[0xff]);
            hash.take(correlation.as_bytes());
        }
        // It stands for itself.
        None => hash.take(id.as_bytes()),
    }
    let folded = (hash.0 ^ (hash.0 >> 64)) & u128::from(u64::MAX);
    let lane = folded % u128::from(lanes.max(1).unsigned_abs());
    i16::try_from(lane).unwrap_or_default()
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub fn record(correlation: Option<&str>, integration: Option<&str>) -> AcceptedRecord {
        AcceptedRecord {
            body: bytes::Bytes::new(),
            source: "test".into(),
            number: 1,
            line: 1,
            event_code: None,
            correlation_id: correlation.map(str::to_owned),
            integration_key: integration.map(str::to_owned),
        }
    }

    #[test]
    fn the_lane_of_a_journey_never_changes() {
        let lane =
            |correlation, integration| lane_of(&record(correlation, integration), &Uuid::nil(), 64);
        // Rows stand in these lanes in databases that exist.
        assert_eq!(
            [
                lane(Some("14ca"), None),
                lane(Some("14ca"), Some("ShopifyNZ")),
                lane(Some("14cb"), Some("ShopifyNZ")),
                lane(None, Some("ShopifyNZ")),
            ],
            [52, 29, 32, 34]
        );
    }
}
