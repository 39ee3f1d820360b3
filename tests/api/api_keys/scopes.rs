//! Keys that are limited to scopes: the library narrows the claims, in whichever form the application writes them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use gatevault::claims::{ClaimWriter, Scopes, Serde, ToClaims};
use gatevault::error::{ConfigError, InvalidReason};
use gatevault::{Claims, GuardError, KeyRequest, Payload, TokenError, TokenManager, UserId, protected};
use gatevault_tests::{Account, tokens};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::handler;

/// Returns the claims in the token of a key that is limited to these scopes.
fn narrowed<C: ToClaims + 'static>(
    claims: impl Fn() -> C + Send + Sync + 'static,
    scopes: &[&str],
) -> Result<(String, TokenManager), GuardError> {
    let tokens = tokens();
    let user = Arc::new(Mutex::new(Some(Account::new(1, "correct horse"))));
    let oauth = handler(&tokens, &user).claims(move |_| claims());
    let created = oauth.create_key(1, KeyRequest::new("ci").scopes(scopes.iter().copied()))?;
    Ok((oauth.exchange_key(&created.key)?.access_token, tokens))
}

fn read(claims: impl Fn() -> Payload + Send + Sync + 'static, scopes: &[&str]) -> Payload {
    let (access, tokens) = narrowed(claims, scopes).unwrap();
    tokens.decode_access_token::<Payload>(&access).unwrap().into_claims()
}

#[track_caller]
fn is_refused<T>(outcome: Result<T, GuardError>, expected: fn(&InvalidReason) -> bool) {
    let denial = outcome.err().unwrap();
    assert!(
        matches!(&denial, GuardError::Config(ConfigError::NoTokens { reason }) if expected(reason)),
        "{denial:?}"
    );
}

#[test]
fn a_payload_keeps_the_scopes_that_the_user_and_the_key_both_have() {
    let of = |value: Value| move || Payload::new(1).with("scope", value.clone()).with("role", "admin");
    let scopes = ["b", "d"];
    for (had, kept) in [
        (json!("a b c"), json!("b")),
        (json!(["a", "b", "c"]), json!(["b"])),
        (json!("b  d"), json!("b d")),
        (json!(""), json!("")),
        (json!([]), json!([])),
        (json!("a"), json!("")),
        (json!(["b", 7, ["b"], {"b": "b"}, null, "b d"]), json!(["b"])),
        (json!("bd B b:c"), json!("")),
        (Value::Null, Value::Null),
    ] {
        let payload = read(of(had.clone()), &scopes);
        assert_eq!((&payload["scope"], &payload["role"]), (&kept, &json!("admin")), "{had}");
    }
    let payload = read(|| Payload::new(1).with("scp", ["a", "b"]).with("scope", "a d"), &scopes);
    assert_eq!((&payload["scp"], &payload["scope"]), (&json!(["b"]), &json!("d")));
}

#[test]
fn claims_whose_scopes_are_missing_or_in_another_form_leave_no_key() {
    is_refused(narrowed(|| Payload::new(1).with("role", "admin"), &["a"]), |reason| {
        *reason == InvalidReason::NoScopes
    });
    for other in [json!(7), json!({"a": true}), json!(true)] {
        let claims = move || Payload::new(1).with("scope", other.clone());
        is_refused(
            narrowed(claims, &["a"]),
            |reason| matches!(reason, InvalidReason::UnlimitedScopes(name) if name == "scope"),
        );
    }
}

#[test]
fn a_key_without_a_limit_has_every_scope_of_its_user() {
    let tokens = tokens();
    let user = Arc::new(Mutex::new(Some(Account::new(1, "correct horse"))));
    let oauth = handler(&tokens, &user).claims(|_| Payload::new(1).with("scope", json!({"odd": "a b"})));
    let created = oauth.create_key(1, KeyRequest::new("ci")).unwrap();
    let access = oauth.exchange_key(&created.key).unwrap().access_token;
    let payload = tokens.decode_access_token::<Payload>(&access).unwrap();
    assert_eq!(payload["scope"], json!({"odd": "a b"}));
}

macro_rules! scope_fields {
    ($($name:ident: $ty:ty = $value:expr;)+) => {
        $(#[derive(Debug, Claims)]
        struct $name {
            user_id: u64,
            #[claims(scope, rename = "permissions")]
            held: $ty,
        })+

        #[test]
        fn a_marked_field_of_every_form_is_narrowed_under_its_own_name() {
            $({
                let (access, tokens) = narrowed(|| $name { user_id: 1, held: $value }, &["b", "d"]).unwrap();
                let read = tokens.decode_access_token::<$name>(&access).unwrap();
                assert_eq!(read.user_id, 1);
                for (scope, is_held) in [("a", false), ("b", true), ("c", false), ("d", false)] {
                    assert_eq!(read.held.grants(scope), is_held, "{} {scope}", stringify!($ty));
                }
            })+
        }
    };
}
scope_fields! {
    Text: String = "a b c".to_owned();
    List: Vec<String> = ["a", "b", "c"].map(str::to_owned).to_vec();
    Ordered: BTreeSet<String> = ["a", "b", "c"].map(str::to_owned).into();
    Perhaps: Option<String> = Some("a b c".to_owned());
}

#[derive(Debug, Claims)]
struct Unset {
    user_id: u64,
    #[claims(scope)]
    scopes: Option<String>,
}

/// Scopes behind an encoding of the application's own.
mod joined {
    pub(super) fn encode(scopes: &[&'static str; 3]) -> String {
        scopes.join(" ")
    }
    #[expect(
        clippy::needless_pass_by_value,
        clippy::unnecessary_wraps,
        reason = "`with` calls it with these types"
    )]
    pub(super) fn decode(text: String) -> Result<[&'static str; 3], String> {
        Ok(["a", "b", "c"].map(|scope| if text.split(' ').any(|held| held == scope) { scope } else { "" }))
    }
}

#[derive(Debug, Clone, Copy)]
struct Held([&'static str; 3]);

impl Scopes for Held {
    fn grants(&self, scope: &str) -> bool {
        self.0.contains(&scope)
    }
}

mod held {
    use super::Held;

    pub(super) fn encode(held: &Held) -> String {
        super::joined::encode(&held.0)
    }
    pub(super) fn decode(text: String) -> Result<Held, String> {
        super::joined::decode(text).map(Held)
    }
}

#[derive(Debug, Claims)]
struct Encoded {
    user_id: u64,
    #[claims(scope, with = held)]
    rights: Held,
}

#[derive(Debug, Claims)]
struct Flattened {
    user_id: u64,
    #[claims(flatten)]
    others: BTreeMap<String, Value>,
}

#[test]
fn scopes_that_are_unset_encoded_or_in_a_map_are_narrowed() {
    let (access, tokens) = narrowed(|| Unset { user_id: 1, scopes: None }, &["a"]).unwrap();
    let unset = tokens.decode_access_token::<Unset>(&access).unwrap();
    assert_eq!((unset.user_id, &unset.scopes), (1, &None));

    let (access, tokens) =
        narrowed(|| Encoded { user_id: 1, rights: Held(["a", "b", "c"]) }, &["b"]).unwrap();
    let encoded = tokens.decode_access_token::<Encoded>(&access).unwrap();
    assert_eq!((encoded.user_id, encoded.rights.0), (1, ["", "b", ""]));

    let others = || [("scope".to_owned(), json!("a b")), ("team".to_owned(), json!("red"))].into();
    let (access, tokens) = narrowed(move || Flattened { user_id: 1, others: others() }, &["b"]).unwrap();
    let flattened = tokens.decode_access_token::<Flattened>(&access).unwrap();
    assert_eq!((flattened.user_id, &flattened.others["scope"]), (1, &json!("b")));
}

#[derive(Debug, Serialize, Deserialize)]
struct Foreign {
    sub: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<String>,
    #[serde(flatten)]
    rest: BTreeMap<String, Value>,
}

#[derive(Debug, Serialize)]
struct Skipping {
    #[serde(skip_serializing_if = "Option::is_none")]
    scp: Option<Vec<String>>,
}

#[test]
fn claims_of_serde_are_narrowed_too() {
    let foreign = |scope: Option<&'static str>, scp: Value| {
        move || {
            let rest = [("scp".to_owned(), scp.clone())].into();
            Serde::new(1, Foreign { sub: "ada".to_owned(), scope: scope.map(str::to_owned), rest })
        }
    };
    let (access, tokens) = narrowed(foreign(Some("a b c"), json!(["c", "b"])), &["b", "d"]).unwrap();
    let read = tokens.decode_access_token::<Payload>(&access).unwrap();
    assert_eq!((&read["scope"], &read["scp"], &read["sub"]), (&json!("b"), &json!(["b"]), &json!("ada")));
    is_refused(narrowed(foreign(None, json!(7)), &["b"]), |reason| {
        matches!(reason, InvalidReason::UnlimitedScopes(_))
    });
    assert!(
        narrowed(|| Serde::new(1, Skipping { scp: None }), &["b"]).is_ok(),
        "a field that is left out holds no scope"
    );
    is_refused(narrowed(|| Serde::new(1, json!({ "role": "admin" })), &["b"]), |reason| {
        *reason == InvalidReason::NoScopes
    });
}

/// Claims that are written by hand, which say where their scopes are or do not.
struct Handmade {
    is_declared: bool,
}

/// Claims that declare their scopes when these are already written.
struct Late;

impl ToClaims for Late {
    fn write_claims(&self, claims: &mut ClaimWriter<'_>) -> Result<(), TokenError> {
        claims.subject(&UserId::from(1))?;
        claims.claim("scope", "a b")?;
        claims.claim("rights", &["a", "b"])?;
        claims.declare_scopes("rights");
        Ok(())
    }
}

#[test]
fn claims_that_declare_their_scopes_too_late_leave_no_key() {
    let key = narrowed(|| Late, &["b"]);
    is_refused(key, |reason| matches!(reason, InvalidReason::UnlimitedScopes(name) if name == "rights"));
}

impl ToClaims for Handmade {
    fn write_claims(&self, claims: &mut ClaimWriter<'_>) -> Result<(), TokenError> {
        claims.subject(&UserId::from(1))?;
        if self.is_declared {
            claims.declare_scopes("rights");
        }
        claims.claim("rights", &["a", "b"])
    }
}

#[test]
fn claims_written_by_hand_say_where_their_scopes_are_or_leave_no_key() {
    let (access, tokens) = narrowed(|| Handmade { is_declared: true }, &["b"]).unwrap();
    assert_eq!(tokens.decode_access_token::<Payload>(&access).unwrap()["rights"], json!(["b"]));
    is_refused(narrowed(|| Handmade { is_declared: false }, &["b"]), |reason| {
        *reason == InvalidReason::NoScopes
    });
}

#[protected(gate = gate, scope = "orders:write")]
fn write(gate: &TokenManager, token: &str) -> Result<(), GuardError> {
    Ok(())
}

#[protected(gate = gate, scope = "orders:read")]
fn read_orders(gate: &TokenManager, token: &str, payload: Payload) -> Result<UserId, GuardError> {
    Ok(payload.user_id().clone())
}

#[test]
fn guards_with_and_without_a_payload_see_the_narrowed_scopes() {
    let claims = || Payload::new(1).with("scope", "orders:read orders:write");
    let (access, tokens) = narrowed(claims, &["orders:read"]).unwrap();
    assert_eq!(read_orders(&tokens, &access).unwrap(), 1.into());
    assert_eq!(write(&tokens, &access).unwrap_err().status(), 403);
    let (access, tokens) = narrowed(claims, &["orders:write", "admin"]).unwrap();
    assert!(write(&tokens, &access).is_ok() && read_orders(&tokens, &access).is_err());
}

#[test]
fn a_user_who_loses_a_scope_loses_it_for_the_key() {
    let tokens = tokens();
    let held = Arc::new(Mutex::new("a b"));
    let user = Arc::new(Mutex::new(Some(Account::new(1, "correct horse"))));
    let now = Arc::clone(&held);
    let oauth = handler(&tokens, &user).claims(move |_| Payload::new(1).with("scope", *now.lock().unwrap()));
    let created = oauth.create_key(1, KeyRequest::new("ci").scopes(["b", "c"])).unwrap();
    for (has, kept) in [("a b", "b"), ("a", ""), ("a b c", "b c")] {
        *held.lock().unwrap() = has;
        let access = oauth.exchange_key(&created.key).unwrap().access_token;
        assert_eq!(tokens.decode_access_token::<Payload>(&access).unwrap()["scope"], kept);
    }
    assert_eq!(oauth.api_keys(1).unwrap()[0].scopes, ["b", "c"]);
}
