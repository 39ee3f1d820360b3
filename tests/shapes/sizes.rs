//! What a guard makes of a future: it is sent exactly where the bare one is, and is hardly larger.

use std::borrow::Cow;
use std::cell::Cell;
use std::future::ready;
use std::marker::PhantomData;
use std::rc::Rc;

use gatevault::{Payload, TokenSource, Verified, protected};

use crate::{Answer, FORGED, UNAUTHENTICATED, User, access, tokens};

/// What one would write without the macro.
async fn by_hand(token: &str, add: u64) -> Answer {
    let payload = tokens().decode_access_token::<User>(token).map_err(|_| UNAUTHENTICATED)?.into_claims();
    ready(()).await;
    Ok(payload.user_id.wrapping_add(add))
}

#[protected]
async fn guarded(token: &str, add: u64, payload: User) -> Answer {
    ready(()).await;
    Ok(payload.user_id.wrapping_add(add))
}

#[protected(require(payload.org_id == Some(7), add < 9), max_age = "5m")]
async fn demanding(token: &str, add: u64, payload: User) -> Answer {
    ready(()).await;
    Ok(payload.user_id.wrapping_add(add))
}

#[protected]
async fn only_guarded(token: &str, add: u64) -> Answer {
    ready(()).await;
    Ok(add)
}

async fn bare(add: u64) -> Answer {
    ready(()).await;
    Ok(add)
}

#[protected]
async fn with_all_of_it(payload: Verified<Payload>) -> Answer<String> {
    ready(()).await;
    Ok(payload.token_id().to_owned())
}

async fn with_all_of_it_bare(payload: Verified<Payload>) -> Answer<String> {
    ready(()).await;
    Ok(payload.token_id().to_owned())
}

#[protected]
async fn keeps_to_its_thread(payload: User) -> Answer {
    let counted = Rc::new(payload.user_id);
    ready(()).await;
    Ok(*counted)
}

/// A token that may be sent, and must not be shared.
struct Counting(Cell<u32>);

impl TokenSource for Counting {
    fn token(&self) -> Option<Cow<'_, str>> {
        self.0.set(self.0.get().wrapping_add(1));
        Some(FORGED.into())
    }
}

/// A token that must not be sent.
struct Own(Rc<str>);

impl TokenSource for Own {
    fn token(&self) -> Option<Cow<'_, str>> {
        Some((*self.0).into())
    }
}

/// Asks whether a value may be sent: the inherent method, which only such values have, is found first.
struct Asked<T>(PhantomData<T>);

impl<T> Asked<T> {
    fn about(_: &T) -> Self {
        Self(PhantomData)
    }
}

impl<T: Send> Asked<T> {
    fn is_sent(&self) -> bool {
        matches!(self, Self(PhantomData))
    }
}

trait Kept {
    fn is_sent(&self) -> bool {
        false
    }
}

impl<T> Kept for Asked<T> {}

#[test]
fn a_future_is_sent_where_the_bare_one_would_be() {
    assert!(Asked::about(&guarded(FORGED, 1)).is_sent());
    assert!(Asked::about(&demanding(FORGED, 1)).is_sent());
    assert!(Asked::about(&with_all_of_it(access())).is_sent());
    assert!(
        Asked::about(&with_all_of_it(Counting(Cell::new(0)))).is_sent(),
        "the token is not lent for long"
    );

    assert!(!Asked::about(&Rc::new(0)).is_sent());
    assert!(!Asked::about(&keeps_to_its_thread(FORGED)).is_sent());
    assert!(!Asked::about(&with_all_of_it(Own(FORGED.into()))).is_sent());
    assert_eq!(pollster::block_on(keeps_to_its_thread(access())), Ok(42));
}

/// A function holds its parameters twice, as passed and as bound; the check borrows the bound token, which keeps
/// that one alive, too. Nothing else of the check outlives it.
#[test]
fn a_future_grows_by_its_token_alone() {
    let (token, word) = (size_of::<&str>(), size_of::<usize>());
    let verified = tokens().decode_access_token(&access()).expect("a good token");
    let sizes = [
        ("by hand, and guarded", size_of_val(&by_hand(FORGED, 1)), size_of_val(&guarded(FORGED, 1)), token),
        (
            "by hand, and with demands",
            size_of_val(&by_hand(FORGED, 1)),
            size_of_val(&demanding(FORGED, 1)),
            token,
        ),
        (
            "bare, and without payload",
            size_of_val(&bare(1)),
            size_of_val(&only_guarded(FORGED, 1)),
            2 * token,
        ),
        (
            "bare, and with everything verified",
            size_of_val(&with_all_of_it_bare(verified)),
            size_of_val(&with_all_of_it(FORGED)),
            2 * token,
        ),
    ];
    for (what, bare, guarded, splice) in sizes {
        println!("{what}: {bare} and {guarded} bytes");
        assert!(guarded <= bare + splice + word, "{what}: {bare} and {guarded} bytes");
    }
}
