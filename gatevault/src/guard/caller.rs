//! A compile-time check that no claims of a guarded function come from its caller.
//!
//! `Input::<T>::probe().kind_of_input()` calls the method of [`Input`] if `T` is a claims type, and otherwise that of
//! [`NoClaims`], to which an input derefs. Only the value that the latter returns is a [`CallerInput`]. Without a trait, a probe
//! needs no `use`, which costs compile time in every guarded function.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, LinkedList, VecDeque};
use std::marker::PhantomData;
use std::ops::Deref;
use std::rc::Rc;
use std::sync::{Arc, Mutex, RwLock};

use crate::claims::ToClaims;

/// A type that a guarded function can take from its caller by value, beside the token: any that is not a claims type.
///
/// `#[protected]` requires it of each owned parameter. Claims that a caller passes could say anything, and a `require` that
/// reads them would trust the caller. You never implement it yourself.
///
/// Claims come in as the payload. Claims that are mere data, such as those of a token to create, come in as a reference; claims
/// that were verified elsewhere as [`Verified`](crate::Verified).
#[diagnostic::on_unimplemented(
    message = "the caller would write these claims: `{T}` is a parameter, and not the payload",
    label = "a guarded function takes claims from its token only",
    note = "name the parameter `payload`, or write its name, as in `#[protected(payload = user)]`",
    note = "claims that are mere data are passed as `&{T}`, claims that were verified elsewhere as `Verified<YourClaims>`"
)]
pub trait CallerInput<T: ?Sized>: Sized {
    /// Accepts a parameter.
    #[doc(hidden)]
    fn pass(self) {}

    /// Accepts a parameter whose type has no name. The value comes first, so that an error shows its type.
    #[doc(hidden)]
    fn pass_value(value: &T, kind: Self) {
        let (_, _) = (value, kind);
    }
}

/// The kind of a type that is not a claims type.
#[derive(Debug)]
pub struct Data;

/// The kind of a claims type, and of a pointer to one or a container of them. It is not a [`CallerInput`].
#[derive(Debug)]
pub struct ClaimsType;

#[diagnostic::do_not_recommend]
impl<T: ?Sized> CallerInput<T> for Data {}

/// The type of a parameter.
#[derive(Debug)]
pub struct Input<T: ?Sized>(PhantomData<T>);

impl<T: ?Sized> Input<T> {
    /// Creates the input of a type.
    #[must_use]
    pub const fn probe() -> Self {
        Self(PhantomData)
    }

    /// Creates the input of the type of `value`.
    #[must_use]
    pub const fn of(value: &T) -> Self {
        let _ = value;
        Self(PhantomData)
    }
}

impl<T: HoldsClaims + ?Sized> Input<T> {
    /// Returns the kind of a claims type.
    #[must_use]
    pub const fn kind_of_input(&self) -> ClaimsType {
        ClaimsType
    }
}

/// A claims type, and each pointer to one and container of some, in any depth. References and `Verified` are none.
pub trait HoldsClaims {}

impl<T: ToClaims + ?Sized> HoldsClaims for T {} // `Box<T>` too, which implements the trait

/// Implements [`HoldsClaims`] for types, and for boxes of them.
macro_rules! holders {
    ($([$($parameter:tt)*] $holder:ty),* $(,)?) => {
        $(
            impl<$($parameter)*> HoldsClaims for $holder {}
            impl<$($parameter)*> HoldsClaims for Box<$holder> {}
        )*
    };
}

holders! {
    [T: HoldsClaims] Option<T>,
    [T: HoldsClaims, E] Result<T, E>,
    [T: HoldsClaims] [T],
    [T: HoldsClaims, const N: usize] [T; N],
    [T: HoldsClaims] Vec<T>,
    [T: HoldsClaims] VecDeque<T>,
    [T: HoldsClaims] LinkedList<T>,
    [T: HoldsClaims] BTreeSet<T>,
    [T: HoldsClaims, S] HashSet<T, S>,
    [K, T: HoldsClaims] BTreeMap<K, T>,
    [K, T: HoldsClaims, S] HashMap<K, T, S>,
    [T: HoldsClaims + ?Sized] Arc<T>,
    [T: HoldsClaims + ?Sized] Rc<T>,
    [T: HoldsClaims + ToOwned + ?Sized] Cow<'_, T>,
    [T: HoldsClaims + ?Sized] Cell<T>,
    [T: HoldsClaims + ?Sized] RefCell<T>,
    [T: HoldsClaims + ?Sized] Mutex<T>,
    [T: HoldsClaims + ?Sized] RwLock<T>,
}

/// The input of a type that is not a claims type.
#[derive(Debug)]
pub struct NoClaims;

impl NoClaims {
    /// Returns the kind of a type that is not a claims type.
    #[must_use]
    pub const fn kind_of_input(&self) -> Data {
        Data
    }
}

impl<T: ?Sized> Deref for Input<T> {
    type Target = NoClaims;

    fn deref(&self) -> &NoClaims {
        &NoClaims
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claims::{Payload, Verified};

    trait Shown {
        const CLAIMS: bool;
    }
    impl Shown for Data {
        const CLAIMS: bool = false;
    }
    impl Shown for ClaimsType {
        const CLAIMS: bool = true;
    }

    fn is_claims<K: Shown>(_: impl FnOnce() -> K) -> bool {
        K::CLAIMS
    }

    macro_rules! assert_kind {
        ($claims:literal: $($ty:ty),+ $(,)?) => {
            $(assert_eq!(is_claims(|| Input::<$ty>::probe().kind_of_input()), $claims, stringify!($ty));)+
        };
    }

    #[test]
    fn claims_are_found_in_owned_pointers_and_containers_of_any_depth() {
        assert_kind!(true:
            Payload, Box<Payload>, Rc<Payload>, Arc<Payload>, Cow<'_, Payload>, Cow<'_, [Payload]>, Option<Payload>,
            Result<Payload, String>, [Payload; 2], Vec<Payload>, VecDeque<Payload>, LinkedList<Payload>,
            BTreeSet<Payload>, HashSet<Payload>, BTreeMap<u8, Payload>, HashMap<String, Payload>, Cell<Payload>,
            RefCell<Payload>, Mutex<Payload>, RwLock<Payload>, Box<[Payload]>, Arc<[Payload]>, Option<Option<Payload>>,
            Rc<RefCell<Payload>>, Arc<Mutex<Option<Payload>>>, Vec<Box<Payload>>, Box<Vec<Payload>>,
            Box<Option<Payload>>, Option<Box<Payload>>,
        );
    }

    #[test]
    fn references_verified_claims_and_other_types_hold_no_claims() {
        assert_kind!(false:
            &Payload, &mut Payload, Option<&Payload>, Vec<&Payload>, &[Payload], Verified<Payload>,
            Option<Verified<Payload>>, Arc<Verified<Payload>>, Result<u8, String>, Vec<u8>, Box<dyn Fn(Payload)>,
            PhantomData<Payload>, HashMap<u8, u8>, Cow<'_, str>, (), str,
        );
    }
}
