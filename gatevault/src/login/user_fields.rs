//! The fields of an account in the output of `#[derive(AuthUser)]`, so that a mistake in a type is one compiler error.

use std::fmt::Display;
use std::marker::PhantomData;

use crate::claims::UserId;

/// The type of an id field. [`Self::kind`] is found if a clone of it converts into a [`UserId`], and that of [`AnyId`]
/// otherwise.
#[derive(Debug)]
pub struct IdType<T: ?Sized>(PhantomData<T>);

impl<T: ?Sized> IdType<T> {
    /// Creates the value to call `kind` on.
    #[must_use]
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<T: ?Sized> Default for IdType<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Clone + Into<UserId>> IdType<T> {
    /// Returns the kind of a type that converts from a clone.
    #[must_use]
    pub const fn kind(&self) -> ByValue {
        ByValue
    }
}

/// The kind of every other type.
pub trait AnyId {
    /// Returns the kind of a type that must convert from a reference.
    fn kind(&self) -> ByReference {
        ByReference
    }
}

impl<T: ?Sized> AnyId for IdType<T> {}

/// The kind of an id that converts from a clone of the field.
#[derive(Debug, Clone, Copy)]
pub struct ByValue;

/// The kind of an id that converts from a reference to the field.
#[derive(Debug, Clone, Copy)]
pub struct ByReference;

/// Converts the field into the id of the user.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the id of a user",
    label = "does not convert into `gatevault::UserId`",
    note = "the id is an integer, a string, a `gatevault::UserId`, or a `uuid::Uuid` with the feature `uuid`",
    note = "for a type of your own, write `impl From<&{Self}> for gatevault::UserId`; `#[auth(id)]` marks a field of \
            another name"
)]
pub trait IdField<Kind> {
    /// Returns the id.
    fn user_id(&self, kind: Kind) -> UserId;
}

#[diagnostic::do_not_recommend]
impl<T: Clone + Into<UserId>> IdField<ByValue> for T {
    #[inline]
    fn user_id(&self, _kind: ByValue) -> UserId {
        self.clone().into()
    }
}

#[diagnostic::do_not_recommend]
impl<T> IdField<ByReference> for T
where
    for<'f> &'f T: Into<UserId>,
{
    #[inline]
    fn user_id(&self, _kind: ByReference) -> UserId {
        self.into()
    }
}

/// The form of a field that always holds a hash.
#[derive(Debug, Clone, Copy)]
pub struct Text;

/// The form of a field that may hold a hash.
#[derive(Debug, Clone, Copy)]
pub struct OptionalText;

/// Reads the stored hash of a password. The compiler infers the form.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the hash of a password",
    label = "neither a string nor an `Option` of a string",
    note = "the hash is a `String`, another type with `AsRef<str>`, or an `Option` of one for accounts that may have no \
            password; `#[auth(password)]` marks a field of another name"
)]
pub trait PasswordField<Form> {
    /// Returns the hash, if there is one.
    fn hashed_password(&self) -> Option<&str>;
}

#[diagnostic::do_not_recommend]
impl<T: AsRef<str>> PasswordField<Text> for T {
    #[inline]
    fn hashed_password(&self) -> Option<&str> {
        Some(self.as_ref())
    }
}

#[diagnostic::do_not_recommend]
impl<T: AsRef<str>> PasswordField<OptionalText> for Option<T> {
    #[inline]
    fn hashed_password(&self) -> Option<&str> {
        self.as_ref().map(AsRef::as_ref)
    }
}

/// Reads the security stamp of an account.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the security stamp",
    label = "not a string or an integer",
    note = "the security stamp is a string, an integer, or another type with `Display`; for anything else, implement \
            `gatevault::AuthUser` by hand"
)]
pub trait StampField {
    /// Returns the stamp.
    fn security_stamp(&self) -> String;
}

#[diagnostic::do_not_recommend]
impl<T: Display> StampField for T {
    #[inline]
    fn security_stamp(&self) -> String {
        self.to_string()
    }
}
