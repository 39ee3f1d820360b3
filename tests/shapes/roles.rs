//! Role fields that are collections: a guard asks whether they contain the role.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashSet};

use gatevault::claims::{RoleClaims, Serde};
use gatevault::{ClaimValue, Claims, Payload, Verified, protected};

use crate::{Answer, FORBIDDEN, tokens};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, ClaimValue)]
#[claims(rename_all = "lowercase")]
enum Role {
    Guest,
    Clerk,
    Admin,
}

#[derive(Claims)]
struct With<R> {
    user_id: u64,
    #[claims(role)]
    roles: R,
}

#[derive(Claims)]
struct Lent<'t> {
    user_id: u64,
    #[claims(role)]
    roles: Vec<&'t str>,
}

#[derive(Claims)]
struct Clipped<'t> {
    user_id: u64,
    #[claims(role)]
    roles: Vec<Cow<'t, str>>,
}

type Roles = Vec<Role>;

#[derive(Claims)]
struct Aliased {
    user_id: u64,
    #[claims(role)]
    roles: Roles,
}

#[derive(serde::Serialize, serde::Deserialize)]
struct Plain {
    roles: Vec<Role>,
}

/// Creates a token whose claim `roles` has these names.
fn access(roles: &[&str]) -> String {
    tokens().create_access_token(&Payload::new(42).with("roles", roles)).expect("valid claims")
}

macro_rules! guarded {
    ($($name:ident($payload:ty): $role:expr;)+) => {
        $(#[protected(role = $role)]
        fn $name(payload: $payload) -> Answer {
            Ok(payload.user_id)
        })+
    };
}

guarded! {
    vec(With<Vec<Role>>): Role::Admin;
    boxed(With<Box<[Role]>>): Role::Admin;
    array(With<[Role; 2]>): Role::Admin;
    tree(With<BTreeSet<Role>>): Role::Admin;
    hashed(With<HashSet<Role>>): Role::Admin;
    strings(With<Vec<String>>): "admin";
    maybe(With<Option<Vec<Role>>>): Role::Admin;
    lent(Lent<'_>): "admin";
    clipped(Clipped<'_>): "admin";
    aliased(Aliased): Role::Admin;
    verified(Verified<With<Vec<Role>>>): Role::Admin;
}

#[protected(any_role(Role::Clerk, Role::Admin))]
fn any(payload: With<Vec<Role>>) -> Answer {
    Ok(payload.user_id)
}

#[protected(any_role("clerk", "admin"))]
fn dynamic(payload: Payload) -> Answer<String> {
    Ok(payload.user_id().to_string())
}

#[protected(require = payload.roles.contains(&Role::Admin))]
fn of_serde(payload: Serde<Plain>) -> Answer<usize> {
    Ok(payload.roles.len())
}

#[protected(role = Role::Admin)]
fn maybe_one(payload: With<Option<Role>>) -> Answer {
    Ok(payload.user_id)
}

#[protected(role = Some(Role::Admin))]
fn exactly_some(payload: With<Option<Role>>) -> Answer {
    Ok(payload.user_id)
}

#[protected(role = Role::Admin)]
fn generic<C: Claims + RoleClaims<Role>>(payload: C) -> Answer<()> {
    drop(payload);
    Ok(())
}

#[test]
fn a_collection_opens_the_guard_if_it_contains_the_role() {
    let guards = [vec, boxed, array, tree, hashed, strings, maybe, lent, clipped, aliased, verified];
    for guarded in guards {
        assert_eq!(guarded(access(&["guest", "admin"])), Ok(42));
        assert_eq!(guarded(access(&["guest", "clerk"])), Err(FORBIDDEN));
    }
}

#[test]
fn one_of_several_roles_is_enough() {
    assert_eq!(any(access(&["guest", "clerk"])), Ok(42));
    assert_eq!(any(access(&["admin"])), Ok(42));
    assert_eq!(any(access(&["guest"])), Err(FORBIDDEN));
    assert_eq!(any(access(&[])), Err(FORBIDDEN));
}

#[test]
fn an_absent_role_opens_no_guard() {
    let none = tokens().create_access_token(&Payload::new(42)).expect("valid claims");
    assert_eq!(maybe(&none), Err(FORBIDDEN));
    assert_eq!((maybe_one(&none), exactly_some(&none)), (Err(FORBIDDEN), Err(FORBIDDEN)));
    let admin = tokens().create_access_token(&Payload::new(42).with("roles", "admin")).expect("valid claims");
    assert_eq!(
        (maybe_one(&admin), exactly_some(&admin), generic::<Single>(&admin)),
        (Ok(42), Ok(42), Ok(()))
    );
}

type Single = With<Role>;

#[test]
fn the_role_of_a_dynamic_payload_is_a_string_or_a_list_of_strings() {
    let with = |role: serde_json::Value| {
        tokens().create_access_token(&Payload::new(42).with("role", role)).expect("valid claims")
    };
    for open in [serde_json::json!("clerk"), serde_json::json!(["guest", "admin"])] {
        assert_eq!(dynamic(with(open)).as_deref(), Ok("42"));
    }
    let closed = [
        serde_json::json!("guest"),
        serde_json::json!(["guest"]),
        serde_json::json!([]),
        serde_json::json!([["admin"]]),
        serde_json::json!({ "admin": "admin" }),
        serde_json::json!("clerk admin"),
        serde_json::json!(true),
    ];
    for closed in closed {
        assert_eq!(dynamic(with(closed.clone())), Err(FORBIDDEN), "{closed}");
    }
}

#[test]
fn the_roles_of_serde_claims_are_compared_by_a_condition() {
    assert_eq!(of_serde(access(&["guest", "admin"])), Ok(2));
    assert_eq!(of_serde(access(&["guest"])), Err(FORBIDDEN));
}
