//! `#[test]`: syntax (`args`), then a model of the test, then tokens.
//!
//! The function as written becomes a function inside of one without parameters, which creates a manager, installs its gate, creates
//! the token and calls it.

mod args;
mod expand;
mod model;

use proc_macro2::TokenStream;
use quote::quote;

use self::args::Args;
use self::model::Test;
use crate::diagnostics::Errors;

/// Expands to the test. If there are errors, it emits them beside the function as written.
pub(crate) fn expand(arguments: TokenStream, item: &TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let args = Args::parse(arguments, &mut errors);
    let Some(function) = errors.ok_or_collect(model::parse(item)) else {
        let errors = errors.into_compile_errors();
        return quote!(#errors #item);
    };
    let test = Test::new(args, function, &mut errors);
    match errors.into_compile_errors() {
        None => expand::test(test),
        Some(errors) => expand::with_errors(test, &errors),
    }
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::expand;

    #[test]
    fn a_test_is_a_function_without_parameters_around_the_one_that_was_written() {
        let written = quote! {
            #[should_panic]
            async fn a_test(token: &str, tokens: &TokenManager) -> Result<(), Error> { call(token).await }
        };
        let expected = quote! {
            #[should_panic]
            #[::core::prelude::v1::test]
            fn a_test() -> Result<(), Error> {
                async fn a_test(token: &str, tokens: &TokenManager) -> Result<(), Error> { call(token).await }
                let kit = ::gatevault::testing::TestRun::begin();
                let outcome = ::gatevault::testing::block_on(a_test(&kit.token(&(ada())), kit.tokens()));
                outcome
            }
        };
        assert_eq!(expand(quote!(as = ada()), &written).to_string(), expected.to_string());
    }

    #[test]
    fn another_attribute_that_runs_the_test_stays_and_gets_an_async_function() {
        let written = quote! {
            #[tokio::test(flavor = "multi_thread")]
            async fn a_test() { call().await }
        };
        let expected = quote! {
            #[tokio::test(flavor = "multi_thread")]
            async fn a_test() {
                async fn a_test() { call().await }
                let kit = ::gatevault::testing::TestRun::begin();
                let outcome = a_test().await;
                outcome
            }
        };
        assert_eq!(expand(quote!(), &written).to_string(), expected.to_string());
    }

    #[test]
    fn an_incomplete_body_keeps_its_tokens() {
        let expanded = expand(quote!(), &quote!(fn a_test() { let user = payload. ; })).to_string();
        assert!(expanded.contains("{ let user = payload . ; }"), "{expanded}");
        assert!(!expanded.contains("compile_error"), "{expanded}");
    }

    #[test]
    fn a_rejected_test_is_emitted_beside_its_errors_and_nothing_runs_it() {
        let written = quote!(
            #[tokio::test]
            async fn a_test(user: &str) {
                call(user).await
            }
        );
        let expanded = expand(quote!(), &written).to_string();
        let (errors, function) = expanded.split_once("# [allow (unused)]").unwrap();
        assert_eq!(errors.matches("compile_error").count(), 1, "{errors}");
        assert_eq!(
            function.trim(),
            quote!(
                async fn a_test(user: &str) {
                    call(user).await
                }
            )
            .to_string()
        );
    }

    #[test]
    fn a_rejected_item_is_always_emitted_with_an_error() {
        for item in [
            quote!(
                struct User;
            ),
            quote!(
                fn a_test(&self);
            ),
            quote!(
                fn a_test(token: &str) {}
            ),
            quote!(fn broken(a b) {}),
        ] {
            let expanded = expand(quote!(), &item).to_string();
            assert!(expanded.contains("compile_error"), "{expanded}");
        }
    }
}
