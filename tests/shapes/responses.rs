//! Functions that return `impl IntoResponse`: a denial is a response of the same hidden type.

use std::future::Future;
use std::num::ParseIntError;

use gatevault::guard::DeniedOr;
use gatevault::{Claims, GuardError, protected};

use crate::{FORGED, User, access, tokens};

/// A trait of an application, with a name that frameworks give to theirs.
trait IntoResponse {
    fn into_response(self) -> (u16, String);
}

impl IntoResponse for u64 {
    fn into_response(self) -> (u16, String) {
        (200, self.to_string())
    }
}

impl IntoResponse for &str {
    fn into_response(self) -> (u16, String) {
        (200, self.to_owned())
    }
}

impl<T: IntoResponse> IntoResponse for Result<T, ParseIntError> {
    fn into_response(self) -> (u16, String) {
        self.map_or_else(|error| (400, error.to_string()), T::into_response)
    }
}

impl<T: IntoResponse> IntoResponse for DeniedOr<T> {
    fn into_response(self) -> (u16, String) {
        match self {
            Self::Denied(denial) => (denial.status(), denial.to_string()),
            Self::Done(value) => value.into_response(),
        }
    }
}

/// Returns the status and the body.
fn seen(response: impl IntoResponse) -> (u16, String) {
    response.into_response()
}

fn served(body: &str) -> (u16, String) {
    (200, body.to_owned())
}

fn denied(denial: &GuardError) -> (u16, String) {
    (denial.status(), denial.to_string())
}

#[protected(require = payload.org_id == Some(org_id))]
fn plain(org_id: u64, payload: User) -> impl IntoResponse {
    payload.user_id.max(org_id)
}

#[protected]
fn early(text: &str, payload: User) -> impl IntoResponse {
    if text.is_empty() {
        return Ok(payload.user_id);
    }
    let number: u64 = text.parse()?;
    Ok(number)
}

#[protected]
async fn later(text: String, payload: User) -> impl IntoResponse + Send {
    if text.is_empty() {
        return Ok(payload.user_id);
    }
    std::future::ready(()).await;
    let number: u64 = text.parse()?;
    Ok(number)
}

#[protected]
fn counted(count: &mut u64, mut step: u64, payload: User) -> impl IntoResponse {
    step = step.max(payload.user_id);
    *count = count.saturating_add(step);
    *count
}

#[protected]
async fn counted_later(
    token: &str,
    count: &mut u64,
    mut step: u64,
    payload: User,
) -> impl IntoResponse + use<> {
    step = step.max(payload.user_id);
    std::future::ready(()).await;
    *count = count.saturating_add(step);
    *count
}

#[protected]
fn lent<'a, T: IntoResponse + Copy>(token: &str, value: &'a T) -> impl IntoResponse + use<'a, T> {
    Lent(value)
}

struct Lent<'a, T>(&'a T);

impl<T: IntoResponse + Copy> IntoResponse for Lent<'_, T> {
    fn into_response(self) -> (u16, String) {
        (*self.0).into_response()
    }
}

#[protected]
fn future(payload: User) -> impl Future<Output = impl IntoResponse> + Send {
    async move { payload.user_id }
}

#[derive(Claims)]
struct Named<'t> {
    user_id: u64,
    name: &'t str,
}

#[protected]
async fn named(payload: Named<'_>) -> impl IntoResponse {
    std::future::ready(()).await;
    payload.user_id.max(u64::try_from(payload.name.len()).unwrap_or_default())
}

trait Site {
    fn get(&self, token: &str) -> impl IntoResponse;
    fn put(&mut self, token: &str, value: u64) -> impl IntoResponse;
    async fn take(self, token: &str) -> impl IntoResponse;
}

struct Page(u64);

impl Site for Page {
    #[protected]
    fn get(&self, token: &str, payload: User) -> impl IntoResponse {
        self.0.max(payload.user_id)
    }

    #[protected]
    fn put(&mut self, token: &str, value: u64, payload: User) -> impl IntoResponse {
        self.0 = value.max(payload.user_id);
        "stored"
    }

    #[protected]
    async fn take(self, token: &str) -> impl IntoResponse {
        self.0
    }
}

#[test]
fn a_hidden_response_carries_the_denial() {
    assert_eq!(seen(plain(access(), 7)), served("42"));
    assert_eq!(seen(plain(access(), 8)), denied(&GuardError::unauthorized("another organization")));
    assert_eq!(seen(plain("", 7)), denied(&GuardError::MissingToken));
    assert_eq!(seen(plain(FORGED, 7)).0, 401);
}

#[test]
fn the_body_can_return_early_and_propagate_errors() {
    assert_eq!(seen(early(access(), "")), served("42"));
    assert_eq!(seen(early(access(), "7")), served("7"));
    assert_eq!(seen(early(access(), "seven")).0, 400);
    assert_eq!(seen(early(FORGED, "7")).0, 401);
    assert_eq!(seen(pollster::block_on(later(access(), String::new()))), served("42"));
    assert_eq!(seen(pollster::block_on(later(access(), "7".to_owned()))), served("7"));
    assert_eq!(seen(pollster::block_on(later(access(), "seven".to_owned()))).0, 400);
    assert_eq!(seen(pollster::block_on(later(FORGED, "7".to_owned()))).0, 401);
}

#[test]
fn the_body_can_change_and_lend_its_parameters() {
    let mut count = 0;
    assert_eq!(seen(counted(access(), &mut count, 1)), served("42"));
    assert_eq!(seen(counted(FORGED, &mut count, 1)).0, 401);
    assert_eq!(seen(pollster::block_on(counted_later(&access(), &mut count, 1))), served("84"));
    assert_eq!(count, 84);
    assert_eq!(seen(lent(&access(), &7)), served("7"));
    assert_eq!(seen(lent(FORGED, &"seven")).0, 401);
}

#[test]
fn a_future_is_send_and_resolves_to_the_denial() {
    fn is_send(_: &(impl Future + Send)) {}
    is_send(&later(access(), String::new()));
    assert_eq!(seen(pollster::block_on(future(access()))), served("42"));
    assert_eq!(seen(pollster::block_on(future(FORGED))).0, 401);
}

#[test]
fn a_payload_can_borrow_and_methods_can_return_responses() {
    let of_ada = tokens().create_access_token(&Named { user_id: 42, name: "Ada" }).expect("valid claims");
    assert_eq!(seen(pollster::block_on(named(of_ada))), served("42"));
    let mut page = Page(1);
    assert_eq!(seen(page.get(&access())), served("42"));
    assert_eq!(seen(page.put(&access(), 50)), served("stored"));
    assert_eq!(seen(page.put(FORGED, 99)).0, 401);
    assert_eq!(seen(pollster::block_on(page.take(&access()))), served("50"));
}

#[test]
fn a_conversion_of_the_denial_replaces_the_wrapper() {
    #[protected(denied = |denial| u64::from(denial.status()))]
    fn converted(payload: User) -> impl IntoResponse {
        payload.user_id
    }
    assert_eq!(seen(converted(access())), served("42"));
    assert_eq!(seen(converted(FORGED)), served("401"));
}

#[test]
fn an_opaque_result_still_carries_the_denial() {
    #[protected]
    fn shown(payload: User) -> impl std::fmt::Debug {
        Ok::<_, GuardError>(payload.user_id)
    }
    assert_eq!(format!("{:?}", shown(access())), "Ok(42)");
    assert!(format!("{:?}", shown(FORGED)).starts_with("Err("));
}
