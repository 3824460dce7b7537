//! Hashes that outlive the program: FNV-1a, small, and the same in every version and on every
//! machine, which the standard library's hashers do not promise. They distinguish what differs by
//! chance, not by malice.

/// FNV-1a with 128 bits.
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

/// FNV-1a with 64 bits, for noticing bytes that changed on the disk; signed, as it is stored.
pub fn checksum(bytes: &[u8]) -> i64 {
    let hash = bytes.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    hash.cast_signed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_the_published_one() {
        let mut hash = Fnv::new();
        hash.take(b"foobar");
        assert_eq!(hash.0, 0x343e_1662_793c_64bf_6f0d_3597_ba44_6f18);
        assert_eq!(checksum(b"foobar").cast_unsigned(), 0x8594_4171_f739_67e8);
    }
}
