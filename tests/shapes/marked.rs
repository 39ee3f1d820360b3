//! Fields with a mark: the role, the scopes, the subject, and the map of all other claims.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use gatevault::error::InvalidReason;
use gatevault::token::TokenText;
use gatevault::{ClaimValue, Claims, Payload, TokenError, protected};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::{Answer, FORBIDDEN, tokens};

#[derive(Debug, Clone, Copy, PartialEq, Eq, ClaimValue)]
enum Role {
    Guest,
    Admin,
}

#[derive(Clone, Claims)]
struct Member {
    user_id: u64,
    #[claims(role, rename = "r")]
    role: Role,
    #[claims(scope)]
    granted: Option<Vec<String>>,
}

#[derive(Claims)]
struct Named<T, L> {
    user_id: u64,
    #[claims(role)]
    role: T,
    #[claims(scope)]
    scope: L,
}

#[protected(role = Role::Admin)]
fn by_enum(payload: Member) -> Answer {
    Ok(payload.user_id)
}

#[protected(any_role("clerk", "admin"), scopes("read", "write"))]
fn by_string(payload: Named<String, Vec<String>>) -> Answer {
    Ok(payload.user_id)
}

#[protected(role = 3, any_scope("write", "all"))]
fn by_number(payload: Named<u8, String>) -> Answer {
    Ok(payload.user_id)
}

#[test]
fn a_role_is_compared_in_its_own_type() {
    let member = Member { user_id: 42, role: Role::Admin, granted: None };
    let admin = tokens().create_access_token(&member).expect("valid claims");
    let guest = tokens().create_access_token(&Member { role: Role::Guest, ..member }).expect("valid claims");
    assert_eq!((by_enum(admin), by_enum(guest)), (Ok(42), Err(FORBIDDEN)));
}

#[test]
fn scopes_are_granted_one_by_one() {
    let payload = Payload::new(42).with("role", "clerk");
    for (scope, answer) in [(["write", "read"], Ok(42)), (["write", "reader"], Err(FORBIDDEN))] {
        let access =
            tokens().create_access_token(&payload.clone().with("scope", scope)).expect("valid claims");
        assert_eq!(by_string(access), answer);
    }
    let payload = Payload::new(42).with("role", 3);
    for (scope, answer) in [("read write", Ok(42)), ("read", Err(FORBIDDEN))] {
        let access =
            tokens().create_access_token(&payload.clone().with("scope", scope)).expect("valid claims");
        assert_eq!(by_number(access), answer);
    }
}

#[derive(Debug, PartialEq, Claims)]
struct Open<T> {
    sub: String,
    org_id: Option<u64>,
    #[claims(flatten)]
    rest: BTreeMap<String, T>,
}

#[derive(Debug, PartialEq, Claims)]
struct Dynamic {
    user_id: String,
    #[claims(flatten)]
    rest: Map<String, Value>,
}

#[derive(Debug, PartialEq, Claims)]
struct Roles {
    user_id: String,
    #[claims(flatten)]
    rest: HashMap<String, Role>,
}

#[test]
fn claims_without_a_field_are_collected_in_the_map() {
    let payload = Payload::new("ada").with("org_id", 7).with("level", 3).with("age", 36);
    let access = tokens().create_access_token(&payload).expect("valid claims");
    let open = tokens().decode_token::<Open<u64>>(&access).expect("a valid token").into_claims();
    let rest = [("level".to_owned(), 3), ("age".to_owned(), 36)];
    assert_eq!(open, Open { sub: "ada".into(), org_id: Some(7), rest: rest.into() });

    let again = tokens().create_access_token(&open).expect("valid claims");
    assert_eq!(tokens().decode_token::<Payload>(&again).map(gatevault::Verified::into_claims), Ok(payload));
    let dynamic = tokens().decode_token::<Dynamic>(&again).expect("a valid token");
    assert_eq!(Value::Object(dynamic.rest.clone()), json!({"age": 36, "level": 3, "org_id": 7}));
}

#[test]
fn a_claim_that_the_map_cannot_hold_is_rejected() {
    let access = tokens().create_access_token(&Payload::new("ada").with("x", "Owner")).expect("valid claims");
    let rejected = tokens().decode_token::<Roles>(&access).map(drop);
    assert_eq!(rejected, Err(TokenError::Invalid(InvalidReason::MistypedClaim("x".into()))));
}

#[test]
fn a_claim_in_the_map_cannot_replace_another() {
    for name in ["exp", "type", "user_id", "org_id"] {
        let open = Open { sub: "ada".into(), org_id: None, rest: [(name.to_owned(), 1)].into() };
        let rejected = tokens().create_access_token(&open).map(drop);
        assert_eq!(rejected, Err(TokenError::Invalid(InvalidReason::ReservedClaim(name.into()))));
    }
}

#[derive(ClaimValue, Debug, PartialEq, Clone, Copy)]
struct AccountId(Uuid);

/// Claims with a subject of any type, and a field of the same type.
#[derive(Debug, PartialEq, Claims)]
struct Owner<T> {
    #[claims(subject)]
    id: T,
    other: T,
}

/// Asserts that the value is written and read, as subject and as claim.
#[track_caller]
fn round_trips<T: PartialEq + Copy + std::fmt::Debug>(id: T, text: &str)
where
    Owner<T>: Claims,
{
    let access = tokens().create_access_token(&Owner { id, other: id }).expect("valid claims");
    let owner = tokens().decode_token::<Owner<T>>(&access).expect("a valid token");
    assert_eq!(*owner, Owner { id, other: id });
    let payload = tokens().decode_token::<Payload>(&access).expect("a valid token");
    assert_eq!((payload.user_id().as_str(), payload.get("other")), (Some(text), Some(text.to_owned())));
}

#[test]
fn a_subject_is_a_uuid_a_newtype_or_an_enum() {
    let text = "67e55044-10b1-426f-9247-bb680e5fe0c8";
    let uuid = Uuid::parse_str(text).expect("a UUID");
    round_trips(uuid, text);
    round_trips(AccountId(uuid), text);
    round_trips(Role::Guest, "Guest");

    let access =
        tokens().create_access_token(&Payload::new("owner").with("other", "Guest")).expect("valid claims");
    let rejected = tokens().decode_token::<Owner<Role>>(&access).map(drop);
    assert_eq!(rejected, Err(TokenError::Invalid(InvalidReason::MistypedClaim("user_id".into()))));
}

#[derive(Claims)]
struct Encoded {
    #[claims(subject, with = hexadecimal)]
    id: u64,
}

mod hexadecimal {
    use std::num::ParseIntError;

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature of a `with` module")]
    pub(super) fn encode(id: &u64) -> String {
        format!("{id:x}")
    }

    pub(super) fn decode(text: &str) -> Result<u64, ParseIntError> {
        u64::from_str_radix(text, 16)
    }
}

#[test]
fn a_subject_is_encoded_by_its_with_module() {
    let access = tokens().create_access_token(&Encoded { id: 255 }).expect("valid claims");
    assert_eq!(tokens().decode_token::<Payload>(&access).expect("a valid token").user_id(), &"ff".into());
    assert_eq!(tokens().decode_token::<Encoded>(&access).expect("a valid token").id, 255);

    let access = tokens().create_access_token(&Payload::new("fg")).expect("valid claims");
    let rejected = tokens().decode_token::<Encoded>(&access).map(drop);
    assert_eq!(rejected, Err(TokenError::Invalid(InvalidReason::MistypedClaim("user_id".into()))));
}

#[derive(Claims)]
struct Borrowed<'a> {
    user_id: Cow<'a, str>,
    #[claims(role)]
    name: &'a str,
    #[claims(scope)]
    note: Cow<'a, str>,
    nick: Option<Cow<'a, str>>,
    #[claims(default)]
    kept: Cow<'static, str>,
}

/// Returns which of the `Cow` fields borrow from the token.
fn borrows(claims: &Borrowed<'_>) -> [bool; 3] {
    let strings = [Some(&claims.user_id), Some(&claims.note), claims.nick.as_ref()];
    strings.map(|text| matches!(text, Some(Cow::Borrowed(_))))
}

#[protected(role = "Ada", scope = "hello")]
fn guarded_borrow(payload: Borrowed<'_>) -> Answer<[bool; 3]> {
    Ok(borrows(&payload))
}

#[test]
fn a_string_without_escapes_borrows_from_the_token() {
    let create = |name, note: &'static str| {
        let (note, kept) = (note.into(), "!".into());
        let claims = Borrowed { user_id: "ada".into(), name, note, nick: Some("a".into()), kept };
        tokens().create_access_token(&claims).expect("valid claims")
    };
    for (note, borrowed) in [("hello you", true), ("hello \"you\"", false)] {
        let (access, mut text) = (create("Ada", note), TokenText::new());
        let claims =
            tokens().decode_access_token_in::<Borrowed<'_>>(&access, &mut text).expect("a valid token");
        assert_eq!((borrows(&claims), &*claims.note, &*claims.kept), ([true, borrowed, true], note, "!"));
        assert_eq!(guarded_borrow(access), Ok([true, borrowed, true]));
    }
    assert_eq!(guarded_borrow(create("Bob", "hello")), Err(FORBIDDEN));

    let (access, mut text) = (create("\"Ada\"", ""), TokenText::new());
    let rejected = tokens().decode_access_token_in::<Borrowed<'_>>(&access, &mut text).map(drop);
    assert_eq!(rejected, Err(TokenError::Invalid(InvalidReason::MistypedClaim("name".into()))));
}
