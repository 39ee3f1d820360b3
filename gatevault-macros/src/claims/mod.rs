//! `#[derive(Claims)]`: syntax (`attribute`), then a model of the claims, then the impls that write and read them.

mod borrowed;
mod expand;
mod model;
mod policy;

use proc_macro2::TokenStream;
use syn::DeriveInput;

use self::model::ClaimsType;
use crate::diagnostics::Refusals;

/// Derives both traits; what was refused is reported beside impls that cannot run.
pub(crate) fn derive(item: TokenStream) -> TokenStream {
    let mut refusals = Refusals::default();
    let Some(input) = refusals.hear(syn::parse2::<DeriveInput>(item)) else {
        return refusals.into_compile_errors().unwrap_or_default();
    };
    let model = ClaimsType::new(input, &mut refusals);
    match refusals.into_compile_errors() {
        Some(errors) => expand::refused(&model, &errors),
        None => expand::derived(&model),
    }
}
