//! However frames are split, the same messages come out, and each is at most a flaw.

#![no_main]

use hivelog::link::frames::{FrameEvent, Frames};
use hivelog::wire::envelope;
use libfuzzer_sys::fuzz_target;

const LIMIT: usize = 256;

fn met<'a>(chunks: impl Iterator<Item = &'a [u8]>) -> (Vec<String>, bool) {
    let mut all = Vec::new();
    let mut frames = Frames::new(LIMIT);
    for chunk in chunks {
        let pushed = frames.push(chunk, &mut |met: FrameEvent<'_>| {
            if let FrameEvent::Message(message) = met {
                assert!(message.len() <= LIMIT);
                for pointer in ["", "/data", "/0"] {
                    envelope::open(message, pointer, &mut |found| match found {
                        Ok(event) => assert!(!event.raw.is_empty()),
                        Err(flaw) => assert!(!flaw.to_string().is_empty()),
                    });
                }
            }
            all.push(format!("{met:?}"));
        });
        if pushed.is_err() {
            return (all, false);
        }
    }
    (all, true)
}

fuzz_target!(|input: &[u8]| {
    let Some((size, bytes)) = input.split_first() else {
        return;
    };
    let whole = met(std::iter::once(bytes));
    assert_eq!(met(bytes.chunks(usize::from(*size).max(1))), whole);
    assert_eq!(met(bytes.chunks(1)), whole);
});
