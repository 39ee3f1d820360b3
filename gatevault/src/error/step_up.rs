//! The denial of a caller who must authenticate again or in another way, in words of the application.

use std::borrow::Cow;
use std::time::Duration;

use super::{GuardError, Lacking};

/// A demand for another authentication (RFC 9470): the denial of a caller whose login is too old or too weak for this call.
///
/// It converts into a [`GuardError`] with the status 401, whose challenge has the error `insufficient_user_authentication`. For a
/// demand that does not depend on the arguments of the function, write `max_age` and `acr` in the attribute.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use gatevault::{GuardError, StepUpChallenge};
///
/// fn transfer(amount: u64, is_fresh: bool) -> Result<(), GuardError> {
///     if amount > 1_000 && !is_fresh {
///         let challenge = StepUpChallenge::new("a large transfer").max_age(Duration::from_mins(5)).acr_values(["phr"]);
///         return Err(challenge.into());
///     }
///     Ok(())
/// }
///
/// let denial = transfer(5_000, false).unwrap_err();
/// let challenge = r#"Bearer error="insufficient_user_authentication", acr_values="phr", max_age="300""#;
/// assert_eq!((denial.status(), denial.challenge().as_deref()), (401, Some(challenge)));
/// ```
#[derive(Debug, Clone)]
#[must_use = "convert the challenge into a `GuardError`, and return it"]
pub struct StepUpChallenge {
    reason: Cow<'static, str>,
    acr_values: Vec<Cow<'static, str>>,
    max_age: Option<Duration>,
}

impl StepUpChallenge {
    /// Creates a challenge without parameters; `reason` is the source of the denial, which no client sees.
    pub fn new(reason: impl Into<Cow<'static, str>>) -> Self {
        Self { reason: reason.into(), acr_values: Vec::new(), max_age: None }
    }

    /// Sets the authentication context classes of which one is enough, the preferred one first.
    ///
    /// A class is one word of visible ASCII characters without quotes and backslashes. The challenge leaves out any other, which no
    /// header could hold; the caller is denied nevertheless.
    pub fn acr_values(self, classes: impl IntoIterator<Item: Into<Cow<'static, str>>>) -> Self {
        Self { acr_values: classes.into_iter().map(Into::into).collect(), ..self }
    }

    /// Sets the longest time since the login, which the challenge has in whole seconds.
    pub fn max_age(self, max_age: Duration) -> Self {
        Self { max_age: Some(max_age), ..self }
    }
}

impl From<StepUpChallenge> for GuardError {
    fn from(challenge: StepUpChallenge) -> Self {
        let StepUpChallenge { reason, acr_values, max_age } = challenge;
        let words: Vec<_> = acr_values.iter().map(AsRef::as_ref).filter(|class| is_word(class)).collect();
        let acr_values = (!words.is_empty()).then(|| words.join(" ").into());
        Self::lacking(reason, Lacking::Authentication { acr_values, max_age })
    }
}

/// Returns whether a quoted string in a header can hold this class beside others.
fn is_word(class: &str) -> bool {
    !class.is_empty()
        && class.bytes().all(|byte| matches!(byte, b'!'..=b'~') && !matches!(byte, b'"' | b'\\'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_that_would_break_the_header_is_left_out_and_the_caller_is_denied() {
        let classes = ["phr", "two words", "", "quo\"te", "back\\slash", "line\nbreak", "phrh", "é"];
        let denial = GuardError::from(StepUpChallenge::new("weak login").acr_values(classes));
        let challenge = r#"Bearer error="insufficient_user_authentication", acr_values="phr phrh""#;
        assert_eq!((denial.status(), denial.challenge().as_deref()), (401, Some(challenge)));

        let denial = GuardError::from(StepUpChallenge::new("weak login").acr_values(["no class"]));
        let challenge = r#"Bearer error="insufficient_user_authentication""#;
        assert_eq!((denial.status(), denial.challenge().as_deref()), (401, Some(challenge)));
        assert_eq!(denial.error_code(), Some("insufficient_user_authentication"));
    }
}
