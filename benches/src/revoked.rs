//! A guarded call with a list of revoked sessions.

use gatevault::{GuardError, TokenManager, protected};

use crate::sample::{self, Numbers, SECRET};
use crate::{Answer, Group, Length, Row};

/// Verifies a token of a session with lists of other, revoked sessions.
pub(crate) const REVOKED: Group =
    Group { name: "guarded, with a list of revoked sessions", length: Length::Short, rows };

/// Creates the rows.
fn rows() -> Answer<Vec<Row>> {
    let token = sample::token(&sample::with_session())?;
    let with = |sessions: u32| -> Answer<_> {
        let tokens = TokenManager::new(SECRET)?;
        for number in 0..sessions {
            tokens.revoke_session(None, &format!("{number:036}"))?;
        }
        Ok(move || guarded(token, &tokens))
    };
    Ok(vec![
        Row::new("no session", with(0)?)?,
        Row::new("a thousand", with(1_000)?)?,
        Row::new("a million", with(1_000_000)?)?,
    ])
}

#[protected(gate = tokens)]
fn guarded(tokens: &TokenManager, payload: Numbers) -> Result<Numbers, GuardError> {
    Ok(payload)
}
