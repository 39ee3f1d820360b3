//! Requirements on the authentication behind a token: its age, its class and its methods (RFC 9470).

use std::time::Duration;

use crate::claims::{Authentication, Verified};
use crate::clock::Timestamp;
use crate::error::{GuardError, Lacking};

/// The requirements of a guard on the authentication of its caller. All of them must be met.
#[derive(Debug, Clone, Copy)]
pub struct RequiredAuthentication {
    /// The most seconds since the login or, for a token without a session, since its issue.
    pub max_age: Option<u64>,
    /// The classes: the token's `acr` must equal each.
    pub acr: &'static [&'static str],
    /// The methods: the token's `amr` must contain each.
    pub amr: &'static [&'static str],
}

impl RequiredAuthentication {
    /// Checks the authentication at the time `now`. The denial names everything that is lacking.
    #[inline]
    pub(super) fn check<C>(&self, verified: &Verified<C>, now: Timestamp) -> Result<(), GuardError> {
        let max_age =
            self.max_age.map(Duration::from_secs).filter(|max_age| !verified.is_fresh(*max_age, now));
        let (acr, amr) = if self.acr.is_empty() && self.amr.is_empty() {
            (None, None)
        } else {
            self.lacking(verified.authentication())
        };
        if max_age.is_none() && acr.is_none() && amr.is_none() {
            return Ok(());
        }
        Err(denial(max_age, acr, amr))
    }

    /// Returns the first class and the first method that the authentication lacks.
    ///
    /// Not inlined, and without a reference to the claims, because the compiler would copy those first.
    #[inline(never)]
    fn lacking(&self, used: Option<&Authentication>) -> (Option<&'static str>, Option<&'static str>) {
        let has_class = |class: &str| used.is_some_and(|used| used.acr.as_deref() == Some(class));
        let has_method =
            |method: &str| used.is_some_and(|used| used.amr.iter().any(|used| **used == *method));
        let acr = self.acr.iter().find(|class| !has_class(class)).copied();
        let amr = self.amr.iter().find(|method| !has_method(method)).copied();
        (acr, amr)
    }
}

/// Returns the denial of a caller whose authentication is too old, of another class, or made with other methods.
#[cold]
fn denial(max_age: Option<Duration>, acr: Option<&'static str>, amr: Option<&'static str>) -> GuardError {
    let reasons = [
        max_age.map(|_| "the token was issued too long ago".to_owned()),
        acr.map(|class| format!("acr = {class:?}")),
        amr.map(|method| format!("amr = {method:?}")),
    ];
    let reasons: Vec<_> = reasons.into_iter().flatten().collect();
    let acr_values = acr.map(Into::into);
    GuardError::lacking(reasons.join(", "), Lacking::Authentication { acr_values, max_age })
}
