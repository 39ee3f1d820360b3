//! Policies: each alone and with the others, what a denial tells the client, and what only the log.

use std::time::Duration;

use gatevault::claims::Scopes;
use gatevault::{ClaimValue, Claims, Payload, Verified, protected};

use crate::world::{Outcome, World};

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

#[protected(gate = world.tokens, role = Role::Admin)]
fn role(world: &World, payload: Member) -> Outcome {
    world.run(payload)
}

#[protected(gate = world.tokens, role = "admin")]
fn dynamic_role(world: &World, payload: Payload) -> Outcome {
    world.run(payload)
}

#[protected(gate = world.tokens, any_role(Role::Admin, Role::Clerk), payload = who)]
async fn any_role(world: &World, who: Verified<Member>) -> Outcome {
    std::future::ready(()).await;
    world.run(who)
}

#[protected(gate = world.tokens, any_role("admin", "clerk",))]
fn any_dynamic_role(world: &World, payload: Verified<Payload>) -> Outcome {
    world.run(payload)
}

#[protected(gate = world.tokens, role = { let [wanted] = wanted; wanted })]
fn role_of_a_parameter(world: &World, wanted: [Role; 1], payload: Member) -> Outcome {
    world.run(payload)
}

#[protected(gate = world.tokens, scope = "bills:read")]
fn scope(world: &World, payload: Member) -> Outcome {
    world.run(payload)
}

#[protected(gate = world.tokens, scope = "bills:read")]
fn dynamic_scope(world: &World, payload: Payload) -> Outcome {
    world.run(payload)
}

#[protected(gate = world.tokens, scopes("bills:read", "bills:write"))]
fn scopes(world: &World, payload: Verified<Member>) -> Outcome {
    world.run(payload)
}

#[protected(gate = world.tokens, any_scope("bills:read", "bills:write"), payload = who)]
fn any_scope(world: &World, who: Payload) -> Outcome {
    world.run(who)
}

#[protected(
    gate = world.tokens,
    any_scope("a", "b"),
    require = payload.user_id == 42,
    scopes("a", "c"),
    role = Role::Admin,
    scope = "d",
    any_role(Role::Admin, Role::Clerk),
    max_age = "90s",
)]
fn everything(world: &World, payload: Member) -> Outcome {
    world.run(payload)
}

#[test]
fn a_role_is_compared_as_the_type_it_has() {
    let world = World::new();
    world.opened(&role(world.access(&member(Role::Admin, "")), &world));
    for other in [Role::Guest, Role::Clerk] {
        world.forbidden(role(world.access(&member(other, "admin")), &world), "role = Role::Admin");
    }
    world.opened(&role_of_a_parameter(world.access(&member(Role::Guest, "")), &world, [Role::Guest]));
    world.forbidden(
        role_of_a_parameter(world.access(&member(Role::Guest, "")), &world, [Role::Admin]),
        "role = { let [wanted] = wanted; wanted }",
    );
    world.unauthenticated(role("", &world));
}

#[test]
fn the_role_of_a_dynamic_payload_is_a_text() {
    let world = World::new();
    world.opened(&dynamic_role(world.access(&dynamic("admin", "")), &world));
    for other in [dynamic("Admin", ""), dynamic("admi", ""), dynamic("admin ", ""), Payload::new(42)] {
        world.forbidden(dynamic_role(world.access(&other), &world), r#"role = "admin""#);
    }
    for other in [Payload::new(42).with("role", ["admin"]), Payload::new(42).with("role", true)] {
        world.forbidden(dynamic_role(world.access(&other), &world), r#"role = "admin""#);
    }
}

#[test]
fn any_of_several_roles_is_enough() {
    let world = World::new();
    for good in [Role::Admin, Role::Clerk] {
        world.opened(&pollster::block_on(any_role(world.access(&member(good, "")), &world)));
    }
    world.forbidden(
        pollster::block_on(any_role(world.access(&member(Role::Guest, "")), &world)),
        "any_role(Role::Admin, Role::Clerk)",
    );
    world.opened(&any_dynamic_role(world.access(&dynamic("clerk", "")), &world));
    world.forbidden(
        any_dynamic_role(world.access(&dynamic("guest", "")), &world),
        r#"any_role("admin", "clerk")"#,
    );
}

#[test]
fn a_scope_is_a_whole_word_in_its_own_case() {
    let world = World::new();
    for good in ["bills:read", "a bills:read", "bills:read a", "a bills:read b", " bills:read  "] {
        world.opened(&scope(world.access(&member(Role::Guest, good)), &world));
        world.opened(&dynamic_scope(world.access(&dynamic("", good)), &world));
    }
    for bad in ["", " ", "bills", "bills:", "bills:reader", "xbills:read", "BILLS:READ", "a\tbills:read"] {
        let words = r#"scope = "bills:read""#;
        world.lacks_scope(scope(world.access(&member(Role::Guest, bad)), &world), words, "bills:read");
        world.lacks_scope(dynamic_scope(world.access(&dynamic("", bad)), &world), words, "bills:read");
    }
}

#[test]
fn the_scopes_of_a_dynamic_payload_are_a_text_or_a_list() {
    let world = World::new();
    let with = |scope: serde_json::Value| world.access(&Payload::new(42).with("scope", scope));
    world.opened(&dynamic_scope(with(serde_json::json!(["a", "bills:read"])), &world));
    for bad in [
        serde_json::json!([]),
        serde_json::json!(["a bills:read"]),
        serde_json::json!([["bills:read"]]),
        serde_json::json!({"bills:read": true}),
        serde_json::json!(null),
        serde_json::json!(true),
    ] {
        let denial = dynamic_scope(with(bad), &world);
        world.lacks_scope(denial, r#"scope = "bills:read""#, "bills:read");
    }
    let none = world.access(&Payload::new(42));
    world.lacks_scope(dynamic_scope(none, &world), r#"scope = "bills:read""#, "bills:read");
    let none = world.access(&Member { granted: None, ..member(Role::Admin, "") });
    world.lacks_scope(scope(none, &world), r#"scope = "bills:read""#, "bills:read");
}

#[test]
fn all_of_the_scopes_or_any() {
    let world = World::new();
    world.opened(&scopes(world.access(&member(Role::Guest, "bills:write bills:read")), &world));
    for bad in ["bills:read", "bills:write", "", "bills:readbills:write"] {
        world.lacks_scope(
            scopes(world.access(&member(Role::Guest, bad)), &world),
            r#"scopes("bills:read", "bills:write")"#,
            "bills:read bills:write",
        );
    }
    for good in ["bills:read", "bills:write"] {
        world.opened(&any_scope(world.access(&dynamic("", good)), &world));
    }
    world.lacks_scope(
        any_scope(world.access(&dynamic("", "bills")), &world),
        r#"any_scope("bills:read", "bills:write")"#,
        "bills:read bills:write",
    );
}

#[test]
fn scopes_are_held_in_texts_and_collections() {
    use std::borrow::Cow;
    use std::collections::{BTreeSet, HashSet};

    let list = ["a", "b:c"];
    let texts: [&dyn Scopes; 10] = [
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
    for (place, scopes) in texts.into_iter().enumerate() {
        assert!(scopes.grants("a") && scopes.grants("b:c"), "{place}");
        for none in ["", " ", "b", "c", "A", "a b:c", "b:"] {
            assert!(!scopes.grants(none), "{place}: {none}");
        }
    }
    assert!(!None::<String>.grants("a"));
    assert!(!"".grants("") && !" ".grants(""));
}

#[test]
fn age_comes_first_and_then_each_policy_as_it_was_written() {
    let world = World::new();
    let call = |claims: &Member| everything(world.access(claims), &world);
    world.opened(&call(&member(Role::Admin, "d c a")));

    let stranger = Member { user_id: 1, ..member(Role::Guest, "") };
    world.lacks_scope(call(&stranger), r#"any_scope("a", "b")"#, "a b");
    let stranger = Member { granted: Some("b".into()), ..stranger };
    world.forbidden(call(&stranger), "payload.user_id == 42");
    let known = Member { user_id: 42, ..stranger.clone() };
    world.lacks_scope(call(&known), r#"scopes("a", "c")"#, "a c");
    let known = member(Role::Guest, "a c");
    world.forbidden(call(&known), "role = Role::Admin");
    let admin = member(Role::Admin, "a c");
    world.lacks_scope(call(&admin), r#"scope = "d""#, "d");

    let (admin, stranger) = (world.access(&member(Role::Admin, "a c d")), world.access(&stranger));
    world.clock.advance(Duration::from_secs(91));
    world.too_old(everything(admin, &world), 90);
    world.too_old(everything(stranger, &world), 90);
    world.unauthenticated(everything("", &world));
}
