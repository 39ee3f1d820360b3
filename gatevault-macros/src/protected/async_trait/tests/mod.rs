mod order;
mod written;

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::Signature;

use self::order::assert_checked_first;
use self::written::{instrumented, known};
use super::AsyncTraitBody;
use super::waits::waiting;
use crate::protected::protect;

fn signature() -> TokenStream {
    quote! {
        fn get<'life0, 'async_trait>(&'life0 self, token: &'life0 str, payload: User)
            -> ::core::pin::Pin<Box<dyn ::core::future::Future<Output = u64> + ::core::marker::Send + 'async_trait>>
    }
}

/// Returns the statements with the check in them.
fn spliced(statements: &TokenStream, check: &TokenStream) -> Option<String> {
    let sig: Signature = syn::parse2(signature()).unwrap();
    let payload = format_ident!("payload");
    let body = AsyncTraitBody::find(&sig, statements, Some(&payload))?;
    Some(body.splice(Some(&payload), check.clone()).to_string())
}

#[test]
fn a_function_that_async_trait_did_not_write_has_no_place() {
    let sig: Signature = syn::parse2(quote!(fn get<'a>(&'a self))).unwrap();
    for statements in known() {
        assert!(AsyncTraitBody::find(&sig, &statements, None).is_none(), "{statements}");
    }
}

#[test]
fn the_check_of_a_method_is_in_its_future() {
    let signature = signature();
    let method = quote!(#signature { Box::pin(async move { let payload = payload; let _: () = { BODY }; }) });
    let expanded = protect(quote!(), &method).to_string();
    assert!(expanded.find("async move").unwrap() < expanded.find("verify").unwrap(), "{expanded}");
}

#[test]
fn a_payload_recorded_by_an_instrument_above_needs_the_check_in_front() {
    let future = quote!(let payload = payload; let _: () = { BODY };);
    let recorded = instrumented(&future)[0].to_string().replace("id = id", "payload = debug (& payload)");
    let recorded: TokenStream = recorded.parse().unwrap();
    let statements = quote!(::std::boxed::Box::pin(async move { #recorded }));
    assert_eq!(spliced(&statements, &quote!(CHECK)), None);
    assert_checked_first(&statements);
}

#[test]
fn the_check_replaces_the_statement_that_rebinds_the_payload() {
    let statements = quote!(Box::pin(async move {
        let __self = self;
        let payload = payload;
        let id = id;
        let _: () = { BODY };
    }));
    let expected = quote!(Box::pin(async move {
        let __self = self;
        let id = id;
        CHECK let _: () = { BODY };
    }));
    assert_eq!(spliced(&statements, &quote!(CHECK)).unwrap(), expected.to_string());
}

#[test]
fn a_mutable_payload_stays_mutable() {
    let statements = quote!(Box::pin(async move {
        let mut payload = payload;
        let _: () = { BODY };
    }));
    let expected = quote!(Box::pin(async move { CHECK let mut payload = payload; let _: () = { BODY }; }));
    assert_eq!(spliced(&statements, &quote!(CHECK)).unwrap(), expected.to_string());
}

#[test]
fn the_receiver_of_the_check_is_renamed_except_in_functions_and_paths() {
    let statements = quote!(Box::pin(async move {
        let __self = self;
        let _: () = { BODY };
    }));
    let check = quote! {
        use self::rules;
        let met = self.open && self::rules::allow(&self.id) && matches!(self.pointer, None::<fn(u8) -> u8>) && {
            impl Rule for Id { fn get(&self) -> u8 where Self: Sized { self.0 } }
            fn declared(self: &Id) -> u8;
            self.id.get()
        };
    };
    let expected = quote! {
        use self::rules;
        let met = __self.open && self::rules::allow(&__self.id) && matches!(__self.pointer, None::<fn(u8) -> u8>) && {
            impl Rule for Id { fn get(&self) -> u8 where Self: Sized { self.0 } }
            fn declared(self: &Id) -> u8;
            __self.id.get()
        };
    };
    let expected = quote!(Box::pin(async move { let __self = self; #expected let _: () = { BODY }; }));
    assert_eq!(spliced(&statements, &check).unwrap(), expected.to_string());
}

#[test]
fn a_check_in_a_method_without_a_receiver_is_not_renamed() {
    let statements = quote!(Box::pin(async move {
        let _: () = { BODY };
    }));
    let expected = quote!(Box::pin(async move {
        check(self);
        let _: () = { BODY };
    }));
    assert_eq!(spliced(&statements, &quote!(check(self);)).unwrap(), expected.to_string());
}

#[test]
fn an_await_is_found_where_it_makes_the_function_wait() {
    for (condition, expected) in [
        (quote!(allowed(id).await), true),
        (quote!(!found(id).await? && (open(other(id).await))), true),
        (quote!(payload.awaited && payload.r#await && await_all(id)), false),
        (quote!(block_on(async { allowed(id).await })), false),
        (quote!(block_on(async move { allowed(id).await })), false),
    ] {
        assert_eq!(waiting(condition.clone()).is_some(), expected, "{condition}");
    }
}
