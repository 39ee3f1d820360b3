//! The keys that attempts are counted under: digests, so that a store keeps no name, and no password typed in its place.

use std::fmt;

use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::networks::Network;
use crate::claims::UserId;
use crate::error::InvalidReason;
use crate::random::random_bytes;

/// The key of an account, a network, or an account in a network: a SHA-256 digest truncated to 128 bits.
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

    /// Creates the key of a number, for tests of stores.
    #[cfg(test)]
    pub(crate) fn of_number(number: u64) -> Self {
        Self(u128::from(number).to_be_bytes())
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

    /// Returns the key of the account that a name denotes, independent of the name's case and of white space around it.
    ///
    /// The name is uppercased before it is lowercased: only that unifies lowercase letters that share a capital, such as
    /// the two forms of sigma.
    pub(super) fn name(&self, pool: Option<&str>, name: &str) -> AttemptKey {
        folded(self.digest_in(Domain::NAME, pool), name)
    }

    /// Returns the key of an account by the id of its user. Takes as long for every id of up to 64 bytes.
    pub(super) fn user(&self, pool: Option<&str>, user: &UserId) -> AttemptKey {
        let number = user.as_u64().map(i128::from).or_else(|| user.as_i64().map(i128::from));
        let number = number.unwrap_or_default().to_be_bytes();
        let (kind, id) = user.as_str().map_or((0, number.as_slice()), |text| (1, text.as_bytes()));
        let padding = PADDING.get(..PADDING.len().saturating_sub(id.len()).max(1)).unwrap_or_default();
        let digest = self.digest_in(Domain::USER, pool).chain_update([kind]);
        truncated(digest.chain_update(id).chain_update(padding))
    }

    /// Returns the key of the account that a lookup has found or, for a name that no account has, of the key of that name.
    ///
    /// Both digests are computed in any case: the time must not show whether the account exists.
    pub(super) fn found(&self, pool: Option<&str>, user: Option<&UserId>, name: AttemptKey) -> AttemptKey {
        let of_user = self.user(pool, user.unwrap_or(&UserId::from(0)));
        let of_name = truncated(self.digest_of(Domain::UNKNOWN_NAME).chain_update(name.0));
        if user.is_some() { of_user } else { of_name }
    }

    /// Returns the key of a network.
    pub(super) fn network(&self, network: Network) -> AttemptKey {
        truncated(match network {
            Network::V4(address) => self.digest_of(Domain::V4_ADDRESS).chain_update(address.octets()),
            Network::V6(prefix, length) => {
                self.digest_of(Domain::v6_network(length)).chain_update(prefix.to_be_bytes())
            }
        })
    }

    /// Returns the key of an account at an address that it has logged in from.
    pub(super) fn account_at_address(&self, account: AttemptKey, address: AttemptKey) -> AttemptKey {
        self.pair(Domain::ACCOUNT_AT_ADDRESS, account, address)
    }

    /// Returns the key of an account in a network that is new to it.
    pub(super) fn account_in_network(&self, account: AttemptKey, network: AttemptKey) -> AttemptKey {
        self.pair(Domain::ACCOUNT_IN_NETWORK, account, network)
    }

    /// Returns the key of the first attempts on an account from all networks that are new to it.
    pub(super) fn newcomers(&self, account: AttemptKey) -> AttemptKey {
        truncated(self.digest_of(Domain::NEWCOMERS).chain_update(account.0))
    }

    /// Returns the key of a name as it was typed.
    pub(super) fn typed_name(&self, name: &str) -> AttemptKey {
        truncated(self.digest_of(Domain::TYPED_NAME).chain_update(name))
    }

    /// Returns the key of a password that was typed beside a name.
    pub(super) fn password(&self, typed_name: AttemptKey, password: &str) -> AttemptKey {
        truncated(self.digest_of(Domain::PASSWORD).chain_update(typed_name.0).chain_update(password))
    }

    fn pair(&self, domain: Domain, one: AttemptKey, other: AttemptKey) -> AttemptKey {
        truncated(self.digest_of(domain).chain_update(one.0).chain_update(other.0))
    }

    /// Starts a digest of data that belongs to a user pool.
    fn digest_in(&self, domain: Domain, pool: Option<&str>) -> Sha256 {
        let Some(pool) = pool else {
            return self.digest_of(domain);
        };
        // A digest has a fixed length.
        self.digest_of(domain.of_a_pool()).chain_update(Sha256::digest(pool))
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
    const NAME: Self = Self(0);
    const USER: Self = Self(1);
    const UNKNOWN_NAME: Self = Self(2);
    const NEWCOMERS: Self = Self(3);
    const V4_ADDRESS: Self = Self(4);
    const V6_NETWORK_OF_64_BITS: Self = Self(6);
    const ACCOUNT_AT_ADDRESS: Self = Self(9);
    const ACCOUNT_IN_NETWORK: Self = Self(10);
    const TYPED_NAME: Self = Self(11);
    const PASSWORD: Self = Self(12);

    /// Returns the domain of the networks with this number of bits.
    const fn v6_network(length: u8) -> Self {
        if length == 64 { Self::V6_NETWORK_OF_64_BITS } else { Self(length | 0x40) }
    }

    /// Returns the same domain, for the data of a user pool.
    const fn of_a_pool(self) -> Self {
        Self(self.0 | 0x80)
    }
}

/// A padding to 65 bytes, as in ISO/IEC 9797-1, method 2: a mark that ends the data, and zeros.
const PADDING: [u8; 65] = {
    let mut padding = [0; 65];
    padding[0] = 0x80;
    padding
};

fn folded(mut digest: Sha256, name: &str) -> AttemptKey {
    for letter in name.trim().chars().flat_map(char::to_uppercase).flat_map(char::to_lowercase) {
        digest.update(letter.encode_utf8(&mut [0; 4]));
    }
    truncated(digest)
}

fn truncated(digest: Sha256) -> AttemptKey {
    let whole: [u8; 32] = digest.finalize().into();
    AttemptKey(whole.first_chunk().copied().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::super::networks::networks_of;
    use super::*;

    #[test]
    fn every_spelling_of_a_name_is_one_account() {
        let secret = DigestSecret::shared(b"x");
        for names in [&["ada", " Ada ", "ADA\t\n"][..], &["οδος", "ΟΔΟΣ", "οδοσ"], &["straße", "STRASSE"]]
        {
            let keys: Vec<_> = names.iter().map(|name| secret.name(None, name)).collect();
            assert!(keys.windows(2).all(|pair| pair[0] == pair[1]), "{names:?}");
        }
        assert_ne!(secret.name(None, "ada"), secret.name(None, "a da"));
    }

    #[test]
    fn different_data_has_different_keys() {
        let secret = DigestSecret::shared(b"x");
        let number = UserId::from(42);
        let account = secret.name(None, "ada");
        let network =
            |text: &str| networks_of(text.parse().unwrap()).into_iter().map(|one| secret.network(one));
        let mut keys = vec![
            account,
            secret.name(Some(""), "ada"),
            secret.name(Some("admins"), "ada"),
            secret.found(None, None, account),
            secret.found(Some("admins"), None, secret.name(Some("admins"), "ada")),
            secret.found(Some("admins"), Some(&number), account),
            secret.newcomers(account),
            secret.account_at_address(account, account),
            secret.account_in_network(account, account),
            secret.typed_name("ada"),
            secret.typed_name("Ada"),
            secret.password(account, "ada"),
        ];
        let [almost, longest, longer] = [63, 64, 65].map(|length| "x".repeat(length));
        let texts = ["", "\0", "\u{80}", "ada", "42", &almost, &longest, &longer];
        keys.extend(texts.map(|text| secret.user(None, &text.into())));
        keys.extend([0, 42, u64::MAX].map(|id| secret.user(None, &id.into())));
        keys.extend([-1, i64::MIN].map(|id| secret.user(None, &id.into())));
        keys.extend(network("2001:db8::1").chain(network("2001:db8:0:1::1").take(1)));
        keys.extend(network("192.0.2.1").chain(network("192.0.2.2")));
        let distinct: HashSet<_> = keys.iter().collect();
        assert_eq!(distinct.len(), keys.len());
    }

    #[test]
    fn an_account_that_was_found_has_one_key_by_any_name() {
        let secret = DigestSecret::shared(b"x");
        for user in [UserId::from(0), UserId::from(42), UserId::from("ada")] {
            let by_name =
                ["ada", "grace"].map(|name| secret.found(None, Some(&user), secret.name(None, name)));
            assert_eq!(by_name, [secret.user(None, &user); 2], "{user:?}");
        }
    }

    #[test]
    fn another_secret_gives_another_digest() {
        let [one, other] = [b"x", b"y"].map(|secret| DigestSecret::shared(secret).name(None, "ada"));
        assert_ne!(one, other);
        let [one, other] = [(); 2].map(|()| DigestSecret::random().unwrap().name(None, "ada"));
        assert_ne!(one, other);
    }
}
