//! The gate of a handler: the argument, then the one that the token brings, then the installed one.

use std::borrow::Cow;
use std::sync::LazyLock;

use gatevault::guard::{AsGate, GateRef, HandlerGuard};
use gatevault::{GateVault, TokenManager, TokenSource, protected};

use crate::{Answer, UNAUTHENTICATED, User, access, call};

static ANOTHER: LazyLock<TokenManager> =
    LazyLock::new(|| TokenManager::new("another secret of thirty-two bytes").expect("a valid secret"));
static THIRD: LazyLock<TokenManager> =
    LazyLock::new(|| TokenManager::new("a third secret of thirty-two bytes!").expect("a valid secret"));

/// A request with the gate that the application put into it.
struct Request {
    token: String,
    gate: Option<GateVault>,
}

impl TokenSource for Request {
    fn token(&self) -> Option<Cow<'_, str>> {
        Some(Cow::Borrowed(&self.token))
    }

    fn gate(&self) -> Option<GateRef<'_>> {
        self.gate.as_ref().map(AsGate::as_gate)
    }
}

#[protected(handler)]
fn of_the_request(user: User) -> Answer {
    Ok(user.user_id)
}

#[protected(handler, gate = *THIRD)]
fn of_the_argument(user: User) -> Answer {
    Ok(user.user_id)
}

fn token(tokens: &TokenManager) -> String {
    tokens.create_access_token(&User { user_id: 1, org_id: None }).expect("valid claims")
}

#[test]
fn the_argument_comes_before_the_request_and_the_request_before_the_installed_gate() {
    let of = |token: String| Request { token, gate: Some(GateVault::new(ANOTHER.clone())) };
    let without = |token: String| Request { token, gate: None };
    for (request, expected) in [
        (of(token(&ANOTHER)), Ok(1)),
        (of(access()), Err(UNAUTHENTICATED)),
        (without(access()), Ok(42)),
        (without(token(&ANOTHER)), Err(UNAUTHENTICATED)),
    ] {
        let answer = HandlerGuard::verify(&request).map_or_else(|denied| denied, of_the_request);
        assert_eq!(answer, expected);
    }
    for (request, expected) in [
        (of(token(&THIRD)), Ok(1)),
        (of(token(&ANOTHER)), Err(UNAUTHENTICATED)),
        (without(access()), Err(UNAUTHENTICATED)),
    ] {
        let answer = HandlerGuard::verify(&request).map_or_else(|denied| denied, of_the_argument);
        assert_eq!(answer, expected);
    }
    assert_eq!(call(&token(&THIRD), of_the_argument), Ok(1));
}
