//! Tokens: the statements of a check, which verify the token and then each policy.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::ext::IdentExt as _;
use syn::{Error, Expr, LitStr};

use super::model::Guarded;
use super::payload::{Origin, Payload};
use super::policy::{Policy, Requirement};
use super::token::Token;
use crate::tokens::{first_span, hygienic};

/// The place where the payload is bound.
pub(super) enum Binding {
    /// A `let` with these attributes and this pattern.
    Let(TokenStream),
    /// A variable that is declared already.
    Declared,
}

/// Expands to the check of a function: the token, then each policy. It binds the payload if the body sees one.
pub(super) fn check(model: &Guarded, deny: &TokenStream) -> TokenStream {
    let policies = model.policies.iter().map(|policy| policy_check(model, policy, deny));
    let (buffer, path, opened) = (buffer(model), path_for_events(model), opened(model));
    let Some(payload) = &model.payload else {
        let verification = verification(model, &Binding::Declared, deny);
        return quote!({ #buffer #path #verification #(#policies)* #opened });
    };
    let (attrs, lints, pattern) = (&payload.attrs, payload.lints(), payload.pattern());
    let in_use = payload.visible_name().and_then(|_| in_use(payload, &model.policies));
    let is_async = model.function.sig.asyncness.is_some() || model.async_trait.is_some();
    if !is_async || payload.borrows {
        let verification = verification(model, &Binding::Let(quote!(#(#attrs)* let #pattern)), deny);
        return quote!(#buffer #path #verification #(#policies)* #opened #in_use);
    }
    // The buffer ends before the future waits in the body, and the payload does not.
    let verification = verification(model, &Binding::Declared, deny);
    hygienic! {
        #(#attrs)* #lints let #pattern;
        { #buffer #path #verification #(#policies)* #opened }
        #in_use
    }
}

/// Expands to a use of the payload if a policy reads it: a body that does not is no mistake.
pub(super) fn in_use<'p>(
    payload: &Payload,
    policies: impl IntoIterator<Item = &'p Policy>,
) -> Option<TokenStream> {
    let (name, lints) = (&payload.name, payload.lints());
    let is_read = policies.into_iter().any(|policy| policy.reads(payload));
    is_read.then(|| hygienic!(#lints let _ = &#name;))
}

/// Expands to the buffer for the claims of the token.
pub(super) fn buffer(model: &Guarded) -> TokenStream {
    let krate = &model.krate;
    hygienic!(let mut text = #krate::__private::TokenText::new();)
}

/// Expands to the event of a call that passed the check, behind the last policy. Without policies, the verification emits it.
pub(super) fn opened(model: &Guarded) -> Option<TokenStream> {
    let krate = &model.krate;
    has_policies(model).then(|| hygienic!(#krate::__private::opened(function, caller);))
}

/// Returns whether policies follow the verification.
fn has_policies(model: &Guarded) -> bool {
    let early = model.handler.as_ref().is_some_and(|form| !form.early.is_empty());
    early || !model.policies.is_empty()
}

/// Expands to the verification of the token, which binds `caller`, and the payload if the function has one.
///
/// The traits are called on the user's types, so that a type without one is reported there.
pub(super) fn verification(model: &Guarded, binding: &Binding, deny: &TokenStream) -> TokenStream {
    let krate = &model.krate;
    let source = Source::of(model);
    let (guard, token) = (guard(model, &source), &source.reference);
    let token = hygienic!(#krate::TokenSource::token(#token));
    let caller = hygienic!(let mut caller = #krate::__private::CallerClaims::unknown(););
    let Some(Payload { name, ty, optional, borrows, .. }) = &model.payload else {
        let call = hygienic!(#guard.admit(#token, &mut text, &mut caller));
        let (before, value) = decided(model, source.bind(call));
        return hygienic! {
            #caller
            #before
            if let ::core::result::Result::Err(denial) = #value {
                #deny;
            }
        };
    };
    let kind = match (optional, borrows) {
        (false, false) => hygienic!(OwnedPayload),
        (false, true) => hygienic!(BorrowedPayload<'_>),
        (true, false) => hygienic!(OptionalPayload),
        (true, true) => hygienic!(OptionalBorrowedPayload<'_>),
    };
    // Names the fix for a type with a hidden lifetime, which cannot be an owned payload. The type beside a handler reports it.
    let lint = (!borrows && model.handler.is_none()).then(|| hygienic!(#[deny(elided_lifetimes_in_paths)]));
    let call =
        source.bind(hygienic!(<#ty as #krate::guard::#kind>::verify(#guard, #token, &mut text, &mut caller)));
    let arms = hygienic!({
        ::core::result::Result::Ok(verified) => verified,
        ::core::result::Result::Err(denial) => #deny,
    });
    match binding {
        Binding::Let(binding) => {
            let (before, value) = decided(model, call);
            hygienic!(#caller #lint #before #binding = match #value #arms;)
        }
        // An assignment takes no attribute.
        Binding::Declared => hygienic!(#caller #lint let decided = #call; #name = match decided #arms;),
    }
}

/// The token source, which a verification reads twice: for the gate that it brings, and for the token.
struct Source {
    /// A reference to the source, to write as often as needed.
    reference: TokenStream,
    /// The expression that `reference` names, which must run once.
    expression: Option<TokenStream>,
}

impl Source {
    fn of(model: &Guarded) -> Self {
        let reference = model.token.reference();
        if model.gate.is_some() || !matches!(model.token, Token::Expression(_)) {
            return Self { reference, expression: None };
        }
        let name = Ident::new("source", first_span(&reference).resolved_at(Span::mixed_site()));
        Self { reference: quote!(#name), expression: Some(reference) }
    }

    /// Expands to `call`, which reads the source. Temporaries of its expression live as long as the call.
    fn bind(&self, call: TokenStream) -> TokenStream {
        let Self { reference, expression: Some(expression) } = self else { return call };
        hygienic!(match #expression { #reference => #call })
    }
}

/// Expands to a statement and the result of a verification. The user's own conversion follows after the statement.
///
/// Otherwise temporaries of the expressions for the token and the gate, such as a lock, would live as long as the
/// conversion, which may lock the same.
fn decided(model: &Guarded, call: TokenStream) -> (Option<TokenStream>, TokenStream) {
    if model.denial.is_converted() {
        (Some(hygienic!(let decided = #call;)), hygienic!(decided))
    } else {
        (None, call)
    }
}

/// Expands to the `Guard` of the call.
fn guard(model: &Guarded, source: &Source) -> TokenStream {
    let krate = &model.krate;
    let source = &source.reference;
    let with_gate = |gate: &Expr| {
        let span = first_span(gate);
        let gate = quote_spanned!(span=> &(#gate));
        hygienic!(with(function, #gate))
    };
    let of_source = || hygienic!(of_source(function, #krate::TokenSource::gate(#source)));
    let constructor = model.gate.as_ref().map_or_else(of_source, with_gate);
    let refresh = model.refresh.then(|| hygienic!(.refresh()));
    let authentication = authentication(model);
    let last = (!has_policies(model)).then(|| hygienic!(.last()));
    hygienic!(#krate::__private::Guard::#constructor #refresh #authentication #last)
}

/// Expands to the requirements on the authentication of the caller, if there are any.
fn authentication(model: &Guarded) -> Option<TokenStream> {
    let Guarded { krate, max_age, acr, amr, .. } = model;
    if max_age.is_none() && acr.is_empty() && amr.is_empty() {
        return None;
    }
    let max_age = max_age.map_or_else(|| hygienic!(None), |seconds| hygienic!(Some(#seconds)));
    Some(hygienic!(.authentication(&#krate::__private::RequiredAuthentication {
        max_age: ::core::option::Option::#max_age,
        acr: &[#(#acr),*],
        amr: &[#(#amr),*],
    })))
}

/// Expands to the function's path for events: its module or, for a method, the type of `self`, and its name.
pub(super) fn path_for_events(model: &Guarded) -> TokenStream {
    let krate = &model.krate;
    let name = model.function.sig.ident.unraw().to_string();
    let parent = if model.function.sig.receiver().is_some() {
        hygienic!(Type(::core::any::type_name::<Self>))
    } else {
        hygienic!(Module(::core::module_path!()))
    };
    hygienic! {
        let function =
            &#krate::__private::Function { parent: #krate::__private::Parent::#parent, name: #name };
    }
}

/// Expands to statements that deny the call unless the policy's requirement is met.
pub(super) fn policy_check(model: &Guarded, policy: &Policy, deny: &TokenStream) -> TokenStream {
    let (krate, words) = (&model.krate, &policy.words);
    let scopes = |scopes: &[LitStr]| hygienic!(Scopes { words: #words, scopes: &[#(#scopes),*] });
    let bool_at = |span| quote_spanned!(span=> ::core::primitive::bool);
    let boolean = bool_at(Span::mixed_site());
    let (met, boolean, requirement) = match &policy.requirement {
        // The user's own expression keeps its spans, so type errors are reported in it.
        Requirement::Condition(condition, name) => {
            let expression = &condition.expression;
            (quote!(#expression), bool_at(first_span(name)), hygienic!(Words(#words)))
        }
        Requirement::AnyRole(roles) => (has_any_role(model, roles), boolean, hygienic!(Words(#words))),
        Requirement::Scopes(all) => (call(model, "has_scopes", all), boolean, scopes(all)),
        Requirement::AnyScope(any) => (call(model, "has_any_scope", any), boolean, scopes(any)),
    };
    let half_typed = half_typed(policy).map(|_| hygienic!(use #krate::__private::HalfTyped as _;));
    let lints = model.payload.as_ref().and_then(Payload::lints);
    hygienic! {
        #lints let met: #boolean = #met;
        #half_typed
        if !met {
            let denial = #krate::__private::unmet(function, #krate::__private::Requirement::#requirement, caller);
            #deny;
        }
    }
}

/// Returns the error of a condition that its author is still typing.
pub(super) fn half_typed(policy: &Policy) -> Option<&Error> {
    match &policy.requirement {
        Requirement::Condition(condition, _) => condition.half_typed.as_ref(),
        _ => None,
    }
}

/// Expands to a comparison of the payload's role. Without a payload, a role that is not a string is reported at that role.
fn has_any_role(model: &Guarded, roles: &[Expr]) -> TokenStream {
    let Some(Payload { name, origin: Origin::Bare, .. }) = &model.payload else {
        return call(model, "has_any_role", roles);
    };
    let is_role = |role: &Expr| {
        let span = first_span(role);
        let krate = model.krate.located_at(span);
        quote_spanned!(span=> #krate::__private::BareRole::is_role_of(&(#role), &#name))
    };
    let roles = roles.iter().map(is_role);
    quote!(#(#roles)||*)
}

/// Expands to a call of a library function on the payload and `values`. Type errors are reported at the values.
fn call(model: &Guarded, function: &str, values: &[impl ToTokens]) -> TokenStream {
    let span = first_span(values.first());
    let krate = model.krate.located_at(span);
    let function = Ident::new(function, span);
    let payload = model.payload.as_ref().map(|payload| &payload.name);
    let values = quote!(&[#(#values),*]);
    quote_spanned!(span=> #krate::__private::#function(&#payload, #values))
}
