//! Parameters beside the payload: every type but a claims type can come from the caller.
#![expect(
    clippy::needless_pass_by_value,
    clippy::type_complexity,
    reason = "the types of parameters are what the tests are about"
)]

use std::pin::Pin;

use async_trait::async_trait;
use gatevault::{GateVault, Verified, protected};

use crate::{Answer, FORGED, UNAUTHENTICATED, User, access, tokens};

/// A wrapper, as extractors of frameworks are.
struct Page<T>(T);

/// The extractors of a framework: their data is probed too.
struct Json<T>(T);

/// A type that borrows.
struct Lent<'t>(&'t str);

type Callback = Box<dyn for<'x> Fn(&'x str) -> Lent<'x> + Send>;

fn number(text: &str) -> u64 {
    u64::try_from(text.len()).unwrap_or_default()
}

fn lend(text: &str) -> Lent<'_> {
    Lent(text)
}

#[protected]
fn of_a_reference(user: &User, users: &[User], payload: User) -> Answer {
    Ok(payload.user_id.max(user.user_id).max(number(&"1".repeat(users.len()))))
}

#[protected]
fn of_verified_claims(user: Verified<User>, payload: User) -> Answer {
    Ok(payload.user_id.min(user.into_claims().user_id))
}

#[protected]
fn without_a_payload(token: &str, Page(page): Page<u64>, name: String) -> Answer {
    Ok(page.wrapping_add(number(&name)).wrapping_add(number(token).wrapping_mul(0)))
}

#[protected]
fn of_a_generic_type<T: Into<String>, U>(name: T, wrapped: Page<U>, rest: U, payload: User) -> Answer {
    drop((wrapped.0, rest));
    Ok(payload.user_id.wrapping_add(number(&name.into())))
}

#[protected]
fn of_items<I: Iterator, const N: usize>(
    items: I,
    some: [I::Item; N],
    one: Option<<I as Iterator>::Item>,
) -> Answer {
    Ok(number(&"1".repeat(items.count().wrapping_add(some.into_iter().chain(one).count()))))
}

#[protected]
fn of_an_unnamed_type(mut read: impl FnMut(&str) -> u64, items: impl Iterator<Item = u64> + Send) -> Answer {
    Ok(items.sum::<u64>().wrapping_add(read("four")))
}

#[protected]
async fn of_callbacks<F: for<'x> Fn(&'x str) -> &'x str>(trim: F, cut: Callback, lent: Lent<'_>) -> Answer {
    std::future::ready(()).await;
    Ok(number(trim(lent.0)).wrapping_add(number(cut(lent.0).0)))
}

#[protected]
async fn of_claims_in_a_reference(user: &User, pair: (u8, u8), payload: User) -> Answer {
    std::future::ready(pair).await;
    Ok(payload.user_id.max(user.user_id))
}

#[protected]
fn of_extractors<T: Into<u64>>(
    Json(page): Json<Page<T>>,
    lent: Option<Json<Lent<'_>>>,
    both: Json<(&str, [u8; 2], Option<Verified<User>>)>,
    unnamed: Json<impl Into<u64>>,
    pair: (Verified<User>, Json<u8>),
    payload: User,
) -> Answer {
    let lent = lent.map_or(0, |Json(lent)| number(lent.0)).wrapping_add(number(both.0.0));
    let [first, second] = both.0.1;
    let sum =
        page.0.into().wrapping_add(unnamed.0.into()).wrapping_add(lent).wrapping_add(u64::from(pair.1.0));
    Ok(sum.wrapping_add(u64::from(first.max(second))).wrapping_add(payload.user_id.min(pair.0.user_id)))
}

impl Page<u64> {
    #[protected]
    fn joined(self, other: Self, payload: User) -> Answer {
        Ok(self.0.wrapping_add(other.0).wrapping_add(payload.user_id))
    }

    #[protected]
    fn pinned(self: Pin<&mut Self>, token: &str, other: Option<Page<u64>>) -> Answer {
        let _ = other.is_some();
        Ok(self.0.wrapping_add(number(token).wrapping_mul(0)))
    }
}

impl User {
    /// A receiver is not a parameter of the caller's choice: the method belongs to the claims.
    #[protected]
    fn compared(self, payload: Self) -> Answer {
        Ok(self.user_id.min(payload.user_id))
    }
}

trait Shelf {
    type Book;

    fn put(&self, token: &str, book: Self::Book) -> Answer;
}

impl<T> Shelf for Page<T> {
    type Book = T;

    #[protected]
    fn put(&self, token: &str, book: Self::Book, payload: User) -> Answer {
        drop(book);
        Ok(payload.user_id.wrapping_add(number(token).wrapping_mul(0)))
    }
}

#[async_trait]
trait Library {
    async fn lend(&self, token: &str, book: Page<u64>, to: Lent<'_>) -> Answer;
}

struct Town(GateVault);

#[async_trait]
impl Library for Town {
    #[protected(gate = self.0)]
    async fn lend(&self, token: &str, Page(book): Page<u64>, to: Lent<'_>, payload: User) -> Answer {
        std::future::ready(token).await;
        Ok(payload.user_id.wrapping_add(book).wrapping_add(number(to.0)))
    }
}

/// The underscore does not make the claims the caller's: the parameter leaves the signature.
#[protected(require = _payload.org_id == Some(org_id))]
fn of_an_underscored_payload(org_id: u64, _payload: User) -> Answer {
    Ok(org_id)
}

#[protected]
fn of_an_unused_payload(_payload: User) -> Answer {
    Ok(1)
}

const fn bob() -> User {
    User { user_id: 7, org_id: None }
}

#[test]
fn claims_by_reference_and_verified_claims_are_accepted() {
    let verified = || tokens().decode_access_token::<User>(&access()).expect("a valid token");
    assert_eq!(of_a_reference(access(), &bob(), &[bob()]), Ok(42));
    assert_eq!(of_verified_claims(access(), verified()), Ok(42));
    assert_eq!(of_verified_claims(FORGED, verified()), Err(UNAUTHENTICATED));
    assert_eq!(pollster::block_on(of_claims_in_a_reference(&access(), &bob(), (1, 2))), Ok(42));
    assert_eq!(bob().compared(access()), Ok(7));
}

#[test]
fn types_that_are_no_claims_are_accepted() {
    let access = access();
    assert_eq!(without_a_payload(&access, Page(1), "ab".to_owned()), Ok(3));
    assert_eq!(of_a_generic_type(&access, "ab", Page(1_u8), 2), Ok(44));
    assert_eq!(of_items(&access, [1, 2].into_iter(), [3], Some(4)), Ok(4));
    assert_eq!(of_an_unnamed_type(&access, number, [1, 2].into_iter()), Ok(7));
    let lent = pollster::block_on(of_callbacks(&access, str::trim, Box::new(lend), Lent(" ab")));
    assert_eq!(lent, Ok(5));
    let verified = tokens().decode_access_token::<User>(&access).expect("a valid token");
    let (both, pair) = (Json(("abc", [4, 5], None)), (verified, Json(6)));
    assert_eq!(
        of_extractors(&access, Json(Page(1_u8)), Some(Json(Lent("ab"))), both, Json(7_u8), pair),
        Ok(66)
    );
    assert_eq!(Page(1).joined(&access, Page(2)), Ok(45));
    assert_eq!(Pin::new(&mut Page(1)).pinned(&access, None), Ok(1));
    assert_eq!(Page(()).put(&access, ()), Ok(42));
    let town = Town(GateVault::new(tokens().clone()));
    assert_eq!(pollster::block_on(town.lend(&access, Page(1), Lent("ab"))), Ok(45));
    assert_eq!(pollster::block_on(town.lend(FORGED, Page(1), Lent("ab"))), Err(UNAUTHENTICATED));
}

#[test]
fn an_underscored_payload_comes_from_the_token() {
    assert_eq!(of_an_underscored_payload(access(), 7), Ok(7));
    assert_eq!(of_an_underscored_payload(access(), 8), Err(crate::FORBIDDEN));
    assert_eq!(of_an_unused_payload(access()), Ok(1));
    assert_eq!(of_an_unused_payload(FORGED), Err(UNAUTHENTICATED));
}

/// A trait of all types, with the method names that a probe could call.
trait Everything {
    fn kind(&self) -> u64 {
        1
    }
    fn probe(&self) -> u64 {
        2
    }
}
impl<T: ?Sized> Everything for T {}

#[protected]
fn beside_a_blanket_trait(page: Page<u64>, unnamed: impl Fn() -> u64, payload: User) -> Answer {
    Ok(page.kind().wrapping_add(unnamed.probe()).wrapping_add(payload.user_id))
}

#[test]
fn a_blanket_trait_of_the_user_is_not_confused_with_a_probe() {
    assert_eq!(beside_a_blanket_trait(access(), Page(1), || 1), Ok(45));
    assert_eq!(Page(0).0, 0);
}
