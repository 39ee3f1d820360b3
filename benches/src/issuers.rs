//! Tokens at a manager that accepts other issuers, none of whose keys has an id.

use gatevault::token::TokenManagerBuilder;
use gatevault::{Issuer, KeyRing, SigningKey, TokenManager};

use crate::rings::{es256_key, hs256_key};
use crate::sample::{self, SECRET, Strings};
use crate::{Answer, Group, Length, Measure, Row};

/// Verifies tokens of issuers with asymmetric keys, forged ones among them.
pub(crate) const ES256: Group =
    Group { name: "ES256, tokens of other issuers", length: Length::Long, rows: es256 };

/// Verifies our own tokens, and tokens of other issuers that share a secret with us.
pub(crate) const HS256: Group =
    Group { name: "HS256, our own tokens beside other issuers", length: Length::Short, rows: hs256 };

/// Creates the rows of asymmetric issuers.
fn es256() -> Answer<Vec<Row>> {
    let forger = es256_key()?;
    let row = |name, issuers: &[SigningKey], number, signer: &SigningKey, is_accepted| {
        let token = token_of(number, signer)?;
        let tokens = accepting(TokenManager::builder(), issuers)?.build()?;
        Row::new(name, move || {
            let is_expected = tokens.decode_access_token::<Strings>(&token).is_ok() == is_accepted;
            is_expected.then_some(()).ok_or("another verdict")
        })
    };
    let all = (0..100).map(|_| es256_key()).collect::<Answer<Vec<_>>>()?;
    let ([first, ..], [.., last]) = (&*all, &*all) else { return Err("no issuer".into()) };
    let one = std::slice::from_ref(first);
    Ok(vec![
        row(GENUINE, one, 0, first, true)?,
        row("the last of 100 issuers", &all, 99, last, true)?.with_goal(Measure::Time, GENUINE, 4.0, 2.0),
        row(FORGED, one, 0, &forger, false)?,
        row("forged, naming one of 100 issuers", &all, 99, &forger, false)?.with_goal(
            Measure::Time,
            FORGED,
            4.0,
            2.0,
        ),
        row("forged, naming none of 100 issuers", &all, 100, &forger, false)?.with_goal(
            Measure::Time,
            FORGED,
            4.0,
            2.0,
        ),
    ])
}

/// Creates the rows of our own tokens.
fn hs256() -> Answer<Vec<Row>> {
    let all = (0..100).map(|_| hs256_key()).collect::<Answer<Vec<_>>>()?;
    let ([first, ..], [.., last]) = (&*all, &*all) else { return Err("no issuer".into()) };
    let one = std::slice::from_ref(first);
    let ours = || TokenManager::builder().secret(SECRET);
    let own = |name, issuers: &[SigningKey]| {
        let tokens = accepting(ours(), issuers)?.build()?;
        let token = tokens.create_access_token(&sample::user())?;
        Row::new(name, move || tokens.decode_access_token::<Strings>(&token))
    };
    let other = |name, builder, issuers: &[SigningKey], number, signer: &SigningKey| {
        let token = token_of(number, signer)?;
        let tokens = accepting(builder, issuers)?.build()?;
        Row::new(name, move || tokens.decode_access_token::<Strings>(&token))
    };
    Ok(vec![
        own(ALONE, &[])?,
        own("ours, beside one issuer", one)?.with_goal(Measure::Instructions, ALONE, 2.0, 1.5),
        own("ours, beside 100 issuers", &all)?.with_goal(Measure::Instructions, ALONE, 2.0, 1.5),
        other("of the only issuer", TokenManager::builder(), one, 0, first)?,
        other("of the last of 100 issuers, beside ours", ours(), &all, 99, last)?,
    ])
}

/// Accepts an issuer for each key.
fn accepting(builder: TokenManagerBuilder, keys: &[SigningKey]) -> Answer<TokenManagerBuilder> {
    keys.iter().enumerate().try_fold(builder, |builder, (number, key)| {
        let ring = KeyRing::verifying([key.verifying_key().clone()])?;
        Ok(builder.accept(Issuer::new(issuer_name(number), ring).audience(AUDIENCE)))
    })
}

/// Signs a token that names an issuer.
fn token_of(number: usize, key: &SigningKey) -> Answer<String> {
    let issuer = TokenManager::builder().key(key.clone()).issuer(issuer_name(number)).audience(AUDIENCE);
    Ok(issuer.subject_claim("sub").build()?.create_access_token(&sample::user())?)
}

fn issuer_name(number: usize) -> String {
    format!("https://id-{number:03}.example")
}

const AUDIENCE: &str = "api";
const GENUINE: &str = "the only issuer";
const FORGED: &str = "forged, naming the only issuer";
const ALONE: &str = "ours, without other issuers";
