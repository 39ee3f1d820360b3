//! Fields with a part in the guard: the role, the scopes, the subject; and the map of all other claims.

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
fn by_text(payload: Named<String, Vec<String>>) -> Answer {
    Ok(payload.user_id)
}

#[protected(role = 3, any_scope("write", "all"))]
fn by_number(payload: Named<u8, String>) -> Answer {
    Ok(payload.user_id)
}

#[test]
fn a_role_is_compared_as_what_it_is() {
    let member = Member { user_id: 42, role: Role::Admin, granted: None };
    let admin = tokens().create_access_token(&member).expect("good claims");
    let guest = tokens().create_access_token(&Member { role: Role::Guest, ..member }).expect("good claims");
    assert_eq!((by_enum(admin), by_enum(guest)), (Ok(42), Err(FORBIDDEN)));
}

#[test]
fn scopes_are_granted_one_by_one() {
    let payload = Payload::new(42).with("role", "clerk");
    for (scope, answer) in [(["write", "read"], Ok(42)), (["write", "reader"], Err(FORBIDDEN))] {
        let access =
            tokens().create_access_token(&payload.clone().with("scope", scope)).expect("good claims");
        assert_eq!(by_text(access), answer);
    }
    let payload = Payload::new(42).with("role", 3);
    for (scope, answer) in [("read write", Ok(42)), ("read", Err(FORBIDDEN))] {
        let access =
            tokens().create_access_token(&payload.clone().with("scope", scope)).expect("good claims");
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
fn claims_of_no_field_are_kept_in_the_map() {
    let payload = Payload::new("ada").with("org_id", 7).with("level", 3).with("age", 36);
    let access = tokens().create_access_token(&payload).expect("good claims");
    let open = tokens().decode_token::<Open<u64>>(&access).expect("a good token").into_claims();
    let rest = [("level".to_owned(), 3), ("age".to_owned(), 36)];
    assert_eq!(open, Open { sub: "ada".into(), org_id: Some(7), rest: rest.into() });

    let again = tokens().create_access_token(&open).expect("good claims");
    assert_eq!(tokens().decode_token::<Payload>(&again).map(gatevault::Verified::into_claims), Ok(payload));
    let dynamic = tokens().decode_token::<Dynamic>(&again).expect("a good token");
    assert_eq!(Value::Object(dynamic.rest.clone()), json!({"age": 36, "level": 3, "org_id": 7}));
}

#[test]
fn a_claim_that_the_map_cannot_hold_is_refused() {
    let access = tokens().create_access_token(&Payload::new("ada").with("x", "Owner")).expect("good claims");
    let refused = tokens().decode_token::<Roles>(&access).map(drop);
    assert_eq!(refused, Err(TokenError::Invalid(InvalidReason::MistypedClaim("x".into()))));
}

#[test]
fn a_claim_in_the_map_does_not_pose_as_another() {
    for name in ["exp", "type", "user_id", "org_id"] {
        let open = Open { sub: "ada".into(), org_id: None, rest: [(name.to_owned(), 1)].into() };
        let refused = tokens().create_access_token(&open).map(drop);
        assert_eq!(refused, Err(TokenError::Invalid(InvalidReason::ReservedClaim(name.into()))));
    }
}

#[derive(ClaimValue, Debug, PartialEq, Clone, Copy)]
struct AccountId(Uuid);

/// Each kind of subject, and a field of the same kind.
#[derive(Debug, PartialEq, Claims)]
struct Owner<T> {
    #[claims(subject)]
    id: T,
    other: T,
}

#[track_caller]
fn comes_back<T: PartialEq + Copy + std::fmt::Debug>(id: T, text: &str)
where
    Owner<T>: Claims,
{
    let access = tokens().create_access_token(&Owner { id, other: id }).expect("good claims");
    let owner = tokens().decode_token::<Owner<T>>(&access).expect("a good token");
    assert_eq!(*owner, Owner { id, other: id });
    let payload = tokens().decode_token::<Payload>(&access).expect("a good token");
    assert_eq!((payload.user_id().as_str(), payload.get("other")), (Some(text), Some(text.to_owned())));
}

#[test]
fn a_subject_is_a_uuid_a_newtype_or_an_enum() {
    let text = "67e55044-10b1-426f-9247-bb680e5fe0c8";
    let uuid = Uuid::parse_str(text).expect("a UUID");
    comes_back(uuid, text);
    comes_back(AccountId(uuid), text);
    comes_back(Role::Guest, "Guest");

    let access =
        tokens().create_access_token(&Payload::new("owner").with("other", "Guest")).expect("good claims");
    let refused = tokens().decode_token::<Owner<Role>>(&access).map(drop);
    assert_eq!(refused, Err(TokenError::Invalid(InvalidReason::MistypedClaim("user_id".into()))));
}

#[derive(Claims)]
struct Encoded {
    #[claims(subject, with = hexadecimal)]
    id: u64,
}

mod hexadecimal {
    use std::num::ParseIntError;

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde's `with` has it")]
    pub(super) fn encode(id: &u64) -> String {
        format!("{id:x}")
    }

    pub(super) fn decode(text: &str) -> Result<u64, ParseIntError> {
        u64::from_str_radix(text, 16)
    }
}

#[test]
fn a_subject_is_encoded_as_asked() {
    let access = tokens().create_access_token(&Encoded { id: 255 }).expect("good claims");
    assert_eq!(tokens().decode_token::<Payload>(&access).expect("a good token").user_id(), &"ff".into());
    assert_eq!(tokens().decode_token::<Encoded>(&access).expect("a good token").id, 255);

    let access = tokens().create_access_token(&Payload::new("fg")).expect("good claims");
    let refused = tokens().decode_token::<Encoded>(&access).map(drop);
    assert_eq!(refused, Err(TokenError::Invalid(InvalidReason::MistypedClaim("user_id".into()))));
}

#[derive(Claims)]
struct Lent<'a> {
    user_id: Cow<'a, str>,
    #[claims(role)]
    name: &'a str,
    #[claims(scope)]
    note: Cow<'a, str>,
    nick: Option<Cow<'a, str>>,
    #[claims(default)]
    kept: Cow<'static, str>,
}

/// Which of the texts that need not be copied were not.
fn is_lent(claims: &Lent<'_>) -> [bool; 3] {
    let texts = [Some(&claims.user_id), Some(&claims.note), claims.nick.as_ref()];
    texts.map(|text| matches!(text, Some(Cow::Borrowed(_))))
}

#[protected(role = "Ada", scope = "hello")]
fn guarded_loan(payload: Lent<'_>) -> Answer<[bool; 3]> {
    Ok(is_lent(&payload))
}

#[test]
fn a_text_without_escapes_is_lent_by_the_token() {
    let made = |name, note: &'static str| {
        let (note, kept) = (note.into(), "!".into());
        let claims = Lent { user_id: "ada".into(), name, note, nick: Some("a".into()), kept };
        tokens().create_access_token(&claims).expect("good claims")
    };
    for (note, lent) in [("hello you", true), ("hello \"you\"", false)] {
        let (access, mut text) = (made("Ada", note), TokenText::default());
        let claims = tokens().decode_access_token_in::<Lent<'_>>(&access, &mut text).expect("a good token");
        assert_eq!((is_lent(&claims), &*claims.note, &*claims.kept), ([true, lent, true], note, "!"));
        assert_eq!(guarded_loan(access), Ok([true, lent, true]));
    }
    assert_eq!(guarded_loan(made("Bob", "hello")), Err(FORBIDDEN));

    let (access, mut text) = (made("\"Ada\"", ""), TokenText::default());
    let refused = tokens().decode_access_token_in::<Lent<'_>>(&access, &mut text).map(drop);
    assert_eq!(refused, Err(TokenError::Invalid(InvalidReason::MistypedClaim("name".into()))));
}
