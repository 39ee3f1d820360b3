//! Model: a function and every decision about its guard. The last stage that can report an error.

use std::mem;

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::ToTokens as _;
use syn::ext::IdentExt as _;
use syn::{
    Attribute, Expr, FnArg, Pat, PatType, PathArguments, ReturnType, Type, TypeParamBound, parse_quote,
};

use super::args::Args;
use super::item::{Body, Function};
use super::policy::Policy;
use crate::crate_path::CratePath;
use crate::diagnostics::{Errors, error};
use crate::tokens::{hygienic, mentions, source_text, with_use_of_rebound};

/// A guarded function. It is complete even if there are errors, so that its callers compile.
pub(crate) struct Guarded {
    pub(crate) krate: CratePath,
    /// The function with the signature that callers see: with a token and without the payload.
    pub(crate) function: Function,
    pub(crate) token: Ident,
    pub(crate) gate: Option<Expr>,
    pub(crate) refresh: bool,
    /// True if the function returns `impl Future`, a type that a denial cannot be converted into.
    pub(crate) returns_future: bool,
    pub(crate) payload: Option<Payload>,
    pub(crate) policies: Vec<Policy>,
    /// The maximum age of the token in seconds.
    pub(crate) max_age: Option<u64>,
}

/// The payload parameter, removed from the signature.
pub(crate) struct Payload {
    pub(crate) parameter: PatType,
    /// True if a call without a token is allowed.
    pub(crate) optional: bool,
    /// True if the payload can borrow from the token.
    pub(crate) borrows: bool,
}

impl Guarded {
    /// Creates the model and collects the errors in the function and its arguments.
    pub(crate) fn new(args: Args, mut function: Function, errors: &mut Errors) -> Self {
        reject_unguardable(&function, errors);
        reject_recorded_token(&mut function, errors);
        let payload = take_payload(args.payload.value(), &mut function, errors);
        reject_policies_without_payload(&args, payload.is_some(), errors);
        let optional = args.optional.name().is_some();
        if let Some(parameter) = &payload {
            reject_payload_type(parameter, optional, errors);
        }
        let krate = CratePath::new(args.krate.into_value());
        Self {
            token: token(&mut function, &krate, errors),
            returns_future: returns_future(&function.sig.output),
            krate,
            function,
            gate: args.gate.into_value(),
            refresh: args.refresh.name().is_some(),
            payload: payload.map(|parameter| Payload {
                optional,
                borrows: has_lifetime(parameter.ty.to_token_stream()),
                parameter,
            }),
            policies: args.policies,
            max_age: args.max_age.into_value(),
        }
    }

    /// Returns the name of the payload in the body.
    pub(crate) fn payload_name(&self) -> Option<&Ident> {
        match self.payload.as_ref().map(|payload| &*payload.parameter.pat) {
            Some(Pat::Ident(pattern)) => Some(&pattern.ident),
            _ => None,
        }
    }

    /// Returns the name of the function, as the log shows it.
    pub(crate) fn name(&self) -> String {
        self.function.sig.ident.unraw().to_string()
    }
}

/// Rejects a `const fn` and a declaration without a body.
fn reject_unguardable(function: &Function, errors: &mut Errors) {
    if let Some(constness) = &function.sig.constness {
        errors.add(error(constness, "a guard reads the clock, which a `const fn` cannot: remove `const`"));
    }
    if function.body.is_none() {
        errors.add(error(
            &function.sig.ident,
            "`#[protected]` needs a function with a body: put it on the implementations, and declare the \
             token here, as in `token: &str`",
        ));
    }
}

/// Rejects a `#[tracing::instrument]` below, which sees the token among the parameters and would log it.
fn reject_recorded_token(function: &mut Function, errors: &mut Errors) {
    let says = |attr: &Attribute, word| mentions(attr, &Ident::new(word, Span::mixed_site()));
    let records = |attr: &mut Attribute| {
        attr.path().segments.last().is_some_and(|name| name.ident == "instrument")
            && !says(attr, "skip_all")
            && !(says(attr, "skip") && says(attr, "token"))
    };
    for attr in function.attrs.extract_if(.., records) {
        let remedy = "put it above `#[protected]`, or write `#[instrument(skip(token))]`";
        errors.add(error(attr, format!("this attribute would log the token: {remedy}")));
    }
}

/// Removes and returns the parameter named `payload`, or `named` if the arguments name it.
fn take_payload(named: Option<&Ident>, function: &mut Function, errors: &mut Errors) -> Option<PatType> {
    let name = named.map_or_else(|| "payload".to_owned(), |named| named.unraw().to_string());
    if let Some(named) = named.filter(|_| name == "token") {
        let message = "`token` is the name of the token parameter: choose another name for the payload";
        errors.add(error(named, message));
        return None;
    }
    let mut payload = None;
    for input in mem::take(&mut function.sig.inputs) {
        match input {
            FnArg::Typed(mut parameter) if binding(&parameter, &name).is_some() => {
                reject_unmovable(&mut parameter, payload.is_some(), errors);
                payload.get_or_insert(parameter);
            }
            other => function.sig.inputs.push(other),
        }
    }
    if let (Some(named), None) = (named, &payload) {
        reject_missing_payload(named, function, errors);
    }
    payload
}

/// Rejects a payload parameter that cannot become a `let` in the body.
fn reject_unmovable(parameter: &mut PatType, again: bool, errors: &mut Errors) {
    if again {
        errors.add(error(&parameter.pat, "a function has one payload: rename or remove this parameter"));
    }
    if matches!(&*parameter.pat, Pat::Ident(name) if name.by_ref.is_some() || name.subpat.is_some()) {
        errors.add(error(&parameter.pat, PLAIN_NAME));
    }
    // Any other attribute, above all `cfg_attr`, could remove the check together with the parameter.
    for attr in parameter.attrs.extract_if(.., |attr| !LINTS.iter().any(|lint| attr.path().is_ident(lint))) {
        let message = "the payload takes only lint attributes, such as `#[allow(..)]`";
        errors.add(error(attr, format!("{message}: {TWO_VERSIONS}")));
    }
}

/// Rejects a payload name that no parameter has.
fn reject_missing_payload(named: &Ident, function: &mut Function, errors: &mut Errors) {
    let within = function.sig.inputs.iter().find_map(|input| match input {
        FnArg::Typed(parameter) if mentions(&parameter.pat, named) => Some(&parameter.pat),
        _ => None,
    });
    errors.add(match within {
        Some(pattern) => error(pattern, PLAIN_NAME),
        None => {
            error(named, format!("no parameter has this name: add `{named}: YourClaims` to the function"))
        }
    });
    // Uses of the missing name in the body would be reported too.
    function.body = function.body.take().map(|body| Body { statements: None, ..body });
}

/// Rejects a reference, and an `Option` without `optional`, with a better remedy than the missing trait would get.
fn reject_payload_type(parameter: &PatType, optional: bool, errors: &mut Errors) {
    match &*parameter.ty {
        Type::Reference(reference) => {
            let remedy = format!("write `{}: {}`", source_text(&parameter.pat), source_text(&reference.elem));
            errors.add(error(
                &parameter.ty,
                format!(
                    "the payload cannot be a reference: {remedy}, or rename a parameter that is not the payload"
                ),
            ));
        }
        Type::Path(path) if !optional => {
            let option = path.path.segments.last().filter(|last| last.ident == "Option");
            if let Some(PathArguments::AngleBracketed(inner)) = option.map(|option| &option.arguments) {
                let required = source_text(&inner.args);
                errors.add(error(
                    &parameter.ty,
                    format!(
                        "an `Option` payload needs `#[protected(optional)]`: add `optional`, or write \
                         `{required}` to require a token"
                    ),
                ));
            }
        }
        _ => {}
    }
}

/// Returns whether the type is written with a lifetime, as in `User<'_>`.
fn has_lifetime(ty: TokenStream) -> bool {
    ty.into_iter().any(|token| match token {
        TokenTree::Punct(punct) => punct.as_char() == '\'',
        TokenTree::Group(group) => has_lifetime(group.stream()),
        _ => false,
    })
}

/// Returns whether the return type is `impl Future`.
fn returns_future(output: &ReturnType) -> bool {
    let ReturnType::Type(_, written) = output else { return false };
    let Type::ImplTrait(opaque) = &**written else { return false };
    opaque.bounds.iter().any(|bound| match bound {
        TypeParamBound::Trait(bound) => bound.path.segments.last().is_some_and(|name| name.ident == "Future"),
        _ => false,
    })
}

/// Rejects policies and `optional` if there is no payload they could apply to.
fn reject_policies_without_payload(args: &Args, has_payload: bool, errors: &mut Errors) {
    let policy = args.policy_names.iter().find(|name| *name != "require");
    match (policy, args.optional.name()) {
        (Some(policy), Some(optional)) => {
            errors.add(error(optional, format!("`{policy}` always needs a token: remove `optional`")));
        }
        // A missing payload with its own name is already reported.
        _ if has_payload || args.payload.name().is_some() => {}
        (Some(policy), None) => errors.add(error(
            policy,
            format!("`{policy}` reads the payload: add a parameter `payload: YourClaims` to the function"),
        )),
        (None, Some(optional)) => {
            let remedy = "add a parameter `payload: Option<YourClaims>` to the function";
            errors.add(error(optional, format!("`optional` needs a payload: {remedy}")));
        }
        (None, None) => {}
    }
}

/// Returns the name of the token parameter: the user's own, or one that is added to the signature.
fn token(function: &mut Function, krate: &CratePath, errors: &mut Errors) -> Ident {
    let written = function.sig.inputs.iter().find_map(|input| match input {
        FnArg::Typed(parameter) => Some((parameter, binding(parameter, "token")?)),
        FnArg::Receiver(_) => None,
    });
    if let Some((parameter, name)) = written {
        for attr in parameter.attrs.iter().filter(|attr| attr.path().is_ident("cfg")) {
            errors.add(error(attr, format!("a guard always needs its token: {TWO_VERSIONS}")));
        }
        let name = name.clone();
        keep_in_use(&name, function);
        return name;
    }
    let (name, source) = added_token(&function.sig.output, krate, errors);
    let after_self = usize::from(function.sig.receiver().is_some());
    function.sig.inputs.insert(after_self, parse_quote!(#name: #source));
    name
}

/// Adds a use of the token after `#[async_trait]` rebinds it within its future.
///
/// A body that does not use the token would otherwise get an unused-variable lint for a name the user cannot change.
fn keep_in_use(token: &Ident, function: &mut Function) {
    if let Some(Body { statements: Some(statements), .. }) = &mut function.body
        && mentions(&function.sig.output, &Ident::new("Pin", Span::mixed_site()))
    {
        *statements = with_use_of_rebound(token, mem::take(statements));
    }
}

/// Returns the name and type of the token parameter to add.
fn added_token(output: &ReturnType, krate: &CratePath, errors: &mut Errors) -> (Ident, TokenStream) {
    let name = Ident::new("token", Span::mixed_site());
    if !mentions(output, &Ident::new("use", Span::mixed_site())) {
        return (name, hygienic!(impl #krate::TokenSource));
    }
    // `use<..>` must name every type parameter, and `impl TokenSource` is one without a name.
    errors.add(error(
        output,
        "the type of the added `token` parameter cannot be named in `use<..>`: write the parameter yourself, \
         as in `token: &str`",
    ));
    (name, hygienic!(&::core::primitive::str))
}

/// Returns the identifier of the parameter if it is `name` and not within a pattern.
fn binding<'p>(parameter: &'p PatType, name: &str) -> Option<&'p Ident> {
    match &*parameter.pat {
        Pat::Ident(pattern) if pattern.ident.unraw() == name => Some(&pattern.ident),
        _ => None,
    }
}

const LINTS: [&str; 5] = ["allow", "expect", "warn", "deny", "forbid"];
const PLAIN_NAME: &str = "the payload is a plain name, not a pattern: destructure it in the body";
const TWO_VERSIONS: &str = "write two versions of the function and put the `cfg` on them";
