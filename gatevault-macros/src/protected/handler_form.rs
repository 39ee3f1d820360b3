//! Model: the handler form. Its check runs before a web framework extracts the parameters of the function.
//!
//! The check is a function beside the handler, so it sees none of the handler's parameters and generics. Policies that read
//! one stay in the body.

use std::mem;

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens as _, quote};
use syn::ext::IdentExt as _;
use syn::{Attribute, Type, parse_quote};

use super::args::Args;
use super::async_trait::AsyncTraitBody;
use super::handler_errors as reject;
use super::item::{Body, Function};
use super::names::Names;
use super::payload::Payload;
use super::policy::Policy;
use super::returns::denied_before_call;
use super::token::Token;
use crate::crate_path::CratePath;
use crate::diagnostics::Errors;
use crate::tokens::{first_span, hygienic, mentions};

/// A function whose token a web framework passes to the hidden first parameter.
pub(crate) struct HandlerForm {
    /// The word `handler`, where a missing framework is reported.
    pub(crate) keyword: Ident,
    /// The name of the type beside the function, whose `authorize` is the check.
    pub(crate) guard: Ident,
    /// The name of the hidden parameter.
    pub(crate) parameter: Ident,
    /// The policies that need nothing but the payload. The others stay in the body.
    pub(crate) early: Vec<Policy>,
    /// The type of a denied call. `None` is `GuardError`: the return type has no name.
    pub(crate) denied: Option<Type>,
    /// The attributes of the payload parameter, for the binding in the body.
    pub(crate) attrs: Vec<Attribute>,
    /// The `mut` of the payload parameter, for the binding in the body.
    pub(crate) mutability: Option<syn::Token![mut]>,
}

impl HandlerForm {
    /// Creates the form of a function that has the argument `handler`, and adds the hidden parameter. Collects the errors.
    ///
    /// Returns `None` for a method too, which cannot have a type beside it.
    pub(crate) fn take(
        args: &mut Args,
        payload: Option<&mut Payload>,
        async_trait: Option<&AsyncTraitBody>,
        function: &mut Function,
        krate: &CratePath,
        errors: &mut Errors,
    ) -> Option<Self> {
        let keyword = args.handler.name()?.clone();
        // The token of a block is for its other functions.
        drop(mem::take(&mut args.block_token));
        reject::token(args, function, errors);
        if reject::method(args, payload.as_deref(), function, async_trait.is_some(), errors) {
            return None;
        }
        let names = Names::of(&function.sig);
        reject::expressions(args, &names, &function.sig.output, errors);
        let is_nameable = !reject::types(payload.as_deref(), function, &names, errors);
        let (early, late) =
            mem::take(&mut args.policies).into_iter().partition(|policy| is_early(policy, &names));
        args.policies = late;
        let mut form = Self {
            guard: beside(&function.sig.ident, first_span(&keyword)),
            keyword,
            parameter: Ident::new("handler_guard", Span::mixed_site()),
            early,
            denied: denied_before_call(krate, &function.sig).filter(|_| is_nameable),
            attrs: Vec::new(),
            mutability: None,
        };
        if let Some(payload) = payload {
            form.take_binding(payload, is_nameable, function);
        }
        form.add_parameter(function, krate);
        Some(form)
    }

    /// Returns the token of the check: the source that the framework passes.
    pub(crate) fn token() -> Token {
        Token::Source(Ident::new("source", Span::mixed_site()))
    }

    /// Expands to the type of a denied call.
    pub(crate) fn denied_type(&self, krate: &CratePath) -> TokenStream {
        self.denied.as_ref().map_or_else(|| hygienic!(#krate::GuardError), |ty| quote!(#ty))
    }

    /// Moves the attributes and the `mut` of the payload to the binding in the body.
    ///
    /// The check binds the payload too, and no lint may fire there.
    fn take_binding(&mut self, payload: &mut Payload, is_nameable: bool, function: &mut Function) {
        self.attrs = mem::take(&mut payload.attrs);
        // The `mut` may be there for a condition only.
        let is_moved = self.early.iter().filter_map(Policy::condition).any(|it| mentions(it, &payload.name));
        let hygienic = payload.mutability.map(|mutability| {
            let span = Span::mixed_site().located_at(mutability.span);
            syn::Token![mut](span)
        });
        self.mutability = if is_moved { hygienic } else { payload.mutability };
        payload.mutability = hygienic;
        if !is_nameable && payload.borrows {
            payload.ty = parse_quote!(());
            function.body = function.body.take().map(|body| Body { statements: None, ..body });
        }
    }

    /// Adds the hidden parameter.
    fn add_parameter(&self, function: &mut Function, krate: &CratePath) {
        let Self { guard, parameter, .. } = self;
        let denied = self.denied_type(krate);
        // Rocket resolves names of its own with the span of the type, which is that of its first token.
        let krate = krate.resolved_at(Span::call_site());
        let ty = hygienic!(#krate::guard::HandlerGuard<#guard<#denied>>);
        function.sig.inputs.insert(0, parse_quote!(#parameter: #ty));
    }
}

/// Returns the name of the type beside a function. Two functions of one module never share it.
fn beside(function: &Ident, place: Span) -> Ident {
    Ident::new(&format!("__GuardOf_{}", function.unraw()), place)
}

/// Returns whether the check beside the handler can contain the policy.
///
/// In doubt the policy stays in the body, where everything is in scope.
fn is_early(policy: &Policy, names: &Names) -> bool {
    policy.expressions().all(|expression| {
        let tokens = expression.to_token_stream();
        names.find(&tokens).is_none() && !may_hide_a_name(&tokens) && !leaves(tokens)
    })
}

/// Returns whether the expression may use a name that is not among its tokens: in the output of a macro, or spelled with an
/// escape in a format string.
fn may_hide_a_name(tokens: &TokenStream) -> bool {
    let tokens: Vec<_> = tokens.clone().into_iter().collect();
    let calls_macro = tokens.windows(3).any(|call| match call {
        [TokenTree::Ident(name), TokenTree::Punct(mark), TokenTree::Group(_)] => {
            mark.as_char() == '!' && !MACROS.iter().any(|known| name == known)
        }
        _ => false,
    });
    calls_macro
        || tokens.iter().any(|token| match token {
            TokenTree::Group(group) => may_hide_a_name(&group.stream()),
            TokenTree::Literal(literal) => is_respelled(&literal.to_string()),
            TokenTree::Ident(_) | TokenTree::Punct(_) => false,
        })
}

/// Returns whether a string has an escape, or braces and characters that have several spellings.
fn is_respelled(literal: &str) -> bool {
    ["\\u", "\\x", "\\\n", "\\\r"].iter().any(|escape| literal.contains(escape))
        || (literal.contains('{') && !literal.is_ascii())
}

/// The macros of the standard library that use only the names in their arguments.
const MACROS: [&str; 7] = ["concat", "env", "format", "format_args", "matches", "stringify", "vec"];

/// Returns whether the expression waits, or may return from the function around it.
fn leaves(tokens: TokenStream) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(word) => word == "await" || word == "return" || word == "yield",
        TokenTree::Punct(mark) => mark.as_char() == '?',
        TokenTree::Group(group) => leaves(group.stream()),
        TokenTree::Literal(_) => false,
    })
}

#[cfg(test)]
mod tests {
    use proc_macro2::TokenStream;
    use quote::quote;

    use crate::protected::protect;

    /// Returns the handler and what is beside it.
    fn expanded(arguments: TokenStream, function: &TokenStream) -> (String, String) {
        let expanded = protect(arguments, function).to_string();
        assert!(!expanded.contains("compile_error"), "{expanded}");
        let (function, beside) = expanded.split_once("# [doc (hidden)]").unwrap();
        (function.to_owned(), beside.to_owned())
    }

    #[test]
    fn only_what_needs_the_parameters_stays_in_the_body() {
        for (policy, early) in [
            (quote!(require = user.admin), true),
            (quote!(require = user.id == OWNER), true),
            (quote!(require = user.org == Some(org)), false),
            (quote!(require = format!("{org}") == user.org), false),
            (quote!(require = user.name == "org"), true),
            (quote!(require = user.org.is_some()), true),
            (quote!(require = check!(user, org)), false),
            (quote!(require = check!(user)), false),
            (quote!(require = std::matches!(user.org, Some(1))), true),
            (quote!(require = format!("\u{7b}\u{6f}rg}") == user.org), false),
            (quote!(require = !(user.banned)), true),
            (quote!(require = allowed(&user).await), false),
            (quote!(require = allowed(&user)?), false),
            (quote!(require = user.is::<T>()), false),
            (quote!(require = user.level >= N), false),
            (quote!(require = format!("{N}") == user.level), false),
            (quote!(role = Role::Clerk), true),
            (quote!(role = T::ROLE), false),
            (quote!(any_role("clerk", wanted(org))), false),
            (quote!(scope = "org"), true),
        ] {
            let function = quote!(
                async fn list<T: Typed, const N: u8>(Path(org): Path<u64>, user: User) -> Answer {}
            );
            let (body, check) = expanded(quote!(handler, #policy), &function);
            assert_eq!(check.contains("let met"), early, "{policy}: {check}");
            assert_eq!(body.contains("let met"), !early, "{policy}: {body}");
        }
    }

    #[test]
    fn what_is_beside_a_handler_has_its_visibility_and_its_cfgs_only() {
        let function = quote! {
            #[doc = "prose"]
            #[cfg(unix)]
            #[cfg_attr(test, inline, cfg(windows))]
            #[get("/")]
            pub(crate) async fn r#type(user: User) -> Answer {}
        };
        let (_, beside) = expanded(quote!(handler), &function);
        let cfgs = quote!(#[cfg(unix)] #[cfg_attr(test, cfg(windows))]).to_string();
        assert_eq!(beside.matches(&cfgs).count(), 2, "{beside}");
        assert!(
            beside.trim_start().starts_with("pub (crate) struct __GuardOf_type < __Denied >"),
            "{beside}"
        );
        for other in ["prose", "inline", "get"] {
            assert!(!beside.contains(other), "{beside}");
        }
    }

    #[test]
    fn a_condition_that_is_being_typed_expands_as_the_whole_one() {
        let written = quote!(
            fn profile(id: u64, user: User) -> Answer {
                Ok(1)
            }
        );
        for (half, whole) in [
            (quote!(handler, require = user.), quote!(handler, require = user.org())),
            (quote!(handler, require = id == user.), quote!(handler, require = id == user.org())),
        ] {
            let half = protect(half, &written).to_string();
            let whole = protect(whole, &written).to_string();
            let (half, _) = half.split_once("half_typed").unwrap();
            let (whole, _) = whole.split_once("org").unwrap();
            assert_eq!(half, whole);
        }
    }

    #[test]
    fn an_incomplete_body_keeps_its_tokens() {
        let written = quote!(fn profile(user: User) -> Answer { let id = user. ; if user.is_() => });
        let (function, _) = expanded(quote!(handler), &written);
        assert!(function.contains("{ ; let id = user . ; if user . is_ () => }"), "{function}");
    }

    #[test]
    fn an_attribute_that_records_the_parameters_sees_no_token() {
        for attribute in [quote!(instrument), quote!(logcall), quote!(handler), quote!(get("/"))] {
            expanded(quote!(handler), &quote!(#[#attribute] fn profile(user: User) -> Answer {}));
        }
        let cached = protect(
            quote!(handler),
            &quote!(
                #[cached]
                fn profile(user: User) -> Answer {}
            ),
        )
        .to_string();
        assert!(cached.contains("put it on a function without `#[protected]`"), "{cached}");
    }
}
