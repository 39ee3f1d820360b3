//! Verifiers of hashes that other systems made.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use super::unreadable::UnreadableHash;

/// The legacy verifiers of a hasher, in the order in which they are asked.
#[derive(Clone, Default)]
pub(super) struct LegacyVerifiers(Arc<[Arc<Verify>]>);

type Verify = dyn Fn(&str, &str) -> Option<bool> + Send + Sync;

impl LegacyVerifiers {
    /// Adds a verifier that is asked after the others.
    pub(super) fn with(&self, verify: impl Fn(&str, &str) -> Option<bool> + Send + Sync + 'static) -> Self {
        let last: Arc<Verify> = Arc::new(verify);
        Self(self.0.iter().cloned().chain([last]).collect())
    }

    /// Returns whether a verifier is asked about this password.
    pub(super) fn accepts(&self, plain: &str) -> bool {
        !self.is_empty() && plain.len() <= LONGEST_PASSWORD
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Verifies a password against a stored hash whose prefix belongs to no scheme.
    ///
    /// A panic is contained, because its time and its answer would otherwise show that the account exists.
    pub(super) fn verify(&self, plain: &str, stored: &str) -> Result<bool, UnreadableHash> {
        let unknown = UnreadableHash::unclaimed(stored);
        if unknown == UnreadableHash::Empty || self.is_empty() {
            return Err(unknown);
        }
        if !self.accepts(plain) {
            return Ok(false);
        }
        for verify in self.0.iter() {
            let answer = catch_unwind(AssertUnwindSafe(|| verify(plain, stored)));
            if let Some(is_right) = answer.map_err(|_| UnreadableHash::LegacyPanicked)? {
                return Ok(is_right);
            }
        }
        Err(unknown)
    }
}

impl fmt::Debug for LegacyVerifiers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} verifiers", self.0.len())
    }
}

/// The longest password for a legacy verifier, as for argon2id. A stretched hash of a longer one only serves denial of
/// service (CVE-2013-1443).
const LONGEST_PASSWORD: usize = 4096;
