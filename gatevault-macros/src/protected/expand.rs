//! Tokens: the check in front of the user's body. Total: whatever the model holds can be written.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::{Expr, LitStr, PatType, ReturnType, token};

use super::item::{Body, Function};
use super::model::{Guarded, Payload};
use super::policy::{Demand, Policy};
use crate::tokens::{ends, hygienic};

/// The function, with a check that its body is behind.
pub(crate) fn guarded(model: &Guarded) -> TokenStream {
    let on_denied = on_denied(model);
    let deny = if model.returns_future {
        hygienic!(break 'check ::core::result::Result::Err(denial))
    } else {
        hygienic!(return #on_denied)
    };
    let admission = admission(model, &deny);
    let requirements = model.policies.iter().map(|policy| requirement(model, policy, &deny));
    let check = quote!(#admission #(#requirements)*);
    function(&model.function, |body| {
        if model.returns_future { future(&check, body, &on_denied) } else { quote!(#check #body) }
    })
}

/// The errors, and beside them a function whose body is never reached, for the sake of its callers.
pub(crate) fn refused(model: &Guarded, errors: &TokenStream) -> TokenStream {
    let never = hygienic!(loop {});
    let check =
        model.payload.as_ref().map_or_else(|| never.clone(), |payload| bind(&payload.parameter, &never));
    let function = function(&model.function, |body| quote!(#check #body));
    quote!(#errors #[allow(unused)] #function)
}

/// The function with what `write` makes of the user's statements, which stand in a block of their own.
///
/// Without that block the items at the start of a body would stand behind statements, and without the `;` in it
/// the block of a single expression would be needless: lints that the user has not deserved.
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

/// What stands in a function that returns some future: the check is made by the call, as the body is run by it, and
/// a future that is denied resolves to the denial.
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

fn braced(brace: token::Brace, content: &TokenStream) -> TokenStream {
    let mut block = TokenStream::new();
    brace.surround(&mut block, |block| content.to_tokens(block));
    block
}

/// Verifies the token, and binds the payload where the function takes one.
fn admission(model: &Guarded, deny: &TokenStream) -> TokenStream {
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
    let (place, _) = ends(&parameter.ty);
    let verify = match (optional, borrows) {
        (false, false) => "verify",
        (false, true) => "verify_in",
        (true, false) => "verify_optional",
        (true, true) => "verify_optional_in",
    };
    let (verify, verified) = (Ident::new(verify, place), Ident::new("verified", place));
    let krate = &model.krate;
    let frame = borrows.then(|| hygienic!(let mut text = #krate::__private::TokenText::default();));
    let text = borrows.then(|| hygienic!(, &mut text));
    let value = hygienic! {
        match #guard.#verify(#token #text) {
            ::core::result::Result::Ok(#verified) => #verified,
            ::core::result::Result::Err(denial) => #deny,
        }
    };
    let binding = bind(parameter, &value);
    quote!(#frame #binding)
}

fn bind(payload: &PatType, value: &TokenStream) -> TokenStream {
    let PatType { attrs, pat, ty, .. } = payload;
    hygienic!(#(#attrs)* let #pat: #ty = #value;)
}

/// The token on loan; one that is no source is reported at the parameter.
fn token(model: &Guarded) -> TokenStream {
    let token = &model.token;
    let (place, _) = ends(token);
    quote_spanned!(place=> &#token)
}

fn guard(model: &Guarded) -> TokenStream {
    let (krate, name) = (&model.krate, model.name());
    let lent = |gate: &Expr| {
        let (place, _) = ends(gate);
        let gate = quote_spanned!(place=> &(#gate));
        hygienic!(with(#name, #gate))
    };
    let by = model.gate.as_ref().map_or_else(|| hygienic!(installed(#name)), lent);
    let refresh = model.refresh.then(|| hygienic!(.refresh()));
    let max_age = model.max_age.map(|seconds| hygienic!(.max_age(#seconds)));
    hygienic!(#krate::__private::Guard::#by #refresh #max_age)
}

/// Denies the call unless the demand of a policy is met.
fn requirement(model: &Guarded, policy: &Policy, deny: &TokenStream) -> TokenStream {
    let (krate, name, words) = (&model.krate, model.name(), &policy.words);
    let scopes = |scopes: &[LitStr]| hygienic!(Scopes { words: #words, scopes: &[#(#scopes),*] });
    let (met, requirement) = match &policy.demand {
        // The user's own typed expression: what is wrong with it is reported at its words.
        Demand::Condition(condition) => (quote!(#condition), hygienic!(Words(#words))),
        Demand::AnyRole(roles) => (ask(model, "has_any_role", roles), hygienic!(Words(#words))),
        Demand::Scopes(all) => (ask(model, "has_scopes", all), scopes(all)),
        Demand::AnyScope(any) => (ask(model, "has_any_scope", any), scopes(any)),
    };
    let (place, _) = ends(&met);
    let boolean = quote_spanned!(place=> ::core::primitive::bool);
    hygienic! {
        let met: #boolean = #met;
        if !met {
            let denial = #krate::__private::unmet(#name, #krate::__private::Requirement::#requirement);
            #deny;
        }
    }
}

/// Asks the payload, by a function of the library; what does not fit is reported at `words`.
fn ask(model: &Guarded, question: &str, words: &[impl ToTokens]) -> TokenStream {
    let (start, _) = ends(words.first());
    let krate = model.krate.located_at(start);
    let question = Ident::new(question, start);
    let payload = model.payload_name();
    let words = quote!(&[#(#words),*]);
    quote_spanned!(start=> #krate::__private::#question(&#payload, #words))
}

/// What a denied call comes to; a return type that cannot carry it is reported at that type.
fn on_denied(model: &Guarded) -> TokenStream {
    let sig = &model.function.sig;
    let (start, end) = match &sig.output {
        ReturnType::Type(_, written) => ends(written),
        ReturnType::Default => ends(&sig.ident),
    };
    let krate = model.krate.located_at(start);
    quote_spanned!(end=> #krate::OnDenied::on_denied(denial))
}
