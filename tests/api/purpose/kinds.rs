//! Every kind of token in every place where another belongs. The one that belongs there shows that the place accepts any.

use std::sync::LazyLock;

use gatevault::error::InvalidReason;
use gatevault::login::SyncLookup;
use gatevault::token::TokenText;
use gatevault::web::{CsrfToken, HttpRequest};
use gatevault::{
    AuthRoutes, GuardError, Issuer, JwkSet, KeyRing, OAuthHandler, Payload, SigningKey, TokenManager,
    VerifyingKey, protected,
};
use gatevault_tests::{Account, Recorder, SECRET, quick_hasher, tokens};
use jsonwebtoken::crypto::rust_crypto;
use jsonwebtoken::{DecodingKey, Validation};
use serde_json::{Value, json};

use super::{CONFIRM, HASH, LINK, RESET, TICKET, ada, decode, reason, reset, wrong_signature};

const RSA: &str = include_str!("../../vectors/asymmetric/keys/rsa2048.pkcs8.pem");
const P256: &str = include_str!("../../vectors/asymmetric/keys/p256.pkcs8.pem");
const ED25519: &str = include_str!("../../vectors/asymmetric/keys/ed25519.pkcs8.pem");

/// Returns a signing key of each kind.
fn keys() -> [SigningKey; 7] {
    let secret = SECRET.as_bytes();
    let keys = [
        SigningKey::hs256(secret),
        SigningKey::hs512(secret),
        SigningKey::rs256(RSA),
        SigningKey::ps256(RSA),
        SigningKey::es256(P256),
        SigningKey::eddsa(ED25519),
        SigningKey::rs512(RSA),
    ];
    keys.map(|key| key.unwrap().with_id("2026-11").unwrap())
}

fn login_service(key: SigningKey) -> TokenManager {
    let builder = TokenManager::builder().key(key).issuer("https://id.example").audience("shop");
    builder.subject_claim("sub").build().unwrap()
}

/// Returns tokens of several purposes for user 42, with the state that is tried for access.
fn purpose_tokens(tokens: &TokenManager) -> Vec<String> {
    let states = ["", HASH, "access", "a.b"];
    let purposes = [RESET, CONFIRM, LINK, TICKET];
    let all = purposes.iter().flat_map(|purpose| states.map(|state| (purpose, state)));
    all.map(|(purpose, state)| tokens.create_purpose_token(purpose, &ada(), state).unwrap()).collect()
}

fn handler(tokens: &TokenManager) -> OAuthHandler<SyncLookup<Account>> {
    static ADA: LazyLock<Account> = LazyLock::new(|| Account::new(42, "correct horse"));
    OAuthHandler::new(tokens.clone(), |name: &str| (name == "ada").then(|| ADA.clone()))
        .lookup_by_id(|id| (*id == ada()).then(|| ADA.clone()))
        .hasher(quick_hasher())
}

#[test]
fn no_decoder_accepts_a_purpose_token_and_the_reason_says_what_came() {
    for key in keys() {
        let tokens = login_service(key);
        for token in purpose_tokens(&tokens) {
            let mut text = TokenText::new();
            let reasons = [
                reason(tokens.decode_token::<Payload>(&token)),
                reason(tokens.decode_access_token::<Payload>(&token)),
                reason(tokens.decode_refresh_token::<Payload>(&token)),
                reason(tokens.decode_access_token_in::<Payload>(&token, &mut text)),
            ];
            assert_eq!(reasons, [const { InvalidReason::PurposeToken }; 4]);
        }
    }
    let shown = InvalidReason::PurposeToken.to_string();
    assert!(shown.contains("purpose+jwt") && shown.contains("decode_purpose_token"), "{shown}");
}

#[protected(gate = tokens)]
fn profile(tokens: &TokenManager, _payload: Payload) -> Result<(), GuardError> {
    Ok(())
}

#[protected(gate = tokens, optional)]
fn page(tokens: &TokenManager, _payload: Option<Payload>) -> Result<(), GuardError> {
    Ok(())
}

#[protected(gate = tokens, refresh)]
fn renew(tokens: &TokenManager, _payload: Payload) -> Result<(), GuardError> {
    Ok(())
}

#[test]
fn no_guard_admits_a_purpose_token_and_the_log_says_what_came() {
    let tokens = tokens();
    let access = tokens.create_access_token(&Payload::new(42)).unwrap();
    let refresh = tokens.create_refresh_token(&Payload::new(42)).unwrap();
    assert!(profile(&access, &tokens).is_ok() && renew(&refresh, &tokens).is_ok());
    assert!(page(&access, &tokens).is_ok() && page("", &tokens).is_ok());
    let recorder = Recorder::default();
    tracing::subscriber::with_default(recorder.clone(), || {
        for token in purpose_tokens(&tokens) {
            for denial in [profile(&token, &tokens), page(&token, &tokens), renew(&token, &tokens)] {
                let denial = denial.unwrap_err();
                assert_eq!((denial.status(), denial.to_string().as_str()), (401, "the token is not valid"));
                let challenge = denial.challenge().unwrap();
                assert!(!challenge.contains("purpose"), "{challenge}");
            }
        }
    });
    let lines = recorder.lines();
    assert!(!lines.is_empty() && lines.iter().all(|(_, line)| line.contains("purpose token")), "{lines:?}");
}

#[test]
fn no_refresh_and_no_logout_takes_a_purpose_token() {
    for key in keys() {
        let tokens = login_service(key);
        let (oauth, stateless) = (handler(&tokens), handler(&tokens).user_pool("others").stateless());
        let pair = oauth.login("ada", "correct horse").unwrap();
        let access = tokens.decode_access_token::<Payload>(&pair.access_token).unwrap();
        // With the session of the login, as a ticket has it.
        let ticket = tokens.create_purpose_token(&TICKET, &access, "").unwrap();
        for token in purpose_tokens(&tokens).into_iter().chain([ticket]) {
            for oauth in [&oauth, &stateless] {
                assert_eq!(oauth.refresh(&token).unwrap_err().status(), 401);
                assert_eq!(oauth.logout(&token).unwrap_err().status(), 401);
            }
        }
        assert!(tokens.decode_access_token::<Payload>(&pair.access_token).is_ok());
        assert!(oauth.refresh(&pair.refresh_token).is_ok());
    }
}

#[test]
fn no_route_takes_a_purpose_token() {
    let tokens = tokens();
    let oauth = handler(&tokens);
    let pair = oauth.login("ada", "correct horse").unwrap();
    let verified = tokens.decode_access_token::<Payload>(&pair.access_token).unwrap();
    let csrf = CsrfToken::of_session(verified.session_id().unwrap(), &tokens).unwrap();
    let routes = AuthRoutes::new(oauth);
    let ask = |method, path, token: &str| {
        let (bearer, cookie) = (format!("Bearer {token}"), format!("__Host-refresh_token={token}"));
        let request = HttpRequest::new(method, path).with_header("x-csrf-token", csrf.as_str().as_bytes());
        let body = json!({ "refresh_token": token }).to_string();
        [
            routes.respond(&request.clone().with_header("authorization", bearer.as_bytes()), None).status,
            routes.respond(&request.clone().with_header("cookie", cookie.as_bytes()), None).status,
            routes
                .respond(&request.with_header("content-type", b"application/json"), Some(body.as_bytes()))
                .status,
        ]
    };
    let ticket = tokens.create_purpose_token(&TICKET, &verified, "").unwrap();
    for token in purpose_tokens(&tokens).into_iter().chain([ticket]) {
        for (method, path) in [("GET", "/sessions"), ("POST", "/refresh"), ("DELETE", "/sessions/1")] {
            let statuses = ask(method, path, &token);
            assert!(statuses.iter().all(|status| (400..500).contains(status)), "{path}: {statuses:?}");
        }
        // A logout without a token that can be verified has nothing to end.
        ask("POST", "/logout", &token);
        assert!(tokens.decode_access_token::<Payload>(&pair.access_token).is_ok());
    }
}

/// A sister service that follows our key set, or has our secret.
#[test]
fn no_issuer_over_our_keys_accepts_a_purpose_token_of_any_kind() {
    for key in keys() {
        let tokens = login_service(key.clone());
        let access = tokens.create_access_token(&Payload::new(42)).unwrap();
        // A secret is not published, but may be shared.
        let published = (!key.algorithm().name().starts_with("HS")).then(|| {
            let set = JwkSet::from_json(&JwkSet::of([key.verifying_key().clone()]).to_json()).unwrap();
            KeyRing::verifying(set).unwrap()
        });
        let shared = KeyRing::verifying([key.verifying_key().clone()]).unwrap();
        for ring in published.into_iter().chain([shared]) {
            let issuer = || Issuer::new("https://id.example", ring.clone()).audience("shop");
            for issuer in [issuer(), issuer().any_kind(), issuer().access_type("purpose").any_kind()] {
                for sister in [false, true] {
                    let mut builder = TokenManager::builder().accept(issuer.clone());
                    if sister {
                        builder = builder.secret([3; 32]).issuer("https://sister.example").audience("shop");
                    }
                    let service = builder.build().unwrap();
                    assert!(service.decode_access_token::<Payload>(&access).is_ok());
                    for token in purpose_tokens(&tokens) {
                        let refused = reason(service.decode_access_token::<Payload>(&token));
                        assert_eq!(refused, InvalidReason::PurposeToken);
                        assert!(service.decode_purpose_token(&RESET, &token, HASH).is_err());
                    }
                }
            }
        }
    }
}

/// `jsonwebtoken` does not look at `typ`, so that the signature alone must fail.
#[test]
fn jsonwebtoken_verifies_no_purpose_token() {
    let _ = rust_crypto::DEFAULT_PROVIDER.install_default();
    for key in keys() {
        let tokens = login_service(key.clone());
        let rsa: &[u8] = include_bytes!("../../vectors/asymmetric/keys/rsa2048.public.pem");
        let decoding = match key.algorithm().name() {
            "HS256" | "HS512" => DecodingKey::from_secret(SECRET.as_bytes()),
            "ES256" => {
                DecodingKey::from_ec_pem(include_bytes!("../../vectors/asymmetric/keys/p256.public.pem"))
            }
            "EdDSA" => {
                DecodingKey::from_ed_pem(include_bytes!("../../vectors/asymmetric/keys/ed25519.public.pem"))
            }
            _ => DecodingKey::from_rsa_pem(rsa),
        }
        .unwrap();
        let mut validation = Validation::new(key.algorithm().name().parse().unwrap());
        validation.validate_aud = false;
        let verify = |token: &str| jsonwebtoken::decode::<Value>(token, &decoding, &validation);
        let access = tokens.create_access_token(&Payload::new(42)).unwrap();
        assert_eq!(verify(&access).unwrap().claims["sub"], 42);
        for token in purpose_tokens(&tokens) {
            let refused = verify(&token).unwrap_err();
            assert_eq!(refused.kind(), &jsonwebtoken::errors::ErrorKind::InvalidSignature);
        }
    }
}

#[test]
fn no_other_kind_of_token_serves_a_purpose() {
    for key in keys() {
        let tokens = login_service(key);
        let not_purpose = InvalidReason::NotPurpose { expected: RESET.name() };
        let others = [
            tokens.create_access_token(&Payload::new(42)).unwrap(),
            tokens.create_refresh_token(&Payload::new(42)).unwrap(),
            tokens.create_access_token(&Payload::new(42).with("purpose", RESET.name())).unwrap(),
        ];
        for other in &others {
            for state in ["", HASH] {
                let refused = reason(tokens.decode_purpose_token(&RESET, other, state));
                assert_eq!(refused, not_purpose);
            }
        }
        // The signature of one glued onto the other.
        let token = reset(&tokens);
        let (message, _) = token.rsplit_once('.').unwrap();
        let csrf = CsrfToken::of_session("a session", &tokens).unwrap();
        let signatures = others.iter().map(|other| other.rsplit('.').next().unwrap());
        for signature in signatures.chain([csrf.as_str(), ""]) {
            let refused = reason(decode(&tokens, &format!("{message}.{signature}")));
            assert_eq!(refused, wrong_signature(&RESET));
        }
    }
}

/// A CSRF token is a detached signature too. Its message begins with another word.
#[test]
fn no_csrf_token_of_a_session_with_a_chosen_name_serves_a_purpose() {
    let tokens = tokens();
    let token = reset(&tokens);
    let (message, signature) = token.rsplit_once('.').unwrap();
    for session in [message, &token, &format!("purpose:0::password-reset:{message}")] {
        let csrf = CsrfToken::of_session(session, &tokens).unwrap();
        let glued = format!("{message}.{}", csrf.as_str());
        assert_eq!(reason(tokens.decode_purpose_token(&RESET, &glued, "")), wrong_signature(&RESET));
        assert!(!CsrfToken::is_of_session(signature, session, &tokens));
    }
}

#[test]
fn at_jwt_changes_nothing() {
    let builder = TokenManager::builder().secret(SECRET).issuer("https://id.example").audience("shop");
    let tokens = builder.at_jwt().build().unwrap();
    let token = reset(&tokens);
    assert!(decode(&tokens, &token).is_ok());
    assert_eq!(reason(tokens.decode_access_token::<Payload>(&token)), InvalidReason::PurposeToken);
    let access = tokens.create_access_token(&Payload::new(42)).unwrap();
    assert!(matches!(reason(decode(&tokens, &access)), InvalidReason::NotPurpose { .. }));
}

/// A key that verifies several algorithms, as an RSA key without `alg`, verifies the purpose tokens of each.
#[test]
fn a_key_of_a_family_verifies_the_purpose_tokens_of_each_of_its_algorithms() {
    let mut jwk: Value =
        serde_json::from_str(&SigningKey::rs256(RSA).unwrap().verifying_key().to_jwk().unwrap()).unwrap();
    jwk.as_object_mut().unwrap().remove("alg");
    let family = VerifyingKey::from_jwk(&jwk.to_string()).unwrap();
    let node = TokenManager::builder().key_ring(KeyRing::verifying([family]).unwrap()).build().unwrap();
    for key in [SigningKey::rs256(RSA), SigningKey::rs512(RSA), SigningKey::ps256(RSA)] {
        let tokens = TokenManager::builder().key(key.unwrap()).build().unwrap();
        assert!(decode(&node, &reset(&tokens)).is_ok());
    }
}
