//! Model: a function with every decision about its guard made. The last stage that may refuse.

use std::mem;

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::ToTokens as _;
use syn::ext::IdentExt as _;
use syn::{Attribute, Expr, FnArg, Pat, PatType, ReturnType, Type, TypeParamBound, parse_quote};

use super::args::Args;
use super::item::{Body, Function};
use super::policy::Policy;
use crate::crate_path::CratePath;
use crate::diagnostics::{Refusals, refuse};
use crate::tokens::{hygienic, mentions, with_use_of_rebound};

/// A guarded function; whole even when something was refused, so that its callers still compile.
pub(crate) struct Guarded {
    pub(crate) krate: CratePath,
    /// With the signature that callers see: a token, and no payload.
    pub(crate) function: Function,
    pub(crate) token: Ident,
    pub(crate) gate: Option<Expr>,
    pub(crate) refresh: bool,
    /// Whether the function returns `impl Future`, whose type no denial has.
    pub(crate) returns_future: bool,
    pub(crate) payload: Option<Payload>,
    pub(crate) policies: Vec<Policy>,
    /// The age in seconds up to which a token is fresh enough.
    pub(crate) max_age: Option<u64>,
}

/// The parameter that was taken out of the signature.
pub(crate) struct Payload {
    pub(crate) parameter: PatType,
    /// Whether it is there without a token, too.
    pub(crate) optional: bool,
    /// Whether it may borrow from the token.
    pub(crate) borrows: bool,
}

impl Guarded {
    pub(crate) fn new(args: Args, mut function: Function, refusals: &mut Refusals) -> Self {
        refuse_unguardable(&function, refusals);
        refuse_recorded_token(&mut function, refusals);
        let payload = take_payload(args.payload.value(), &mut function, refusals);
        refuse_unknowable(&args, payload.is_some(), refusals);
        let krate = CratePath::new(args.krate.into_value());
        Self {
            token: token(&mut function, &krate, refusals),
            returns_future: returns_future(&function.sig.output),
            krate,
            function,
            gate: args.gate.into_value(),
            refresh: args.refresh.name().is_some(),
            payload: payload.map(|parameter| Payload {
                optional: args.optional.name().is_some(),
                borrows: names_a_lifetime(parameter.ty.to_token_stream()),
                parameter,
            }),
            policies: args.policies,
            max_age: args.max_age.into_value(),
        }
    }

    /// The name that the body knows the payload by.
    pub(crate) fn payload_name(&self) -> Option<&Ident> {
        match self.payload.as_ref().map(|payload| &*payload.parameter.pat) {
            Some(Pat::Ident(pattern)) => Some(&pattern.ident),
            _ => None,
        }
    }

    /// The name of the function, as logs have it.
    pub(crate) fn name(&self) -> String {
        self.function.sig.ident.unraw().to_string()
    }
}

fn refuse_unguardable(function: &Function, refusals: &mut Refusals) {
    if let Some(constness) = &function.sig.constness {
        refusals.add(refuse(constness, "a guard reads the clock, which a `const fn` cannot: remove `const`"));
    }
    if function.body.is_none() {
        refusals.add(refuse(
            &function.sig.ident,
            "a guard needs a body: put `#[protected]` on the implementations, and declare the token here, \
             as in `token: &str`",
        ));
    }
}

/// Refuses a `#[tracing::instrument]` below, which sees the token with the other parameters and would log it.
fn refuse_recorded_token(function: &mut Function, refusals: &mut Refusals) {
    let says = |attr: &Attribute, word| mentions(attr, &Ident::new(word, Span::mixed_site()));
    let records = |attr: &mut Attribute| {
        attr.path().segments.last().is_some_and(|name| name.ident == "instrument")
            && !says(attr, "skip_all")
            && !(says(attr, "skip") && says(attr, "token"))
    };
    for attr in function.attrs.extract_if(.., records) {
        let remedy = "put it above `#[protected]`, or write `#[instrument(skip(token))]`";
        refusals.add(refuse(attr, format!("this would record the token: {remedy}")));
    }
}

/// Takes the parameter named `payload`, or as the arguments say, out of the signature.
fn take_payload(named: Option<&Ident>, function: &mut Function, refusals: &mut Refusals) -> Option<PatType> {
    let name = named.map_or_else(|| "payload".to_owned(), |named| named.unraw().to_string());
    if let Some(named) = named.filter(|_| name == "token") {
        refusals.add(refuse(named, "`token` is the parameter that is verified: name the payload otherwise"));
        return None;
    }
    let mut payload = None;
    for input in mem::take(&mut function.sig.inputs) {
        match input {
            FnArg::Typed(mut parameter) if binding(&parameter, &name).is_some() => {
                refuse_unmovable(&mut parameter, payload.is_some(), refusals);
                payload.get_or_insert(parameter);
            }
            other => function.sig.inputs.push(other),
        }
    }
    if let (Some(named), None) = (named, &payload) {
        refuse_missing(named, function, refusals);
    }
    payload
}

/// Refuses a payload that cannot become a `let` of the body.
fn refuse_unmovable(parameter: &mut PatType, again: bool, refusals: &mut Refusals) {
    if again {
        refusals.add(refuse(&parameter.pat, "a second payload: a function has one"));
    }
    if matches!(&*parameter.pat, Pat::Ident(name) if name.by_ref.is_some() || name.subpat.is_some()) {
        refusals.add(refuse(&parameter.pat, "the payload is a plain name: take it apart in the body"));
    }
    // Any other attribute, `cfg_attr` above all, could take the check away with the parameter.
    for attr in parameter.attrs.extract_if(.., |attr| !LINTS.iter().any(|lint| attr.path().is_ident(lint))) {
        let message = "only attributes of lints stand on a payload, as `#[allow(..)]`";
        refusals.add(refuse(attr, format!("{message}: {TWO_VERSIONS}")));
    }
}

fn refuse_missing(named: &Ident, function: &mut Function, refusals: &mut Refusals) {
    let within = function.sig.inputs.iter().find_map(|input| match input {
        FnArg::Typed(parameter) if mentions(&parameter.pat, named) => Some(&parameter.pat),
        _ => None,
    });
    refusals.add(match within {
        Some(pattern) => refuse(pattern, "the payload is a plain name: take it apart in the body"),
        None => {
            refuse(named, format!("no parameter has this name: add `{named}: YourClaims` to the function"))
        }
    });
    // What the body does with the missing name would be reported too.
    function.body = function.body.take().map(|body| Body { statements: None, ..body });
}

/// Whether the type is written with a lifetime, `User<'_>`.
fn names_a_lifetime(ty: TokenStream) -> bool {
    ty.into_iter().any(|token| match token {
        TokenTree::Punct(punct) => punct.as_char() == '\'',
        TokenTree::Group(group) => names_a_lifetime(group.stream()),
        _ => false,
    })
}

fn returns_future(output: &ReturnType) -> bool {
    let ReturnType::Type(_, written) = output else { return false };
    let Type::ImplTrait(opaque) = &**written else { return false };
    opaque.bounds.iter().any(|bound| match bound {
        TypeParamBound::Trait(bound) => bound.path.segments.last().is_some_and(|name| name.ident == "Future"),
        _ => false,
    })
}

/// Refuses to ask a caller of whom nothing may be known.
fn refuse_unknowable(args: &Args, has_payload: bool, refusals: &mut Refusals) {
    let asked = args.demanding.iter().find(|name| *name != "require");
    match (asked, args.optional.name()) {
        (Some(asked), Some(optional)) => {
            refusals.add(refuse(optional, format!("with `{asked}` a token is needed: remove `optional`")));
        }
        // One that has a name of its own was already missed.
        _ if has_payload || args.payload.name().is_some() => {}
        (Some(asked), None) => refusals.add(refuse(
            asked,
            format!(
                "`{asked}` is read from the payload: add a parameter `payload: YourClaims` to the function"
            ),
        )),
        (None, Some(optional)) => {
            refusals.add(refuse(optional, "`optional` needs a parameter `payload: Option<YourClaims>`"));
        }
        (None, None) => {}
    }
}

/// The name by which the check finds the token: the user's own parameter, or one that is added.
fn token(function: &mut Function, krate: &CratePath, refusals: &mut Refusals) -> Ident {
    let written = function.sig.inputs.iter().find_map(|input| match input {
        FnArg::Typed(parameter) => Some((parameter, binding(parameter, "token")?)),
        FnArg::Receiver(_) => None,
    });
    if let Some((parameter, name)) = written {
        for attr in parameter.attrs.iter().filter(|attr| attr.path().is_ident("cfg")) {
            refusals.add(refuse(attr, format!("a guard always has a token: {TWO_VERSIONS}")));
        }
        let name = name.clone();
        keep_in_use(&name, function);
        return name;
    }
    let (name, source) = added_token(&function.sig.output, krate, refusals);
    let after_self = usize::from(function.sig.receiver().is_some());
    function.sig.inputs.insert(after_self, parse_quote!(#name: #source));
    name
}

/// `#[async_trait]` rebinds an owned token within its future, where the body may have no use for it: a lint against
/// a name that the user cannot change.
fn keep_in_use(token: &Ident, function: &mut Function) {
    if let Some(Body { statements: Some(statements), .. }) = &mut function.body
        && mentions(&function.sig.output, &Ident::new("Pin", Span::mixed_site()))
    {
        *statements = with_use_of_rebound(token, mem::take(statements));
    }
}

fn added_token(output: &ReturnType, krate: &CratePath, refusals: &mut Refusals) -> (Ident, TokenStream) {
    let name = Ident::new("token", Span::mixed_site());
    if !mentions(output, &Ident::new("use", Span::mixed_site())) {
        return (name, hygienic!(impl #krate::TokenSource));
    }
    // `use<..>` must name every type parameter, and `impl TokenSource` is one without a name.
    refusals
        .add(refuse(output, "beside `use<..>`, write the parameter of the token yourself: `token: &str`"));
    (name, hygienic!(&::core::primitive::str))
}

/// The name that the parameter binds, if it is `name` and not within a pattern.
fn binding<'p>(parameter: &'p PatType, name: &str) -> Option<&'p Ident> {
    match &*parameter.pat {
        Pat::Ident(pattern) if pattern.ident.unraw() == name => Some(&pattern.ident),
        _ => None,
    }
}

const LINTS: [&str; 5] = ["allow", "expect", "warn", "deny", "forbid"];
const TWO_VERSIONS: &str = "put a `cfg` on the function, in two versions";
