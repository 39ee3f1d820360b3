//! Removes tokens from the output of a failed test.

/// Replaces secrets that are known, and all that looks like a JWT.
pub(super) fn redact<'s>(text: &str, secrets: impl Iterator<Item = &'s str>) -> String {
    let secrets = secrets.filter(|secret| secret.len() >= SHORTEST_SECRET);
    let text = secrets.fold(text.to_owned(), |text, secret| text.replace(secret, REDACTED));
    without_tokens(&text)
}

/// Replaces each run of the characters of a compact JWS that begins as one and has two dots.
fn without_tokens(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, token)) = rest.find(JOSE_HEADER).and_then(|start| rest.split_at_checked(start)) {
        let is_end = |character: char| !(character.is_ascii_alphanumeric() || "-_.".contains(character));
        let (token, after) =
            token.split_at_checked(token.find(is_end).unwrap_or(token.len())).unwrap_or((token, ""));
        shown.push_str(before);
        shown.push_str(if token.matches('.').count() == 2 { REDACTED } else { token });
        rest = after;
    }
    shown.push_str(rest);
    shown
}

/// A value of a cookie that is shorter protects nothing, and may be a word of the body.
const SHORTEST_SECRET: usize = 16;

const REDACTED: &str = "[redacted]";

/// The first characters of `{"` in base64url.
const JOSE_HEADER: &str = "eyJ";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_and_known_secrets_are_replaced_and_other_words_stay() {
        let secrets = || ["0123456789abcdef", "dark"].into_iter();
        for (text, shown) in [
            ("", ""),
            (r#"{"a":"eyJhbGci.eyJzdWIi.c2ln_-","b":1}"#, r#"{"a":"[redacted]","b":1}"#),
            ("eyJ eyJ.a eyJ.a.b", "eyJ eyJ.a [redacted]"),
            ("theme=dark csrf=0123456789abcdef", "theme=dark csrf=[redacted]"),
        ] {
            assert_eq!(redact(text, secrets()), shown, "{text}");
        }
    }
}
