//! Parameters of challenges: the header `WWW-Authenticate` (RFC 9110 section 11.6.1).

/// Adds parameters to a challenge of the scheme `Bearer`, except for those that it has. Every other challenge stays as it is.
///
/// The values contain no quotes and no backslashes.
pub(super) fn with_parameters<'p>(
    challenge: &str,
    parameters: impl IntoIterator<Item = (&'p str, &'p str)>,
) -> String {
    let mut challenge = challenge.to_owned();
    if !is_bearer(&challenge) {
        return challenge;
    }
    for (name, value) in parameters {
        if !has_parameter(&challenge, name) {
            let separator = if challenge.contains(' ') { "," } else { "" };
            challenge.extend([separator, " ", name, "=\"", value, "\""]);
        }
    }
    challenge
}

/// Adds the scopes that a guard demands to a challenge that asks for another token (RFC 6750 section 3).
///
/// A challenge that says what the token lacks stays as it is.
pub(super) fn with_scopes(challenge: &str, scopes: &[&str]) -> String {
    if scopes.is_empty() || challenge.contains(r#"error="insufficient_"#) {
        return challenge.to_owned();
    }
    with_parameters(challenge, [("scope", scopes.join(" ").as_str())])
}

fn is_bearer(challenge: &str) -> bool {
    challenge == "Bearer" || challenge.starts_with("Bearer ")
}

fn has_parameter(challenge: &str, name: &str) -> bool {
    challenge.contains(&format!(" {name}=\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_added_to_a_challenge_that_asks_for_a_token_and_to_no_other() {
        let with = |challenge| with_scopes(challenge, &["notes:read", "notes:write"]);
        assert_eq!(with("Bearer"), r#"Bearer scope="notes:read notes:write""#);
        let invalid = r#"Bearer error="invalid_token""#;
        assert_eq!(with(invalid), format!(r#"{invalid}, scope="notes:read notes:write""#));
        for other in [
            r#"Bearer error="insufficient_scope", scope="notes:read""#,
            r#"Bearer error="insufficient_user_authentication", max_age="60""#,
            r#"Bearer scope="other""#,
            r#"Basic realm="notes""#,
            "Bearers",
        ] {
            assert_eq!(with(other), other);
        }
        assert_eq!(with_scopes("Bearer", &[]), "Bearer");
    }
}
