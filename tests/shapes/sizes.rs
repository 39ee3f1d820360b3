//! The future of a guarded function: `Send` exactly if the unguarded one is, and hardly larger.

use std::borrow::Cow;
use std::cell::Cell;
use std::future::ready;
use std::marker::PhantomData;
use std::rc::Rc;

use gatevault::{Payload, TokenSource, Verified, protected};

use crate::{Answer, FORGED, UNAUTHENTICATED, User, access, tokens};

/// Does by hand what the macro does.
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
async fn with_policies(token: &str, add: u64, payload: User) -> Answer {
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
async fn with_everything(payload: Verified<Payload>) -> Answer<String> {
    ready(()).await;
    Ok(payload.token_id().unwrap_or_default().to_owned())
}

async fn with_everything_bare(payload: Verified<Payload>) -> Answer<String> {
    ready(()).await;
    Ok(payload.token_id().unwrap_or_default().to_owned())
}

#[protected]
async fn stays_on_its_thread(payload: User) -> Answer {
    let counted = Rc::new(payload.user_id);
    ready(()).await;
    Ok(*counted)
}

/// A token source that is `Send` but not `Sync`.
struct Counting(Cell<u32>);

impl TokenSource for Counting {
    fn token(&self) -> Option<Cow<'_, str>> {
        self.0.set(self.0.get().wrapping_add(1));
        Some(FORGED.into())
    }
}

/// A token source that is not `Send`.
struct Own(Rc<str>);

impl TokenSource for Own {
    fn token(&self) -> Option<Cow<'_, str>> {
        Some((*self.0).into())
    }
}

/// Detects whether a value is `Send`: the inherent method, which exists only for such values, takes precedence.
struct Detector<T>(PhantomData<T>);

impl<T> Detector<T> {
    fn of(_: &T) -> Self {
        Self(PhantomData)
    }
}

impl<T: Send> Detector<T> {
    fn is_send(&self) -> bool {
        matches!(self, Self(PhantomData))
    }
}

trait NotSend {
    fn is_send(&self) -> bool {
        false
    }
}

impl<T> NotSend for Detector<T> {}

#[test]
fn a_future_is_send_exactly_if_the_bare_one_is() {
    assert!(Detector::of(&guarded(FORGED, 1)).is_send());
    assert!(Detector::of(&with_policies(FORGED, 1)).is_send());
    assert!(Detector::of(&with_everything(access())).is_send());
    assert!(
        Detector::of(&with_everything(Counting(Cell::new(0)))).is_send(),
        "the token is not borrowed across an await"
    );

    assert!(!Detector::of(&Rc::new(0)).is_send());
    assert!(!Detector::of(&stays_on_its_thread(FORGED)).is_send());
    assert!(!Detector::of(&with_everything(Own(FORGED.into()))).is_send());
    assert_eq!(pollster::block_on(stays_on_its_thread(access())), Ok(42));
}

/// An async function stores its parameters twice, as passed and as bound. The check borrows the bound token, which
/// keeps it alive. The check adds nothing else to the future.
#[test]
fn a_future_grows_only_by_its_token() {
    let (token, word) = (size_of::<&str>(), size_of::<usize>());
    let verified = tokens().decode_access_token(&access()).expect("a valid token");
    let sizes = [
        ("by hand, and guarded", size_of_val(&by_hand(FORGED, 1)), size_of_val(&guarded(FORGED, 1)), token),
        (
            "by hand, and with policies",
            size_of_val(&by_hand(FORGED, 1)),
            size_of_val(&with_policies(FORGED, 1)),
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
            size_of_val(&with_everything_bare(verified)),
            size_of_val(&with_everything(FORGED)),
            2 * token,
        ),
    ];
    for (what, bare, guarded, check) in sizes {
        println!("{what}: {bare} and {guarded} bytes");
        assert!(guarded <= bare + check + word, "{what}: {bare} and {guarded} bytes");
    }
}
