//! Scanning the bytes of JSON, eight at a time (SWAR, SIMD within a register).

/// Returns the value of eight decimal digits, such as the first ones of a date, or `None` if there is another byte.
#[inline]
pub(super) fn eight_digits(digits: [u8; 8]) -> Option<u64> {
    const UPPER: u64 = 0xf0f0_f0f0_f0f0_f0f0;
    const ZEROS: u64 = 0x3030_3030_3030_3030;
    let word = u64::from_le_bytes(digits);
    // Adding six moves the bytes from `:` to `?` out of the sixteen that begin with the upper half of a digit. A carry comes
    // only from a byte that the first comparison rejects.
    if word & UPPER != ZEROS || word.wrapping_add(0x0606_0606_0606_0606) & UPPER != ZEROS {
        return None;
    }
    // Each step joins neighbors: digits to pairs, pairs to fours, and fours to the number. Nothing wraps into a lower field.
    let pairs = (word ^ ZEROS).wrapping_mul(10 << 8 | 1) >> 8 & 0x00ff_00ff_00ff_00ff;
    let fours = pairs.wrapping_mul(100 << 16 | 1) >> 16 & 0x0000_ffff_0000_ffff;
    Some(fours.wrapping_mul(10_000 << 32 | 1) >> 32)
}

/// Returns the number of bytes before the first quote, backslash or control character, eight bytes at a time.
#[inline]
pub(super) fn plain_bytes(input: &[u8]) -> usize {
    // Most names and values end within the first word.
    if let Some(word) = input.first_chunk() {
        let special = special_bytes(u64::from_le_bytes(*word));
        if special != 0 {
            return lowest_byte(special);
        }
    }
    more_plain_bytes(input)
}

#[inline(never)]
fn more_plain_bytes(input: &[u8]) -> usize {
    let (words, rest) = input.as_chunks::<8>();
    for (position, word) in words.iter().enumerate() {
        let special = special_bytes(u64::from_le_bytes(*word));
        if special != 0 {
            // Nothing wraps: the result is a position in the input.
            return position.wrapping_mul(8).wrapping_add(lowest_byte(special));
        }
    }
    let plain = rest.iter().take_while(|byte| **byte >= b' ' && **byte != b'"' && **byte != b'\\').count();
    input.len().wrapping_sub(rest.len()).wrapping_add(plain)
}

/// Sets the highest bit of each of eight bytes that is a quote, a backslash or a control character.
///
/// Only the lowest set bit is reliable, because the subtractions borrow.
fn special_bytes(word: u64) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGHEST: u64 = 0x8080_8080_8080_8080;
    let all = |byte: u8| ONES.wrapping_mul(byte.into());
    // After this bit is flipped, the quote and the control characters are the only bytes up to a space.
    let quote_or_control = (word ^ all(b'"' ^ b' ')).wrapping_sub(all(b' '.wrapping_add(1)));
    let backslash = (word ^ all(b'\\')).wrapping_sub(ONES);
    (quote_or_control | backslash) & !word & HIGHEST
}

fn lowest_byte(bits: u64) -> usize {
    (bits.trailing_zeros() / 8).try_into().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{eight_digits, plain_bytes};

    #[test]
    fn a_string_ends_before_the_first_quote_backslash_or_control_character() {
        for length in 0..40 {
            for place in 0..length {
                for byte in 0..=u8::MAX {
                    let mut input = vec![b'~'; length];
                    input[place] = byte;
                    let is_special = byte < b' ' || byte == b'"' || byte == b'\\';
                    assert_eq!(plain_bytes(&input), if is_special { place } else { length }, "{input:?}");
                }
            }
        }
    }

    #[test]
    fn eight_digits_are_a_number_and_every_other_byte_is_refused() {
        for number in [0, 1, 9, 10, 12_345_678, 17_672_256, 87_654_321, 99_999_999] {
            let digits = format!("{number:08}");
            assert_eq!(eight_digits(digits.as_bytes().try_into().unwrap()), Some(number));
        }
        for place in 0..8 {
            for byte in 0..=u8::MAX {
                let mut digits = *b"00000000";
                digits[place] = byte;
                let number = str::from_utf8(&digits).ok().filter(|_| byte.is_ascii_digit());
                assert_eq!(eight_digits(digits), number.and_then(|number| number.parse().ok()), "{digits:?}");
            }
        }
    }
}
