//! JSON of a token, for people: members in their order, and those that are there twice.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap as _, Serializer};
use serde_json::Number;

/// A JSON value. Unlike `serde_json::Value` it keeps every member of an object, in its order.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Json {
    Null,
    Boolean(bool),
    Number(Number),
    String(String),
    Array(Vec<Json>),
    Object(Vec<(String, Json)>),
}

impl Json {
    /// Parses JSON. The error says where the first mistake is.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, String> {
        serde_json::from_slice(bytes).map_err(|error| error.to_string())
    }

    /// Returns the members of an object; none for any other value.
    pub(crate) fn members(&self) -> &[(String, Self)] {
        match self {
            Self::Object(members) => members,
            _ => &[],
        }
    }

    /// Returns the first member with this name.
    pub(crate) fn get(&self, name: &str) -> Option<&Self> {
        self.members().iter().find(|(other, _)| other == name).map(|(_, value)| value)
    }

    /// Returns the string, if the value is one.
    pub(crate) fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(string) => Some(string),
            _ => None,
        }
    }

    /// Returns the number as a float, if the value is one.
    pub(crate) fn as_f64(&self) -> Option<f64> {
        match self {
            Self::Number(number) => number.as_f64(),
            _ => None,
        }
    }

    /// Returns the whole seconds of a `NumericDate` that is not negative (RFC 7519 section 2).
    pub(crate) fn seconds(&self) -> Option<u64> {
        match self {
            Self::Number(number) => number.as_u64().or_else(|| {
                let fractional = std::time::Duration::try_from_secs_f64(number.as_f64()?).ok()?;
                Some(fractional.as_secs())
            }),
            _ => None,
        }
    }

    /// Returns the names of members that an object has more than once, at any depth.
    pub(crate) fn repeated(&self) -> Vec<&str> {
        let mut repeated = Vec::new();
        match self {
            Self::Object(members) => {
                let mut names: Vec<_> = members.iter().map(|(name, _)| name.as_str()).collect();
                names.sort_unstable();
                let pairs = names.iter().zip(names.iter().skip(1));
                repeated.extend(pairs.filter(|(one, next)| one == next).map(|(one, _)| *one));
                repeated.extend(members.iter().flat_map(|(_, value)| value.repeated()));
            }
            Self::Array(values) => repeated.extend(values.iter().flat_map(Self::repeated)),
            _ => {}
        }
        repeated.dedup();
        repeated
    }
}

/// Formats the value as JSON on one line.
impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&serde_json::to_string(self).map_err(|_| fmt::Error)?)
    }
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Boolean(boolean) => serializer.serialize_bool(*boolean),
            Self::Number(number) => number.serialize(serializer),
            Self::String(string) => serializer.serialize_str(string),
            Self::Array(values) => serializer.collect_seq(values),
            Self::Object(members) => {
                let mut map = serializer.serialize_map(Some(members.len()))?;
                members.iter().try_for_each(|(name, value)| map.serialize_entry(name, value))?;
                map.end()
            }
        }
    }
}

impl<'d> Deserialize<'d> for Json {
    fn deserialize<D: Deserializer<'d>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(JsonVisitor)
    }
}

struct JsonVisitor;

impl<'d> Visitor<'d> for JsonVisitor {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, boolean: bool) -> Result<Json, E> {
        Ok(Json::Boolean(boolean))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Json, E> {
        Ok(Json::Number(number.into()))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Json, E> {
        Ok(Json::Number(number.into()))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Json, E> {
        Ok(Number::from_f64(number).map_or(Json::Null, Json::Number))
    }

    fn visit_str<E>(self, string: &str) -> Result<Json, E> {
        Ok(Json::String(string.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'d>>(self, mut values: A) -> Result<Json, A::Error> {
        let mut all = Vec::new();
        while let Some(value) = values.next_element()? {
            all.push(value);
        }
        Ok(Json::Array(all))
    }

    fn visit_map<A: MapAccess<'d>>(self, mut members: A) -> Result<Json, A::Error> {
        let mut all = Vec::new();
        while let Some(member) = members.next_entry()? {
            all.push(member);
        }
        Ok(Json::Object(all))
    }
}

#[cfg(test)]
mod tests {
    use super::Json;

    #[test]
    fn members_keep_their_order_and_their_repetitions() {
        let text = r#"{"b":1,"a":[true,null,-1.5,"x"],"b":{"c":1,"c":2},"d":18446744073709551615}"#;
        let json = Json::parse(text.as_bytes()).unwrap();
        assert_eq!(json.to_string(), text);
        assert_eq!(json.repeated(), ["b", "c"]);
        assert_eq!(json.get("b").and_then(Json::seconds), Some(1));
    }

    #[test]
    fn what_is_no_json_or_is_nested_too_deeply_is_an_error() {
        let deep = "[".repeat(100_000);
        for text in ["", "{", "{}{}", "nul", &deep, "\"\\ud800\"", "{\"a\":1e999}"] {
            assert!(Json::parse(text.as_bytes()).is_err(), "{}", text.chars().take(20).collect::<String>());
        }
    }
}
