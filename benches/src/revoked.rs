//! A guarded call beside a list of what was revoked.

use gatevault::{GuardError, TokenManager, protected};

use crate::sample::{self, Numbers};
use crate::{Answer, Group, Length, Measure, Row};

/// A token of a session, held against lists of other sessions.
pub(crate) const REVOKED: Group =
    Group { name: "guarded, and a list of sessions that were revoked", length: Length::Short, rows };

fn rows() -> Answer<Vec<Row>> {
    let token = sample::token(&sample::of_a_session())?;
    let with = |sessions: u32| -> Answer<_> {
        let tokens = sample::tokens()?;
        (0..sessions).for_each(|number| tokens.revoke_session(&format!("{number:036}")));
        Ok(move || guarded(token, &tokens))
    };
    Ok(vec![
        Row::new(NOTHING, with(0)?)?,
        Row::new("a thousand", with(1_000)?)?.held_to(Measure::Instructions, NOTHING, 1.03, 1.02),
        Row::new("a million", with(1_000_000)?)?.held_to(Measure::Instructions, NOTHING, 1.03, 1.02),
    ])
}

#[protected(gate = tokens)]
fn guarded(tokens: &TokenManager, payload: Numbers) -> Result<Numbers, GuardError> {
    Ok(payload)
}

const NOTHING: &str = "nothing";
