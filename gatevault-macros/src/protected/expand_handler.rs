//! Tokens: the handler form. The check is in a type beside the function, and the body takes the payload from it.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};

use super::check::{Binding, buffer, in_use, opened, path_for_events, policy_check, verification};
use super::handler_form::HandlerForm;
use super::model::Guarded;
use super::payload::{Origin, Payload};
use super::policy::{Policy, Requirement};
use crate::cfg::cfg;
use crate::tokens::{first_span, hygienic, respanned};

/// Expands to the type beside the function, whose `authorize` is the check.
///
/// Its parameter is the type of a denied call. Without it, a public handler could not return a private type: the associated
/// type would make it public. The payload is in a private field for the same reason.
pub(super) fn guard(model: &Guarded, form: &HandlerForm) -> TokenStream {
    let (krate, guard) = (&model.krate, &form.guard);
    let denied = form.denied_type(krate);
    let value = model.denial.value_before_call(krate, form.denied.as_ref());
    let deny = hygienic!(return ::core::result::Result::Err(#value));
    let binding = model.payload.as_ref().map(Payload::pattern).map(|pattern| quote!(let #pattern));
    let verification = verification(model, &Binding::Let(binding.unwrap_or_default()), &deny);
    let checks = form.early.iter().map(|policy| policy_check(model, policy, &deny));
    let (held, is_late) = (held(model), is_late(model));
    let (buffer, path_for_events) = (buffer(model), path_for_events(model));
    // Without policies in the body, the check is complete here.
    let opened = opened(model).filter(|_| !is_late);
    let caller_field = is_late.then(|| hygienic!(caller: #krate::__private::KeptCaller,));
    let kept = is_late.then(|| hygienic!(caller: #krate::__private::KeptCaller::of(caller),));
    let ty = held.map_or_else(|| hygienic!(()), |Payload { ty, .. }| quote!(#ty));
    let value = held.map_or_else(|| hygienic!(()), |Payload { name, .. }| quote!(#name));
    let lints = held.and_then(Payload::lints);
    let scopes = scopes(form.early.iter().chain(&model.policies));
    let optional = model.payload.as_ref().filter(|payload| payload.optional);
    let optional = optional.map(|_| {
        hygienic!(
            const OPTIONAL: ::core::primitive::bool = true;
        )
    });
    let refresh = model.refresh.then(|| {
        hygienic!(
            const REFRESH: ::core::primitive::bool = true;
        )
    });
    let (cfgs, needs_framework) = (cfgs(model), needs_framework(model, form));
    // In an `impl`, where the compiler rejects both items, it points to the word `handler`.
    let place = first_span(&form.keyword);
    let vis = visibility(model, place);
    let structure = quote_spanned! {place=>
        #[doc(hidden)]
        #vis struct #guard<__Denied> {
            payload: #ty,
            #caller_field
            denied: ::core::marker::PhantomData<fn() -> __Denied>,
        }
    };
    let items = hygienic! {
        type Payload = Self;
        type Denied = #denied;
        const SCOPES: &'static [&'static [&'static str]] = &[#(&[#(#scopes),*]),*];
        #optional
        #refresh
        fn authorize<__Source: #krate::TokenSource + ?::core::marker::Sized>(
            source: &__Source
        ) -> ::core::result::Result<Self, Self::Denied> {
            #buffer
            #path_for_events
            #verification
            #(#checks)*
            #opened
            #lints let payload = #value;
            ::core::result::Result::Ok(Self { payload, #kept denied: ::core::marker::PhantomData })
        }
    };
    let implementation =
        quote_spanned!(place=> impl #krate::guard::GuardedHandler for #guard<#denied> { #items });
    hygienic! {
        #cfgs
        #structure
        #cfgs
        #implementation
        #cfgs
        #needs_framework
    }
}

/// Expands to a type beside a function with errors, which every framework accepts.
pub(super) fn placeholder(model: &Guarded, form: &HandlerForm) -> TokenStream {
    let (krate, guard, cfgs) = (&model.krate, &form.guard, cfgs(model));
    let vis = visibility(model, Span::mixed_site());
    hygienic! {
        #cfgs
        #[doc(hidden)]
        #[allow(unused)]
        #vis struct #guard<__Denied>(::core::marker::PhantomData<fn() -> __Denied>);
        #cfgs
        impl<__Denied: 'static> #krate::guard::GuardedHandler for #guard<__Denied> {
            type Payload = Self;
            type Denied = __Denied;
            const SCOPES: &'static [&'static [&'static str]] = &[];
            fn authorize<__Source: #krate::TokenSource + ?::core::marker::Sized>(
                _: &__Source
            ) -> ::core::result::Result<Self, Self::Denied> {
                loop {}
            }
        }
    }
}

/// Returns the scopes in the demands of the handler: one of each list.
fn scopes<'p>(policies: impl Iterator<Item = &'p Policy>) -> Vec<Vec<String>> {
    let lists = policies.flat_map(|policy| match &policy.requirement {
        Requirement::Scopes(all) => all.iter().map(|scope| vec![scope.value()]).collect(),
        Requirement::AnyScope(any) => vec![any.iter().map(syn::LitStr::value).collect()],
        _ => Vec::new(),
    });
    lists.collect()
}

/// Expands to the binding of the payload in the body, after the policies that read parameters.
pub(super) fn binding(model: &Guarded, form: &HandlerForm, deny: &TokenStream) -> TokenStream {
    let parameter = &form.parameter;
    let fallible = fallible(model, form);
    let policies = model.policies.iter().map(|policy| policy_check(model, policy, deny));
    let opened = opened(model).filter(|_| is_late(model));
    let path_for_events = path_for_events(model);
    let late = hygienic! {
        #path_for_events
        let guard = #parameter.into_payload();
        let caller = guard.caller.claims();
    };
    let Some(payload) = held(model) else {
        return if is_late(model) {
            hygienic!(#fallible { #late #(#policies)* #opened })
        } else {
            hygienic!(#fallible #parameter.into_payload();)
        };
    };
    let (HandlerForm { attrs, mutability, .. }, name) = (form, &payload.name);
    let lints = payload.lints();
    let in_use = in_use(payload, form.early.iter().chain(&model.policies));
    if !is_late(model) {
        return hygienic! {
            #fallible
            #(#attrs)* #lints let #mutability #name = #parameter.into_payload().payload;
            #in_use
        };
    }
    hygienic! {
        #fallible
        #(#attrs)* #lints let #mutability #name;
        { #late #name = guard.payload; #(#policies)* #opened }
        #in_use
    }
}

/// Returns whether policies are checked in the body, because they read parameters.
fn is_late(model: &Guarded) -> bool {
    !model.policies.is_empty()
}

/// Expands to a return that never runs, in place of the denials that leave from the check and not from the body.
///
/// Clippy would propose another return type for a body that only returns `Ok(..)`.
fn fallible(model: &Guarded, form: &HandlerForm) -> Option<TokenStream> {
    let is_plain =
        form.denied.is_some() && model.function.sig.asyncness.is_none() && !model.denial.returns_future;
    (is_plain && model.policies.is_empty()).then(|| {
        hygienic! {
            if let ::core::option::Option::Some(denied) = ::core::option::Option::None { return denied; }
        }
    })
}

/// Returns the payload if the body needs it.
///
/// The claims that the policies of a function without a payload read are dropped after the check, unless one stays in the body.
fn held(model: &Guarded) -> Option<&Payload> {
    let in_body = model.policies.iter().any(Policy::reads_claims);
    model.payload.as_ref().filter(|payload| payload.origin != Origin::Bare || in_body)
}

/// Expands to a call that fails to compile without a framework that can extract the hidden parameter.
fn needs_framework(model: &Guarded, form: &HandlerForm) -> TokenStream {
    let span = first_span(&form.keyword);
    let krate = model.krate.located_at(span);
    quote_spanned!(span=> #krate::__handler_form! {})
}

/// Expands to the `cfg`s of the function.
fn cfgs(model: &Guarded) -> TokenStream {
    model.function.attrs.iter().filter_map(cfg).collect()
}

/// Expands to the visibility of the function, without a place where a lint would be reported.
fn visibility(model: &Guarded, place: Span) -> TokenStream {
    let vis = &model.function.vis;
    respanned(quote!(#vis), place)
}
