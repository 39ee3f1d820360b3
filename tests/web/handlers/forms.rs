//! Every form of a handler: names of the payload, return types, generics, twins.

use std::future::{Future, ready};
use std::pin::Pin;

use gatevault::guard::HandlerGuard;
use gatevault::{GuardError, Payload, Verified, protected};

use crate::{Answer, Denied, FORBIDDEN, UNAUTHENTICATED, User, access, assert_send, call, verify};

#[protected(handler)]
fn by_payload(payload: User) -> Answer {
    Ok(payload.user_id)
}

#[protected(handler)]
fn unused(_user: User) -> Answer {
    Ok(1)
}

#[protected(handler, require = _payload.org_id.is_some())]
fn underscored(_payload: User) -> Answer {
    Ok(2)
}

#[protected(handler, payload = who)]
fn named(who: User, user: &str) -> Answer<String> {
    Ok(format!("{user} {}", who.user_id))
}

#[protected(handler)]
fn beside_a_user(user: &str, payload: User) -> Answer<String> {
    Ok(format!("{user} {}", payload.user_id))
}

#[protected(handler, payload = who: User)]
fn declared() -> Answer {
    Ok(who.user_id)
}

#[protected(handler, payload = _: User, require = true)]
fn unnamed() -> Answer {
    Ok(3)
}

#[protected(handler)]
fn mutable(mut user: User) -> Answer<Option<u64>> {
    Ok(user.org_id.take())
}

#[protected(handler, require = user.org_id.take() == Some(7))]
fn mutable_in_the_condition(mut user: User) -> Answer<Option<u64>> {
    Ok(user.org_id)
}

#[protected(handler)]
fn with_a_lint(#[expect(unused_variables, reason = "only its token matters")] user: User) -> Answer {
    Ok(4)
}

#[test]
fn the_payload_has_its_usual_names_and_is_user_too() {
    assert_eq!(call(&access(), by_payload), Ok(42));
    assert_eq!(call(&access(), unused), Ok(1));
    assert_eq!(call(&access(), underscored), Ok(2));
    assert_eq!(call(&access(), |guard| named(guard, "ada")).as_deref(), Ok("ada 42"));
    assert_eq!(call(&access(), |guard| beside_a_user(guard, "ada")).as_deref(), Ok("ada 42"));
    assert_eq!(call(&access(), declared), Ok(42));
    assert_eq!(call(&access(), unnamed), Ok(3));
    assert_eq!(call(&access(), mutable), Ok(Some(7)));
    assert_eq!(call(&access(), mutable_in_the_condition), Ok(None));
    assert_eq!(call(&access(), with_a_lint), Ok(4));
}

#[protected(handler)]
fn verified(user: Verified<User>) -> Answer<bool> {
    Ok(user.token_id().is_some())
}

#[protected(handler)]
fn dynamic(user: Payload) -> Answer<bool> {
    Ok(user.user_id().to_string() == "42")
}

#[protected(handler, optional)]
fn optional(user: Option<User>) -> Answer<Option<u64>> {
    Ok(user.map(|user| user.user_id))
}

#[protected(handler, optional)]
fn optional_verified(user: Option<Verified<User>>) -> Answer<bool> {
    Ok(user.is_some())
}

#[test]
fn the_payload_has_every_owned_type() {
    assert_eq!(call(&access(), verified), Ok(true));
    assert_eq!(call(&access(), dynamic), Ok(true));
    assert_eq!(call(&access(), optional), Ok(Some(42)));
    assert_eq!(call(&access(), optional_verified), Ok(true));
    assert_eq!(HandlerGuard::verify(&None::<&str>).map(optional), Ok(Ok(None)));
    assert_eq!(call("forged", optional), Err(UNAUTHENTICATED));
}

trait IntoResponse {
    fn status(self) -> u16;
}

impl IntoResponse for u16 {
    fn status(self) -> u16 {
        self
    }
}

impl<T: IntoResponse> IntoResponse for gatevault::guard::DeniedOr<T> {
    fn status(self) -> u16 {
        match self {
            Self::Denied(denial) => denial.status(),
            Self::Done(value) => value.status(),
        }
    }
}

#[protected(handler)]
fn hidden(user: User) -> impl IntoResponse {
    let _ = user.user_id;
    200_u16
}

#[protected(handler, require = user.org_id == Some(org_id))]
async fn hidden_later(org_id: u64, user: User) -> impl IntoResponse {
    ready(()).await;
    201_u16
}

#[protected(handler)]
fn hidden_result(user: User) -> Result<impl IntoResponse, Denied> {
    let _ = user.user_id;
    Ok(202_u16)
}

#[test]
fn a_hidden_response_is_returned_as_it_is_and_its_denial_is_a_guard_error() {
    assert_eq!(verify(&access()).map(hidden).map(IntoResponse::status).ok(), Some(200));
    assert_eq!(verify("").map(hidden).err().map(|denial: GuardError| denial.status()), Some(401));
    for (org_id, status) in [(7, 201), (8, 403)] {
        let future = verify(&access()).map(|guard| hidden_later(guard, org_id));
        assert_eq!(pollster::block_on(future.expect("a valid token")).status(), status);
    }
    assert_eq!(
        verify(&access()).map(hidden_result).ok().and_then(Result::ok).map(IntoResponse::status),
        Some(202)
    );
    let denied = verify("").map(hidden_result).err();
    assert!(matches!(denied, Some(Err::<GuardError, _>(UNAUTHENTICATED))));
}

#[protected(handler, require = user.org_id == Some(org_id))]
fn future(org_id: u64, user: User) -> impl Future<Output = Answer> + Send {
    ready(Ok(user.user_id))
}

#[protected(handler, require = user.org_id == Some(org_id))]
fn boxed(org_id: u64, user: User) -> Pin<Box<dyn Future<Output = Answer> + Send>> {
    Box::pin(ready(Ok(user.user_id)))
}

#[test]
fn a_handler_may_return_a_future() {
    for (org_id, expected) in [(7, Ok(42)), (8, Err(FORBIDDEN))] {
        let guard = verify(&access()).expect("a valid token");
        assert_eq!(pollster::block_on(assert_send(future(guard, org_id))), expected);
        let guard = verify(&access()).expect("a valid token");
        assert_eq!(pollster::block_on(boxed(guard, org_id)), expected);
    }
    assert!(matches!(verify("").map(|guard| boxed(guard, 7)).map(drop), Err(Err(UNAUTHENTICATED))));
}

#[protected(handler, denied = |denial| denial.status())]
fn converted(user: User) -> u16 {
    if user.org_id.is_some() { 200 } else { 204 }
}

#[protected(handler, denied = |denial| denial.status(), require = user.org_id == Some(org_id))]
fn converted_later(org_id: u64, user: User) -> u16 {
    200
}

#[test]
fn the_users_own_conversion_gives_the_value_of_a_denied_handler() {
    assert_eq!(call(&access(), converted), 200);
    assert_eq!(call("", converted), 401);
    assert_eq!(call("", |guard| converted_later(guard, 7)), 401);
    assert_eq!(call(&access(), |guard| converted_later(guard, 8)), 403);
}

#[expect(clippy::needless_lifetimes, reason = "the signature is what the test is about")]
#[protected(handler, require = user.user_id == u64::from(number.into()))]
fn generic<'a, T: Into<u32> + Copy, const N: usize>(
    number: T,
    text: [&'a str; N],
    user: User,
) -> Answer<usize> {
    Ok(text.concat().len())
}

#[protected(handler)]
fn with_an_argument_of_a_hidden_type(number: impl Into<u64>, user: User) -> Answer {
    Ok(number.into().wrapping_add(user.user_id))
}

#[test]
fn a_generic_handler_has_one_guard() {
    assert_eq!(call(&access(), |guard| generic(guard, 42_u8, ["a", "b"])), Ok(2));
    assert_eq!(call(&access(), |guard| generic(guard, 41_u32, [""])), Err(FORBIDDEN));
    assert_eq!(call(&access(), |guard| with_an_argument_of_a_hidden_type(guard, 1_u8)), Ok(43));
}

#[protected(handler)]
#[cfg(test)]
fn twin(user: User) -> Answer {
    Ok(user.user_id)
}

#[protected(handler)]
#[cfg_attr(all(), cfg(any()))]
fn twin(user: User) -> Answer {
    Err(Denied(u16::try_from(user.user_id)))
}

mod inner {
    use gatevault::protected;

    use crate::{Answer, User};

    #[protected(handler)]
    pub(in crate::forms) fn by_payload(user: User) -> Answer {
        Ok(user.user_id.wrapping_add(1))
    }

    #[protected(handler)]
    pub(crate) fn r#type(user: User) -> Answer {
        Ok(user.user_id.wrapping_add(2))
    }
}

#[test]
fn each_function_has_a_guard_of_its_own() {
    #[protected(handler)]
    #[cfg(test)]
    fn local(user: User) -> Answer {
        Ok(user.user_id.wrapping_add(3))
    }
    #[protected(handler)]
    fn another(user: User) -> Answer {
        Ok(user.user_id.wrapping_add(4))
    }
    assert_eq!(call(&access(), twin), Ok(42));
    assert_eq!(call(&access(), inner::by_payload), Ok(43));
    assert_eq!(call(&access(), inner::r#type), Ok(44));
    assert_eq!(call(&access(), local), Ok(45));
    assert_eq!(call(&access(), another), Ok(46));
}
