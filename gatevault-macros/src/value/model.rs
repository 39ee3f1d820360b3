//! Model: how a value looks in a token. The last stage that may refuse.

use proc_macro2::Ident;
use syn::{Data, DeriveInput, Fields, Generics, Type, Variant};

use crate::attribute::{ContainerAttrs, VariantAttrs, refuse_claims};
use crate::case::Case;
use crate::crate_path::CratePath;
use crate::diagnostics::{Refusals, refuse};
use crate::wire_name::{WireName, refuse_repeated};

/// A type whose values are the values of claims.
pub(crate) struct ValueType {
    pub(crate) krate: CratePath,
    pub(crate) ident: Ident,
    pub(crate) generics: Generics,
    pub(crate) form: Form,
}

pub(crate) enum Form {
    /// One of several names: the variants of an enum.
    Name(Vec<NamedVariant>),
    /// What a newtype holds.
    Inner(Box<Type>),
    /// A type that was refused.
    Neither,
}

/// A variant, and its name in tokens.
pub(crate) struct NamedVariant {
    pub(crate) ident: Ident,
    pub(crate) name: WireName,
}

impl ValueType {
    pub(crate) fn new(input: DeriveInput, refusals: &mut Refusals) -> Self {
        let attrs = ContainerAttrs::parse(&input.attrs, refusals);
        let case = attrs.rename_all;
        let form = match input.data {
            Data::Enum(data) if !data.variants.is_empty() => {
                names(data.variants, case.value().copied(), refusals)
            }
            Data::Struct(data) => {
                if let Some(name) = case.name() {
                    refusals.add(refuse(name, "a newtype has no names to spell: remove it"));
                }
                inner(&input.ident, data.fields, refusals)
            }
            _ => neither(&input.ident, refusals),
        };
        Self {
            krate: CratePath::new(attrs.krate.into_value()),
            ident: input.ident,
            generics: input.generics,
            form,
        }
    }

    /// The types that are written and read as they are.
    pub(crate) fn types(&self) -> Vec<&Type> {
        match &self.form {
            Form::Inner(inner) => vec![inner],
            Form::Name(_) | Form::Neither => Vec::new(),
        }
    }
}

fn names(variants: impl IntoIterator<Item = Variant>, case: Option<Case>, refusals: &mut Refusals) -> Form {
    let mut names = Vec::new();
    for variant in variants {
        let attrs = VariantAttrs::parse(&variant.attrs, refusals);
        if !matches!(variant.fields, Fields::Unit) {
            refusals.add(refuse(
                &variant.fields,
                "a variant is a name in the token and holds nothing: remove this",
            ));
        }
        names.push(NamedVariant {
            name: WireName::new(&variant.ident, attrs.rename.value(), case),
            ident: variant.ident,
        });
    }
    refuse_repeated(names.iter().map(|variant| &variant.name), refusals);
    Form::Name(names)
}

fn inner(ident: &Ident, fields: Fields, refusals: &mut Refusals) -> Form {
    match fields {
        Fields::Unnamed(fields) if fields.unnamed.len() == 1 => {
            let field = fields.unnamed.into_iter().next();
            field.map_or(Form::Neither, |field| {
                refuse_claims(&field.attrs, "the value in a newtype has no name: remove this", refusals);
                Form::Inner(Box::new(field.ty))
            })
        }
        _ => neither(ident, refusals),
    }
}

fn neither(ident: &Ident, refusals: &mut Refusals) -> Form {
    refusals.add(refuse(
        ident,
        format!(
            "the value of a claim is an enum of plain variants, or a newtype such as `struct {ident}(u64);`"
        ),
    ));
    Form::Neither
}
