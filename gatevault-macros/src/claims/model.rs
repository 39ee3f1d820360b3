//! Model: which claims a struct has, by which names. The last stage that may refuse.

use proc_macro2::Ident;
use syn::ext::IdentExt as _;
use syn::{Data, DeriveInput, Fields, Generics, Path, Type};

use super::borrowed;
use crate::attribute::{ContainerAttrs, FieldAttrs};
use crate::case::Case;
use crate::crate_path::CratePath;
use crate::diagnostics::{Refusals, refuse};
use crate::set_once::SetOnce;
use crate::wire_name::{WireName, refuse_repeated};

/// A type whose fields are claims; the fields are left out where the type was refused.
pub(crate) struct ClaimsType {
    pub(crate) krate: CratePath,
    pub(crate) ident: Ident,
    pub(crate) generics: Generics,
    pub(crate) subject: Option<Subject>,
    pub(crate) claims: Vec<Claim>,
    /// The map of the claims that no other field takes.
    pub(crate) rest: Option<Member>,
    /// Also among the claims.
    pub(crate) role: Option<Member>,
    /// Also among the claims.
    pub(crate) scope: Option<Member>,
}

/// A field, by the name and the type it has in the struct.
#[derive(Clone)]
pub(crate) struct Member {
    pub(crate) ident: Ident,
    pub(crate) ty: Type,
}

/// The field that says who the user is; the token manager names it in tokens.
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
    /// What an absent claim is read as.
    pub(crate) default: Option<DefaultValue>,
}

pub(crate) enum DefaultValue {
    OfType,
    Made(Path),
}

impl ClaimsType {
    pub(crate) fn new(input: DeriveInput, refusals: &mut Refusals) -> Self {
        let attrs = ContainerAttrs::parse(&input.attrs, refusals);
        let (krate, case) = (CratePath::new(attrs.krate.into_value()), attrs.rename_all.into_value());
        let fields = fields(&input.ident, input.data, refusals);
        let subject = fields.as_deref().and_then(|fields| subject(&input.ident, fields, refusals));
        let fields = fields.unwrap_or_default();
        let rest = marked(&fields, |attrs| &attrs.flatten, "takes the other claims", refusals);
        let role = marked(&fields, |attrs| &attrs.role, "is the role", refusals);
        let scope = marked(&fields, |attrs| &attrs.scope, "holds the scopes", refusals);
        let mut model = Self {
            krate,
            ident: input.ident,
            generics: input.generics,
            subject: None,
            claims: Vec::new(),
            rest,
            role,
            scope,
        };
        for field in fields {
            if subject.as_ref() == Some(&field.member.ident) {
                model.subject = Some(field.into_subject(&model.krate, refusals));
            } else if field.attrs.flatten.name().is_some() {
                field.refuse_single(refusals);
            } else {
                model.claims.push(field.into_claim(&model.krate, case, refusals));
            }
        }
        refuse_repeated(model.claims.iter().map(|claim| &claim.name), refusals);
        model
    }

    /// The types that are written and read as they are.
    pub(crate) fn types(&self) -> Vec<&Type> {
        let subject = self.subject.iter().map(|subject| (&subject.member, &subject.with));
        let claims = self.claims.iter().map(|claim| (&claim.member, &claim.with));
        let plain = subject.chain(claims).filter(|(_, with)| with.is_none());
        plain.map(|(member, _)| &member.ty).collect()
    }
}

/// A field before it is known what it is.
struct Field {
    member: Member,
    attrs: FieldAttrs,
}

impl Field {
    fn into_subject(self, krate: &CratePath, refusals: &mut Refusals) -> Subject {
        let FieldAttrs { rename, default, role, scope, flatten, .. } = &self.attrs;
        for name in [rename.name(), default.name()].into_iter().flatten() {
            refusals.add(refuse(
                name,
                format!(
                    "`{name}` is not for the subject, which every token has, as `user_id` or whatever \
                     `TokenManager::builder().subject_claim(..)` says: remove it"
                ),
            ));
        }
        for name in [role.name(), scope.name(), flatten.name()].into_iter().flatten() {
            refusals.add(refuse(
                name,
                format!(
                    "`{name}` is not for the subject, which says who the user is: put `#[claims({name})]` on \
                     another field"
                ),
            ));
        }
        let with = self.attrs.with.into_value().or_else(|| borrowed::module(krate, &self.member.ty));
        Subject { member: self.member, with }
    }

    /// Refuses, on the map for the other claims, what is said of a single claim.
    fn refuse_single(&self, refusals: &mut Refusals) {
        let FieldAttrs { role, scope, rename, default, with, .. } = &self.attrs;
        let single = [role.name(), scope.name(), rename.name(), default.name(), with.name()];
        for name in single.into_iter().flatten() {
            refusals.add(refuse(
                name,
                format!("`{name}` is for a single claim, and `flatten` takes all the others: remove it here"),
            ));
        }
    }

    fn into_claim(self, krate: &CratePath, case: Option<Case>, refusals: &mut Refusals) -> Claim {
        let name = WireName::new(&self.member.ident, self.attrs.rename.value(), case);
        if REGISTERED.contains(&name.text.as_str()) {
            refusals.add(refuse(
                &name.words,
                format!(
                    "the claim {:?} is written by the token manager: give the field another name in the \
                     token, as in `#[claims(rename = \"my_{}\")]`",
                    name.text, name.text
                ),
            ));
        }
        let default = self.attrs.default.into_value();
        Claim {
            name,
            with: self.attrs.with.into_value().or_else(|| borrowed::module(krate, &self.member.ty)),
            default: default.map(|path| path.map_or(DefaultValue::OfType, DefaultValue::Made)),
            member: self.member,
        }
    }
}

fn fields(ident: &Ident, data: Data, refusals: &mut Refusals) -> Option<Vec<Field>> {
    let Data::Struct(syn::DataStruct { fields: Fields::Named(fields), .. }) = data else {
        refusals.add(refuse(ident, "claims have names: write a struct with named fields"));
        return None;
    };
    let fields = fields.named.into_iter().filter_map(|field| {
        let member = Member { ident: field.ident?, ty: field.ty };
        Some(Field { member, attrs: FieldAttrs::parse(&field.attrs, refusals) })
    });
    Some(fields.collect())
}

/// The field with the mark; a second one is refused.
fn marked(
    fields: &[Field],
    mark: fn(&FieldAttrs) -> &SetOnce<()>,
    meaning: &str,
    refusals: &mut Refusals,
) -> Option<Member> {
    let mut marked = fields.iter().filter_map(|field| Some((&field.member, mark(&field.attrs).name()?)));
    let (first, _) = marked.next()?;
    for (_, mark) in marked {
        refusals.add(refuse(mark, format!("`{}` {meaning} already: keep one of them", first.ident)));
    }
    Some(first.clone())
}

/// The name of the field that is marked as the subject, else `user_id`, else `sub`.
fn subject(claims: &Ident, fields: &[Field], refusals: &mut Refusals) -> Option<Ident> {
    if let Some(subject) = marked(fields, |attrs| &attrs.subject, "is the subject", refusals) {
        return Some(subject.ident);
    }
    let named =
        |name: &str| fields.iter().map(|field| &field.member.ident).find(|ident| ident.unraw() == name);
    let subject = named("user_id").or_else(|| named("sub"));
    if subject.is_none() {
        refusals.add(refuse(
            claims,
            "no field says who the user is: name one `user_id`, or mark one with `#[claims(subject)]`",
        ));
    }
    subject.cloned()
}

/// The names that the token manager writes and reads (RFC 7519 section 4.1).
const REGISTERED: [&str; 9] = ["exp", "iat", "nbf", "iss", "aud", "jti", "sid", "type", "auth_time"];
