//! Text of a token, a key set or a response in a message for a log.

/// Returns text from elsewhere for a message: escaped, and then shortened.
pub(crate) fn excerpt(text: &str) -> String {
    let mut excerpt = String::new();
    for character in text.chars() {
        let escaped = character.escape_debug();
        if excerpt.len().saturating_add(escaped.len()) > LONGEST {
            return excerpt + "..";
        }
        excerpt.extend(escaped);
    }
    excerpt
}

/// Returns text from elsewhere for a message: escaped, shortened and in quotes.
pub(crate) fn quoted(text: &str) -> String {
    format!("\"{}\"", excerpt(text))
}

/// The length of an excerpt, in bytes.
const LONGEST: usize = 100;
