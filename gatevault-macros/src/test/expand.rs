//! Tokens: a function without parameters around the one that was written.

use proc_macro2::TokenStream;
use quote::{ToTokens as _, quote};
use syn::{Expr, Visibility};

use super::model::{Test, Value, is_runner};
use crate::protected::Function;
use crate::tokens::hygienic;

/// Expands to the test.
pub(super) fn test(test: Test) -> TokenStream {
    let Test { function, values, caller, has_runner, krate } = test;
    let Function { attrs, vis, sig, body } = function;
    let written = Function { attrs: Vec::new(), vis: Visibility::Inherited, sig, body };
    let sig = &written.sig;
    let (name, output) = (&sig.ident, &sig.output);
    let kit = hygienic!(kit);
    let arguments = values.iter().map(|value| match value {
        Value::Token if matches!(caller, Some(Expr::Reference(_))) => hygienic!(&#kit.token(#caller)),
        Value::Token => hygienic!(&#kit.token(&(#caller))),
        Value::Tokens => hygienic!(#kit.tokens()),
    });
    let call = hygienic!(#name(#(#arguments),*));
    let is_async = sig.asyncness.is_some();
    let (asyncness, call) = match (is_async, has_runner) {
        (true, true) => (sig.asyncness.to_token_stream(), hygienic!(#call.await)),
        (true, false) => (TokenStream::new(), hygienic!(#krate::testing::block_on(#call))),
        (false, _) => (TokenStream::new(), call),
    };
    let mark = (!has_runner).then(|| hygienic!(#[::core::prelude::v1::test]));
    let begin = hygienic!(let #kit = #krate::testing::TestRun::begin(););
    // The value is bound, because temporaries of the last expression would outlive the kit in older editions.
    let end = hygienic!(let outcome = #call; outcome);
    quote! {
        #(#attrs)*
        #mark
        #vis #asyncness fn #name() #output {
            #written
            #begin
            #end
        }
    }
}

/// Writes the errors beside the function as written. No test runs it, so that no other attribute rejects its parameters.
pub(super) fn with_errors(test: Test, errors: &TokenStream) -> TokenStream {
    let mut function = test.function;
    function.attrs.retain(|attribute| !is_runner(attribute));
    quote!(#errors #[allow(unused)] #function)
}
