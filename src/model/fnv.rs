//! A hash that outlives the program.

/// FNV-1a with 128 bits: small, and the same in every version and on every machine, which the
/// standard library's hashers do not promise. It distinguishes what differs by chance, not by malice.
#[derive(Clone, Copy, Debug)]
pub struct Fnv(pub u128);

impl Fnv {
    /// The hash of nothing.
    #[must_use]
    pub const fn new() -> Fnv {
        Fnv(0x6c62_272e_07bb_0142_62b8_2175_6295_c58d)
    }

    /// Takes more bytes.
    pub fn take(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u128::from(*byte)).wrapping_mul(0x0100_0000_0000_0000_0000_013b);
        }
    }
}

impl Default for Fnv {
    fn default() -> Fnv {
        Fnv::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_the_published_one() {
        let mut hash = Fnv::new();
        hash.take(b"foobar");
        assert_eq!(hash.0, 0x343e_1662_793c_64bf_6f0d_3597_ba44_6f18);
    }
}
