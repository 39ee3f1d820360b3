//! The fingerprint of ROCA (CVE-2017-15361): RSA keys of one vendor's chips, whose private key follows from the public one.
//!
//! The chips took primes that are powers of 65537 modulo every small prime, so their product, the modulus, is one too (Nemec et
//! al., CCS 2017, section 3). Smart cards and TPMs of 2012 to 2017 still hold such keys.

/// Returns whether a modulus in big-endian bytes has the fingerprint. Of other moduli, 4 in 10⁹ have it.
pub(super) fn has_fingerprint(modulus: &[u8]) -> bool {
    PRIMES.iter().all(|prime| is_power_of_the_generator(remainder(modulus, *prime), *prime))
}

fn remainder(modulus: &[u8], prime: u32) -> u32 {
    modulus.iter().fold(0, |rest, byte| reduced(rest.wrapping_mul(256).wrapping_add((*byte).into()), prime))
}

/// Returns whether a number is a power of 65537 modulo a prime: one of the `prime - 1` first.
fn is_power_of_the_generator(number: u32, prime: u32) -> bool {
    let generator = reduced(65537, prime);
    let mut power = 1;
    (1..prime).any(|_| {
        power = reduced(generator.wrapping_mul(power), prime);
        power == number
    })
}

fn reduced(number: u32, prime: u32) -> u32 {
    number.checked_rem(prime).unwrap_or_default()
}

/// The primes that the chips' library used for keys of every length.
const PRIMES: [u32; 38] = [
    3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103,
    107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn powers_of_the_generator_have_the_fingerprint_and_their_neighbors_have_not() {
        let power = 65537_u128.pow(7);
        assert!(has_fingerprint(&power.to_be_bytes()));
        assert!(!has_fingerprint(&(power + 2).to_be_bytes()));
        assert!(!has_fingerprint(&(power * 3).to_be_bytes()), "a multiple of a small prime");
    }
}
