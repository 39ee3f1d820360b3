//! Generic functions: types, lifetimes, constants, bounds, generic payloads, functions declared by macros.

use std::fmt::Display;

use gatevault::claims::FromVerified;
use gatevault::{Claims, Verified, protected};

use crate::{Answer, FORGED, UNAUTHENTICATED, User, access};

#[protected]
fn of_types<T: Display, U>(one: T, two: U, payload: User) -> Answer<(String, U)>
where
    U: Default + PartialEq,
{
    let two = if two == U::default() { U::default() } else { two };
    Ok((format!("{one} of {}", payload.user_id), two))
}

#[protected]
fn of_lifetimes<'a, 'b: 'a>(one: &'a str, two: &'b str, payload: User) -> Answer<&'a str> {
    Ok(if payload.user_id == 42 { one } else { two })
}

#[protected]
fn of_constants<const N: usize>(add: [u64; N], payload: User) -> Answer {
    Ok(add.iter().fold(payload.user_id, |sum, add| sum.wrapping_add(*add)))
}

#[protected]
fn of_its_payload<P: for<'t> FromVerified<'t>>(read: impl Fn(P) -> u64, payload: P) -> Answer {
    Ok(read(payload))
}

#[protected]
fn of_its_claims<C: Claims>(read: fn(&C) -> u64, payload: Verified<C>) -> Answer {
    Ok(read(&payload))
}

macro_rules! declare {
    ($(#[$attr:meta])* $vis:vis fn $name:ident($payload:ident: $claims:ty $(, $arg:ident: $of:ty)*) -> $body:block) => {
        $(#[$attr])*
        #[protected]
        $vis fn $name($payload: $claims $(, $arg: $of)*) -> Answer $body
    };
}

declare! {
    /// Declared through a macro.
    pub(crate) fn declared(payload: User, add: u64) -> { Ok(payload.user_id.wrapping_add(add)) }
}

macro_rules! declare_whole {
    ($($name:ident),*) => {
        $(#[protected(require = payload.user_id == 42)]
        fn $name(token: &str, payload: User) -> Answer {
            let _ = token;
            Ok(payload.user_id)
        })*
    };
}
declare_whole!(first, second);

#[test]
fn generics_are_kept() {
    let access = access();
    assert_eq!(of_types(&access, "one", 2), Ok(("one of 42".into(), 2)));
    assert_eq!(of_types::<u8, u8>(&access, 1, 0), Ok(("1 of 42".into(), 0)));
    assert_eq!(of_lifetimes(&access, "one", "two"), Ok("one"));
    assert_eq!(of_constants::<2>(&access, [1, 2]), Ok(45));
    assert_eq!(of_its_payload(&access, |user: User| user.user_id), Ok(42));
    assert_eq!(of_its_claims(&access, |user: &User| user.user_id), Ok(42));
    assert_eq!(of_types(FORGED, "one", 2), Err(UNAUTHENTICATED));
    assert_eq!(of_lifetimes(FORGED, "one", "two"), Err(UNAUTHENTICATED));
    assert_eq!(of_constants::<2>(FORGED, [1, 2]), Err(UNAUTHENTICATED));
    assert_eq!(of_its_payload(FORGED, |user: User| user.user_id), Err(UNAUTHENTICATED));
    assert_eq!(of_its_claims(FORGED, |user: &User| user.user_id), Err(UNAUTHENTICATED));
}

#[test]
fn a_function_declared_by_a_macro_is_guarded() {
    assert_eq!(declared(access(), 1), Ok(43));
    assert_eq!(declared(FORGED, 1), Err(UNAUTHENTICATED));
    assert_eq!(first(&access()), second(&access()));
    assert_eq!((first(FORGED), second(FORGED)), (Err(UNAUTHENTICATED), Err(UNAUTHENTICATED)));
}
