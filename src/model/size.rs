//! Sizes in bytes, as they are typed and shown.

use std::fmt;

/// A number of bytes, shown in the largest binary unit that fits.
#[derive(Clone, Copy, Debug)]
pub struct Size(pub u64);

impl Size {
    /// Reads a size such as `64KiB`, `1MiB`, `2GB` or a plain number of bytes.
    pub fn parse(text: &str) -> Option<Size> {
        let end = text
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(text.len());
        let number: u64 = text[..end].parse().ok()?;
        let unit: u64 = match text[end..].trim().to_ascii_lowercase().as_str() {
            "" | "b" => 1,
            "k" | "kb" => 1000,
            "kib" => 1 << 10,
            "m" | "mb" => 1_000_000,
            "mib" => 1 << 20,
            "g" | "gb" => 1_000_000_000,
            "gib" => 1 << 30,
            _ => return None,
        };
        number.checked_mul(unit).map(Size)
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let units = [(30, "GiB"), (20, "MiB"), (10, "KiB")];
        match units.into_iter().find(|(bits, _)| self.0 >> bits > 0) {
            None => write!(f, "{} B", self.0),
            Some((bits, unit)) => {
                let tenths = (u128::from(self.0) * 10) >> bits;
                write!(f, "{}.{} {unit}", tenths / 10, tenths % 10)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_in_every_unit_and_shown_in_the_largest() {
        for (text, bytes, shown) in [
            ("17", 17, "17 B"),
            ("1MiB", 1 << 20, "1.0 MiB"),
            ("2 GB", 2_000_000_000, "1.8 GiB"),
            ("1536", 1536, "1.5 KiB"),
        ] {
            let size = Size::parse(text).unwrap();
            assert_eq!((size.0, size.to_string().as_str()), (bytes, shown));
        }
        assert!(Size::parse("1 TB").is_none() && Size::parse("").is_none());
    }
}
