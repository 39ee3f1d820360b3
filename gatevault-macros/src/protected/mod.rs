//! `#[protected]`: syntax (`args`, `item`), then a model of the guarded function, then tokens.
//!
//! The check is inserted before the unparsed body, inside the function. There is no wrapper, so borrows, `self`,
//! `async` and `return` keep their meaning.

mod args;
mod async_trait;
mod attributes;
mod check;
mod condition;
#[cfg(test)]
mod documented;
mod expand;
mod expand_handler;
mod handler;
mod handler_errors;
mod handler_form;
mod inherited;
mod item;
mod model;
mod names;
mod payload;
mod payload_type;
mod policy;
mod probe;
mod remedies;
mod returns;
mod token;
mod unknown_payload;

use proc_macro2::TokenStream;
use quote::quote;

pub(crate) use self::args::{Args, NAMES};
pub(crate) use self::item::{Function, is_function};
use self::model::Guarded;
pub(crate) use self::payload::written_payload_type;
pub(crate) use self::policy::{Requirement, string};
pub(crate) use self::remedies::unnamed_value;
use crate::diagnostics::Errors;

/// Expands to the guarded function. If there are errors, it emits them beside a function whose body cannot run.
pub(crate) fn protect(arguments: TokenStream, item: &TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let args = Args::parse(arguments, &mut errors);
    let Some(function) = errors.ok_or_collect(syn::parse2::<Function>(item.clone())) else {
        let errors = errors.into_compile_errors();
        return quote!(#errors #item);
    };
    let guarded = Guarded::new(args, function, &mut errors);
    match errors.into_compile_errors() {
        Some(errors) => expand::with_errors(&guarded, &errors),
        None => expand::guarded(&guarded),
    }
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::protect;

    #[test]
    fn the_check_comes_before_the_body() {
        let written = quote! {
            fn profile(org_id: u64, payload: User) -> Result<u64, Error> { Ok(payload.user_id) }
        };
        let expected = quote! {
            fn profile(token: impl ::gatevault::TokenSource, org_id: u64) -> Result<u64, Error> {
                let mut text = ::gatevault::__private::TokenText::new();
                let function = &::gatevault::__private::Function {
                    parent: ::gatevault::__private::Parent::Module(::core::module_path!()),
                    name: "profile"
                };
                let mut caller = ::gatevault::__private::CallerClaims::unknown();
                #[deny(elided_lifetimes_in_paths)]
                let payload = match <User as ::gatevault::guard::OwnedPayload>::verify(
                    ::gatevault::__private::Guard::of_source(function, ::gatevault::TokenSource::gate(&token)).last(),
                    ::gatevault::TokenSource::token(&token),
                    &mut text,
                    &mut caller
                ) {
                    ::core::result::Result::Ok(verified) => verified,
                    ::core::result::Result::Err(denial) =>
                        return <Result<u64, Error> as ::gatevault::OnDenied>::on_denied(denial),
                };
                { ; Ok(payload.user_id) }
            }
        };
        assert_eq!(protect(quote!(), &written).to_string(), expected.to_string());
    }

    #[test]
    fn an_async_function_gets_the_same_statements_and_ends_the_buffer_before_its_body() {
        let body = quote! { (org_id: u64, payload: User) -> Result<u64, Error> { later().await } };
        let sync = protect(quote!(refresh), &quote!(fn profile #body)).to_string();
        let asynchronous = protect(quote!(refresh), &quote!(async fn profile #body)).to_string();
        let as_sync = asynchronous
            .strip_prefix("async ")
            .unwrap()
            .replace("let payload ; { let mut text", "let mut text")
            .replace("let decided = <", "let payload = match <")
            .replace(" ; payload = match decided {", " {")
            .replace("on_denied (denial) , } ; } {", "on_denied (denial) , } ; {");
        assert_eq!(as_sync, sync);
    }

    #[test]
    fn an_incomplete_body_keeps_its_tokens() {
        let written = quote! {
            fn profile(payload: User) -> Result<u64, Error> { let user = payload. ; if user.is_() => }
        };
        let expanded = protect(quote!(), &written).to_string();
        assert!(expanded.contains("{ ; let user = payload . ; if user . is_ () => }"), "{expanded}");
        assert!(!expanded.contains("compile_error"), "{expanded}");
    }

    #[test]
    fn a_condition_that_is_being_typed_expands_as_the_whole_one() {
        let written = quote! {
            fn profile(payload: User) -> Result<u64, Error> { Ok(1) }
        };
        let half = protect(quote!(require = payload.), &written).to_string();
        let whole = protect(quote!(require = payload.org()), &written).to_string();
        let (half, _) = half.split_once("half_typed").unwrap();
        let (whole, _) = whole.split_once("org").unwrap();
        assert_eq!(half, whole);
    }

    #[test]
    fn a_rejected_function_cannot_run_and_keeps_its_signature() {
        let written = quote! {
            fn profile(payload: User) -> Result<u64, Error> { Ok(1) }
        };
        let expanded = protect(quote!(requier), &written).to_string();
        let (errors, function) = expanded.split_once("# [allow (unused)]").unwrap();
        assert!(errors.contains("compile_error"), "{errors}");
        let expected = quote! {
            fn profile(token: impl ::gatevault::TokenSource) -> Result<u64, Error> {
                let payload: User = loop {};
                { ; Ok(1) }
            }
        };
        assert_eq!(function.trim(), expected.to_string());
    }

    #[test]
    fn a_rejected_item_is_always_emitted_with_an_error() {
        for item in [
            quote!(
                struct User;
            ),
            quote!(
                fn list(&self);
            ),
            quote!(
                const fn zero() {}
            ),
            quote!(fn broken(a b) {}),
        ] {
            let expanded = protect(quote!(), &item).to_string();
            assert!(expanded.contains("compile_error"), "{expanded}");
        }
    }
}
