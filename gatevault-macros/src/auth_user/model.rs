//! Model: the fields of an account that a login reads. The last stage that can report an error.

use proc_macro2::Ident;
use syn::ext::IdentExt as _;
use syn::{Data, DeriveInput, Generics};

use super::attribute::{ContainerAttrs, FieldAttrs};
use crate::crate_path::CratePath;
use crate::diagnostics::{Errors, error};
use crate::field::{self, Member, marked};

/// An account type. It has no fields here if it is not a struct with named fields.
pub(crate) struct Account {
    pub(crate) krate: CratePath,
    pub(crate) ident: Ident,
    pub(crate) generics: Generics,
    pub(crate) id: Option<Member>,
    /// The hash of the password, or `None` for accounts without a password.
    pub(crate) password: Option<Member>,
    /// The field that replaces the provided security stamp.
    pub(crate) security_stamp: Option<Member>,
}

impl Account {
    /// Creates the model and collects the errors in the input.
    pub(crate) fn new(input: DeriveInput, errors: &mut Errors) -> Self {
        let attrs = ContainerAttrs::parse(&input.attrs, errors);
        let fields = fields(&input.ident, input.data, errors);
        let mut account = Self {
            krate: CratePath::new(attrs.krate.value().cloned()),
            ident: input.ident,
            generics: input.generics,
            id: None,
            password: None,
            security_stamp: None,
        };
        if let Some(fields) = fields {
            for field in &fields {
                field.reject_two_marks(errors);
            }
            account.id = id(&account.ident, &fields, errors);
            account.password = password(&account.ident, &fields, &attrs, errors);
            account.security_stamp =
                marked(&fields, |attrs| &attrs.security_stamp, "is already the security stamp", errors);
        }
        account
    }
}

type Field = field::Field<FieldAttrs>;

impl Field {
    /// Rejects a second mark on the field.
    fn reject_two_marks(&self, errors: &mut Errors) {
        let FieldAttrs { id, password, security_stamp } = &self.attrs;
        let id_and_password = id.name().and(password.name());
        if let Some(password) = id_and_password {
            errors.add(error(
                password,
                "the id is written into tokens, which their holders can read, so it cannot be the hash of the password: \
                 mark two fields",
            ));
        }
        let Some(stamp) = security_stamp.name() else { return };
        let remedy = match (id.name(), password.name()) {
            (Some(_), _) => {
                "a security stamp changes when sessions must end, and an id never does: mark a field that changes"
            }
            (_, Some(_)) => {
                "a security stamp must stay the same when a login replaces an outdated hash: remove `security_stamp`, since \
                 the provided stamp already changes with the password"
            }
            (None, None) => return,
        };
        errors.add(error(stamp, remedy));
    }
}

/// Returns the fields of a struct with named fields, and rejects every other type.
fn fields(ident: &Ident, data: Data, errors: &mut Errors) -> Option<Vec<Field>> {
    let fields = field::named_fields(data, FieldAttrs::parse, errors);
    if fields.is_none() {
        let remedy = format!(
            "write `struct {ident} {{ id: u64, password_hash: String }}`, or implement `AuthUser` by hand"
        );
        errors.add(error(ident, format!("`AuthUser` needs a struct with named fields: {remedy}")));
    }
    fields
}

/// Returns the field of the first of these names.
fn named(fields: &[Field], names: [&str; 2]) -> Option<Member> {
    let find =
        |name: &str| fields.iter().map(|field| &field.member).find(|member| member.ident.unraw() == name);
    names.into_iter().find_map(find).cloned()
}

/// Returns the field that is marked as the id, else `id`, else `user_id`.
fn id(account: &Ident, fields: &[Field], errors: &mut Errors) -> Option<Member> {
    let id = marked(fields, |attrs| &attrs.id, "is already the id", errors)
        .or_else(|| named(fields, ["id", "user_id"]));
    if id.is_none() {
        let message = "no field identifies the user: name a field `id`, or mark one with `#[auth(id)]`";
        errors.add(error(account, message));
    }
    id
}

/// Returns the field that is marked as the password hash, else `password_hash`, else `hashed_password`.
fn password(
    account: &Ident,
    fields: &[Field],
    attrs: &ContainerAttrs,
    errors: &mut Errors,
) -> Option<Member> {
    let marked = marked(fields, |attrs| &attrs.password, "is already the hash of the password", errors);
    if let Some(no_password) = attrs.no_password.name() {
        if let Some(Member { ident, .. }) = marked {
            let message = format!("`{ident}` is marked as the hash of the password: remove `{no_password}`");
            errors.add(error(no_password, message));
        }
        return None;
    }
    let password = marked.or_else(|| named(fields, ["password_hash", "hashed_password"]));
    if password.is_none() {
        errors.add(error(
            account,
            "no field holds the hash of the password: name a field `password_hash`, mark one with `#[auth(password)]`, \
             or write `#[auth(no_password)]` above the struct if its accounts have no password",
        ));
    }
    password
}
