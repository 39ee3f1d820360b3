//! Syntax: a parameter of the type `Verified<_>`, which a caller without a verified token cannot pass.
//!
//! The name alone proves nothing, so the function gets a statement that compiles only for the type of this library.

use proc_macro2::TokenStream;
use quote::quote_spanned;
use syn::{Error, FnArg, GenericArgument, PatType, PathArguments, Type, TypePath};

use crate::crate_path::CratePath;
use crate::diagnostics::error;
use crate::protected::Function;
use crate::tokens::{first_span, mentions_word, source_text};

/// A parameter that proves a verified token.
pub(crate) struct VerifiedParameter {
    /// The type as written, without a reference.
    ty: Type,
    /// The type of the claims.
    claims: Type,
}

impl VerifiedParameter {
    /// Returns the first parameter of the type `Verified<_>` or `&Verified<_>`.
    ///
    /// A parameter with a `cfg` does not count: the function may lose it.
    pub(crate) fn of(function: &Function) -> Option<Self> {
        let mut parameters = parameters(function).filter(|parameter| !is_conditional(parameter));
        parameters.find_map(|parameter| {
            let ty = dereferenced(&parameter.ty);
            let claims = claims(ty).filter(|claims| !mentions_word(claims, "impl"))?;
            Some(Self { ty: ty.clone(), claims: claims.clone() })
        })
    }

    /// Returns the claims as written.
    pub(crate) fn claims(&self) -> String {
        source_text(&self.claims)
    }

    /// Expands to a statement that compiles only if the type is the `Verified` of this library.
    pub(crate) fn assertion(&self, krate: &CratePath) -> TokenStream {
        let (ty, span) = (&self.ty, first_span(&self.ty));
        let krate = krate.located_at(span);
        quote_spanned!(span=> let () = <#ty as #krate::__private::ProofOfToken>::VERIFIED;)
    }

    /// Creates the error for a function in a block with this demand, which the parameter does not prove.
    pub(crate) fn unchecked_demand(&self, demand: &str) -> Error {
        let (ty, claims) = (source_text(&self.ty), self.claims());
        error(
            &self.ty,
            format!(
                "the enclosing `#[guarded]` demands `{demand}`, which `{ty}` does not prove: write \
                 `#[protected(handler)]` or `#[protected]` with the parameter `payload: {claims}`"
            ),
        )
    }
}

/// Returns the error for a parameter that contains a `Verified<_>` without being one.
pub(crate) fn unproven(function: &Function) -> Option<Error> {
    let parameter = parameters(function).find(|parameter| mentions_word(&parameter.ty, "Verified"))?;
    let (ty, remedy) = (&parameter.ty, "add `#[protected]`, or `#[public(reason = \"..\")]`");
    let message = match claims(dereferenced(ty)) {
        Some(_) if is_conditional(parameter) => {
            format!(
                "the function may lose a parameter under `cfg`: write two versions of the function, or {remedy}"
            )
        }
        Some(_) => {
            format!("the claims need a name: write `Verified<C>` with a type parameter `C`, or {remedy}")
        }
        None => format!(
            "`{}` does not prove a verified token, only a parameter of the type `Verified<_>` or `&Verified<_>` \
             does: take one, or {remedy}",
            source_text(ty)
        ),
    };
    Some(error(ty, message))
}

/// Returns the parameters except `self`.
fn parameters(function: &Function) -> impl Iterator<Item = &PatType> {
    function.sig.inputs.iter().filter_map(|input| match input {
        FnArg::Typed(parameter) => Some(parameter),
        FnArg::Receiver(_) => None,
    })
}

/// Returns whether an attribute of the parameter may remove it.
fn is_conditional(parameter: &PatType) -> bool {
    parameter.attrs.iter().any(|attr| attr.path().is_ident("cfg") || attr.path().is_ident("cfg_attr"))
}

/// Returns the type behind one shared reference, or the type itself.
fn dereferenced(ty: &Type) -> &Type {
    match ungrouped(ty) {
        Type::Reference(reference) if reference.mutability.is_none() => ungrouped(&reference.elem),
        ty => ty,
    }
}

/// Returns the type within parentheses and the invisible groups of `macro_rules!`.
fn ungrouped(ty: &Type) -> &Type {
    match ty {
        Type::Group(group) => ungrouped(&group.elem),
        Type::Paren(paren) => ungrouped(&paren.elem),
        ty => ty,
    }
}

/// Returns the type argument of a type whose path ends with `Verified`, if it is the only argument.
fn claims(ty: &Type) -> Option<&Type> {
    let Type::Path(TypePath { qself: None, path, .. }) = ty else { return None };
    let last = path.segments.last().filter(|last| last.ident == "Verified")?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    match arguments.args.first() {
        Some(GenericArgument::Type(claims)) if arguments.args.len() == 1 => Some(claims),
        _ => None,
    }
}
