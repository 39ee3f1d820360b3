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

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::derive;

    #[test]
    fn each_claim_of_the_manager_is_rejected_with_the_method_that_reads_it() {
        for (claim, method) in [
            ("exp", "expires_at"),
            ("iat", "issued_at"),
            ("jti", "token_id"),
            ("sid", "session_id"),
            ("type", "kind"),
            ("auth_time", "authenticated_at"),
            ("acr", "acr"),
            ("amr", "amr"),
            ("pool", "user_pool"),
        ] {
            let remedy = format!("itself: read it with `Verified::{method}()`, or choose another name");
            assert!(renamed(claim).contains(&remedy), "{claim}");
        }
        for claim in ["nbf", "iss", "aud", "claims_since"] {
            assert!(renamed(claim).contains("itself: choose another name"), "{claim}");
        }
        assert!(!renamed("nonce").contains("compile_error"));
    }

    fn renamed(claim: &str) -> String {
        derive(quote!(
            struct User {
                user_id: u64,
                #[claims(rename = #claim)]
                other: u64,
            }
        ))
        .to_string()
    }

    #[test]
    fn type_parameters_of_values_are_bounded_and_those_of_a_module_are_not() {
        let expanded = derive(quote! {
            struct User<I, T, W> { user_id: I, note: Option<T>, #[claims(with = module)] other: W }
        });
        let expanded = expanded.to_string();
        let is_bounded = |name: &str| {
            let bound = format!("{name} : :: gatevault :: __private :: serde :: Serialize");
            expanded.matches(&bound).count() == 2
        };
        assert_eq!(["I", "T", "W"].map(is_bounded), [true, true, false], "{expanded}");
    }
}
