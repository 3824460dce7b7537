//! Where framing goes on behind lines, without framing them.

use super::Framer;
use super::framer::FramerState;
use super::pending::Spot;
use memchr::{memchr_iter, memrchr};

/// The lines that end in some bytes.
#[derive(Clone, Copy, Debug)]
pub struct LineEnds {
    /// How many there are.
    pub count: usize,
    /// The place behind the last one.
    behind: usize,
}

impl LineEnds {
    /// Those of some bytes.
    pub fn of(bytes: &[u8]) -> LineEnds {
        LineEnds {
            count: memchr_iter(b'\n', bytes).count(),
            behind: memrchr(b'\n', bytes).map_or(0, |at| at + 1),
        }
    }
}

impl Framer {
    /// How a framer would stand behind a chunk in which every line is one record; none where it
    /// does not read lines, or no line ends in the chunk.
    pub fn behind_lines(&self, chunk: &[u8], lines: LineEnds) -> Option<Framer> {
        if lines.count == 0 || !self.is_among_lines() {
            return None;
        }
        let mut behind = Framer::new(self.limit);
        behind.started = true;
        behind.lines = true;
        behind.number = self.number + lines.count as u64;
        behind.here = Spot {
            line: self.here.line + lines.count as u64,
            column: 1,
            offset: self.here.offset + (self.pending.held.len() + lines.behind) as u64,
        };
        behind.push(&chunk[lines.behind..], &mut |_| {});
        Some(behind)
    }

    /// Whether two framers, both among lines, would find the same in what comes.
    pub fn goes_on_like(&self, other: &Framer) -> bool {
        let begun = |framer: &Framer| (framer.state, framer.number, framer.here);
        self.is_among_lines()
            && other.is_among_lines()
            && begun(self) == begun(other)
            && self.pending.held == other.pending.held
    }

    /// Whether it is in a line or before one, with nothing else open.
    fn is_among_lines(&self) -> bool {
        let is_among = matches!(self.state, FramerState::Between | FramerState::Line);
        is_among && self.started && self.lines && self.here.column == 1 && !self.array.is_open()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Where the forecast is right, nothing that comes is framed otherwise.
        #[test]
        fn framing_goes_on_from_a_forecast_as_it_would_have(
            before in lines(),
            chunk in lines(),
            cut in 0..12_usize,
            after in lines(),
        ) {
            let mut framer = Framer::new(64);
            framer.push(before.as_bytes(), &mut |_| {});
            let chunk = &chunk.as_bytes()[..chunk.len().saturating_sub(cut)];
            let forecast = framer.behind_lines(chunk, LineEnds::of(chunk));
            framer.push(chunk, &mut |_| {});
            if let Some(mut forecast) = forecast && framer.goes_on_like(&forecast) {
                let framed = |framer: &mut Framer| {
                    let mut found = Vec::new();
                    framer.push(after.as_bytes(), &mut |record| found.push(format!("{record:?}")));
                    framer.finish(&mut |record| found.push(format!("{record:?}")));
                    found
                };
                prop_assert_eq!(framed(&mut framer), framed(&mut forecast));
            }
        }
    }

    fn lines() -> impl Strategy<Value = String> {
        let line = prop::sample::select(vec![
            "{\"a\":1}\n",
            "{\"ü\":{}}\r\n",
            "{\"a\":1}\n",
            "{\"a\":\n",
            "{}{}\n",
            "\n",
            "no\n",
            "[",
            "]",
        ]);
        prop::collection::vec(line, 0..6).prop_map(|lines| lines.concat())
    }

    #[test]
    fn lines_that_are_records_are_forecast() {
        let mut framer = Framer::new(64);
        framer.push(b"{\"a\":1}\n{\"b\":2}\n{\"c\"", &mut |_| {});
        let chunk = b":3}\n{\"d\":4}\n{\"e\"";
        let forecast = framer
            .behind_lines(chunk, LineEnds::of(chunk))
            .expect("it reads lines");
        framer.push(chunk, &mut |_| {});
        assert!(framer.goes_on_like(&forecast));
        let cut_off = b":5}\n{\"f\":\n";
        let forecast = framer
            .behind_lines(cut_off, LineEnds::of(cut_off))
            .expect("it reads lines");
        framer.push(cut_off, &mut |_| {});
        assert!(!framer.goes_on_like(&forecast));
    }
}
