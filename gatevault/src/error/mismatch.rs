//! The claims `iss` and `aud` of a token beside the values that are accepted.

use std::fmt;

/// The issuer or the audience of a token, and the accepted values. It is for logs; clients never see it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Mismatch {
    /// The claim that was compared.
    pub claim: String,
    /// The values in the token, escaped and shortened. Empty if the token lacks the claim.
    pub found: Vec<String>,
    /// The accepted values.
    pub accepted: Vec<String>,
    /// The method that sets the accepted values.
    pub set_by: &'static str,
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { claim, found, accepted, set_by } = self;
        if found.is_empty() {
            write!(f, "the token has no `{claim}` claim")?;
        } else {
            write!(f, "the token's `{claim}` is {}", Quoted(found))?;
        }
        if accepted.is_empty() {
            write!(f, ", and none is configured: set it with `{set_by}`")
        } else {
            write!(f, ", and {} is accepted: see `{set_by}`", Quoted(accepted))
        }
    }
}

/// Values in quotes, the first ten of them.
struct Quoted<'v>(&'v [String]);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const MOST: usize = 10;
        for (position, value) in self.0.iter().take(MOST).enumerate() {
            let separator = if position == 0 { "" } else { ", " };
            write!(f, "{separator}\"{value}\"")?;
        }
        match self.0.len().saturating_sub(MOST) {
            0 => Ok(()),
            more => write!(f, " and {more} more"),
        }
    }
}
