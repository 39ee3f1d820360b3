//! The keys that attempts are counted under: digests, so that a store keeps no name, and no password typed in its place.

use std::fmt;
use std::net::IpAddr;

use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::error::InvalidReason;
use crate::random::random_bytes;

/// The key of an account, an address, or an account at an address: a SHA-256 digest truncated to 128 bits.
///
/// `Debug` does not show it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AttemptKey([u8; 16]);

impl AttemptKey {
    /// Returns the bytes of the digest.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Debug for AttemptKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AttemptKey").finish_non_exhaustive()
    }
}

/// A secret prefix of the digested data: without it, a reader of the store could find a name by trying candidates.
pub(super) struct DigestSecret(Zeroizing<[u8; 32]>);

impl DigestSecret {
    /// Creates a random secret, which is lost when the process ends.
    pub(super) fn random() -> Result<Self, InvalidReason> {
        Ok(Self(Zeroizing::new(random_bytes()?)))
    }

    /// Derives a secret that all processes with the same setting share.
    pub(super) fn shared(secret: &[u8]) -> Self {
        Self(Zeroizing::new(Sha256::digest(secret).into()))
    }

    /// Returns the key of an account, independent of the name's case and of white space around it.
    ///
    /// The name is uppercased before it is lowercased: only that unifies lowercase letters that share a capital, such as
    /// the two forms of sigma.
    pub(super) fn account(&self, name: &str) -> AttemptKey {
        let mut digest = self.digest_of(Domain::ACCOUNT);
        for letter in name.trim().chars().flat_map(char::to_uppercase).flat_map(char::to_lowercase) {
            digest.update(letter.encode_utf8(&mut [0; 4]));
        }
        truncated(digest)
    }

    /// Returns the key of an address.
    ///
    /// An IPv6 address counts as its /64 network, which one user controls. An IPv4-mapped address counts as IPv4.
    pub(super) fn address(&self, address: IpAddr) -> AttemptKey {
        truncated(match address.to_canonical() {
            IpAddr::V4(address) => self.digest_of(Domain::V4_ADDRESS).chain_update(address.octets()),
            IpAddr::V6(address) => {
                self.digest_of(Domain::V6_NETWORK).chain_update((address.to_bits() >> 64).to_be_bytes())
            }
        })
    }

    /// Returns the key of an account at an address.
    pub(super) fn account_at_address(&self, account: AttemptKey, address: AttemptKey) -> AttemptKey {
        truncated(self.digest_of(Domain::ACCOUNT_AT_ADDRESS).chain_update(account.0).chain_update(address.0))
    }

    /// Starts a digest. Secret and domain have a fixed length, so that different inputs cannot give the same bytes.
    fn digest_of(&self, domain: Domain) -> Sha256 {
        Sha256::new_with_prefix(*self.0).chain_update([domain.0])
    }
}

/// A domain separator: the kind of data in a digest.
#[derive(Clone, Copy)]
struct Domain(u8);

impl Domain {
    const ACCOUNT: Self = Self(0);
    const V4_ADDRESS: Self = Self(4);
    const V6_NETWORK: Self = Self(6);
    const ACCOUNT_AT_ADDRESS: Self = Self(9);
}

fn truncated(digest: Sha256) -> AttemptKey {
    let whole: [u8; 32] = digest.finalize().into();
    AttemptKey(whole.first_chunk().copied().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_a_name_is_one_account() {
        let secret = DigestSecret::shared(b"x");
        for names in [&["ada", " Ada ", "ADA\t\n"][..], &["οδος", "ΟΔΟΣ", "οδοσ"], &["straße", "STRASSE"]]
        {
            let keys: Vec<_> = names.iter().map(|name| secret.account(name)).collect();
            assert!(keys.windows(2).all(|pair| pair[0] == pair[1]), "{names:?}");
        }
        assert_ne!(secret.account("ada"), secret.account("a da"));
    }

    #[test]
    fn an_ipv6_network_is_one_address_and_a_mapped_one_is_ipv4() {
        let secret = DigestSecret::shared(b"x");
        let key = |text: &str| secret.address(text.parse().unwrap());
        assert_eq!(key("2001:db8:1:2::1"), key("2001:db8:1:2:ffff:ffff:ffff:ffff"));
        assert_ne!(key("2001:db8:1:2::1"), key("2001:db8:1:3::1"));
        assert_eq!(key("192.0.2.1"), key("::ffff:192.0.2.1"));
        assert_ne!(key("192.0.2.1"), key("192.0.2.2"));
    }

    #[test]
    fn another_secret_gives_another_digest() {
        let [one, other] = [b"x", b"y"].map(|secret| DigestSecret::shared(secret).account("ada"));
        assert_ne!(one, other);
        let [one, other] = [(); 2].map(|()| DigestSecret::random().unwrap().account("ada"));
        assert_ne!(one, other);
    }
}
