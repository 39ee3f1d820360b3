//! `#[derive(Claims)]`: syntax (`attribute`), then a model of the claims, then the impls that write and read them.

mod borrowed;
mod expand;
mod model;
mod policy;

use proc_macro2::TokenStream;
use syn::DeriveInput;

use self::model::ClaimsType;
use crate::diagnostics::Errors;

/// Derives `ToClaims` and `FromClaims`. If there are errors, it emits them beside placeholder impls.
pub(crate) fn derive(item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let Some(input) = errors.ok_or_collect(syn::parse2::<DeriveInput>(item)) else {
        return errors.into_compile_errors().unwrap_or_default();
    };
    let model = ClaimsType::new(input, &mut errors);
    match errors.into_compile_errors() {
        Some(errors) => expand::with_errors(&model, &errors),
        None => expand::derived(&model),
    }
}
