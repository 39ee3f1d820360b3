//! Model: the claims of a struct and their names. The last stage that can report an error.

use proc_macro2::Ident;
use syn::ext::IdentExt as _;
use syn::{Data, DeriveInput, Generics, Path, Type};

use super::borrowed;
use crate::attribute::{ContainerAttrs, FieldAttrs};
use crate::case::Case;
use crate::crate_path::CratePath;
use crate::diagnostics::{Errors, error};
use crate::field::{self, Member, marked};
use crate::wire_name::{WireName, reject_repeated};

/// A type whose fields are claims. It has no fields here if it is not a struct with named fields.
pub(crate) struct ClaimsType {
    pub(crate) krate: CratePath,
    pub(crate) ident: Ident,
    pub(crate) generics: Generics,
    pub(crate) subject: Option<Subject>,
    pub(crate) claims: Vec<Claim>,
    /// The map that collects all claims without a field.
    pub(crate) flatten: Option<Member>,
    /// The role field, which is also among the claims.
    pub(crate) role: Option<Member>,
    /// The scope field, which is also among the claims.
    pub(crate) scope: Option<Member>,
}

/// The field that identifies the user. Its name in tokens is a setting of the token manager.
pub(crate) struct Subject {
    pub(crate) member: Member,
    /// The module that encodes and decodes the value.
    pub(crate) with: Option<Path>,
}

/// A field that is one claim.
pub(crate) struct Claim {
    pub(crate) member: Member,
    pub(crate) name: WireName,
    /// The module that encodes and decodes the value.
    pub(crate) with: Option<Path>,
    /// The value of an absent claim.
    pub(crate) default: Option<DefaultValue>,
}

/// The source of the value for an absent claim.
pub(crate) enum DefaultValue {
    /// The `Default` impl of the type.
    Trait,
    /// A function of the user's.
    Function(Path),
}

impl ClaimsType {
    /// Creates the model and collects the errors in the input.
    pub(crate) fn new(input: DeriveInput, errors: &mut Errors) -> Self {
        let attrs = ContainerAttrs::parse(&input.attrs, errors);
        let (krate, case) = (CratePath::new(attrs.krate.into_value()), attrs.rename_all.into_value());
        let fields = fields(&input.ident, input.data, errors);
        let subject = fields.as_deref().and_then(|fields| subject(&input.ident, fields, errors));
        let fields = fields.unwrap_or_default();
        let flatten = marked(&fields, |attrs| &attrs.flatten, "already collects the other claims", errors);
        let role = marked(&fields, |attrs| &attrs.role, "is already the role", errors);
        let scope = marked(&fields, |attrs| &attrs.scope, "already holds the scopes", errors);
        let mut model = Self {
            krate,
            ident: input.ident,
            generics: input.generics,
            subject: None,
            claims: Vec::new(),
            flatten,
            role,
            scope,
        };
        for field in fields {
            if subject.as_ref() == Some(&field.member.ident) {
                model.subject = Some(field.into_subject(&model.krate, errors));
            } else if field.attrs.flatten.name().is_some() {
                field.reject_claim_attrs(errors);
            } else {
                model.claims.push(field.into_claim(&model.krate, case, errors));
            }
        }
        reject_repeated(model.claims.iter().map(|claim| &claim.name), errors);
        model
    }

    /// Returns the types that are serialized as they are, without a `with` module.
    pub(crate) fn types(&self) -> Vec<&Type> {
        let subject = self.subject.iter().map(|subject| (&subject.member, &subject.with));
        let claims = self.claims.iter().map(|claim| (&claim.member, &claim.with));
        let plain = subject.chain(claims).filter(|(_, with)| with.is_none());
        plain.map(|(member, _)| &member.ty).collect()
    }
}

/// A parsed field, not yet classified as subject, claim or map.
type Field = field::Field<FieldAttrs>;

impl Field {
    /// Converts the field into the subject and rejects attributes that do not apply to it.
    fn into_subject(self, krate: &CratePath, errors: &mut Errors) -> Subject {
        let FieldAttrs { rename, default, role, scope, flatten, .. } = &self.attrs;
        for name in [rename.name(), default.name()].into_iter().flatten() {
            errors.add(error(
                name,
                format!(
                    "`{name}` does not apply to the subject, which every token has under the name that \
                     `TokenManager::builder().subject_claim(..)` sets: remove `{name}`"
                ),
            ));
        }
        for name in [role.name(), scope.name(), flatten.name()].into_iter().flatten() {
            errors.add(error(
                name,
                format!(
                    "`{name}` does not apply to the subject, which identifies the user: put \
                     `#[claims({name})]` on another field"
                ),
            ));
        }
        let with = self.attrs.with.into_value().or_else(|| borrowed::module(krate, &self.member.ty));
        Subject { member: self.member, with }
    }

    /// Rejects the attributes of a single claim on the map of the other claims.
    fn reject_claim_attrs(&self, errors: &mut Errors) {
        let FieldAttrs { role, scope, rename, default, with, .. } = &self.attrs;
        let single = [role.name(), scope.name(), rename.name(), default.name(), with.name()];
        for name in single.into_iter().flatten() {
            errors.add(error(
                name,
                format!(
                    "`{name}` applies to a single claim, and a `flatten` field collects many: remove `{name}`"
                ),
            ));
        }
    }

    /// Converts the field into a claim and rejects the name of a registered claim.
    fn into_claim(self, krate: &CratePath, case: Option<Case>, errors: &mut Errors) -> Claim {
        let name = WireName::new(&self.member.ident, self.attrs.rename.value(), case);
        if REGISTERED.contains(&name.text.as_str()) {
            errors.add(error(
                &name.words,
                format!(
                    "the token manager writes the claim {:?} itself: {}choose another name, such as \
                     `#[claims(rename = \"my_{}\")]`",
                    name.text,
                    reading(&name.text).unwrap_or_default(),
                    name.text
                ),
            ));
        }
        let default = self.attrs.default.into_value();
        Claim {
            name,
            with: self.attrs.with.into_value().or_else(|| borrowed::module(krate, &self.member.ty)),
            default: default.map(|path| path.map_or(DefaultValue::Trait, DefaultValue::Function)),
            member: self.member,
        }
    }
}

/// Returns the fields of a struct with named fields, and rejects every other type.
fn fields(ident: &Ident, data: Data, errors: &mut Errors) -> Option<Vec<Field>> {
    let fields = field::named_fields(data, FieldAttrs::parse, errors);
    if fields.is_none() {
        let remedy = format!("write `struct {ident} {{ user_id: u64 }}`");
        errors.add(error(ident, format!("`Claims` needs a struct with named fields: {remedy}")));
    }
    fields
}

/// Returns the name of the field that is marked as the subject, else `user_id`, else `sub`.
fn subject(claims: &Ident, fields: &[Field], errors: &mut Errors) -> Option<Ident> {
    if let Some(subject) = marked(fields, |attrs| &attrs.subject, "is already the subject", errors) {
        return Some(subject.ident);
    }
    let named =
        |name: &str| fields.iter().map(|field| &field.member.ident).find(|ident| ident.unraw() == name);
    let subject = named("user_id").or_else(|| named("sub"));
    if subject.is_none() {
        errors.add(error(
            claims,
            "no field identifies the user: name a field `user_id`, or mark one with `#[claims(subject)]`",
        ));
    }
    subject.cloned()
}

/// Returns how to read a registered claim of a verified token, if there is a method for it.
fn reading(claim: &str) -> Option<String> {
    let method = match claim {
        "exp" => "expires_at",
        "iat" => "issued_at",
        "jti" => "token_id",
        "sid" => "session_id",
        "type" => "kind",
        "auth_time" => "authenticated_at",
        "acr" | "amr" => claim,
        "pool" => "user_pool",
        _ => return None,
    };
    Some(format!("read it with `Verified::{method}()`, or "))
}

/// The claims that the token manager writes and reads itself (RFC 7519 section 4.1, RFC 9068 section 2.2.1; `claims_since` is ours).
const REGISTERED: [&str; 13] = [
    "exp",
    "iat",
    "nbf",
    "iss",
    "aud",
    "jti",
    "sid",
    "type",
    "auth_time",
    "acr",
    "amr",
    "pool",
    "claims_since",
];
