//! A claim as an argument: `name=value`.

use serde_json::Value;

/// A claim of a new token.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Claim {
    pub(crate) name: String,
    pub(crate) value: Value,
}

/// Parses `name=value`. The value is JSON, or else a string.
pub(crate) fn parse(text: &str) -> Result<Claim, String> {
    let expected = || "write name=value, such as role=admin, org_id=7 or 'scopes=[\"read\"]'".to_owned();
    let (name, value) = text.split_once('=').filter(|(name, _)| !name.is_empty()).ok_or_else(expected)?;
    let json = serde_json::from_str(value);
    if json.is_err() && value.starts_with(['{', '[', '"']) {
        return Err(format!(
            "the value of {name} begins like JSON and is none: close its brackets and quotes"
        ));
    }
    let value = json.unwrap_or_else(|_| Value::from(value));
    Ok(Claim { name: name.to_owned(), value })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::parse;

    #[test]
    fn a_value_is_json_or_a_string() {
        for (text, value) in [
            ("a=7", json!(7)),
            ("a=true", json!(true)),
            ("a=admin", json!("admin")),
            ("a=\"7\"", json!("7")),
            ("a=007", json!("007")),
            ("a=b=c", json!("b=c")),
            ("a=", json!("")),
            ("a=[1,\"b\"]", json!([1, "b"])),
        ] {
            assert_eq!(parse(text).unwrap().value, value, "{text}");
        }
        for wrong in ["", "a", "=b", "a={", "a=\"b", "a=[1,]"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
