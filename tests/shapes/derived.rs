//! The types that the derives support, written into a token and read back.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::marker::PhantomData;

use gatevault::{ClaimValue, Claims, Payload, UserId};

use crate::tokens;

#[derive(Debug, PartialEq, Claims)]
struct OnlySubject {
    sub: String,
}

#[derive(Debug, PartialEq, Claims)]
#[claims(rename_all = "camelCase", crate = gatevault)]
struct Everything<T, const N: usize>
where
    T: Clone,
{
    #[claims(subject)]
    its_number: Number,
    user_id_copy: Option<u64>,
    r#ref: T,
    #[claims(rename = "LIST")]
    list: Vec<T>,
    map: BTreeMap<String, T>,
    #[claims(default)]
    level: Level,
    #[claims(default = Generic::empty)]
    generic: Generic<T>,
    #[claims(with = doubled)]
    wide: Wide<N>,
    #[claims(with = doubled::maybe)]
    maybe: Option<Wide<N>>,
    #[claims(with = doubled, default)]
    rarely: Wide<N>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ClaimValue)]
struct Number(u64);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ClaimValue)]
#[claims(rename_all = "SCREAMING-KEBAB-CASE")]
enum Level {
    #[default]
    VeryLow,
    #[claims(rename = "high")]
    High,
    r#Loop,
}

#[derive(Debug, Clone, PartialEq, ClaimValue)]
struct Generic<T>(Option<T>);

impl<T> Generic<T> {
    fn empty() -> Self {
        Self(None)
    }
}

/// A type without serde's impls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Wide<const N: usize>(u64);

#[expect(clippy::trivially_copy_pass_by_ref, clippy::ref_option, reason = "the signature of a `with` module")]
mod doubled {
    use super::Wide;

    pub(super) fn encode<const N: usize>(wide: &Wide<N>) -> u64 {
        wide.0.wrapping_mul(2)
    }

    pub(super) fn decode<const N: usize>(wire: u64) -> Result<Wide<N>, &'static str> {
        wire.is_multiple_of(2).then(|| Wide(wire.wrapping_div(2))).ok_or("odd")
    }

    pub(super) mod maybe {
        use super::Wide;

        pub(crate) fn encode<const N: usize>(wide: &Option<Wide<N>>) -> Option<u64> {
            wide.as_ref().map(super::encode)
        }

        pub(crate) fn decode<const N: usize>(wire: Option<u64>) -> Result<Option<Wide<N>>, &'static str> {
            wire.map(super::decode).transpose()
        }
    }
}

/// Claims that are written from borrowed data, and read while the token's text is borrowed.
#[derive(Claims)]
struct Borrowing<'a, 'b: 'a, T> {
    user_id: &'a str,
    name: Cow<'b, str>,
    of: PhantomData<T>,
}

#[derive(Debug, Clone, PartialEq, Claims)]
struct Resident {
    user_id: u64,
    address: Address,
}

#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
struct Address {
    city: String,
    lines: Vec<String>,
}

#[test]
fn a_claim_can_be_any_type_that_serde_supports() {
    let address = Address { city: "London".into(), lines: vec!["12 St James's Square".into()] };
    let resident = Resident { user_id: 42, address };
    let access = tokens().create_access_token(&resident).expect("valid claims");
    let read = tokens().decode_access_token::<Resident>(&access).expect("a valid token");
    assert_eq!(*read, resident);
    let payload = tokens().decode_token::<Payload>(&access).expect("a valid token");
    assert_eq!(payload["address"]["city"], "London");
}

/// Subjects of every type that identifies a user.
#[derive(Debug, PartialEq, Claims)]
struct Identified<T> {
    user_id: T,
}

#[derive(Debug, PartialEq, serde::Serialize, serde::Deserialize)]
struct SerdeNumber(u64);

#[derive(Debug, PartialEq, ClaimValue)]
enum Machine {
    Printer,
}

#[test]
fn a_subject_can_be_any_type_that_is_written_as_an_integer_or_a_string() {
    fn survives<T: std::fmt::Debug + PartialEq>(id: T)
    where
        Identified<T>: Claims,
    {
        let written = Identified { user_id: id };
        let access = tokens().create_access_token(&written).expect("valid claims");
        let read = tokens().decode_access_token::<Identified<T>>(&access).expect("a valid token");
        assert_eq!(*read, written);
    }
    survives(42_u8);
    survives(-42_i128);
    survives(String::from("ada"));
    survives(UserId::from("ada"));
    survives(Number(42));
    survives(SerdeNumber(42));
    survives(Machine::Printer);
    survives(Box::new(42_u64));
    survives('a');
}

#[test]
fn every_claim_is_written_and_read() {
    let everything = Everything::<String, 3> {
        its_number: Number(42),
        user_id_copy: Some(7),
        r#ref: "a".into(),
        list: vec!["b".into(), "c".into()],
        map: [("d".into(), "e".into())].into(),
        level: Level::High,
        generic: Generic(Some("f".into())),
        wide: Wide(21),
        maybe: Some(Wide(4)),
        rarely: Wide(5),
    };
    let access = tokens().create_access_token(&everything).expect("valid claims");
    let read = tokens().decode_access_token::<Everything<String, 3>>(&access).expect("a valid token");
    assert_eq!(*read, everything);

    let payload = tokens().decode_token::<Payload>(&access).expect("a valid token");
    assert_eq!(payload["user_id"], 42);
    assert_eq!(payload["userIdCopy"], 7);
    assert_eq!(payload["ref"], "a");
    assert_eq!(payload["LIST"][1], "c");
    assert_eq!(payload["level"], "high");
    assert_eq!(payload["wide"], 42);
}

#[test]
fn an_absent_claim_gets_its_default() {
    let payload =
        Payload::new(42).with("ref", 1).with("LIST", [2]).with("map", BTreeMap::<String, u8>::new());
    let access = tokens().create_access_token(&payload.clone().with("wide", 2)).expect("valid claims");
    let read = tokens().decode_access_token::<Everything<u8, 3>>(&access).expect("a valid token");
    assert_eq!((read.user_id_copy, read.level, &read.generic), (None, Level::VeryLow, &Generic(None)));
    assert_eq!((read.wide, read.maybe, read.rarely), (Wide(1), None, Wide(0)));

    for bad in [payload.clone(), payload.clone().with("wide", 3), payload.with("wide", "2")] {
        let access = tokens().create_access_token(&bad).expect("valid claims");
        assert!(tokens().decode_access_token::<Everything<u8, 3>>(&access).is_err(), "{bad:?}");
    }
}

#[test]
fn names_have_the_case_of_the_type() {
    let names = [(Level::VeryLow, "VERY-LOW"), (Level::High, "high"), (Level::Loop, "LOOP")];
    for (level, name) in names {
        let access =
            tokens().create_access_token(&Payload::new(1).with("level", level)).expect("valid claims");
        let read = tokens().decode_token::<Payload>(&access).expect("a valid token");
        assert_eq!(read["level"], name);
        assert_eq!(read.get("level"), Some(level));
    }
}

#[test]
fn borrowed_claims_are_written() {
    let name = String::from("Ada");
    let claims = Borrowing { user_id: "ada", name: Cow::Borrowed(&name), of: PhantomData::<u8> };
    let access = tokens().create_access_token(&claims).expect("valid claims");
    let read = tokens().decode_token::<Payload>(&access).expect("a valid token");
    assert_eq!((read["user_id"].as_str(), read["name"].as_str()), (Some("ada"), Some("Ada")));
    assert!(tokens().decode_token::<OnlySubject>(&access).is_ok_and(|only| only.sub == "ada"));
    assert_eq!(claims.of, PhantomData);
}
