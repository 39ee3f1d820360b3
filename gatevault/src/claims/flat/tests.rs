use std::collections::BTreeMap;
use std::iter;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, SeqAccess, Visitor};
use serde_json::Value;

use super::Flat;

/// A value, or nothing for one that cannot be read.
#[derive(Debug, PartialEq)]
struct Lenient(Option<Value>);

impl<'t> Deserialize<'t> for Lenient {
    fn deserialize<D: Deserializer<'t>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(Value::deserialize(deserializer).ok()))
    }
}

/// The elements of a list before the first that cannot be read.
struct LenientList(usize);

impl<'t> Deserialize<'t> for LenientList {
    fn deserialize<D: Deserializer<'t>>(deserializer: D) -> Result<Self, D::Error> {
        struct ListVisitor;
        impl<'t> Visitor<'t> for ListVisitor {
            type Value = LenientList;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a list")
            }
            fn visit_seq<A: SeqAccess<'t>>(self, mut list: A) -> Result<LenientList, A::Error> {
                let elements = iter::from_fn(|| list.next_element::<Value>().ok().flatten());
                Ok(LenientList(elements.count()))
            }
        }
        deserializer.deserialize_seq(ListVisitor)
    }
}

/// Reads an object of values of one type.
fn read<T: for<'t> Deserialize<'t>>(json: &str) -> Option<BTreeMap<String, T>> {
    let mut members = Flat::open(json)?;
    let values = BTreeMap::deserialize(MapAccessDeserializer::new(&mut members)).ok()?;
    members.is_closed().then_some(values)
}

#[test]
fn simple_claims_have_the_values_that_serde_json_reads() {
    for json in [
        "{}",
        r#"{"a":1}"#,
        r#"{"a":"","b":"a longer string than one word","":0}"#,
        r#"{"exp":1767225600,"a":12345678,"b":1234567,"c":123456789,"d":9999999999999999999}"#,
        r#"{"a":[],"b":["x"],"c":[1,"y",true,null],"d":null,"e":false}"#,
    ] {
        let expected: BTreeMap<String, Value> = serde_json::from_str(json).unwrap();
        assert_eq!(read::<Value>(json), Some(expected), "{json}");
    }
}

#[test]
fn malformed_claims_are_left_to_serde_json_even_if_the_type_ignores_errors() {
    for json in [
        r#"{"a":}"#,
        r#"{"a":,"b":1}"#,
        r#"{"b":1,"a":}"#,
        r#"{"a":[,1]}"#,
        r#"{"a":[1,]}"#,
        r#"{"a":[1,,2]}"#,
        r#"{"a":[1}"#,
        r#"{"a":["x","b":1}"#,
        r#"{"a":01}"#,
        r#"{"a":00000001}"#,
        r#"{"a":12345678.5}"#,
        r#"{"a":12345678901234567890}"#,
        r#"{"a":tru}"#,
        r#"{"a":1,}"#,
        r#"{"a":1}}"#,
        r#"{,"a":1}"#,
        r#"{"a"}"#,
        r#"{"a":"x}"#,
    ] {
        assert_eq!(read::<Lenient>(json), None, "{json}");
        assert!(read::<LenientList>(json).is_none(), "{json}");
    }
}

#[test]
fn a_list_whose_type_ignores_its_end_is_left_to_serde_json() {
    assert_eq!(read::<LenientList>(r#"{"a":[1,2]}"#).unwrap()["a"].0, 2);
    for json in [r#"{"a":[1,]}"#, r#"{"a":[,]}"#, r#"{"a":[1 2]}"#, r#"{"a":[-1]}"#] {
        assert!(read::<LenientList>(json).is_none(), "{json}");
    }
}
