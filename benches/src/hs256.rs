//! HS256: a token verified and its claims read.

use std::future::ready;
use std::hint::black_box;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use gatevault::{GuardError, Payload, TokenText, protected};
use jsonwebtoken::{Algorithm, DecodingKey};
use jwt_simple::algorithms::{HS256Key, MACLike};
use serde::de::DeserializeOwned;

use crate::floor::Floor;
use crate::peer::{ANCHOR, BackEnd, decoding};
use crate::sample::{self, Lent, Numbers, Role, SECRET, Texts};
use crate::{Answer, Group, Length, Measure, Row};

/// Claims of three texts.
pub(crate) const TEXTS: Group = Group {
    name: "HS256, three texts in the claims (a token of 244 bytes)",
    length: Length::Short,
    rows: texts,
};

/// Claims that can be copied, and claims without a type.
pub(crate) const NUMBERS: Group = Group {
    name: "HS256, two numbers and a role in the claims (a token of 239 bytes)",
    length: Length::Short,
    rows: numbers,
};

fn texts() -> Answer<Vec<Row>> {
    let token = sample::token(&sample::texts())?;
    let (tokens, simple) = (sample::tokens()?, HS256Key::from_bytes(SECRET));
    let mut rows = peers::<Texts>(token)?;
    rows.push(Row::new("jwt-simple", move || simple.verify_token::<Texts>(token, None))?);
    let (owning, lending) = (Floor::new(SECRET)?, Floor::new(SECRET)?);
    rows.push(Row::new("the floor, owned", move || {
        owning
            .verify::<String, String>(token, &mut [0; 512])
            .map(|claims| (claims.user_id, claims.role, claims.org_id))
    })?);
    rows.push(Row::new("the floor, borrowed", move || {
        lending.verify::<&str, &str>(token, &mut [0; 512]).map(|claims| black_box(&claims).jti.len())
    })?);
    let decoding = tokens.clone();
    rows.push(Row::new("decode_access_token, owned", move || decoding.decode_access_token::<Texts>(token))?);
    rows.push(Row::new("decode_access_token_in, borrowed", move || {
        let mut text = TokenText::default();
        tokens.decode_access_token_in::<Lent<'_>>(token, &mut text).map(|user| black_box(user.user_id).len())
    })?);
    rows.push(
        Row::new("guarded, owned", move || owned(token))?
            .held_to(Measure::Instructions, ANCHOR, 0.36, 0.30)
            .held_to(Measure::Instructions, "decode_access_token, owned", 1.03, 1.015)
            .held_to(Measure::Allocations, "", 3.0, 3.0),
    );
    rows.push(
        Row::new("guarded, owned, async", move || polled(later(token)))?
            .held_to(Measure::Instructions, ANCHOR, 0.36, 0.30)
            .held_to(Measure::Allocations, "", 3.0, 3.0),
    );
    rows.push(
        Row::new("guarded, borrowed", move || borrowed(token))?
            .held_to(Measure::Instructions, ANCHOR, 0.34, 0.27)
            .held_to(Measure::Allocations, "", 0.0, 0.0),
    );
    Ok(rows)
}

fn numbers() -> Answer<Vec<Row>> {
    let token = sample::token(&sample::numbers())?;
    let (tokens, floor) = (sample::tokens()?, Floor::new(SECRET)?);
    let mut rows = peers::<Numbers>(token)?;
    rows.push(Row::new("the floor, Copy", move || {
        floor.verify::<u64, Role>(token, &mut [0; 512]).map(|claims| claims.user_id)
    })?);
    let decoding = tokens.clone();
    rows.push(Row::new("decode_access_token, Copy", move || decoding.decode_access_token::<Numbers>(token))?);
    rows.push(Row::new("decode_access_token, Payload", move || {
        tokens.decode_access_token::<Payload>(token)
    })?);
    rows.push(
        Row::new("guarded, Copy", move || copied(token))?
            .held_to(Measure::Instructions, ANCHOR, 0.34, 0.27)
            .held_to(Measure::Instructions, "decode_access_token, Copy", 1.03, 1.015)
            .held_to(Measure::Allocations, "", 0.0, 0.0),
    );
    rows.push(Row::new("guarded, Payload", move || dynamic(token))?);
    Ok(rows)
}

fn peers<C: DeserializeOwned + 'static>(token: &'static str) -> Answer<Vec<Row>> {
    let key = DecodingKey::from_secret(SECRET)?;
    Ok(vec![
        decoding::<C>(BackEnd::AwsLcRs, Algorithm::HS256, key.clone(), token)?,
        decoding::<C>(BackEnd::RustCrypto, Algorithm::HS256, key, token)?,
    ])
}

#[protected]
fn owned(payload: Texts) -> Result<Texts, GuardError> {
    Ok(payload)
}

#[protected]
async fn later(payload: Texts) -> Result<Texts, GuardError> {
    ready(()).await;
    Ok(payload)
}

#[protected]
fn borrowed(payload: Lent<'_>) -> Result<usize, GuardError> {
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

/// The output of a future that never waits: no executor is in its figures.
fn polled<T>(future: impl Future<Output = Result<T, GuardError>>) -> Answer<T> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => Ok(output?),
        Poll::Pending => Err("it waits".into()),
    }
}
