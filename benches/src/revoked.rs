//! A guarded call beside a list of what was revoked.

use gatevault::{GuardError, TokenManager, protected};

use crate::sample::{self, Numbers, SECRET};
use crate::{Answer, Group, Length, Row};

/// A token of a session, held against lists of other sessions.
pub(crate) const REVOKED: Group =
    Group { name: "guarded, and a list of sessions that were revoked", length: Length::Short, rows };

fn rows() -> Answer<Vec<Row>> {
    let token = sample::token(&sample::of_a_session())?;
    let with = |sessions: u32| -> Answer<_> {
        let tokens = TokenManager::new(SECRET)?;
        (0..sessions).for_each(|number| tokens.revoke_session(&format!("{number:036}")));
        Ok(move || guarded(token, &tokens))
    };
    Ok(vec![
        Row::new("nothing", with(0)?)?,
        Row::new("a thousand", with(1_000)?)?,
        Row::new("a million", with(1_000_000)?)?,
    ])
}

#[protected(gate = tokens)]
fn guarded(tokens: &TokenManager, payload: Numbers) -> Result<Numbers, GuardError> {
    Ok(payload)
}
