//! Free functions: sync, async, unsafe, with patterns, with borrowed and opaque returns.

use std::future::{Future, ready};
use std::ops::Range;

use gatevault::{GuardError, OnDenied, Payload, Verified, protected};

use crate::{Answer, FORGED, UNAUTHENTICATED, User, access};

#[protected]
fn sync(payload: User) -> Answer {
    Ok(payload.user_id)
}

#[protected]
async fn asynchronous(payload: User) -> Answer {
    ready(()).await;
    Ok(payload.user_id)
}

#[protected]
fn only_guarded() -> Answer {
    Ok(42)
}

/// Documented.
///
/// With more than one line.
#[inline]
#[protected]
pub(crate) fn documented(payload: Verified<User>) -> Answer {
    Ok(payload.user_id)
}

#[protected]
fn with_inner_attributes(payload: User) -> Answer {
    #![expect(clippy::let_and_return, reason = "a body may have attributes")]
    let user_id = Ok(payload.user_id);
    user_id
}

#[protected]
fn begins_with_items(payload: User) -> Answer {
    use std::ops::Add;
    const NOTHING: u64 = 0;
    Ok(Add::add(payload.user_id, NOTHING))
}

#[protected]
fn takes_patterns(
    (one, [two, ..]): (u64, [u64; 2]),
    payload: User,
    Range { start, .. }: Range<u64>,
) -> Answer<[u64; 4]> {
    Ok([one, two, payload.user_id, start])
}

#[protected]
fn mutates(mut payload: User) -> Answer {
    payload.user_id = payload.user_id.wrapping_sub(42);
    Ok(payload.user_id)
}

#[protected]
fn ignores(#[allow(unused_variables, reason = "an attribute of the payload")] payload: User) -> Answer {
    Ok(42)
}

#[protected]
fn takes_text(token: &str, payload: Payload) -> Answer<(usize, String)> {
    Ok((token.len(), payload.user_id().to_string()))
}

#[protected]
fn takes_its_token_last(payload: User, token: Option<String>) -> Answer<String> {
    let _ = payload;
    token.ok_or(UNAUTHENTICATED)
}

#[protected]
fn borrows<'a>(names: &'a [&'a str], payload: User) -> Answer<&'a str> {
    let last = names.len().checked_sub(1).filter(|_| payload.user_id == 42);
    last.and_then(|last| names.get(last)).copied().ok_or(UNAUTHENTICATED)
}

#[protected]
fn opaque(token: &str, payload: User) -> Answer<impl Iterator<Item = u64> + use<>> {
    let _ = token;
    Ok(std::iter::once(payload.user_id))
}

#[rustfmt::skip]
#[protected]
fn on_one_line(payload: User) -> Answer { Ok(payload.user_id) }

#[protected]
extern "Rust" fn foreign(payload: User) -> Answer {
    Ok(payload.user_id)
}

struct Page(u16);

impl OnDenied for Page {
    fn on_denied(denial: GuardError) -> Self {
        Self(denial.status())
    }
}

#[protected]
fn page(payload: User) -> Page {
    let User { user_id, .. } = payload;
    Page(u16::try_from(user_id).unwrap_or_default())
}

#[test]
fn a_good_token_opens_a_free_function() {
    let access = access();
    assert_eq!(sync(&access), Ok(42));
    assert_eq!(only_guarded(access.clone()), Ok(42));
    assert_eq!(documented(Some(&access)), Ok(42));
    assert_eq!(with_inner_attributes(&access), Ok(42));
    assert_eq!(begins_with_items(&access), Ok(42));
    assert_eq!(takes_patterns(&access, (3, [4, 5]), 2..9), Ok([3, 4, 42, 2]));
    assert_eq!(mutates(&access), Ok(0));
    assert_eq!(ignores(&access), Ok(42));
    assert_eq!(takes_text(&access), Ok((access.len(), "42".into())));
    assert_eq!(takes_its_token_last(Some(access.clone())), Ok(access.clone()));
    assert_eq!(borrows(&access, &["one", "two"]), Ok("two"));
    assert_eq!(opaque(&access).map(Iterator::sum), Ok(42));
    assert_eq!(on_one_line(&access), Ok(42));
    assert_eq!(foreign(&access), Ok(42));
    assert_eq!(page(&access).0, 42);
}

#[test]
fn an_invalid_token_opens_none() {
    assert_eq!(sync(FORGED), Err(UNAUTHENTICATED));
    assert_eq!(only_guarded(FORGED), Err(UNAUTHENTICATED));
    assert_eq!(documented(FORGED), Err(UNAUTHENTICATED));
    assert_eq!(with_inner_attributes(FORGED), Err(UNAUTHENTICATED));
    assert_eq!(begins_with_items(FORGED), Err(UNAUTHENTICATED));
    assert_eq!(takes_patterns(FORGED, (3, [4, 5]), 2..9), Err(UNAUTHENTICATED));
    assert_eq!(mutates(FORGED), Err(UNAUTHENTICATED));
    assert_eq!(ignores(FORGED), Err(UNAUTHENTICATED));
    assert_eq!(takes_text(FORGED), Err(UNAUTHENTICATED));
    assert_eq!(takes_its_token_last(None), Err(UNAUTHENTICATED));
    assert_eq!(borrows(FORGED, &["one", "two"]), Err(UNAUTHENTICATED));
    assert_eq!(opaque(FORGED).map(Iterator::sum::<u64>), Err(UNAUTHENTICATED));
    assert_eq!(on_one_line(FORGED), Err(UNAUTHENTICATED));
    assert_eq!(foreign(FORGED), Err(UNAUTHENTICATED));
    assert_eq!(page(FORGED).0, 401);
}

#[test]
fn an_async_function_is_guarded_when_it_is_polled() {
    fn sent<F: Future + Send>(future: F) -> F {
        future
    }
    assert_eq!(pollster::block_on(sent(asynchronous(access()))), Ok(42));
    assert_eq!(pollster::block_on(sent(asynchronous(FORGED))), Err(UNAUTHENTICATED));
    drop(asynchronous(""));
}
