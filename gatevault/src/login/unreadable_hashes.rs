//! The events of stored hashes that cannot be verified.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use super::user::stamp_of_password;
use crate::claims::UserId;
use crate::password::UnreadableHash;

/// The unreadable hashes that a handler has reported, so that each one is one event.
///
/// Without it an attacker who knows one such account writes a warning with each attempt, under which other warnings
/// disappear. It belongs to one handler, since two may have users of the same ids. A hash that is replaced by another
/// unreadable one is reported again; so is the oldest after [`REMEMBERED`] others.
#[derive(Debug, Default)]
pub(super) struct ReportedHashes(Mutex<VecDeque<(UserId, String)>>);

impl ReportedHashes {
    /// Logs a warning with the user and the reason, unless this hash of the user was reported before.
    pub(super) fn report(&self, user: &UserId, stored: &str, reason: UnreadableHash) {
        if self.is_new((user.clone(), stamp_of_password(Some(stored)))) {
            reason.report(Some(user));
        }
    }

    fn is_new(&self, hash: (UserId, String)) -> bool {
        let mut reported = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if reported.contains(&hash) {
            return false;
        }
        if reported.len() >= REMEMBERED {
            reported.pop_front();
        }
        reported.push_back(hash);
        true
    }
}

/// The number of hashes that are remembered, some 100 KiB.
const REMEMBERED: usize = 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_hash_of_each_user_is_new_once() {
        let reported = ReportedHashes::default();
        for (user, hash) in [(1, "a"), (1, "b"), (2, "a")] {
            assert!(reported.is_new((user.into(), hash.to_owned())));
            assert!(!reported.is_new((user.into(), hash.to_owned())));
        }
        assert!(!reported.is_new((1.into(), "a".to_owned())));
    }

    #[test]
    fn the_number_of_remembered_hashes_is_bounded_and_the_oldest_is_forgotten() {
        let reported = ReportedHashes::default();
        for user in 0..=u64::try_from(REMEMBERED).unwrap() {
            assert!(reported.is_new((user.into(), "a".to_owned())));
        }
        assert_eq!(reported.0.lock().unwrap().len(), REMEMBERED);
        assert!(!reported.is_new((1.into(), "a".to_owned())));
        assert!(reported.is_new((0.into(), "a".to_owned())));
    }
}
