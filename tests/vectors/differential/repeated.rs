//! Whether some object of a JSON text names a member twice, by walking over the text.

use std::collections::HashSet;

/// The text must be valid JSON.
pub(crate) fn repeats_a_member(json: &str) -> bool {
    let mut open: Vec<HashSet<String>> = Vec::new();
    let mut rest = json;
    while let Some(character) = rest.chars().next() {
        match character {
            '{' | '[' => open.push(HashSet::new()),
            '}' | ']' => drop(open.pop()),
            '"' => {
                let (text, behind) = rest.split_at(length_of_string(rest));
                let is_name = behind.trim_start().starts_with(':');
                let text: String = serde_json::from_str(text).unwrap();
                if is_name && !open.last_mut().unwrap().insert(text) {
                    return true;
                }
                rest = behind;
                continue;
            }
            _ => {}
        }
        rest = &rest[character.len_utf8()..];
    }
    false
}

/// The bytes of the string that the text starts with, quotes included.
fn length_of_string(text: &str) -> usize {
    let mut escaped = false;
    for (position, character) in text.char_indices().skip(1) {
        match character {
            '"' if !escaped => return position + 1,
            '\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    text.len()
}

#[test]
fn the_walk_sees_what_is_repeated_and_nothing_else() {
    for json in
        [r#"{"a":1,"a":2}"#, r#"{"a":1,"\u0061":2}"#, r#"[{"b":[{"a" :1, "a" : {}}]}]"#, r#"{"\"":1,"\"":2}"#]
    {
        assert!(repeats_a_member(json), "{json}");
    }
    for json in ["{}", r#"{"a":"a","b":"a"}"#, r#"{"a":{"a":{"a":1}}}"#, r#"{"\\":"\\","a":["a","a"]}"#] {
        assert!(!repeats_a_member(json), "{json}");
    }
}
