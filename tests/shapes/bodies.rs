//! The statements of a body keep their meaning after the check: returns, `?`, labels, recursion, nested functions.

use std::error::Error;
use std::pin::Pin;

use gatevault::protected;

use crate::{Answer, Denied, FORBIDDEN, FORGED, UNAUTHENTICATED, User, access};

#[protected]
fn recursive(token: &str, depth: u64, payload: User) -> Answer {
    if depth == 0 {
        return Ok(payload.user_id);
    }
    recursive(token, depth.wrapping_sub(1)).map(|answer| answer.wrapping_add(1))
}

#[protected]
async fn recursive_async(token: &str, depth: u64, payload: User) -> Answer {
    match depth.checked_sub(1) {
        None => Ok(payload.user_id),
        Some(less) => Box::pin(recursive_async(token, less)).await,
    }
}

#[protected]
fn outer(payload: User) -> Answer {
    /// Guarded on its own.
    #[protected]
    fn inner(least: u64, payload: User) -> Answer {
        (payload.user_id >= least).then_some(payload.user_id).ok_or(FORBIDDEN)
    }

    assert_eq!(inner(FORGED, 0), Err(UNAUTHENTICATED));
    inner(access(), payload.user_id)
}

#[protected]
fn closures_return_for_themselves(payload: User) -> Answer {
    let first = |start: u64| -> Answer {
        if start > 40 {
            return Err(Denied(418));
        }
        Ok(start)
    };
    let of_payload = move || payload.user_id;
    first(of_payload()).or_else(|_| Ok(of_payload().wrapping_add(1)))
}

#[protected]
async fn an_async_block_returns_for_itself(payload: User) -> Answer {
    let early = async {
        if payload.user_id == 42 {
            return Err(Denied(418));
        }
        Ok(())
    };
    let later = async |add: u64| payload.user_id.wrapping_add(add);
    Ok(early.await.map_or(later(2).await, |()| 0))
}

#[protected]
fn propagates_errors(text: &str, payload: User) -> Answer {
    let number: u64 = text.parse().map_err(|_| Denied(400))?;
    Ok(payload.user_id.wrapping_add(number))
}

#[protected]
fn breaks_out(payload: User) -> Answer {
    let found = 'check: {
        for candidate in 0.. {
            if candidate == payload.user_id {
                break 'check candidate;
            }
        }
        0
    };
    Ok(found)
}

#[protected]
fn breaks_out_of_its_future(payload: User) -> impl Future<Output = Answer> {
    let found = 'check: {
        if payload.user_id == 42 {
            break 'check 42;
        }
        0
    };
    async move {
        'check: {
            if found == 42 {
                break 'check Ok(found);
            }
            Err(FORBIDDEN)
        }
    }
}

#[protected]
fn only_denies(payload: User) -> Answer<std::convert::Infallible> {
    let User { .. } = payload;
    Err(FORBIDDEN)
}

#[protected]
fn iterates(keep: impl Fn(u64) -> bool, payload: User) -> Answer<impl Iterator<Item = u64>> {
    Ok((0..=payload.user_id).filter(move |number| keep(*number)))
}

#[protected]
fn boxes(payload: User) -> Answer<Box<dyn Iterator<Item = u64> + Send>> {
    Ok(Box::new(std::iter::once(payload.user_id)))
}

#[protected]
fn returns_a_boxed_error(payload: User) -> Result<u64, Box<dyn Error>> {
    Ok(payload.user_id.checked_add("1".parse()?).ok_or("too many")?)
}

type Later<'a, T> = Pin<Box<dyn Future<Output = Answer<T>> + Send + 'a>>;

#[protected]
fn returns_an_alias_of_a_future<'a>(name: &'a str, payload: User) -> Later<'a, (&'a str, u64)> {
    Box::pin(async move { Ok((name, payload.user_id)) })
}

#[test]
fn a_body_keeps_its_meaning() {
    let access = access();
    assert_eq!(recursive(&access, 3), Ok(45));
    assert_eq!(pollster::block_on(recursive_async(&access, 3)), Ok(42));
    assert_eq!(outer(&access), Ok(42));
    assert_eq!(closures_return_for_themselves(&access), Ok(43));
    assert_eq!(pollster::block_on(an_async_block_returns_for_itself(&access)), Ok(44));
    assert_eq!(propagates_errors(&access, "1"), Ok(43));
    assert_eq!(propagates_errors(&access, "one"), Err(Denied(400)));
    assert_eq!(breaks_out(&access), Ok(42));
    assert_eq!(pollster::block_on(breaks_out_of_its_future(&access)), Ok(42));
    assert_eq!(only_denies(&access), Err(FORBIDDEN));
}

#[test]
fn a_body_does_not_run_for_an_invalid_token() {
    assert_eq!(recursive(FORGED, 3), Err(UNAUTHENTICATED));
    assert_eq!(pollster::block_on(recursive_async(FORGED, 3)), Err(UNAUTHENTICATED));
    assert_eq!(outer(FORGED), Err(UNAUTHENTICATED));
    assert_eq!(closures_return_for_themselves(FORGED), Err(UNAUTHENTICATED));
    assert_eq!(pollster::block_on(an_async_block_returns_for_itself(FORGED)), Err(UNAUTHENTICATED));
    assert_eq!(propagates_errors(FORGED, "one"), Err(UNAUTHENTICATED));
    assert_eq!(breaks_out(FORGED), Err(UNAUTHENTICATED));
    assert_eq!(pollster::block_on(breaks_out_of_its_future(FORGED)), Err(UNAUTHENTICATED));
    assert_eq!(only_denies(FORGED), Err(UNAUTHENTICATED));
}

#[test]
fn every_kind_of_return_type_carries_values_and_denials() {
    let even = |number: u64| number.is_multiple_of(2);
    assert_eq!(iterates(access(), even).map(Iterator::last), Ok(Some(42)));
    assert_eq!(iterates(FORGED, even).map(Iterator::last), Err(UNAUTHENTICATED));
    assert_eq!(boxes(access()).map(Iterator::sum), Ok(42));
    assert_eq!(boxes(FORGED).map(Iterator::sum::<u64>), Err(UNAUTHENTICATED));
    assert_eq!(returns_a_boxed_error(access()).ok(), Some(43));
    assert!(returns_a_boxed_error(FORGED).is_err_and(|error| error.is::<gatevault::GuardError>()));
    assert_eq!(pollster::block_on(returns_an_alias_of_a_future(access(), "Ada")), Ok(("Ada", 42)));
    assert_eq!(pollster::block_on(returns_an_alias_of_a_future(FORGED, "Ada")), Err(UNAUTHENTICATED));
}
