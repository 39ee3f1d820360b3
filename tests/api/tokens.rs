//! The contents of a token, how long it is accepted, and as which kind.

use std::time::{Duration, SystemTime};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use gatevault::error::InvalidReason;
use gatevault::token::TokenManagerBuilder;
use gatevault::{Payload, SigningKey, TokenError, TokenKind, TokenManager};
use gatevault_tests::{Outline, SECRET, START, timed, tokens};

fn json(segment: &str) -> String {
    String::from_utf8(URL_SAFE_NO_PAD.decode(segment).unwrap()).unwrap()
}

fn segments(token: &str) -> [&str; 3] {
    token.split('.').collect::<Vec<_>>().try_into().unwrap()
}

#[test]
fn the_wire_format_is_stable() {
    let (builder, _) = timed();
    let tokens = builder.build().unwrap();
    let token = tokens.create_access_token(&Payload::new(42).with("role", "admin").with("none", ())).unwrap();
    let [header, claims, _] = segments(&token);
    assert_eq!(json(header), r#"{"alg":"HS256","typ":"JWT"}"#);

    let verified = tokens.decode_token::<Payload>(&token).unwrap();
    let (exp, jti) = (START + 900, verified.token_id().unwrap());
    let expected =
        format!(r#"{{"user_id":42,"exp":{exp},"iat":{START},"type":"access","jti":"{jti}","role":"admin"}}"#);
    assert_eq!(json(claims), expected);
}

#[test]
fn every_token_has_an_id_of_its_own_that_is_a_version_4_uuid() {
    let tokens = tokens();
    let ids: std::collections::HashSet<String> = (0..200)
        .map(|_| tokens.create_access_token(&Payload::new(1)).unwrap())
        .map(|token| tokens.decode_token::<Payload>(&token).unwrap().token_id().unwrap().to_owned())
        .collect();
    assert_eq!(ids.len(), 200);
    for id in ids {
        let uuid = uuid::Uuid::parse_str(&id).unwrap();
        assert_eq!(uuid.get_version_num(), 4, "{id}");
        assert_eq!(uuid.get_variant(), uuid::Variant::RFC4122, "{id}");
        assert_eq!(uuid.hyphenated().to_string(), id);
    }
}

#[test]
fn a_token_is_accepted_until_the_second_of_its_expiry() {
    let (builder, clock) = timed();
    let tokens = builder.build().unwrap();
    for (token, lifetime) in [
        (tokens.create_access_token(&Payload::new(1)).unwrap(), 15 * 60),
        (tokens.create_refresh_token(&Payload::new(1)).unwrap(), 7 * 86_400),
    ] {
        let start = SystemTime::UNIX_EPOCH + Duration::from_secs(START);
        clock.set(start + Duration::from_millis(lifetime * 1000 - 1));
        assert!(tokens.decode_token::<Payload>(&token).is_ok());
        clock.set(start + Duration::from_secs(lifetime));
        assert_eq!(tokens.decode_token::<Payload>(&token).unwrap_err(), TokenError::Expired);
        clock.set(start);
    }
}

#[test]
fn the_leeway_widens_every_time_bound_by_exactly_that_much() {
    let (builder, clock) = timed();
    let tokens = builder.leeway(Duration::from_secs(30)).build().unwrap();
    let token = tokens.create_access_token(&Payload::new(1)).unwrap();
    let at = |seconds: u64| clock.set(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds));
    at(START + 929);
    assert!(tokens.decode_token::<Payload>(&token).is_ok());
    at(START + 930);
    assert_eq!(tokens.decode_token::<Payload>(&token).unwrap_err(), TokenError::Expired);
    at(START - 30);
    assert!(tokens.decode_token::<Payload>(&token).is_ok());
    at(START - 31);
    let early = tokens.decode_token::<Payload>(&token).unwrap_err();
    assert_eq!(Outline::not_yet("iat"), early);
}

#[test]
fn a_clock_outside_the_years_1970_to_9999_decides_nothing() {
    let (builder, clock) = timed();
    let tokens = builder.build().unwrap();
    let token = tokens.create_access_token(&Payload::new(1)).unwrap();
    let beyond_9999 = 253_402_300_800;
    let broken = [
        SystemTime::UNIX_EPOCH - Duration::from_secs(1),
        SystemTime::UNIX_EPOCH + Duration::from_secs(beyond_9999),
    ];
    for now in broken {
        clock.set(now);
        assert_eq!(tokens.decode_token::<Payload>(&token).unwrap_err(), InvalidReason::Clock.into());
        assert_eq!(tokens.create_access_token(&Payload::new(1)).unwrap_err(), InvalidReason::Clock.into());
    }
}

#[test]
fn each_kind_is_rejected_where_the_other_is_required() {
    let tokens = tokens();
    let access = tokens.create_access_token(&Payload::new(1)).unwrap();
    let refresh = tokens.create_refresh_token(&Payload::new(1)).unwrap();
    assert_eq!(tokens.decode_access_token::<Payload>(&access).unwrap().kind(), TokenKind::Access);
    assert_eq!(tokens.decode_refresh_token::<Payload>(&refresh).unwrap().kind(), TokenKind::Refresh);
    let kind = |expected| TokenError::from(InvalidReason::Kind { expected });
    assert_eq!(tokens.decode_access_token::<Payload>(&refresh).unwrap_err(), kind("access"));
    assert_eq!(tokens.decode_refresh_token::<Payload>(&access).unwrap_err(), kind("refresh"));
}

#[test]
fn verified_claims_expose_the_registered_ones() {
    let (builder, _) = timed();
    let tokens = builder.build().unwrap();
    let token = tokens.create_access_token(&Payload::new(1)).unwrap();
    let verified = tokens.decode_token::<Payload>(&token).unwrap();
    let start = SystemTime::UNIX_EPOCH + Duration::from_secs(START);
    assert_eq!(verified.issued_at(), Some(start));
    assert_eq!(verified.expires_at(), start + tokens.access_expiry());
    assert_eq!(verified.session_id(), None);
    assert_eq!(verified.into_claims().user_id(), &1.into());
}

#[test]
fn a_token_of_another_secret_or_algorithm_is_rejected() {
    let hs = |key: Result<SigningKey, _>| TokenManager::builder().key(key.unwrap()).build().unwrap();
    let managers = [
        hs(SigningKey::hs256(SECRET)),
        hs(SigningKey::hs384(SECRET)),
        hs(SigningKey::hs512(SECRET)),
        hs(SigningKey::hs256([1; 32])),
    ];
    for (signer, made) in managers.iter().enumerate() {
        let token = made.create_access_token(&Payload::new(1)).unwrap();
        for (verifier, manager) in managers.iter().enumerate() {
            let verdict = manager.decode_token::<Payload>(&token);
            assert_eq!(verdict.is_ok(), signer == verifier, "signed by {signer}, verified by {verifier}");
        }
    }
}

#[test]
fn a_key_id_is_written_and_another_one_is_rejected() {
    let with_id = |id: &str| {
        let key = SigningKey::hs256(SECRET).unwrap().with_id(id).unwrap();
        TokenManager::builder().key(key).build().unwrap()
    };
    let (one, two, plain) = (with_id("one"), with_id("tw\"o"), tokens());
    let token = one.create_access_token(&Payload::new(1)).unwrap();
    assert_eq!(json(segments(&token)[0]), r#"{"alg":"HS256","typ":"JWT","kid":"one"}"#);
    assert!(one.decode_token::<Payload>(&token).is_ok());
    assert!(plain.decode_token::<Payload>(&token).is_ok(), "a key without an id accepts any `kid`");
    assert_eq!(two.decode_token::<Payload>(&token).unwrap_err(), InvalidReason::KeyId.into());
    let unnamed = plain.create_access_token(&Payload::new(1)).unwrap();
    assert!(two.decode_token::<Payload>(&unnamed).is_ok(), "a token without an id is verified with the key");
    let quoted = two.create_access_token(&Payload::new(1)).unwrap();
    assert!(two.decode_token::<Payload>(&quoted).is_ok());
}

#[test]
fn issuer_and_audience_are_written_and_required() {
    let managed = |issuer: Option<&str>, audience: Option<&str>| {
        let builder = TokenManager::builder().secret(SECRET);
        let builder = issuer.into_iter().fold(builder, TokenManagerBuilder::issuer);
        audience.into_iter().fold(builder, TokenManagerBuilder::audience).build().unwrap()
    };
    let us = managed(Some("https://id.example"), Some("billing"));
    let token = us.create_access_token(&Payload::new(1)).unwrap();
    assert!(us.decode_token::<Payload>(&token).is_ok());
    for (manager, reason) in [
        (managed(Some("https://id.example"), None), Outline::AUDIENCE),
        (managed(Some("https://id.example"), Some("bill")), Outline::AUDIENCE),
        (managed(Some("https://id.example/"), Some("billing")), Outline::ISSUER),
        (tokens(), Outline::AUDIENCE),
    ] {
        assert_eq!(reason, manager.decode_token::<Payload>(&token).unwrap_err());
    }
    let plain = tokens().create_access_token(&Payload::new(1)).unwrap();
    assert!(us.decode_token::<Payload>(&plain).is_err());
}

#[test]
fn a_manager_creates_no_token_that_it_would_reject_for_its_length() {
    let tokens = TokenManager::builder().secret(SECRET).max_token_bytes(512).build().unwrap();
    assert!(tokens.create_access_token(&Payload::new(1)).is_ok());
    let long = tokens.create_access_token(&Payload::new(1).with("note", "x".repeat(400))).unwrap_err();
    assert!(matches!(long, TokenError::Invalid(InvalidReason::TooLong { limit: 512, .. })), "{long:?}");
}

#[test]
fn one_manager_serves_many_threads() {
    let tokens = tokens();
    std::thread::scope(|scope| {
        for user in 0..8_u64 {
            let tokens = tokens.clone();
            scope.spawn(move || {
                for _ in 0..50 {
                    let token = tokens.create_access_token(&Payload::new(user)).unwrap();
                    assert_eq!(tokens.decode_token::<Payload>(&token).unwrap().user_id(), &user.into());
                }
            });
        }
    });
}
