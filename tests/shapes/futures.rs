//! Functions that return `impl Future` or a boxed future, and payloads that borrow from their token.

use std::borrow::Cow;
use std::future::Future;
use std::pin::Pin;

use gatevault::{Claims, GuardError, Verified, protected};

use crate::{Answer, FORBIDDEN, FORGED, UNAUTHENTICATED, User, access, tokens};

#[protected(require = payload.org_id == Some(org_id))]
fn opaque(org_id: u64, payload: User) -> impl Future<Output = Answer> + Send {
    async move { Ok(payload.user_id.max(org_id)) }
}

struct Shelf(u64);

impl Shelf {
    #[protected]
    fn borrowing(&self, other: &u64, payload: User) -> impl Future<Output = Answer> {
        if *other == self.0 {
            return std::future::ready(Ok(0));
        }
        std::future::ready(Ok(payload.user_id.max(*other)))
    }

    #[protected]
    fn boxed<'f>(&'f self, payload: User) -> Pin<Box<dyn Future<Output = Answer> + Send + 'f>> {
        Box::pin(async move { Ok(self.0.max(payload.user_id)) })
    }

    #[protected]
    fn boxed_for_one_thread(&self) -> Pin<Box<dyn Future<Output = Answer> + '_>> {
        Box::pin(async { Ok(self.0) })
    }
}

#[derive(Debug, Claims)]
struct Named<'t> {
    user_id: u64,
    name: &'t str,
}

#[protected(require = !payload.name.is_empty())]
fn named(payload: Named<'_>) -> Result<usize, GuardError> {
    Ok(payload.name.len())
}

#[protected]
async fn named_across_an_await(payload: Verified<Named<'_>>) -> Result<String, GuardError> {
    std::future::ready(()).await;
    Ok(format!("{} {}", payload.user_id, payload.name))
}

#[protected(optional)]
fn maybe_named(payload: Option<Named<'_>>) -> Result<Cow<'static, str>, GuardError> {
    Ok(payload.map_or("guest".into(), |payload| payload.name.to_owned().into()))
}

fn of_ada() -> String {
    tokens().create_access_token(&Named { user_id: 42, name: "Ada" }).expect("valid claims")
}

#[test]
fn an_opaque_future_resolves_to_the_denial() {
    assert_eq!(pollster::block_on(opaque(&access(), 7)), Ok(42));
    assert_eq!(pollster::block_on(opaque(&access(), 8)), Err(FORBIDDEN));
    assert_eq!(pollster::block_on(opaque(FORGED, 7)), Err(UNAUTHENTICATED));
}

#[test]
fn an_opaque_future_can_borrow_and_return_early() {
    let shelf = Shelf(1);
    assert_eq!(pollster::block_on(shelf.borrowing(access(), &2)), Ok(42));
    assert_eq!(pollster::block_on(shelf.borrowing(access(), &1)), Ok(0));
    assert_eq!(pollster::block_on(shelf.borrowing("", &0)), Err(UNAUTHENTICATED));
}

#[test]
fn a_boxed_future_carries_the_denial() {
    let shelf = Shelf(1);
    assert_eq!(pollster::block_on(shelf.boxed(access())), Ok(42));
    assert_eq!(pollster::block_on(shelf.boxed(FORGED)), Err(UNAUTHENTICATED));
    assert_eq!(pollster::block_on(shelf.boxed_for_one_thread(access())), Ok(1));
    assert_eq!(pollster::block_on(shelf.boxed_for_one_thread(FORGED)), Err(UNAUTHENTICATED));
}

#[test]
fn a_payload_can_borrow_from_the_token() {
    assert_eq!(named(of_ada()).ok(), Some(3));
    assert_eq!(named(FORGED).map_err(|denial| denial.status()), Err(401));
    assert_eq!(pollster::block_on(named_across_an_await(of_ada())).ok().as_deref(), Some("42 Ada"));
    assert_eq!(maybe_named(of_ada()).ok().as_deref(), Some("Ada"));
    assert_eq!(maybe_named(None::<&str>).ok().as_deref(), Some("guest"));
    assert!(maybe_named(FORGED).is_err());
}
