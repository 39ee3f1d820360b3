//! Other attributes and macros, above and below `#[protected]`.

use std::future::ready;

use async_trait::async_trait;
use gatevault::{GateVault, TokenSource, guarded, protected};
use tracing::instrument;

use crate::{Answer, FORBIDDEN, FORGED, UNAUTHENTICATED, User, access, tokens};

#[async_trait]
trait Ledger: Sync {
    fn gate(&self) -> &GateVault;

    async fn balance(&self, account: &str, token: &str) -> Answer;

    async fn balance_of_any(&self, token: impl TokenSource + Send + Sync) -> Answer;

    async fn balance_of_owned(&self, token: Option<String>) -> Answer;

    #[protected(gate = self.gate(), require = payload.org_id == Some(by))]
    async fn provided(&self, by: u64, token: &str, payload: User) -> Answer {
        ready(()).await;
        Ok(payload.user_id.wrapping_add(by))
    }
}

struct Book(GateVault);

#[async_trait]
impl Ledger for Book {
    fn gate(&self) -> &GateVault {
        &self.0
    }

    #[protected(gate = self.0, require = !account.is_empty())]
    async fn balance(&self, account: &str, token: &str, payload: User) -> Answer {
        ready(()).await;
        let length = u64::try_from(account.len().min(token.len())).unwrap_or_default();
        Ok(payload.user_id.wrapping_add(length))
    }

    /// The body does not use the token, which `#[async_trait]` moves into the future: no lint fires.
    #[protected(gate = self.0)]
    async fn balance_of_any(&self, token: impl TokenSource + Send + Sync, payload: User) -> Answer {
        ready(()).await;
        Ok(payload.user_id)
    }

    #[protected(gate = self.0)]
    async fn balance_of_owned(&self, token: Option<String>, payload: User) -> Answer {
        ready(()).await;
        Ok(payload.user_id)
    }
}

struct Shop(GateVault);

#[async_trait]
trait Counter {
    async fn sell(&mut self, token: &str, pears: u64) -> Answer;
}

#[guarded(gate = self.0)]
#[async_trait]
impl Counter for Shop {
    #[protected]
    async fn sell(&mut self, token: &str, mut pears: u64, mut payload: User) -> Answer {
        pears = pears.wrapping_add(payload.user_id);
        payload.user_id = pears;
        ready(()).await;
        Ok(payload.user_id)
    }
}

#[async_trait]
#[guarded(gate = self.0)]
impl Counter for Book {
    #[protected(require = pears < 10)]
    async fn sell(&mut self, token: &str, pears: u64, payload: User) -> Answer {
        Ok(payload.user_id.wrapping_add(pears))
    }
}

/// Records every parameter, the payload among them, but not the token that the macro adds.
#[instrument]
#[protected(require = payload.org_id == Some(org_id))]
fn instrumented(org_id: u64, payload: User) -> Answer {
    Ok(payload.user_id)
}

#[instrument(skip(token), err(Debug), ret)]
#[protected]
async fn instrumented_later(token: &str, payload: User) -> Answer {
    ready(token).await;
    Ok(payload.user_id)
}

/// Runs the check within the span.
#[protected]
#[instrument(skip_all)]
fn spanned(payload: User) -> Answer {
    Ok(payload.user_id)
}

#[protected]
#[instrument(skip(token), fields(length = token.len()))]
async fn spanned_later(token: &str, of: u64, payload: User) -> Answer {
    ready(()).await;
    Ok(payload.user_id.wrapping_add(of))
}

#[async_trait]
trait Traced {
    async fn trace(&self, token: &str) -> Answer;
}

#[async_trait]
impl Traced for User {
    #[protected]
    #[instrument(skip_all)]
    async fn trace(&self, token: &str, payload: User) -> Answer {
        ready(()).await;
        Ok(payload.user_id.wrapping_add(self.user_id))
    }
}

#[async_trait]
impl Traced for Book {
    #[instrument(skip_all)]
    #[protected(gate = self.0)]
    async fn trace(&self, token: &str, payload: User) -> Answer {
        ready(()).await;
        Ok(payload.user_id)
    }
}

#[tokio::main(flavor = "current_thread")]
#[protected]
async fn with_a_runtime(add: u64, payload: User) -> Answer {
    tokio::task::yield_now().await;
    Ok(payload.user_id.wrapping_add(add))
}

#[protected]
#[tokio::main(flavor = "current_thread")]
async fn in_a_runtime(token: &str, payload: User) -> Answer {
    tokio::task::yield_now().await;
    Ok(payload.user_id)
}

/// Has documentation above
#[must_use = "it is the result"]
#[inline]
#[protected]
#[doc = "and below."]
#[deprecated = "only to test the attribute"]
#[cfg(not(doc))]
#[expect(clippy::let_and_return, reason = "the attributes of a function stay on it")]
fn decorated(payload: User) -> Answer {
    let answer = Ok(payload.user_id);
    answer
}

#[cfg(doc)]
#[protected]
fn decorated(not: Even, parsed: Further) -> Answer {}

#[cfg_attr(not(doc), protected, doc = "Guarded on a condition.")]
#[track_caller]
#[cold]
fn conditionally(payload: User) -> Answer {
    Ok(payload.user_id)
}

fn gate() -> GateVault {
    GateVault::new(tokens().clone())
}

#[test]
fn an_async_trait_is_guarded() {
    let book: &dyn Traced = &Book(gate());
    let mut shop: Box<dyn Counter> = Box::new(Shop(gate()));
    assert_eq!(pollster::block_on(book.trace(&access())), Ok(42));
    assert_eq!(pollster::block_on(book.trace(FORGED)), Err(UNAUTHENTICATED));
    assert_eq!(pollster::block_on(shop.sell(&access(), 1)), Ok(43));
    assert_eq!(pollster::block_on(shop.sell(FORGED, 1)), Err(UNAUTHENTICATED));

    let mut book = Book(gate());
    assert_eq!(pollster::block_on(book.sell(&access(), 1)), Ok(43));
    assert_eq!(pollster::block_on(book.sell(&access(), 11)), Err(FORBIDDEN));
    assert_eq!(pollster::block_on(book.balance("ada", &access())), Ok(45));
    assert_eq!(pollster::block_on(book.balance("", &access())), Err(FORBIDDEN));
    assert_eq!(pollster::block_on(book.balance("ada", FORGED)), Err(UNAUTHENTICATED));
    assert_eq!(pollster::block_on(book.balance_of_any(access())), Ok(42));
    assert_eq!(pollster::block_on(book.balance_of_any(FORGED)), Err(UNAUTHENTICATED));
    assert_eq!(pollster::block_on(book.balance_of_owned(Some(access()))), Ok(42));
    assert_eq!(pollster::block_on(book.balance_of_owned(None)), Err(UNAUTHENTICATED));
    assert_eq!(pollster::block_on(book.provided(7, &access())), Ok(49));
    assert_eq!(pollster::block_on(book.provided(8, &access())), Err(FORBIDDEN));
    assert_eq!(pollster::block_on(book.provided(7, FORGED)), Err(UNAUTHENTICATED));
}

#[test]
fn the_futures_of_an_async_trait_are_send() {
    fn sent<F: Future + Send>(future: F) -> F {
        future
    }
    let book = Book(gate());
    assert_eq!(pollster::block_on(sent(book.balance("ada", FORGED))), Err(UNAUTHENTICATED));
    assert_eq!(pollster::block_on(sent(book.trace(FORGED))), Err(UNAUTHENTICATED));
}

#[test]
fn an_instrumented_function_is_guarded() {
    let user = User { user_id: 1, org_id: None };
    assert_eq!(instrumented(access(), 7), Ok(42));
    assert_eq!(instrumented(access(), 8), Err(FORBIDDEN));
    assert_eq!(instrumented(FORGED, 7), Err(UNAUTHENTICATED));
    assert_eq!(spanned(access()), Ok(42));
    assert_eq!(spanned(FORGED), Err(UNAUTHENTICATED));
    assert_eq!(pollster::block_on(instrumented_later(&access())), Ok(42));
    assert_eq!(pollster::block_on(instrumented_later(FORGED)), Err(UNAUTHENTICATED));
    assert_eq!(pollster::block_on(spanned_later(&access(), 1)), Ok(43));
    assert_eq!(pollster::block_on(spanned_later(FORGED, 1)), Err(UNAUTHENTICATED));
    assert_eq!(pollster::block_on(user.trace(&access())), Ok(43));
    assert_eq!(pollster::block_on(user.trace(FORGED)), Err(UNAUTHENTICATED));
}

#[test]
fn a_function_that_starts_a_runtime_is_guarded() {
    assert_eq!(with_a_runtime(access(), 1), Ok(43));
    assert_eq!(with_a_runtime(FORGED, 1), Err(UNAUTHENTICATED));
    assert_eq!(in_a_runtime(&access()), Ok(42));
    assert_eq!(in_a_runtime(FORGED), Err(UNAUTHENTICATED));
}

#[test]
#[expect(deprecated, reason = "the attributes of a function stay on it")]
fn the_attributes_of_a_function_stay_on_it() {
    assert_eq!(decorated(access()), Ok(42));
    assert_eq!(decorated(FORGED), Err(UNAUTHENTICATED));
    assert_eq!(conditionally(access()), Ok(42));
    assert_eq!(conditionally(FORGED), Err(UNAUTHENTICATED));
}
