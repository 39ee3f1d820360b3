//! Accounts that derive `AuthUser`: the fields that a login reads, and the types that they may have.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use gatevault::error::BoxError;
use gatevault::{AuthUser, OAuthHandler, Payload, SyncUserStore, UserId};
use gatevault_tests::{quick_hasher, tokens};
use uuid::Uuid;

#[derive(Clone, AuthUser)]
struct Person {
    #[auth(id)]
    number: u64,
    #[auth(password)]
    hash: Option<String>,
    /// Unmarked fields of the default names beside marked ones.
    id: [u8; 0],
    password_hash: Vec<u8>,
}

impl From<&Person> for Payload {
    fn from(person: &Person) -> Self {
        Self::new(person.number).with("decoys", person.id.len() + person.password_hash.len())
    }
}

#[test]
fn the_fields_are_found_by_their_marks_and_else_by_their_names() {
    #[derive(AuthUser)]
    struct Named {
        user_id: i32,
        hashed_password: &'static str,
    }
    #[derive(AuthUser)]
    struct NamedTwice {
        user_id: u8,
        id: u8,
        hashed_password: String,
        password_hash: String,
    }
    #[derive(AuthUser)]
    struct Raw {
        r#id: u8,
        r#password_hash: String,
    }
    let person = Person { number: 42, hash: Some("marked".into()), id: [], password_hash: vec![] };
    assert_eq!((person.id(), person.hashed_password()), (42.into(), Some("marked")));
    let named = Named { user_id: -7, hashed_password: "named" };
    assert_eq!((named.id(), named.hashed_password()), ((-7).into(), Some("named")));
    let twice = NamedTwice { user_id: 1, id: 2, hashed_password: "no".into(), password_hash: "yes".into() };
    assert_eq!((twice.id(), twice.hashed_password()), (2.into(), Some("yes")));
    assert_eq!((twice.user_id, twice.hashed_password.as_str()), (1, "no"));
    let raw = Raw { id: 3, password_hash: "raw".into() };
    assert_eq!((raw.id(), raw.hashed_password()), (3.into(), Some("raw")));
}

#[test]
fn a_marked_field_may_have_a_keyword_for_a_name_a_cfg_and_a_bounded_type() {
    #[derive(AuthUser)]
    struct Marked<'a, I, H, const N: usize>
    where
        I: Clone + Into<UserId>,
        H: AsRef<str>,
    {
        #[auth(id)]
        r#type: I,
        #[cfg(any())]
        password_hash: String,
        #[cfg_attr(all(), auth(password))]
        r#fn: Option<H>,
        #[auth(security_stamp)]
        r#match: Cow<'a, str>,
        codes: [u8; N],
    }
    let marked = Marked { r#type: 7_u64, r#fn: Some("hash"), r#match: "stamp".into(), codes: [1, 2] };
    assert_eq!((marked.id(), marked.hashed_password()), (7.into(), Some("hash")));
    assert_eq!((marked.security_stamp().as_str(), marked.codes), ("stamp", [1, 2]));
}

#[test]
fn an_account_that_a_macro_writes_is_read_by_its_names() {
    macro_rules! account {
        ($name:ident, $id:ident, $hash:ident) => {
            #[derive(AuthUser)]
            struct $name {
                $id: u8,
                $hash: String,
            }
        };
    }
    account!(Account, user_id, password_hash);
    let account = Account { user_id: 1, password_hash: "hash".into() };
    assert_eq!((account.id(), account.hashed_password()), (1.into(), Some("hash")));
}

/// An id that converts from a value.
#[derive(Clone, Copy)]
struct Copied(u32);

impl From<Copied> for UserId {
    fn from(Copied(id): Copied) -> Self {
        id.into()
    }
}

/// An id that converts from a reference and cannot be cloned.
struct Lent(String);

impl From<&Lent> for UserId {
    fn from(Lent(id): &Lent) -> Self {
        id.as_str().into()
    }
}

/// An id that converts from both.
#[derive(Clone)]
struct Either(u8);

impl From<Either> for UserId {
    fn from(Either(id): Either) -> Self {
        id.into()
    }
}

impl From<&Either> for UserId {
    fn from(Either(id): &Either) -> Self {
        (*id).into()
    }
}

#[derive(AuthUser)]
#[auth(no_password)]
struct Identified<I> {
    id: I,
}

#[derive(AuthUser)]
struct Hashed<H> {
    id: u8,
    password_hash: H,
}

#[derive(AuthUser)]
struct MaybeHashed<H> {
    id: u8,
    password_hash: Option<H>,
}

#[test]
fn the_id_has_any_type_that_converts_into_a_user_id() {
    macro_rules! concrete {
        ($($ty:ty = $value:expr => $id:expr),+ $(,)?) => {
            $({
                #[derive(AuthUser)]
                #[auth(no_password)]
                struct Concrete {
                    id: $ty,
                }
                assert_eq!(Concrete { id: $value }.id(), UserId::from($id));
            })+
        };
    }
    concrete!(
        u8 = 1 => 1, u16 = 1 => 1, u32 = 1 => 1, u64 = u64::MAX => u64::MAX, u128 = 1 => 1, usize = 1 => 1,
        i8 = -1 => -1, i16 = -1 => -1, i32 = -1 => -1, i64 = i64::MIN => i64::MIN, i128 = -1 => -1, isize = -1 => -1,
        String = "ada".into() => "ada", &'static str = "ada" => "ada", UserId = 7.into() => 7,
        Copied = Copied(7) => 7, Lent = Lent("ada".into()) => "ada", Either = Either(7) => 7,
        Uuid = Uuid::nil() => "00000000-0000-0000-0000-000000000000",
    );
    assert_eq!(Identified { id: "ada" }.id(), "ada".into());
    assert_eq!(Identified { id: Copied(7) }.id(), 7.into());
    assert_eq!(Identified { id: 7 }.hashed_password(), None);
}

/// An alias of an `Option`.
type Maybe<T> = Option<T>;

/// A hash that does not print itself.
struct Secret(String);

impl AsRef<str> for Secret {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

#[test]
fn the_hash_is_any_string_or_an_option_of_one() {
    macro_rules! concrete {
        ($($ty:ty = $value:expr => $hash:expr),+ $(,)?) => {
            $({
                #[derive(AuthUser)]
                struct Concrete {
                    id: u8,
                    password_hash: $ty,
                }
                let account = Concrete { id: 1, password_hash: $value };
                assert_eq!((account.id(), account.hashed_password()), (1.into(), $hash));
            })+
        };
    }
    concrete!(
        String = "h".into() => Some("h"), Box<str> = "h".into() => Some("h"), Arc<str> = "h".into() => Some("h"),
        &'static str = "h" => Some("h"), Cow<'static, str> = "h".into() => Some("h"),
        Secret = Secret("h".into()) => Some("h"), String = String::new() => Some(""),
        Option<String> = Some("h".into()) => Some("h"), Option<Box<str>> = None => None,
        Option<Arc<str>> = Some("h".into()) => Some("h"), Option<&'static str> = None => None,
        Option<Cow<'static, str>> = Some("h".into()) => Some("h"), Maybe<Secret> = None => None,
    );
    assert_eq!(Hashed { id: 1, password_hash: "h" }.hashed_password(), Some("h"));
    assert_eq!(Hashed { id: 1, password_hash: Secret("h".into()) }.hashed_password(), Some("h"));
    assert_eq!(MaybeHashed { id: 1, password_hash: Some("h") }.hashed_password(), Some("h"));
    assert_eq!(MaybeHashed::<String> { id: 1, password_hash: None }.id(), 1.into());
    assert_eq!(Hashed { id: 2, password_hash: "h" }.id(), 2.into());
}

/// A stamp with a text of its own.
struct Version(u8);

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "v{}", self.0)
    }
}

#[derive(AuthUser)]
struct Stamped<'a, S, const N: usize>
where
    S: Sized,
{
    #[auth(id)]
    name: &'a str,
    password_hash: Cow<'a, str>,
    #[auth(security_stamp)]
    stamp: S,
    rest: [u8; N],
}

#[test]
fn a_marked_stamp_replaces_the_one_of_the_hash() {
    fn stamped<S: fmt::Display>(stamp: S, hash: &str) -> String {
        let account = Stamped { name: "ada", password_hash: hash.into(), stamp, rest: [0; 3] };
        assert_eq!(
            (account.id(), account.hashed_password(), account.rest),
            ("ada".into(), Some(hash), [0; 3])
        );
        account.security_stamp()
    }
    assert_eq!((stamped(7_u64, "one"), stamped("seven", "two")), ("7".into(), "seven".into()));
    assert_eq!((stamped(String::from("s"), "one"), stamped(Version(3), "two")), ("s".into(), "v3".into()));
    let hashed = |password_hash| Hashed { id: 1, password_hash }.security_stamp();
    assert_eq!(hashed("one"), hashed("one"));
    assert_ne!(hashed("one"), hashed("two"));
}

struct Users(Person);

impl SyncUserStore for Users {
    type User = Person;
    type Claims = Payload;

    fn find_by_name(&self, name: &str) -> Result<Option<Person>, BoxError> {
        Ok((name == "ada").then(|| self.0.clone()))
    }
    fn find_by_id(&self, id: &UserId) -> Result<Option<Person>, BoxError> {
        Ok((*id == self.0.id()).then(|| self.0.clone()))
    }
}

#[test]
fn a_derived_account_logs_in_with_its_password_and_one_without_a_hash_never_does() {
    let log_in = |hash: Option<String>, password: &str| {
        let person = Person { number: 42, hash, id: [], password_hash: vec![] };
        let oauth = OAuthHandler::with_sync_users(tokens(), Users(person)).hasher(quick_hasher());
        let pair = oauth.login("ada", password)?;
        oauth.refresh(&pair.refresh_token)
    };
    let hash = quick_hasher().hash("correct horse").unwrap();
    assert!(log_in(Some(hash.clone()), "correct horse").is_ok());
    for (hash, password) in [(Some(hash), "wrong"), (None, "correct horse"), (Some("plain".into()), "plain")]
    {
        assert_eq!(log_in(hash, password).unwrap_err().status(), 401);
    }
}
