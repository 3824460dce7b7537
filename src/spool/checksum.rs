//! Noticing bytes that changed on the disk.

/// A checksum: FNV-1a.
pub fn sum(body: &[u8]) -> i64 {
    let hash = body.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    hash.cast_signed()
}
