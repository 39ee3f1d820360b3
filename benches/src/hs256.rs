//! HS256: the verification of a token and its claims.

use std::future::ready;
use std::hint::black_box;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use gatevault::token::TokenText;
use gatevault::{GuardError, Payload, Verified, protected};
use jsonwebtoken::{Algorithm, DecodingKey};
use jwt_simple::algorithms::{HS256Key, MACLike};
use serde::de::DeserializeOwned;

use crate::floor::Floor;
use crate::peer::{ANCHOR, BackEnd, decoding};
use crate::sample::{self, BorrowedStrings, Numbers, Role, SECRET, Strings};
use crate::{Answer, Group, Length, Measure, Row};

/// Verifies tokens with three strings in the claims.
pub(crate) const STRINGS: Group = Group {
    name: "HS256, three strings in the claims (a token of 244 bytes)",
    length: Length::Short,
    rows: strings,
};

/// Verifies tokens with two numbers and a role: as claims that are `Copy`, and as dynamic payload.
pub(crate) const NUMBERS: Group = Group {
    name: "HS256, two numbers and a role in the claims (a token of 239 bytes)",
    length: Length::Short,
    rows: numbers,
};

/// Creates the rows with strings.
fn strings() -> Answer<Vec<Row>> {
    let token = sample::token(&sample::strings())?;
    let (tokens, simple) = (sample::tokens()?, HS256Key::from_bytes(SECRET));
    let mut rows = peers::<Strings>(token)?;
    rows.push(Row::new("jwt-simple", move || simple.verify_token::<Strings>(token, None))?);
    let (owned_floor, borrowed_floor) = (Floor::new(SECRET)?, Floor::new(SECRET)?);
    rows.push(Row::new("plain hmac + base64 + serde_json, owned", move || {
        owned_floor
            .verify::<String, String>(token, &mut [0; 512])
            .map(|claims| (claims.user_id, claims.role, claims.org_id))
    })?);
    rows.push(Row::new("plain hmac + base64 + serde_json, borrowed", move || {
        borrowed_floor.verify::<&str, &str>(token, &mut [0; 512]).map(|claims| black_box(&claims).jti.len())
    })?);
    let decoding = tokens.clone();
    rows.push(Row::new("decode_access_token, owned", move || {
        decoding.decode_access_token::<Strings>(token)
    })?);
    rows.push(Row::new("decode_access_token_in, borrowed", move || {
        let mut text = TokenText::new();
        tokens
            .decode_access_token_in::<BorrowedStrings<'_>>(token, &mut text)
            .map(|user| black_box(user.user_id).len())
    })?);
    rows.push(
        Row::new("guarded, owned", move || owned(token))?
            .with_goal(Measure::Instructions, ANCHOR, 0.36, 0.30)
            .with_goal(Measure::Instructions, "decode_access_token, owned", 1.03, 1.015)
            .with_goal(Measure::Allocations, "", 3.0, 3.0),
    );
    rows.push(
        Row::new("guarded, owned, async", move || polled(later(token)))?
            .with_goal(Measure::Instructions, ANCHOR, 0.36, 0.30)
            .with_goal(Measure::Allocations, "", 3.0, 3.0),
    );
    rows.push(
        Row::new("guarded, borrowed", move || borrowed(token))?
            .with_goal(Measure::Instructions, ANCHOR, 0.34, 0.27)
            .with_goal(Measure::Allocations, "", 0.0, 0.0),
    );
    Ok(rows)
}

/// Creates the rows with numbers.
fn numbers() -> Answer<Vec<Row>> {
    let token = sample::token(&sample::numbers())?;
    let with_login = sample::token(&sample::with_login())?;
    let (tokens, floor) = (sample::tokens()?, Floor::new(SECRET)?);
    let mut rows = peers::<Numbers>(token)?;
    rows.push(Row::new("plain hmac + base64 + serde_json, Copy", move || {
        floor.verify::<u64, Role>(token, &mut [0; 512]).map(|claims| claims.user_id)
    })?);
    let decoding = tokens.clone();
    rows.push(Row::new("decode_access_token, Copy", move || decoding.decode_access_token::<Numbers>(token))?);
    rows.push(Row::new("decode_access_token, Payload", move || {
        tokens.decode_access_token::<Payload>(token)
    })?);
    rows.push(
        Row::new("guarded, Copy", move || copied(token))?
            .with_goal(Measure::Instructions, ANCHOR, 0.34, 0.27)
            .with_goal(Measure::Instructions, "decode_access_token, Copy", 1.03, 1.015)
            .with_goal(Measure::Allocations, "", 0.0, 0.0),
    );
    rows.push(Row::new("guarded, Payload", move || dynamic(token))?);
    rows.push(Row::new("guarded, Verified", move || with_proof(token))?);
    rows.push(Row::new("guarded, max_age", move || recent(with_login))?);
    rows.push(Row::new("guarded, without a payload", move || admitted(token))?);
    Ok(rows)
}

/// Creates the rows of jsonwebtoken.
fn peers<C: DeserializeOwned + 'static>(token: &'static str) -> Answer<Vec<Row>> {
    let key = DecodingKey::from_secret(SECRET)?;
    Ok(vec![
        decoding::<C>(BackEnd::AwsLcRs, Algorithm::HS256, key.clone(), token)?,
        decoding::<C>(BackEnd::RustCrypto, Algorithm::HS256, key, token)?,
    ])
}

#[protected]
fn owned(payload: Strings) -> Result<Strings, GuardError> {
    Ok(payload)
}

#[protected]
async fn later(payload: Strings) -> Result<Strings, GuardError> {
    ready(()).await;
    Ok(payload)
}

#[protected]
fn borrowed(payload: BorrowedStrings<'_>) -> Result<usize, GuardError> {
    Ok(black_box(&payload).user_id.len())
}

#[protected]
pub(crate) fn copied(payload: Numbers) -> Result<Numbers, GuardError> {
    Ok(payload)
}

#[protected]
fn dynamic(payload: Payload) -> Result<Payload, GuardError> {
    Ok(payload)
}

#[protected]
fn with_proof(payload: Verified<Numbers>) -> Result<Verified<Numbers>, GuardError> {
    Ok(payload)
}

#[protected(max_age = "36500d")]
fn recent(payload: Numbers) -> Result<Numbers, GuardError> {
    Ok(payload)
}

#[protected]
fn admitted() -> Result<(), GuardError> {
    Ok(())
}

/// Polls a future that is ready at once, without an executor in the figures.
fn polled<T>(future: impl Future<Output = Result<T, GuardError>>) -> Answer<T> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => Ok(output?),
        Poll::Pending => Err("the future is pending".into()),
    }
}
