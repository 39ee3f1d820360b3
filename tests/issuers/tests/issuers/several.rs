//! Two providers in one manager.

use gatevault::{GateVault, GuardError, Issuer, Payload, TokenManager, Verified, protected};
use gatevault_issuers::{Provider, resource, service_token};

use crate::{AUDIENCE, es256, keys_of, statuses_until_accepted};

#[protected(gate = gate)]
fn issuer_of(gate: &GateVault, payload: Verified<Payload>) -> Result<Option<String>, GuardError> {
    Ok(payload.foreign_issuer().map(str::to_owned))
}

/// Returns a manager that accepts the tokens of all of these.
fn accepting_all(providers: &[&Provider]) -> TokenManager {
    let mut builder = TokenManager::builder();
    for provider in providers {
        builder =
            builder.accept(Issuer::new(provider.issuer(), keys_of(provider.issuer())).audience(AUDIENCE));
    }
    builder.build().unwrap()
}

fn assert_each_is_recognized(tokens: &TokenManager, providers: &[&Provider]) {
    let gate = GateVault::new(tokens.clone());
    for provider in providers {
        let token = service_token(provider, &resource("ES256"));
        assert_eq!(issuer_of(token, &gate).unwrap().as_deref(), Some(provider.issuer()));
    }
}

#[test]
fn the_tokens_of_two_providers_are_distinguished_although_their_keys_have_one_id() {
    let (first, second) = (Provider::start(&[es256("1")]), Provider::start(&[es256("1")]));
    assert_each_is_recognized(&accepting_all(&[&first, &second]), &[&first, &second]);
}

#[test]
fn the_tokens_of_two_providers_with_one_key_are_distinguished() {
    let first = Provider::start(&[es256("1")]);
    let second = Provider::start(first.keys());
    assert_each_is_recognized(&accepting_all(&[&first, &second]), &[&first, &second]);
    assert_each_is_recognized(&accepting_all(&[&second, &first]), &[&first, &second]);
}

#[test]
fn the_new_key_of_one_provider_costs_the_other_no_fetch_and_no_token() {
    let (mut first, second) = (Provider::start(&[es256("old")]), Provider::start(&[es256("1")]));
    let tokens = accepting_all(&[&first, &second]);
    first.start_again(&[es256("new")]);
    let new = service_token(&first, &resource("ES256"));
    assert_eq!(statuses_until_accepted(&tokens, &new), [503, 200]);
    assert_each_is_recognized(&tokens, &[&first, &second]);
    assert_eq!(second.requests("/jwks"), 1);
}
