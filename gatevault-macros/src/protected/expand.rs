//! Tokens: the check before the user's body. Cannot fail: every model can be expanded.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::{Expr, LitStr, PatType, ReturnType, token};

use super::item::{Body, Function};
use super::model::{Guarded, Payload};
use super::policy::{Policy, Requirement};
use crate::tokens::{first_and_last_span, first_span, hygienic};

/// Expands to the function with the check before its body.
pub(crate) fn guarded(model: &Guarded) -> TokenStream {
    let on_denied = on_denied(model);
    let deny = if model.returns_future {
        hygienic!(break 'check ::core::result::Result::Err(denial))
    } else {
        hygienic!(return #on_denied)
    };
    let verification = verification(model, &deny);
    let policies = model.policies.iter().map(|policy| policy_check(model, policy, &deny));
    let check = quote!(#verification #(#policies)*);
    function(&model.function, |body| {
        if model.returns_future { future(&check, body, &on_denied) } else { quote!(#check #body) }
    })
}

/// Expands to the errors and the function with its new signature, so that its callers compile. Its body cannot run.
pub(crate) fn with_errors(model: &Guarded, errors: &TokenStream) -> TokenStream {
    let never = hygienic!(loop {});
    let check =
        model.payload.as_ref().map_or_else(|| never.clone(), |payload| bind(&payload.parameter, &never));
    let function = function(&model.function, |body| quote!(#check #body));
    quote!(#errors #[allow(unused)] #function)
}

/// Expands to the function with the body that `write` creates around the block of the user's statements.
///
/// The block and its leading `;` prevent lints in the user's code: without the block, items at the start of the body
/// would come after statements, and without the `;` the block of a single expression would be needless.
fn function(function: &Function, write: impl FnOnce(Option<&TokenStream>) -> TokenStream) -> TokenStream {
    let Function { attrs, vis, sig, body } = function;
    let Some(Body { brace, inner_attrs, statements }) = body else {
        return quote!(#(#attrs)* #vis #sig;);
    };
    let statements = statements.as_ref().map(|statements| braced(*brace, &hygienic!(; #statements)));
    let content = write(statements.as_ref());
    let body = braced(*brace, &quote!(#(#inner_attrs)* #content));
    quote!(#(#attrs)* #vis #sig #body)
}

/// Expands to the body of a function that returns `impl Future`.
///
/// The call runs the body and therefore the check. If it is denied, the returned future resolves to the denial.
fn future(check: &TokenStream, body: Option<&TokenStream>, on_denied: &TokenStream) -> TokenStream {
    hygienic! {
        let future = 'check: { #check ::core::result::Result::Ok((move || #body)()) };
        async move {
            match future {
                ::core::result::Result::Ok(future) => future.await,
                ::core::result::Result::Err(denial) => #on_denied,
            }
        }
    }
}

/// Encloses `content` in the user's braces.
fn braced(brace: token::Brace, content: &TokenStream) -> TokenStream {
    let mut block = TokenStream::new();
    brace.surround(&mut block, |block| content.to_tokens(block));
    block
}

/// Expands to the verification of the token, which binds the payload if the function has one.
fn verification(model: &Guarded, deny: &TokenStream) -> TokenStream {
    let (guard, token) = (guard(model), token(model));
    let Some(payload) = &model.payload else {
        return hygienic! {
            if let ::core::result::Result::Err(denial) = #guard.admit(#token) {
                #deny;
            }
        };
    };
    // A type that cannot be a payload is reported at that type.
    let Payload { parameter, optional, borrows } = payload;
    let span = first_span(&parameter.ty);
    let verify = match (optional, borrows) {
        (false, false) => "verify",
        (false, true) => "verify_in",
        (true, false) => "verify_optional",
        (true, true) => "verify_optional_in",
    };
    let (verify, verified) = (Ident::new(verify, span), Ident::new("verified", span));
    let krate = &model.krate;
    let buffer = borrows.then(|| hygienic!(let mut text = #krate::__private::TokenText::default();));
    let buffer_argument = borrows.then(|| hygienic!(, &mut text));
    let value = hygienic! {
        match #guard.#verify(#token #buffer_argument) {
            ::core::result::Result::Ok(#verified) => #verified,
            ::core::result::Result::Err(denial) => #deny,
        }
    };
    let binding = bind(parameter, &value);
    quote!(#buffer #binding)
}

/// Expands to the `let` that replaces the payload parameter.
fn bind(payload: &PatType, value: &TokenStream) -> TokenStream {
    let PatType { attrs, pat, ty, .. } = payload;
    hygienic!(#(#attrs)* let #pat: #ty = #value;)
}

/// Expands to a reference to the token. A type that is not a token source is reported at the parameter.
fn token(model: &Guarded) -> TokenStream {
    let token = &model.token;
    let span = first_span(token);
    quote_spanned!(span=> &#token)
}

/// Expands to the `Guard` of the call.
fn guard(model: &Guarded) -> TokenStream {
    let (krate, name) = (&model.krate, model.name());
    let with_gate = |gate: &Expr| {
        let span = first_span(gate);
        let gate = quote_spanned!(span=> &(#gate));
        hygienic!(with(#name, #gate))
    };
    let constructor = model.gate.as_ref().map_or_else(|| hygienic!(installed(#name)), with_gate);
    let refresh = model.refresh.then(|| hygienic!(.refresh()));
    let max_age = model.max_age.map(|seconds| hygienic!(.max_age(#seconds)));
    hygienic!(#krate::__private::Guard::#constructor #refresh #max_age)
}

/// Expands to statements that deny the call unless the policy's requirement is met.
fn policy_check(model: &Guarded, policy: &Policy, deny: &TokenStream) -> TokenStream {
    let (krate, name, words) = (&model.krate, model.name(), &policy.words);
    let scopes = |scopes: &[LitStr]| hygienic!(Scopes { words: #words, scopes: &[#(#scopes),*] });
    let (met, requirement) = match &policy.requirement {
        // The user's own expression keeps its spans, so type errors are reported in it.
        Requirement::Condition(condition) => (quote!(#condition), hygienic!(Words(#words))),
        Requirement::AnyRole(roles) => (call(model, "has_any_role", roles), hygienic!(Words(#words))),
        Requirement::Scopes(all) => (call(model, "has_scopes", all), scopes(all)),
        Requirement::AnyScope(any) => (call(model, "has_any_scope", any), scopes(any)),
    };
    let span = first_span(&met);
    let boolean = quote_spanned!(span=> ::core::primitive::bool);
    hygienic! {
        let met: #boolean = #met;
        if !met {
            let denial = #krate::__private::unmet(#name, #krate::__private::Requirement::#requirement);
            #deny;
        }
    }
}

/// Expands to a call of a library function on the payload and `values`. Type errors are reported at the values.
fn call(model: &Guarded, function: &str, values: &[impl ToTokens]) -> TokenStream {
    let span = first_span(values.first());
    let krate = model.krate.located_at(span);
    let function = Ident::new(function, span);
    let payload = model.payload_name();
    let values = quote!(&[#(#values),*]);
    quote_spanned!(span=> #krate::__private::#function(&#payload, #values))
}

/// Expands to the value that a denied call returns. A return type that cannot carry a denial is reported at that type.
fn on_denied(model: &Guarded) -> TokenStream {
    let sig = &model.function.sig;
    let (first, last) = match &sig.output {
        ReturnType::Type(_, written) => first_and_last_span(written),
        ReturnType::Default => first_and_last_span(&sig.ident),
    };
    let krate = model.krate.located_at(first);
    quote_spanned!(last=> #krate::OnDenied::on_denied(denial))
}
