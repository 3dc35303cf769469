//! The partition of a dossier code, the same that Kafka's Java client computes for a record with that key.

/// The partition of a dossier: (murmur2(code) & 0x7fffffff) mod `partitions`. A log has at least one partition; 0
/// counts as 1.
#[must_use]
pub fn partition_of(code: &str, partitions: u16) -> u16 {
    let positive = murmur2(code.as_bytes()) & 0x7fff_ffff;
    // The remainder is below a u16, so nothing is lost.
    u16::try_from(positive % u32::from(partitions.max(1))).unwrap_or_default()
}

/// MurmurHash2, 32 bits, little-endian, seed 0x9747b28c: `org.apache.kafka.common.utils.Utils.murmur2`, whose signed
/// result has these bits.
#[must_use]
pub fn murmur2(bytes: &[u8]) -> u32 {
    const SEED: u32 = 0x9747_b28c;
    const M: u32 = 0x5bd1_e995;
    const R: u32 = 24;

    // Of the length, the low 32 bits count, as in the original.
    let mut hash = SEED ^ bytes.len() as u32;
    let (words, rest) = bytes.as_chunks();
    for word in words {
        let mut k = u32::from_le_bytes(*word).wrapping_mul(M);
        k ^= k >> R;
        hash = hash.wrapping_mul(M) ^ k.wrapping_mul(M);
    }
    if !rest.is_empty() {
        let tail = rest.iter().rev().fold(0, |tail, byte| tail << 8 | u32::from(*byte));
        hash = (hash ^ tail).wrapping_mul(M);
    }
    hash ^= hash >> 13;
    hash = hash.wrapping_mul(M);
    hash ^ (hash >> 15)
}

#[cfg(test)]
mod tests;
