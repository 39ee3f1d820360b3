//! The hash functions under HMAC (FIPS 180-4), entered at a state: what is the same for every message is hashed once.

use sha2::block_api::{compress256, compress512};
use sha2::{Digest, Sha256, Sha384, Sha512};
use zeroize::Zeroize;

/// A hash function over blocks of `BLOCK` bytes.
pub(super) trait Hash<const BLOCK: usize>: Digest + 'static {
    type State: State<BLOCK>;

    /// The length of a hash.
    const BYTES: usize;

    /// Where every hash begins (FIPS 180-4 section 5.3).
    const INITIAL: Self::State;

    /// Ends a hash whose first block is in `state` already.
    fn finish(mut state: Self::State, message: &[u8]) -> Padded {
        let (blocks, rest) = message.as_chunks();
        state.compress(blocks);
        let mut last = [[0; BLOCK]; 2];
        if let Some((text, [mark, ..])) = last.as_flattened_mut().split_at_mut_checked(rest.len()) {
            text.copy_from_slice(rest);
            *mark = 0x80;
        }
        // Behind the mark there must be space for the length, which is as long as two words of the state.
        let blocks = if rest.len() < BLOCK.saturating_sub(BLOCK / 8) { 1 } else { 2 };
        let last = last.get_mut(..blocks).unwrap_or_default();
        let bits = message.len().saturating_add(BLOCK).saturating_mul(8);
        if let (Some(length), Ok(bits)) = (last.as_flattened_mut().last_chunk_mut(), u64::try_from(bits)) {
            *length = bits.to_be_bytes();
        }
        state.compress(last);
        let mut hash = state.bytes();
        hash.iter_mut().skip(Self::BYTES).for_each(|byte| *byte = 0);
        hash
    }
}

/// What a hash function remembers of the blocks it has seen.
pub(super) trait State<const BLOCK: usize>: Copy + Send + Sync + Zeroize {
    fn compress(&mut self, blocks: &[[u8; BLOCK]]);

    fn bytes(&self) -> Padded;
}

/// A hash and zeros behind it, up to a length that is whole groups of base64.
pub(super) type Padded = [u8; 66];

macro_rules! states {
    ($($word:ty, $bytes:literal, $block:literal, $compress:path;)+) => {
        $(impl State<$block> for [$word; 8] {
            #[inline]
            fn compress(&mut self, blocks: &[[u8; $block]]) {
                $compress(self, blocks);
            }

            #[inline]
            fn bytes(&self) -> Padded {
                let mut bytes = [0; _];
                let (places, _) = bytes.as_chunks_mut::<$bytes>();
                places.iter_mut().zip(self).for_each(|(place, word)| *place = word.to_be_bytes());
                bytes
            }
        })+
    };
}
states! {
    u32, 4, 64, compress256;
    u64, 8, 128, compress512;
}

impl Hash<64> for Sha256 {
    type State = [u32; 8];

    const BYTES: usize = 32;

    const INITIAL: [u32; 8] = [
        0x6a09_e667,
        0xbb67_ae85,
        0x3c6e_f372,
        0xa54f_f53a,
        0x510e_527f,
        0x9b05_688c,
        0x1f83_d9ab,
        0x5be0_cd19,
    ];
}

impl Hash<128> for Sha384 {
    type State = [u64; 8];

    const BYTES: usize = 48;

    const INITIAL: [u64; 8] = [
        0xcbbb_9d5d_c105_9ed8,
        0x629a_292a_367c_d507,
        0x9159_015a_3070_dd17,
        0x152f_ecd8_f70e_5939,
        0x6733_2667_ffc0_0b31,
        0x8eb4_4a87_6858_1511,
        0xdb0c_2e0d_64f9_8fa7,
        0x47b5_481d_befa_4fa4,
    ];
}

impl Hash<128> for Sha512 {
    type State = [u64; 8];

    const BYTES: usize = 64;

    const INITIAL: [u64; 8] = [
        0x6a09_e667_f3bc_c908,
        0xbb67_ae85_84ca_a73b,
        0x3c6e_f372_fe94_f82b,
        0xa54f_f53a_5f1d_36f1,
        0x510e_527f_ade6_82d1,
        0x9b05_688c_2b3e_6c1f,
        0x1f83_d9ab_fb41_bd6b,
        0x5be0_cd19_137e_2179,
    ];
}
