//! `#[derive(AuthUser)]`: syntax (`attribute`), then a model of the account, then its impl of `AuthUser`.

mod attribute;
mod expand;
mod model;

use proc_macro2::TokenStream;
use syn::DeriveInput;

use self::model::Account;
use crate::diagnostics::Errors;

/// Derives `AuthUser`. If there are errors, it emits them beside a placeholder impl.
pub(crate) fn derive(item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let Some(input) = errors.ok_or_collect(syn::parse2::<DeriveInput>(item)) else {
        return errors.into_compile_errors().unwrap_or_default();
    };
    let account = Account::new(input, &mut errors);
    match errors.into_compile_errors() {
        Some(errors) => expand::with_errors(&account, &errors),
        None => expand::derived(&account),
    }
}
