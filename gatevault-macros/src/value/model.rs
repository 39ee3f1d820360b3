//! Model: the form of a value in a token. The last stage that can report an error.

use proc_macro2::Ident;
use syn::{Data, DeriveInput, Fields, Generics, Type, Variant};

use crate::attribute::{ContainerAttrs, VariantAttrs, reject_claims_attrs};
use crate::case::Case;
use crate::crate_path::CratePath;
use crate::diagnostics::{Errors, error};
use crate::wire_name::{WireName, reject_repeated};

/// A type whose values are values of claims.
pub(crate) struct ValueType {
    pub(crate) krate: CratePath,
    pub(crate) ident: Ident,
    pub(crate) generics: Generics,
    pub(crate) form: Form,
}

/// The form of a value in a token.
pub(crate) enum Form {
    /// The name of an enum's variant.
    Name(Vec<NamedVariant>),
    /// The inner value of a newtype.
    Inner(Box<Type>),
    /// Neither: the type was rejected.
    Invalid,
}

/// A variant and its name in tokens.
pub(crate) struct NamedVariant {
    pub(crate) ident: Ident,
    pub(crate) name: WireName,
}

impl ValueType {
    /// Creates the model and collects the errors in the input.
    pub(crate) fn new(input: DeriveInput, errors: &mut Errors) -> Self {
        let attrs = ContainerAttrs::parse(&input.attrs, errors);
        let case = attrs.rename_all;
        let form = match input.data {
            Data::Enum(data) if !data.variants.is_empty() => {
                names(data.variants, case.value().copied(), errors)
            }
            Data::Struct(data) => {
                if let Some(name) = case.name() {
                    let message =
                        "`rename_all` applies to the variants of an enum: remove it from this struct";
                    errors.add(error(name, message));
                }
                inner(&input.ident, data.fields, errors)
            }
            _ => invalid(&input.ident, errors),
        };
        Self {
            krate: CratePath::new(attrs.krate.into_value()),
            ident: input.ident,
            generics: input.generics,
            form,
        }
    }

    /// Returns the types that are serialized as they are.
    pub(crate) fn types(&self) -> Vec<&Type> {
        match &self.form {
            Form::Inner(inner) => vec![inner],
            Form::Name(_) | Form::Invalid => Vec::new(),
        }
    }
}

/// Returns the names of the variants, and rejects variants with fields.
fn names(variants: impl IntoIterator<Item = Variant>, case: Option<Case>, errors: &mut Errors) -> Form {
    let mut names = Vec::new();
    for variant in variants {
        let attrs = VariantAttrs::parse(&variant.attrs, errors);
        if !matches!(variant.fields, Fields::Unit) {
            errors.add(error(
                &variant.fields,
                "`ClaimValue` writes a variant as its name, without fields: remove them, or derive \
                 `serde::Serialize` and `serde::Deserialize` instead",
            ));
        }
        names.push(NamedVariant {
            name: WireName::new(&variant.ident, attrs.rename.value(), case),
            ident: variant.ident,
        });
    }
    reject_repeated(names.iter().map(|variant| &variant.name), errors);
    Form::Name(names)
}

/// Returns the inner type of a newtype, and rejects any other struct.
fn inner(ident: &Ident, fields: Fields, errors: &mut Errors) -> Form {
    match fields {
        Fields::Unnamed(fields) if fields.unnamed.len() == 1 => {
            let field = fields.unnamed.into_iter().next();
            field.map_or(Form::Invalid, |field| {
                let message = "the field of a newtype takes no attributes: remove this";
                reject_claims_attrs(&field.attrs, message, errors);
                Form::Inner(Box::new(field.ty))
            })
        }
        _ => invalid(ident, errors),
    }
}

/// Rejects a type that is neither an enum with variants nor a newtype.
fn invalid(ident: &Ident, errors: &mut Errors) -> Form {
    errors.add(error(
        ident,
        format!(
            "`ClaimValue` needs an enum of variants without fields, or a newtype such as \
             `struct {ident}(u64);`: for any other type derive `serde::Serialize` and `serde::Deserialize` instead"
        ),
    ));
    Form::Invalid
}
