//! Other comparisons of secrets that the public API reaches: CSRF tokens, purpose tokens and their state, and API keys.
//!
//! CSRF tokens and purpose tokens are signatures over other messages. The state of a purpose token is part of the message. An
//! API key is found by its SHA-256 digest, so a text that is nearly right has a digest that is not.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use gatevault::token::Purpose;
use gatevault::web::CsrfToken;
use gatevault::{KeyRequest, OAuthHandler, TokenManager, UserId, generate_secret};
use gatevault_benches::Answer;
use gatevault_benches::timing::Pair;
use sha2::{Digest as _, Sha256};

use crate::accounts::Account;
use crate::wrong::{INPUTS, in_first_byte, in_last_byte, joined, split};

/// Returns the pairs of each kind of secret.
pub(crate) fn pairs() -> Answer<Vec<Pair>> {
    Ok(vec![csrf()?, purpose()?, state()?, api_key()?])
}

fn csrf() -> Answer<Pair> {
    let tokens = TokenManager::new([7; 32])?;
    let tag = URL_SAFE_NO_PAD.decode(CsrfToken::of_session(SESSION, &tokens)?.as_str())?;
    let classes = [in_first_byte(&tag), in_last_byte(&tag)];
    let call = move |echoed: &str| CsrfToken::is_of_session(echoed, SESSION, &tokens);
    Ok(Pair::new("CSRF token: first, last byte", classes, call)?.repeated(4))
}

fn purpose() -> Answer<Pair> {
    let tokens = TokenManager::new([7; 32])?;
    let token = tokens.create_purpose_token(&RESET, &UserId::from(1), STATE)?;
    let (signed, tag) = split(&token)?;
    let classes = [in_first_byte(&tag), in_last_byte(&tag)].map(|tags| joined(&signed, tags));
    let call = move |token: &str| tokens.decode_purpose_token(&RESET, token, STATE).is_ok();
    Ok(Pair::new("purpose token, signature: first, last byte", classes, call)?.repeated(4))
}

fn state() -> Answer<Pair> {
    let tokens = TokenManager::new([7; 32])?;
    let state = [7; 33];
    let token =
        tokens.create_purpose_token(&RESET, &UserId::from(1), URL_SAFE_NO_PAD.encode(state).as_str())?;
    let classes = [in_first_byte(&state), in_last_byte(&state)];
    let call = move |state: &str| tokens.decode_purpose_token(&RESET, &token, state).is_ok();
    Ok(Pair::new("purpose token, state: first, last byte", classes, call)?.repeated(4))
}

/// Keys whose checksum is right: of the live key but for two digits, and random ones.
fn api_key() -> Answer<Pair> {
    let oauth = OAuthHandler::new(TokenManager::new([7; 32])?, |_: &str| None::<Account>)
        .lookup_by_id(|_| Some(Account::new(None)));
    let key = oauth.create_key(1, KeyRequest::new("timing"))?.key;
    oauth.exchange_key(&key)?;
    let (unchecked, _) = key.rsplit_once('_').ok_or("no checksum")?;
    let kept = unchecked.get(..unchecked.len().saturating_sub(2)).ok_or("no secret")?;
    let near = (0..=u8::MAX).map(|number| checked(&format!("{kept}{number:02x}")));
    let near = near.filter(|other| *other != key).take(INPUTS.into()).collect();
    let random = || Ok(checked(&format!("gv_{}", generate_secret()?)));
    let random = (0..INPUTS).map(|_| random()).collect::<Answer<Vec<String>>>()?;
    let call = move |key: &str| oauth.exchange_key(key).is_ok();
    Pair::new("API key: all but two digits right, random", [near, random], call)
}

/// Adds the checksum of an API key, the first four bytes of its SHA-256.
fn checked(unchecked: &str) -> String {
    let [one, two, three, four, ..] = <[u8; 32]>::from(Sha256::digest(unchecked));
    format!("{unchecked}_{:08x}", u32::from_be_bytes([one, two, three, four]))
}

const SESSION: &str = "0b8d1c8e-52a4-4f39-9a56-2f2a0c9a7e11";
const STATE: &str = "a state of the account";
const RESET: Purpose = Purpose::new("reset", Duration::from_hours(1));
