//! Model: which claims a struct has, by which names. The last stage that may refuse.

use proc_macro2::Ident;
use syn::ext::IdentExt as _;
use syn::{Data, DeriveInput, Fields, Generics, Path, Type};

use crate::attribute::{ContainerAttrs, FieldAttrs};
use crate::case::Case;
use crate::crate_path::CratePath;
use crate::diagnostics::{Refusals, refuse};
use crate::wire_name::{WireName, refuse_repeated};

/// A type whose fields are claims; the fields are left out where the type was refused.
pub(crate) struct ClaimsType {
    pub(crate) krate: CratePath,
    pub(crate) ident: Ident,
    pub(crate) generics: Generics,
    pub(crate) subject: Option<Subject>,
    pub(crate) claims: Vec<Claim>,
}

/// The field that says who the user is; the token manager names it in tokens.
pub(crate) struct Subject {
    pub(crate) ident: Ident,
    pub(crate) ty: Type,
}

/// Any other field.
pub(crate) struct Claim {
    pub(crate) ident: Ident,
    pub(crate) ty: Type,
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
        let fields = fields(&input.ident, input.data, refusals);
        let subject = fields.as_deref().and_then(|fields| subject(&input.ident, fields, refusals));
        let mut model = Self {
            krate: CratePath::new(attrs.krate.into_value()),
            ident: input.ident,
            generics: input.generics,
            subject: None,
            claims: Vec::new(),
        };
        for field in fields.into_iter().flatten() {
            if subject.as_ref() == Some(&field.ident) {
                model.subject = Some(field.into_subject(refusals));
            } else {
                model.claims.push(field.into_claim(attrs.rename_all.value().copied(), refusals));
            }
        }
        refuse_repeated(model.claims.iter().map(|claim| &claim.name), refusals);
        model
    }

    /// The types that are written and read as they are.
    pub(crate) fn types(&self) -> Vec<&Type> {
        let claims = self.claims.iter().filter(|claim| claim.with.is_none()).map(|claim| &claim.ty);
        self.subject.iter().map(|subject| &subject.ty).chain(claims).collect()
    }
}

/// A field before it is known what it is.
struct Field {
    ident: Ident,
    ty: Type,
    attrs: FieldAttrs,
}

impl Field {
    fn into_subject(self, refusals: &mut Refusals) -> Subject {
        let FieldAttrs { rename, default, with, .. } = &self.attrs;
        for name in [rename.name(), default.name(), with.name()].into_iter().flatten() {
            refusals.add(refuse(
                name,
                format!(
                    "`{name}` is not for the subject, which every token has, as `user_id` or whatever \
                     `TokenManager::builder().subject_claim(..)` says: remove it"
                ),
            ));
        }
        Subject { ident: self.ident, ty: self.ty }
    }

    fn into_claim(self, case: Option<Case>, refusals: &mut Refusals) -> Claim {
        let name = WireName::new(&self.ident, self.attrs.rename.value(), case);
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
        Claim {
            ident: self.ident,
            ty: self.ty,
            name,
            with: self.attrs.with.into_value(),
            default: self
                .attrs
                .default
                .into_value()
                .map(|path| path.map_or(DefaultValue::OfType, DefaultValue::Made)),
        }
    }
}

fn fields(ident: &Ident, data: Data, refusals: &mut Refusals) -> Option<Vec<Field>> {
    let Data::Struct(syn::DataStruct { fields: Fields::Named(fields), .. }) = data else {
        refusals.add(refuse(ident, "claims have names: write a struct with named fields"));
        return None;
    };
    let fields = fields.named.into_iter().filter_map(|field| {
        Some(Field { ident: field.ident?, ty: field.ty, attrs: FieldAttrs::parse(&field.attrs, refusals) })
    });
    Some(fields.collect())
}

/// The name of the field that is marked as the subject, else `user_id`, else `sub`.
fn subject(claims: &Ident, fields: &[Field], refusals: &mut Refusals) -> Option<Ident> {
    let mut marked = fields.iter().filter_map(|field| Some((&field.ident, field.attrs.subject.name()?)));
    if let Some((subject, _)) = marked.next() {
        for (_, mark) in marked {
            refusals.add(refuse(mark, format!("`{subject}` is the subject already: keep one of them")));
        }
        return Some(subject.clone());
    }
    let named = |name: &str| fields.iter().map(|field| &field.ident).find(|ident| ident.unraw() == name);
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
const REGISTERED: [&str; 8] = ["exp", "iat", "nbf", "iss", "aud", "jti", "sid", "type"];
