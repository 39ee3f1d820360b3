//! Policies, alone and combined: what a denial shows to the client, and what only the log shows.

use std::time::Duration;

use gatevault::claims::Scopes;
use gatevault::{ClaimValue, Claims, Payload, Verified, protected};

use crate::fixture::{Fixture, Outcome};

#[derive(Debug, Clone, PartialEq, Claims)]
struct Member {
    user_id: u64,
    #[claims(role)]
    rank: Role,
    #[claims(scope)]
    granted: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, ClaimValue)]
enum Role {
    Guest,
    Clerk,
    Admin,
}

fn member(rank: Role, granted: &str) -> Member {
    Member { user_id: 42, rank, granted: Some(granted.to_owned()) }
}

fn dynamic(role: &str, scope: &str) -> Payload {
    Payload::new(42).with("role", role).with("scope", scope)
}

#[protected(gate = fixture.tokens, role = Role::Admin)]
fn role(fixture: &Fixture, payload: Member) -> Outcome {
    fixture.run(payload)
}

#[protected(gate = fixture.tokens, role = "admin")]
fn dynamic_role(fixture: &Fixture, payload: Payload) -> Outcome {
    fixture.run(payload)
}

#[protected(gate = fixture.tokens, any_role(Role::Admin, Role::Clerk), payload = who)]
async fn any_role(fixture: &Fixture, who: Verified<Member>) -> Outcome {
    std::future::ready(()).await;
    fixture.run(who)
}

#[protected(gate = fixture.tokens, any_role("admin", "clerk",))]
fn any_dynamic_role(fixture: &Fixture, payload: Verified<Payload>) -> Outcome {
    fixture.run(payload)
}

#[protected(gate = fixture.tokens, role = { let [wanted] = wanted; wanted })]
fn role_of_a_parameter(fixture: &Fixture, wanted: [Role; 1], payload: Member) -> Outcome {
    fixture.run(payload)
}

#[protected(gate = fixture.tokens, scope = "bills:read")]
fn scope(fixture: &Fixture, payload: Member) -> Outcome {
    fixture.run(payload)
}

#[protected(gate = fixture.tokens, scope = "bills:read")]
fn dynamic_scope(fixture: &Fixture, payload: Payload) -> Outcome {
    fixture.run(payload)
}

#[protected(gate = fixture.tokens, scopes("bills:read", "bills:write"))]
fn scopes(fixture: &Fixture, payload: Verified<Member>) -> Outcome {
    fixture.run(payload)
}

#[protected(gate = fixture.tokens, any_scope("bills:read", "bills:write"), payload = who)]
fn any_scope(fixture: &Fixture, who: Payload) -> Outcome {
    fixture.run(who)
}

#[protected(
    gate = fixture.tokens,
    any_scope("a", "b"),
    require = payload.user_id == 42,
    scopes("a", "c"),
    role = Role::Admin,
    scope = "d",
    any_role(Role::Admin, Role::Clerk),
    max_age = "90s",
)]
fn everything(fixture: &Fixture, payload: Member) -> Outcome {
    fixture.run(payload)
}

#[test]
fn a_role_is_compared_in_its_own_type() {
    let fixture = Fixture::new();
    fixture.opened(&role(fixture.access(&member(Role::Admin, "")), &fixture));
    for other in [Role::Guest, Role::Clerk] {
        fixture.forbidden(role(fixture.access(&member(other, "admin")), &fixture), "role = Role::Admin");
    }
    fixture.opened(&role_of_a_parameter(fixture.access(&member(Role::Guest, "")), &fixture, [Role::Guest]));
    fixture.forbidden(
        role_of_a_parameter(fixture.access(&member(Role::Guest, "")), &fixture, [Role::Admin]),
        "role = { let [wanted] = wanted; wanted }",
    );
    fixture.unauthenticated(role("", &fixture));
}

#[test]
fn the_role_of_a_dynamic_payload_is_a_string_or_a_list_of_strings() {
    let fixture = Fixture::new();
    fixture.opened(&dynamic_role(fixture.access(&dynamic("admin", "")), &fixture));
    for other in [dynamic("Admin", ""), dynamic("admi", ""), dynamic("admin ", ""), Payload::new(42)] {
        fixture.forbidden(dynamic_role(fixture.access(&other), &fixture), r#"role = "admin""#);
    }
    fixture
        .opened(&dynamic_role(fixture.access(&Payload::new(42).with("role", ["clerk", "admin"])), &fixture));
    for other in [
        Payload::new(42).with("role", ["Admin"]),
        Payload::new(42).with("role", [["admin"]]),
        Payload::new(42).with("role", true),
    ] {
        fixture.forbidden(dynamic_role(fixture.access(&other), &fixture), r#"role = "admin""#);
    }
}

#[test]
fn any_of_several_roles_is_enough() {
    let fixture = Fixture::new();
    for good in [Role::Admin, Role::Clerk] {
        fixture.opened(&pollster::block_on(any_role(fixture.access(&member(good, "")), &fixture)));
    }
    fixture.forbidden(
        pollster::block_on(any_role(fixture.access(&member(Role::Guest, "")), &fixture)),
        "any_role(Role::Admin, Role::Clerk)",
    );
    fixture.opened(&any_dynamic_role(fixture.access(&dynamic("clerk", "")), &fixture));
    fixture.forbidden(
        any_dynamic_role(fixture.access(&dynamic("guest", "")), &fixture),
        r#"any_role("admin", "clerk")"#,
    );
}

#[test]
fn a_scope_is_a_whole_word_and_case_sensitive() {
    let fixture = Fixture::new();
    for good in ["bills:read", "a bills:read", "bills:read a", "a bills:read b", " bills:read  "] {
        fixture.opened(&scope(fixture.access(&member(Role::Guest, good)), &fixture));
        fixture.opened(&dynamic_scope(fixture.access(&dynamic("", good)), &fixture));
    }
    for bad in ["", " ", "bills", "bills:", "bills:reader", "xbills:read", "BILLS:READ", "a\tbills:read"] {
        let words = r#"scope = "bills:read""#;
        fixture.lacks_scope(scope(fixture.access(&member(Role::Guest, bad)), &fixture), words, "bills:read");
        fixture.lacks_scope(dynamic_scope(fixture.access(&dynamic("", bad)), &fixture), words, "bills:read");
    }
}

#[test]
fn the_scopes_of_a_dynamic_payload_are_a_string_or_a_list() {
    let fixture = Fixture::new();
    let with = |scope: serde_json::Value| fixture.access(&Payload::new(42).with("scope", scope));
    fixture.opened(&dynamic_scope(with(serde_json::json!(["a", "bills:read"])), &fixture));
    for bad in [
        serde_json::json!([]),
        serde_json::json!(["a bills:read"]),
        serde_json::json!([["bills:read"]]),
        serde_json::json!({"bills:read": true}),
        serde_json::json!(null),
        serde_json::json!(true),
    ] {
        let denial = dynamic_scope(with(bad), &fixture);
        fixture.lacks_scope(denial, r#"scope = "bills:read""#, "bills:read");
    }
    let none = fixture.access(&Payload::new(42));
    fixture.lacks_scope(dynamic_scope(none, &fixture), r#"scope = "bills:read""#, "bills:read");
    let none = fixture.access(&Member { granted: None, ..member(Role::Admin, "") });
    fixture.lacks_scope(scope(none, &fixture), r#"scope = "bills:read""#, "bills:read");
}

#[test]
fn all_of_the_scopes_or_any_one_is_required() {
    let fixture = Fixture::new();
    fixture.opened(&scopes(fixture.access(&member(Role::Guest, "bills:write bills:read")), &fixture));
    for bad in ["bills:read", "bills:write", "", "bills:readbills:write"] {
        fixture.lacks_scope(
            scopes(fixture.access(&member(Role::Guest, bad)), &fixture),
            r#"scopes("bills:read", "bills:write")"#,
            "bills:read bills:write",
        );
    }
    for good in ["bills:read", "bills:write"] {
        fixture.opened(&any_scope(fixture.access(&dynamic("", good)), &fixture));
    }
    fixture.lacks_scope(
        any_scope(fixture.access(&dynamic("", "bills")), &fixture),
        r#"any_scope("bills:read", "bills:write")"#,
        "bills:read bills:write",
    );
}

#[test]
fn strings_and_collections_hold_scopes() {
    use std::borrow::Cow;
    use std::collections::{BTreeSet, HashSet};

    let list = ["a", "b:c"];
    let holders: [&dyn Scopes; 10] = [
        &"a b:c",
        &String::from("a b:c"),
        &Cow::Borrowed("a b:c"),
        &Some("a b:c"),
        &list.to_vec(),
        &list.map(String::from).to_vec(),
        &BTreeSet::from(list),
        &HashSet::from(list),
        &Some(list.map(Cow::Borrowed).to_vec()),
        &Some(Some("b:c a")),
    ];
    for (index, scopes) in holders.into_iter().enumerate() {
        assert!(scopes.grants("a") && scopes.grants("b:c"), "{index}");
        for none in ["", " ", "b", "c", "A", "a b:c", "b:"] {
            assert!(!scopes.grants(none), "{index}: {none}");
        }
    }
    assert!(!None::<String>.grants("a"));
    assert!(!"".grants("") && !" ".grants(""));
}

#[test]
fn max_age_is_checked_first_and_then_each_policy_in_order() {
    let fixture = Fixture::new();
    let call = |claims: &Member| everything(fixture.access(claims), &fixture);
    fixture.opened(&call(&member(Role::Admin, "d c a")));

    let stranger = Member { user_id: 1, ..member(Role::Guest, "") };
    fixture.lacks_scope(call(&stranger), r#"any_scope("a", "b")"#, "a b");
    let stranger = Member { granted: Some("b".into()), ..stranger };
    fixture.forbidden(call(&stranger), "payload.user_id == 42");
    let known = Member { user_id: 42, ..stranger.clone() };
    fixture.lacks_scope(call(&known), r#"scopes("a", "c")"#, "a c");
    let known = member(Role::Guest, "a c");
    fixture.forbidden(call(&known), "role = Role::Admin");
    let admin = member(Role::Admin, "a c");
    fixture.lacks_scope(call(&admin), r#"scope = "d""#, "d");

    let (admin, stranger) = (fixture.access(&member(Role::Admin, "a c d")), fixture.access(&stranger));
    fixture.clock.advance(Duration::from_secs(91));
    fixture.too_old(everything(admin, &fixture), 90);
    fixture.too_old(everything(stranger, &fixture), 90);
    fixture.unauthenticated(everything("", &fixture));
}
