//! The body of an answer as it was before it was coded, bounded in what is held of it.

use super::causes::causes;
use super::prefetch::Prefetch;
use crate::wire::coding::{Coding, ContentDecoder};
use reqwest::Response;

/// A body that is read ahead, and decoded as it is asked for.
pub(super) struct ResponseBody {
    prefetch: Prefetch,
    coded: Option<Coded>,
}

struct Coded {
    decoder: ContentDecoder,
    block: Vec<u8>,
    /// How much of the block has been decoded.
    taken: usize,
    /// The decoder may have more without a further block.
    more: bool,
}

impl ResponseBody {
    /// The body of an answer that is coded like this.
    pub(super) fn of(response: Response, coding: Option<Coding>) -> ResponseBody {
        ResponseBody {
            prefetch: Prefetch::of(response),
            coded: coding.map(|coding| Coded {
                decoder: ContentDecoder::new(coding),
                block: Vec::new(),
                taken: 0,
                more: false,
            }),
        }
    }

    /// What has come since the last time; waits if that is nothing. None at the end. May be
    /// dropped while it waits and called again without losing anything.
    pub(super) async fn next(&mut self) -> Result<Option<&[u8]>, String> {
        let Some(coded) = &mut self.coded else {
            return self.prefetch.next().await.map_err(|error| causes(&error));
        };
        loop {
            if coded.more {
                // A little that was sent may become much: others get their turn in between.
                tokio::task::yield_now().await;
            } else {
                let next = self.prefetch.next().await.map_err(|error| causes(&error))?;
                let Some(block) = next else {
                    let cut = coded.decoder.finish();
                    return cut.map(|()| None).map_err(|error| error.to_string());
                };
                coded.block.clear();
                coded.block.extend_from_slice(block);
                coded.taken = 0;
            }
            let mut rest = &coded.block[coded.taken..];
            let step = coded.decoder.step(&mut rest);
            coded.more = step.map_err(|error| error.to_string())?.1;
            coded.taken = coded.block.len() - rest.len();
            if !coded.decoder.decoded().is_empty() {
                return Ok(Some(coded.decoder.decoded()));
            }
        }
    }
}
