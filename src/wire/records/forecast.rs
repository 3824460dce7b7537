//! Where framing goes on behind lines, without framing them.

use super::framer::FramerState;
use super::pending::Spot;
use super::{Framer, Record};
use memchr::memchr_iter;

/// Where lines end in some bytes: the places behind their ends.
#[derive(Debug)]
pub struct LineEnds(Vec<usize>);

impl LineEnds {
    /// Those of some bytes.
    pub fn of(bytes: &[u8]) -> LineEnds {
        LineEnds(memchr_iter(b'\n', bytes).map(|at| at + 1).collect())
    }

    /// How many lines end in the bytes.
    pub fn count(&self) -> usize {
        self.0.len()
    }
}

impl Framer {
    /// How a framer would stand behind a chunk in which every line is one record; none where it
    /// does not read lines, or no line ends in the chunk.
    pub fn behind_lines(&self, chunk: &[u8], ends: &LineEnds) -> Option<Framer> {
        let rest = *ends.0.last().filter(|_| self.is_among_lines())?;
        let count = ends.count() as u64;
        let mut behind = Framer::new(self.limit);
        behind.started = true;
        behind.lines = true;
        behind.number = self.number + count;
        behind.here = Spot {
            line: self.here.line + count,
            column: 1,
            offset: self.here.offset + (self.pending.held.len() + rest) as u64,
        };
        behind.push(&chunk[rest..], &mut |_| {});
        Some(behind)
    }

    /// Takes a chunk in which it is known where lines end.
    pub fn push_lines(&mut self, chunk: &[u8], ends: &LineEnds, take: &mut impl FnMut(Record<'_>)) {
        let mut begin = 0;
        for end in &ends.0 {
            if self.lines && self.state == FramerState::Between {
                self.whole_line(&chunk[begin..end - 1], true, take);
            } else {
                self.push(&chunk[begin..*end], take);
            }
            begin = *end;
        }
        self.push(&chunk[begin..], take);
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
            let ends = LineEnds::of(chunk);
            let forecast = framer.behind_lines(chunk, &ends);
            let mut pushed = framer.clone();
            prop_assert_eq!(
                framed(|mut take| framer.push_lines(chunk, &ends, &mut take)),
                framed(|mut take| pushed.push(chunk, &mut take))
            );
            if let Some(mut forecast) = forecast && framer.goes_on_like(&forecast) {
                let rest = |framer: &mut Framer| framed(|mut take| {
                    framer.push(after.as_bytes(), &mut take);
                    framer.finish(&mut take);
                });
                prop_assert_eq!(rest(&mut framer), rest(&mut forecast));
            }
        }
    }

    fn framed(frame: impl FnOnce(&mut dyn FnMut(Record<'_>))) -> Vec<String> {
        let mut found = Vec::new();
        frame(&mut |record| found.push(format!("{record:?} {:?}", record.bytes)));
        found
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
        let forecast = framer.behind_lines(chunk, &LineEnds::of(chunk));
        framer.push(chunk, &mut |_| {});
        assert!(framer.goes_on_like(&forecast.expect("it reads lines")));
        let cut_off = b":5}\n{\"f\":\n";
        let forecast = framer.behind_lines(cut_off, &LineEnds::of(cut_off));
        framer.push(cut_off, &mut |_| {});
        assert!(!framer.goes_on_like(&forecast.expect("it reads lines")));
    }
}
