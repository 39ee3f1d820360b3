//! The text of API keys: `<prefix>_<secret>_<checksum>`, in lower case and digits.
//!
//! The secret is 32 random bytes and the checksum the first 4 bytes of the SHA-256 of what is in front of it, both in hexadecimal:
//! a double click selects the whole key, and a secret scanner recognizes it by its prefix and form.

use sha2::{Digest as _, Sha256};

use crate::base64url;
use crate::error::{ConfigError, TokenError};
use crate::random::{Uuid, generate_secret, hex};

/// The prefix of a handler's keys.
#[derive(Debug)]
pub(super) struct KeyPrefix(String);

/// A new key: its text, and the digest that is stored instead.
pub(super) struct KeyText {
    pub(super) text: String,
    pub(super) digest: KeyDigest,
}

/// The digest of a key's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct KeyDigest([u8; 32]);

impl Default for KeyPrefix {
    fn default() -> Self {
        Self("gv".to_owned())
    }
}

impl KeyPrefix {
    /// Creates a prefix of lower-case letters and digits.
    pub(super) fn new(prefix: &str) -> Result<Self, ConfigError> {
        let is_word = prefix.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9'));
        if is_word && (1..=LONGEST_PREFIX).contains(&prefix.len()) {
            return Ok(Self(prefix.to_owned()));
        }
        Err(ConfigError::InvalidKeyPrefix { found: prefix.to_owned() })
    }

    /// Creates a key.
    pub(super) fn new_key(&self) -> Result<KeyText, TokenError> {
        let unchecked = format!("{}_{}", self.0, generate_secret()?);
        let text = format!("{unchecked}_{}", checksum(&unchecked));
        let digest = KeyDigest::of(&text);
        Ok(KeyText { text, digest })
    }

    /// Returns the digest of a key with this prefix and the right checksum, or `None` for any other text.
    pub(super) fn digest_of(&self, text: &str) -> Option<KeyDigest> {
        let secret = text.strip_prefix(&self.0)?.strip_prefix('_')?;
        let (unchecked, found) = text.rsplit_once('_')?;
        let (secret, _) = secret.split_once('_')?;
        let is_hex = |text: &str| text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        let is_whole = secret.len() == SECRET_LEN && is_hex(secret) && found == checksum(unchecked);
        is_whole.then(|| KeyDigest::of(text))
    }
}

impl KeyDigest {
    /// Returns the digest. Its prefix distinguishes it from digests of the same text for other purposes.
    fn of(text: &str) -> Self {
        Self(Sha256::new_with_prefix("gatevault API key\0").chain_update(text).finalize().into())
    }

    /// Creates the digest of no key, for a test.
    #[cfg(test)]
    pub(crate) fn numbered(number: u8) -> Self {
        Self([number; 32])
    }

    /// Returns the id of the key's session.
    pub(super) fn session_id(&self) -> String {
        Uuid::of_digest(&self.0).as_str().to_owned()
    }

    /// Returns the whole digest, for a store to keep.
    pub(super) fn encoded(&self) -> String {
        base64url::encoded(&self.0)
    }
}

/// Returns the checksum of the prefix and the secret: it recognizes a typo without a lookup, and is no proof of anything.
fn checksum(unchecked: &str) -> String {
    let digest = Sha256::digest(unchecked);
    digest.iter().take(CHECKSUM_BYTES).flat_map(|byte| hex(*byte)).map(char::from).collect()
}

const LONGEST_PREFIX: usize = 20;
/// In characters.
const SECRET_LEN: usize = 64;
const CHECKSUM_BYTES: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_has_three_parts_of_letters_and_digits_and_is_found_by_its_digest() {
        let prefix = KeyPrefix::new("shop1").unwrap();
        let KeyText { text, digest } = prefix.new_key().unwrap();
        let parts: Vec<_> = text.split('_').collect();
        let lengths: Vec<_> = parts.iter().map(|part| part.len()).collect();
        assert!(text.starts_with("shop1_") && lengths == [5, 64, 8], "{text}");
        assert_eq!(prefix.digest_of(&text), Some(digest));
        assert_ne!(prefix.new_key().unwrap().digest, digest);
        assert!(!text.contains(&digest.encoded()) && !text.contains(&digest.session_id()));
    }

    #[test]
    fn every_changed_character_and_every_other_form_is_recognized() {
        let prefix = KeyPrefix::default();
        let text = prefix.new_key().unwrap().text;
        for place in 0..text.len() {
            let (before, rest) = text.split_at(place);
            let (character, after) = rest.split_at(1);
            for other in
                ["0", "1", "f", "A", "_", "", "0a", "é"].into_iter().filter(|other| *other != character)
            {
                assert_eq!(
                    prefix.digest_of(&format!("{before}{other}{after}")),
                    None,
                    "{before}{other}{after}"
                );
            }
        }
        let (upper, spaced) = (text.to_uppercase(), format!(" {text}"));
        let longer = [
            format!("{text}0"),
            format!("{text}_"),
            format!("{text} "),
            format!("x{text}"),
            format!("{text}{text}"),
        ];
        for other in
            longer.iter().map(String::as_str).chain(["", "gv", "gv_", "gv__", "_", "a.b.c", &upper, &spaced])
        {
            assert_eq!(prefix.digest_of(other), None, "{other}");
        }
        assert_eq!(KeyPrefix::new("g").unwrap().digest_of(&text), None);
    }

    #[test]
    fn a_prefix_is_a_word_of_lower_case_letters_and_digits() {
        for prefix in ["", "Shop", "my_shop", "my-shop", "é", " ", "a b", "aaaaaaaaaaaaaaaaaaaaa"] {
            assert!(KeyPrefix::new(prefix).is_err(), "{prefix:?}");
        }
        for prefix in ["a", "7", "shop2", "aaaaaaaaaaaaaaaaaaaa"] {
            assert!(KeyPrefix::new(prefix).is_ok(), "{prefix:?}");
        }
    }
}
