//! What attempts are counted under: digests, so that no name, and no password typed in its place, is kept.

use std::fmt;
use std::net::IpAddr;

use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::error::InvalidReason;
use crate::random::random_bytes;

/// An account, an address, or an account at an address: half of a SHA-256 digest, of which `Debug` shows nothing.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AttemptKey([u8; 16]);

impl AttemptKey {
    /// The bytes of the digest.
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

/// What the digests begin with: without it nobody finds out by trying which name is behind one.
pub(super) struct DigestSecret(Zeroizing<[u8; 32]>);

impl DigestSecret {
    /// One that nobody knows, and that ends with the process.
    pub(super) fn random() -> Result<Self, InvalidReason> {
        Ok(Self(Zeroizing::new(random_bytes()?)))
    }

    /// One that processes agree on.
    pub(super) fn shared(secret: &[u8]) -> Self {
        Self(Zeroizing::new(Sha256::digest(secret).into()))
    }

    /// In whatever case the name was typed, and whatever white space stands around it. Upper case comes first, since only
    /// it brings together letters of which several have the same capital.
    pub(super) fn account(&self, name: &str) -> AttemptKey {
        let mut hash = self.hash_of(Kind::ACCOUNT);
        for letter in name.trim().chars().flat_map(char::to_uppercase).flat_map(char::to_lowercase) {
            hash.update(letter.encode_utf8(&mut [0; 4]));
        }
        half_of(hash)
    }

    /// The network of an IPv6 address, of which its user has all, and an IPv4 address however it is written.
    pub(super) fn address(&self, address: IpAddr) -> AttemptKey {
        half_of(match address.to_canonical() {
            IpAddr::V4(address) => self.hash_of(Kind::V4_ADDRESS).chain_update(address.octets()),
            IpAddr::V6(address) => {
                self.hash_of(Kind::V6_NETWORK).chain_update((address.to_bits() >> 64).to_be_bytes())
            }
        })
    }

    pub(super) fn account_at_address(&self, account: AttemptKey, address: AttemptKey) -> AttemptKey {
        half_of(self.hash_of(Kind::ACCOUNT_THERE).chain_update(account.0).chain_update(address.0))
    }

    /// Both the secret and the kind are of a fixed length, so that nothing is hashed alike that differs.
    fn hash_of(&self, kind: Kind) -> Sha256 {
        Sha256::new_with_prefix(*self.0).chain_update([kind.0])
    }
}

/// What the bytes of a digest are.
#[derive(Clone, Copy)]
struct Kind(u8);

impl Kind {
    const ACCOUNT: Self = Self(0);
    const V4_ADDRESS: Self = Self(4);
    const V6_NETWORK: Self = Self(6);
    const ACCOUNT_THERE: Self = Self(9);
}

fn half_of(hash: Sha256) -> AttemptKey {
    let whole: [u8; 32] = hash.finalize().into();
    AttemptKey(whole.first_chunk().copied().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_type_a_name_is_one_account() {
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
