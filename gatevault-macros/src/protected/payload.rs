//! Model: the payload, a parameter of the function or a binding that the arguments declare.

use std::mem;

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens as _, quote};
use syn::ext::IdentExt as _;
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, FnArg, Pat, PatType, Result, Token, Type, parse_quote};

use super::args::Args;
use super::item::{Body, Function, binding};
use super::names::binds;
use super::payload_type;
use crate::crate_path::CratePath;
use crate::diagnostics::{Errors, error};
use crate::tokens::{hygienic, mentions};

/// The payload: a binding in the body, and never a parameter of the expanded function.
pub(crate) struct Payload {
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) mutability: Option<Token![mut]>,
    pub(crate) name: Ident,
    pub(crate) ty: Type,
    pub(crate) origin: Origin,
    /// True if a call without a token is allowed.
    pub(crate) optional: bool,
    /// True if the payload can borrow from the token.
    pub(crate) borrows: bool,
}

/// The place where the payload is declared.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Origin {
    /// A parameter, which leaves the signature.
    Parameter,
    /// The argument `payload = name: Type`.
    Argument,
    /// The argument `payload = _: Type`: the body cannot see the payload.
    Unnamed,
    /// Nowhere: the policies of a function without a payload read the claims `role` and `scope`.
    Bare,
}

/// The value of the argument `payload`: the name of a parameter, or `name: Type` for a binding without a parameter.
pub(crate) struct PayloadArg {
    mutability: Option<Token![mut]>,
    /// The name, or the `_` of a payload that only policies use.
    name: Ident,
    ty: Option<Type>,
}

impl Parse for PayloadArg {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let mutability = input.parse()?;
        let name = if input.peek(Token![_]) { input.call(Ident::parse_any)? } else { input.parse()? };
        if !input.is_empty() && !input.peek(Token![:]) && !input.peek(Token![,]) {
            return Err(input.error(PLAIN_NAME));
        }
        let ty = input.parse::<Option<Token![:]>>()?.map(|_| input.parse()).transpose()?;
        if ty.is_none() && name == "_" {
            return Err(error(
                name,
                "a payload without a name needs a type: write `payload = _: YourClaims`",
            ));
        }
        Ok(Self { mutability, name, ty })
    }
}

impl Payload {
    /// Removes the payload from the signature, or takes it from the arguments. Collects the errors.
    pub(crate) fn take(args: &Args, function: &mut Function, errors: &mut Errors) -> Option<Self> {
        let optional = args.optional.name().is_some();
        let mut payload = match args.payload.value() {
            Some(PayloadArg { mutability, name, ty: Some(ty) }) => {
                reject_shadowed_parameter(name, function, errors);
                let (origin, name) =
                    if name == "_" { (Origin::Unnamed, unnamed()) } else { (Origin::Argument, name.clone()) };
                Self { mutability: *mutability, optional, ..Self::new(origin, name, ty.clone()) }
            }
            named => {
                let named = named.map(|argument| &argument.name);
                let handler = args.handler.name().is_some();
                let PatType { attrs, pat, ty, .. } = take_parameter(named, handler, function, errors)?;
                let Pat::Ident(pattern) = *pat else { return None };
                let mutability = pattern.mutability;
                Self { attrs, mutability, optional, ..Self::new(Origin::Parameter, pattern.ident, *ty) }
            }
        };
        if payload_type::reject(&payload.name, &payload.ty, optional, errors) {
            // A local of this type, and uses of it in the body, would be reported too.
            payload.ty = parse_quote!(());
            function.body = function.body.take().map(|body| Body { statements: None, ..body });
        }
        Some(payload)
    }

    /// Creates a payload that needs a token.
    fn new(origin: Origin, name: Ident, ty: Type) -> Self {
        let borrows = has_lifetime(ty.to_token_stream());
        Self { attrs: Vec::new(), mutability: None, name, ty, origin, optional: false, borrows }
    }

    /// Creates the payload of a function without one, whose policies read the claims `role` and `scope`.
    pub(crate) fn bare(krate: &CratePath) -> Self {
        let ty = Type::Verbatim(hygienic!(#krate::__private::BareClaims));
        Self::new(Origin::Bare, unnamed(), ty)
    }

    /// Returns the name if the body sees it.
    pub(crate) fn visible_name(&self) -> Option<&Ident> {
        matches!(self.origin, Origin::Parameter | Origin::Argument).then_some(&self.name)
    }

    /// Returns the pattern of the binding.
    pub(crate) fn pattern(&self) -> TokenStream {
        let Self { mutability, name, .. } = self;
        quote!(#mutability #name)
    }

    /// Returns the attribute for statements that read a payload whose name begins with an underscore.
    pub(crate) fn lints(&self) -> Option<TokenStream> {
        let underscored = self.name.to_string().starts_with('_');
        underscored.then(|| hygienic!(#[allow(clippy::used_underscore_binding)]))
    }
}

/// Returns the type of the payload, as written, of a function that stays as it is.
pub(crate) fn written_payload_type(args: &Args, function: &Function) -> Option<Type> {
    let Function { vis, sig, .. } = function;
    let mut copy = Function { attrs: Vec::new(), vis: vis.clone(), sig: sig.clone(), body: None };
    // The function's own attribute reports the errors.
    Payload::take(args, &mut copy, &mut Errors::default()).map(|payload| payload.ty)
}

/// Returns the name of a payload that the body cannot see.
fn unnamed() -> Ident {
    Ident::new("claims", Span::mixed_site())
}

/// Rejects a parameter with the name of a payload that the arguments declare, which would hide it from the body.
fn reject_shadowed_parameter(name: &Ident, function: &Function, errors: &mut Errors) {
    let hides = |input: &FnArg| matches!(input, FnArg::Typed(parameter) if mentions(&parameter.pat, name));
    if name != "_" && function.sig.inputs.iter().any(hides) {
        let message = format!("the function has a parameter `{name}` already: choose another name");
        errors.add(error(name, message));
    }
}

/// Removes and returns the parameter named `payload` or `_payload`, or `named` if the arguments name it.
///
/// In the handler form, the parameter `user` or `_user` is the payload of a function without one of these.
fn take_parameter(
    named: Option<&Ident>,
    handler: bool,
    function: &mut Function,
    errors: &mut Errors,
) -> Option<PatType> {
    let name = named.map(|named| named.unraw().to_string());
    let users = || handler && !PAYLOAD_NAMES.iter().any(|name| has_parameter(function, name));
    let defaults = || if users() { USER_NAMES.to_vec() } else { PAYLOAD_NAMES.to_vec() };
    let accepted = name.as_deref().map_or_else(defaults, |name| vec![name]);
    if let Some(named) = named.filter(|_| accepted == ["token"]) {
        let message = "`token` is the name of the token parameter: choose another name for the payload";
        errors.add(error(named, message));
        return None;
    }
    let mut payload = None;
    for input in mem::take(&mut function.sig.inputs) {
        match input {
            FnArg::Typed(mut parameter)
                if accepted.iter().any(|name| binding(&parameter, name).is_some()) =>
            {
                reject_unmovable(&mut parameter, payload.is_some(), errors);
                payload.get_or_insert(parameter);
            }
            other => function.sig.inputs.push(other),
        }
    }
    match (named, &payload) {
        (_, Some(payload)) => reject_second_binding(payload, function, errors),
        (Some(named), None) => reject_missing_payload(named, function, errors),
        (None, None) => {}
    }
    payload
}

/// Rejects a pattern that binds the name of the payload: without the payload's parameter, the compiler does not.
fn reject_second_binding(payload: &PatType, function: &Function, errors: &mut Errors) {
    let Pat::Ident(name) = &*payload.pat else { return };
    for input in &function.sig.inputs {
        if let FnArg::Typed(parameter) = input
            && binds(&parameter.pat, &name.ident)
        {
            let message = format!("`{}` is the name of the payload: choose another name here", name.ident);
            errors.add(error(&parameter.pat, message));
        }
    }
}

/// Returns whether the function has a parameter of this name.
pub(crate) fn has_parameter(function: &Function, name: &str) -> bool {
    function
        .sig
        .inputs
        .iter()
        .any(|input| matches!(input, FnArg::Typed(parameter) if binding(parameter, name).is_some()))
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

/// Returns whether the type is written with a lifetime, as in `User<'_>`.
fn has_lifetime(ty: TokenStream) -> bool {
    ty.into_iter().any(|token| match token {
        TokenTree::Punct(punct) => punct.as_char() == '\'',
        TokenTree::Group(group) => has_lifetime(group.stream()),
        _ => false,
    })
}

const PAYLOAD_NAMES: [&str; 2] = ["payload", "_payload"];
const USER_NAMES: [&str; 2] = ["user", "_user"];
const LINTS: [&str; 5] = ["allow", "expect", "warn", "deny", "forbid"];
pub(crate) const TWO_VERSIONS: &str = "write two versions of the function and put the `cfg` on them";
const PLAIN_NAME: &str = "the payload is a plain name, not a pattern: destructure it in the body";
