//! Policies: each alone and with the others, what a denial tells the client, and what only the log.

use std::cell::Cell;
use std::error::Error as _;
use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use gatevault::testing::ManualClock;
use gatevault::{
    ClaimValue, Claims, GuardError, Payload, RoleClaims, ScopeClaims, Scopes, TokenManager, Verified,
    protected,
};
use gatevault_tests::{SECRET, START, timed};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// What the bodies run in: `ran` counts those that did.
struct World {
    tokens: TokenManager,
    clock: ManualClock,
    ran: Cell<u32>,
}

type Outcome = Result<(), GuardError>;

impl World {
    fn new() -> Self {
        Self::with_leeway(Duration::ZERO)
    }

    fn with_leeway(leeway: Duration) -> Self {
        let (builder, clock) = timed();
        let tokens = builder.leeway(leeway).access_expiry(Duration::from_hours(1)).build();
        Self { tokens: tokens.expect("these are good settings"), clock, ran: Cell::new(0) }
    }

    #[expect(clippy::unnecessary_wraps, reason = "it is what the bodies return")]
    fn run<P>(&self, payload: P) -> Outcome {
        drop(payload);
        self.ran.set(self.ran.get().wrapping_add(1));
        Ok(())
    }

    fn access(&self, claims: &impl Claims) -> String {
        self.tokens.create_access_token(claims).expect("these are good claims")
    }

    fn refresh(&self, claims: &impl Claims) -> String {
        self.tokens.create_refresh_token(claims).expect("these are good claims")
    }

    /// That a call ran its body, once.
    #[track_caller]
    fn opened(&self, outcome: &Outcome) {
        assert!(outcome.is_ok(), "{outcome:?}");
        assert_eq!(self.ran.replace(0), 1, "the body runs once");
    }

    /// That a call was denied for `reason`, which the client is not told, and ran nothing.
    #[track_caller]
    fn denied(&self, outcome: Outcome, reason: &str) -> GuardError {
        let denial = outcome.expect_err("the call is denied");
        assert_eq!(self.ran.get(), 0, "the body does not run");
        assert_eq!(denial.source().map(ToString::to_string).as_deref(), Some(reason));
        assert_eq!(denial.to_string(), "not allowed");
        denial
    }

    #[track_caller]
    fn forbidden(&self, outcome: Outcome, reason: &str) {
        let denial = self.denied(outcome, reason);
        assert_eq!((denial.status(), denial.challenge()), (403, None));
    }

    #[track_caller]
    fn lacks_scope(&self, outcome: Outcome, reason: &str, scope: &str) {
        let denial = self.denied(outcome, reason);
        let challenge = format!(r#"Bearer error="insufficient_scope", scope="{scope}""#);
        assert_eq!((denial.status(), denial.challenge()), (403, Some(challenge)));
    }

    #[track_caller]
    fn too_old(&self, outcome: Outcome, seconds: u64) {
        let denial = self.denied(outcome, "the token was issued too long ago");
        let challenge = format!(r#"Bearer error="insufficient_user_authentication", max_age="{seconds}""#);
        assert_eq!((denial.status(), denial.challenge()), (401, Some(challenge)));
    }

    /// That the token itself was refused.
    #[track_caller]
    fn unauthenticated(&self, outcome: Outcome) {
        assert_eq!(outcome.expect_err("the call is denied").status(), 401);
        assert_eq!(self.ran.get(), 0, "the body does not run");
    }
}

#[derive(Debug, Clone, PartialEq, Claims)]
struct Member {
    user_id: u64,
    rank: Role,
    granted: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, ClaimValue)]
enum Role {
    Guest,
    Clerk,
    Admin,
}

impl RoleClaims<Role> for Member {
    fn has_role(&self, role: &Role) -> bool {
        self.rank == *role
    }
}

impl ScopeClaims for Member {
    fn has_scope(&self, scope: &str) -> bool {
        self.granted.grants(scope)
    }
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

#[protected(gate = world.tokens, max_age = "5m")]
fn recent(world: &World) -> Outcome {
    world.run(())
}

#[protected(gate = world.tokens, max_age = "5m", optional)]
fn recent_if_any(world: &World, payload: Option<Payload>) -> Outcome {
    world.run(payload)
}

#[protected(gate = world.tokens, refresh, max_age = "2h", role = "admin")]
fn recent_refresh(world: &World, payload: Payload) -> Outcome {
    world.run(payload)
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
fn a_token_is_recent_up_to_the_last_second() {
    let world = World::new();
    let token = world.access(&Payload::new(42));
    let start = SystemTime::UNIX_EPOCH + Duration::from_secs(START);
    for age in [Duration::ZERO, Duration::from_secs(299), Duration::from_millis(300_999)] {
        world.clock.set(start + age);
        world.opened(&recent(&token, &world));
        world.opened(&recent_if_any(&token, &world));
    }
    for age in [301, 3_599] {
        world.clock.set(start + Duration::from_secs(age));
        world.too_old(recent(&token, &world), 300);
        world.too_old(recent_if_any(&token, &world), 300);
    }
    world.opened(&recent_if_any("", &world));
    world.clock.set(start + Duration::from_hours(1));
    let denial = recent(&token, &world).expect_err("the token has expired");
    assert_eq!(denial.to_string(), "the token has expired", "expiry comes before age");
    world.opened(&recent(world.access(&Payload::new(42)), &world));
}

#[test]
fn a_token_without_a_date_is_not_recent() {
    let world = World::new();
    world.opened(&dynamic_scope(forged(r#","scope":"bills:read""#), &world));
    world.too_old(recent(forged(""), &world), 300);
    world.opened(&recent(forged(&format!(r#","iat":{START}.9"#)), &world));
}

#[test]
fn a_token_from_the_future_is_no_good() {
    let world = World::new();
    let ahead = |seconds: u64| forged(&format!(r#","iat":{}"#, START.wrapping_add(seconds)));
    world.unauthenticated(recent(ahead(1), &world));
    let world = World::with_leeway(Duration::from_secs(30));
    world.opened(&recent(ahead(30), &world));
    world.unauthenticated(recent(ahead(31), &world));
    world.unauthenticated(recent(ahead(1_000_000_000_000), &world));
    world.unauthenticated(recent(forged(&format!(r#","iat":{}"#, u64::MAX)), &world));
}

#[test]
fn a_refresh_token_meets_policies_too() {
    let world = World::new();
    world.opened(&recent_refresh(world.refresh(&dynamic("admin", "")), &world));
    world.unauthenticated(recent_refresh(world.access(&dynamic("admin", "")), &world));
    let guest = world.refresh(&dynamic("guest", ""));
    world.forbidden(recent_refresh(&guest, &world), r#"role = "admin""#);
    world.clock.advance(Duration::from_secs(7_201));
    world.too_old(recent_refresh(&guest, &world), 7_200);
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

/// A token of user 42 with these claims at its end, signed by the key of the world.
fn forged(claims: &str) -> String {
    let exp = START.wrapping_add(600);
    let claims = format!(r#"{{"user_id":42,"exp":{exp},"type":"access","jti":"0b8d1c8e"{claims}}}"#);
    let encode = |text: &[u8]| URL_SAFE_NO_PAD.encode(text);
    let signed = format!("{}.{}", encode(br#"{"alg":"HS256","typ":"JWT"}"#), encode(claims.as_bytes()));
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).expect("a key of any length is good");
    mac.update(signed.as_bytes());
    format!("{signed}.{}", encode(&mac.finalize().into_bytes()))
}
