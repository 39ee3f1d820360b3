//! Claims of another issuer in another JSON form: what does not decide is not judged, and can be read.

use gatevault::error::InvalidReason;
use gatevault::{Issuer, Payload, TokenError};
use gatevault_tests::{SECRET, START, timed};
use serde_json::{Value, json};

use super::service::{decode, refusal, service};
use super::signer::{Signer, claims, with};

const ISSUER: &str = "https://id.example";

fn signer() -> Signer {
    Signer::hs256("the key of the issuer, at least 32 bytes").named("1")
}

fn issuer() -> Issuer {
    Issuer::new(ISSUER, signer().ring()).audience("orders")
}

fn token(changes: Value) -> String {
    signer().sign(&with(claims(ISSUER, "orders"), changes))
}

fn read(changes: Value) -> gatevault::Verified<Payload> {
    let case = changes.to_string();
    decode(&service([issuer()]), &token(changes)).unwrap_or_else(|error| panic!("{case}: {error:?}"))
}

#[test]
fn an_authentication_time_of_another_form_is_ignored_and_can_be_read() {
    for form in [
        json!("2025-12-31T10:00:00Z"),
        json!("1767225600"),
        json!([START]),
        json!({ "at": START }),
        json!(true),
        json!(-5),
    ] {
        let verified = read(json!({ "auth_time": form }));
        assert_eq!(verified.authenticated_at(), None, "{form}");
        assert_eq!(verified["auth_time"], form);
    }
    // In the form of OpenID Connect it is judged.
    assert!(read(json!({ "auth_time": START - 5 })).authenticated_at().is_some());
    let ahead = refusal(&service([issuer()]), &token(json!({ "auth_time": START + 3600 })));
    assert!(matches!(ahead, InvalidReason::NotYetValid { claim: "auth_time", .. }), "{ahead:?}");
}

#[test]
fn ids_of_another_form_are_ignored_and_can_be_read() {
    for form in [json!(7), json!(true), json!(["a"]), json!({ "id": 1 }), json!(1.5), json!("")] {
        let verified = read(json!({ "sid": form, "jti": form }));
        assert_eq!((verified.session_id(), verified.token_id()), (None, None), "{form}");
        assert_eq!((&verified["sid"], &verified["jti"]), (&form, &form));
    }
    let verified = read(json!({ "sid": "s-1", "jti": "t-1" }));
    assert_eq!((verified.session_id(), verified.token_id()), (Some("s-1"), Some("t-1")));
}

#[test]
fn how_the_user_authenticated_is_ignored_in_another_form_and_can_be_read() {
    for form in
        [json!(1), json!({ "level": 2 }), json!(["phr", 1]), json!([{ "method": "password" }]), json!(true)]
    {
        let verified = read(json!({ "acr": form, "amr": form }));
        assert_eq!((verified.acr(), verified.amr().count()), (None, 0), "{form}");
        assert_eq!((&verified["acr"], &verified["amr"]), (&form, &form));
    }
    let verified = read(json!({ "acr": "phr", "amr": ["pwd", "otp"] }));
    assert_eq!((verified.acr(), verified.amr().collect::<Vec<_>>()), (Some("phr"), vec!["pwd", "otp"]));
}

/// A guard that asks for a claim in an unknown form finds none: it denies.
#[test]
fn a_guard_that_needs_an_ignored_claim_denies() {
    use gatevault::{GateVault, GuardError, protected};

    #[protected(gate = gate, max_age = "1h")]
    fn fresh(gate: &GateVault, payload: Payload) -> Result<String, GuardError> {
        Ok(payload.user_id().to_string())
    }
    #[protected(gate = gate, acr = "phr")]
    fn resistant(gate: &GateVault, payload: Payload) -> Result<String, GuardError> {
        Ok(payload.user_id().to_string())
    }
    let gate = GateVault::new(service([issuer()]));
    let no_time = token(json!({ "auth_time": "2025-12-31T23:59:00Z", "iat": null }));
    assert_eq!(fresh(&no_time, &gate).unwrap_err().status(), 401);
    assert_eq!(resistant(token(json!({ "acr": ["phr"] })), &gate).unwrap_err().status(), 401);
    assert!(resistant(token(json!({ "acr": "phr" })), &gate).is_ok());
}

/// The login may be long ago: the `iat` of a refreshed token is no answer.
#[test]
fn a_login_time_that_cannot_be_read_is_never_fresh() {
    use gatevault::{GateVault, GuardError, protected};

    #[protected(gate = gate, max_age = "1h")]
    fn fresh(gate: &GateVault, payload: Payload) -> Result<String, GuardError> {
        Ok(payload.user_id().to_string())
    }
    let gate = GateVault::new(service([issuer()]));
    for form in [
        json!("2025-12-31T10:00:00Z"),
        json!("1767225600"),
        json!([START]),
        json!({}),
        json!(true),
        json!(-5),
    ] {
        let error = fresh(token(json!({ "auth_time": form })), &gate).unwrap_err();
        assert_eq!(error.status(), 401, "{form}");
    }
    // A fraction is a time: half a second, and two hours, before the start.
    assert!(fresh(token(json!({ "auth_time": 1_767_225_599.5, "nested": {} })), &gate).is_ok());
    assert!(fresh(token(json!({ "auth_time": 1_767_218_399.5, "nested": {} })), &gate).is_err());
    assert!(fresh(token(json!({})), &gate).is_ok());
}

#[test]
fn nulls_do_not_decide_either() {
    let raw = format!(
        r#"{{"iss":"{ISSUER}","aud":"orders","sub":"ada","exp":{},"auth_time":null,"sid":null,"jti":null,"type":null,"acr":null,"amr":null}}"#,
        START + 300
    );
    let token = signer().sign_raw(&signer().header().to_string(), &raw);
    let verified = decode(&service([issuer()]), &token).unwrap();
    assert_eq!((verified.token_id(), verified.session_id(), verified.authenticated_at()), (None, None, None));
}

#[test]
fn the_kind_the_issuer_and_the_audience_can_be_read() {
    let verified = read(json!({ "type": "access", "aud": ["orders", "account"] }));
    assert_eq!(verified["type"], "access");
    assert_eq!(verified["iss"], ISSUER);
    assert_eq!(verified["aud"], json!(["orders", "account"]));
    assert_eq!(read(json!({ "auth_time": START - 5 })).get::<u64>("auth_time"), Some(START - 5));
    // They stay out of tokens that are created from the payload.
    assert!(
        verified.iter().all(|(name, _)| !["type", "iss", "aud", "jti", "sid", "auth_time"].contains(&name))
    );
}

#[test]
fn times_that_decide_are_refused_in_another_form() {
    let forms =
        [json!("1767226000"), json!(true), json!([START]), json!({ "t": START }), json!(-1), json!(1e300)];
    for claim in ["iat", "exp", "nbf"] {
        for form in &forms {
            let reason = refusal(&service([issuer()]), &token(json!({ claim: form })));
            assert_eq!(reason, InvalidReason::MistypedClaim(claim.into()), "{form}");
        }
        let raw = format!(
            r#"{{"iss":"{ISSUER}","aud":"orders","sub":"ada","exp":{},"{claim}":null}}"#,
            START + 300
        );
        let raw =
            if claim == "exp" { raw.replacen(&format!(r#""exp":{},"#, START + 300), "", 1) } else { raw };
        let token = signer().sign_raw(&signer().header().to_string(), &raw);
        assert!(decode(&service([issuer()]), &token).is_err(), "{claim}: null");
    }
}

#[test]
fn an_issuer_or_audience_of_another_form_never_matches() {
    let tokens = service([issuer()]);
    for form in [json!(7), json!(true), json!({ "a": ISSUER }), json!([7]), json!([["orders"]]), json!([])] {
        assert!(decode(&tokens, &token(json!({ "aud": form }))).is_err(), "{form}");
    }
    for form in [json!(7), json!([ISSUER]), json!({ "iss": ISSUER }), json!("")] {
        assert!(decode(&tokens, &token(json!({ "iss": form }))).is_err(), "{form}");
    }
    // `aud` with a member of another form beside ours (RFC 7519 section 4.1.3: an array of strings).
    assert!(decode(&tokens, &token(json!({ "aud": ["orders", 7] }))).is_err());
}

#[test]
fn a_claim_occurs_once_even_if_it_is_ignored() {
    for claim in ["auth_time", "sid", "jti", "type", "acr", "amr", "iss", "aud"] {
        let raw = format!(
            r#"{{"iss":"{ISSUER}","aud":"orders","sub":"ada","exp":{},"x":1,"{claim}":[1],"{claim}":[2]}}"#,
            START + 300
        );
        let token = signer().sign_raw(&signer().header().to_string(), &raw);
        let error = decode(&service([issuer()]), &token).unwrap_err();
        assert!(matches!(error, TokenError::Decode { .. }), "{claim}: {error:?}");
    }
}

#[test]
fn our_own_tokens_stay_strict() {
    let own = Signer::hs256(SECRET);
    let tokens = timed().0.accept(issuer()).build().unwrap();
    let ours = json!({ "user_id": 42, "iat": START, "exp": START + 300, "type": "access", "jti": "1" });
    for (claim, form) in [
        ("auth_time", json!("2025-12-31T10:00:00Z")),
        ("auth_time", json!(true)),
        ("sid", json!(7)),
        ("sid", json!("")),
        ("jti", json!(7)),
        ("jti", json!("")),
        ("type", json!(2)),
        ("acr", json!(1)),
        ("amr", json!([1])),
        ("amr", json!([{ "method": "password" }])),
        ("iat", json!("1767225600")),
        ("exp", json!("1767225900")),
        ("nbf", json!("1767225600")),
        ("iss", json!(7)),
        ("aud", json!(7)),
    ] {
        let token = own.sign(&with(ours.clone(), json!({ claim: form })));
        assert_eq!(refusal(&tokens, &token), InvalidReason::MistypedClaim(claim.into()), "{form}");
    }
}
