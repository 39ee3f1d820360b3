//! Model: the token, a parameter of the function or an expression in the arguments.

use std::mem;

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens as _, quote_spanned};
use syn::{Expr, FnArg, PatType, ReturnType, Type, parse_quote};

use super::item::{Body, Function, binding};
use super::payload::{TWO_VERSIONS, has_parameter};
use super::returns::BoxedFuture;
use crate::crate_path::CratePath;
use crate::diagnostics::{Errors, error};
use crate::tokens::{first_span, hygienic, mentions, mentions_word, with_use_of_rebound};

/// The place that a guard takes the token from.
pub(crate) enum Token {
    /// A parameter: the user's own, or one that is added to the signature.
    Parameter(Ident),
    /// An expression over `self` and the parameters. The signature stays as it is.
    Expression(Box<Expr>),
    /// The source that the hidden parameter of a handler is created from. The signature has no token.
    Source(Ident),
}

impl Token {
    /// Returns whether the user wrote a token parameter.
    pub(crate) fn has_parameter(function: &Function) -> bool {
        has_parameter(function, "token")
    }

    /// Finds the token parameter, or adds one if the arguments have no expression. Collects the errors.
    ///
    /// With `in_future`, the check is in the function's boxed future, which then holds the token.
    pub(crate) fn take(
        expression: Option<Expr>,
        function: &mut Function,
        krate: &CratePath,
        in_future: bool,
        errors: &mut Errors,
    ) -> Self {
        match expression {
            Some(expression) => Self::Expression(Box::new(expression)),
            None => Self::Parameter(parameter(function, krate, in_future, errors)),
        }
    }

    /// Returns whether the parameter is the one that holds the token.
    pub(crate) fn is(&self, parameter: &PatType) -> bool {
        matches!(self, Self::Parameter(name) if binding(parameter, "token") == Some(name))
    }

    /// Returns the names of the parameters that hold the token, or that its expression reads.
    pub(crate) fn sources(&self, function: &Function) -> Vec<String> {
        match self {
            Self::Parameter(name) => vec![name.to_string()],
            Self::Source(_) => Vec::new(),
            Self::Expression(expression) => {
                let read = |name: &Ident| {
                    function.sig.inputs.iter().any(|input| match input {
                        FnArg::Typed(parameter) => mentions(&parameter.pat, name),
                        FnArg::Receiver(_) => name == "self",
                    })
                };
                let mut names = Vec::new();
                identifiers(expression.to_token_stream(), &mut names);
                names.sort();
                names.dedup();
                names.iter().filter(|name| read(name)).map(ToString::to_string).collect()
            }
        }
    }

    /// Expands to a reference to the token. A type that is not a token source is reported at the user's words.
    pub(crate) fn reference(&self) -> TokenStream {
        match self {
            Self::Parameter(name) => {
                let span = first_span(name);
                quote_spanned!(span=> &#name)
            }
            Self::Source(name) => name.to_token_stream(),
            Self::Expression(expression) => {
                let span = first_span(expression);
                quote_spanned!(span=> &(#expression))
            }
        }
    }
}

impl Token {
    /// Expands to a use by value of the user's own token parameter, on a path that never runs.
    ///
    /// A framework may need an owned token, and a guard only looks at it: clippy would propose a reference.
    pub(crate) fn use_by_value(&self, function: &Function) -> Option<TokenStream> {
        let Self::Parameter(name) = self else { return None };
        let is_owned = |input: &FnArg| match input {
            FnArg::Typed(parameter) => {
                binding(parameter, "token").is_some_and(|own| own == name)
                    && !matches!(&*parameter.ty, Type::Reference(_) | Type::ImplTrait(_))
            }
            FnArg::Receiver(_) => false,
        };
        let owned = function.sig.asyncness.is_none() && function.sig.inputs.iter().any(is_owned);
        owned.then(|| hygienic!(if false { let _token = #name; loop {} }))
    }
}

/// Returns the name of the token parameter: the user's own, or one that is added to the signature.
fn parameter(function: &mut Function, krate: &CratePath, in_future: bool, errors: &mut Errors) -> Ident {
    reject_second(function, errors);
    let written = function.sig.inputs.iter().find_map(|input| match input {
        FnArg::Typed(parameter) => Some((parameter, binding(parameter, "token")?)),
        FnArg::Receiver(_) => None,
    });
    if let Some((parameter, name)) = written {
        for attr in parameter.attrs.iter().filter(|attr| attr.path().is_ident("cfg")) {
            errors.add(error(attr, format!("a guard always needs its token: {TWO_VERSIONS}")));
        }
        let name = name.clone();
        if !in_future {
            keep_in_use(&name, function);
        }
        return name;
    }
    let (name, source) = added_token(&function.sig.output, krate, in_future, errors);
    let after_self = usize::from(function.sig.receiver().is_some());
    function.sig.inputs.insert(after_self, parse_quote!(#name: #source));
    name
}

/// Rejects a second parameter named `token`, which a macro can write: the guard would verify one, and the body use the other.
fn reject_second(function: &mut Function, errors: &mut Errors) {
    let tokens = function.sig.inputs.iter_mut().filter_map(|input| match input {
        FnArg::Typed(parameter) if binding(parameter, "token").is_some() => Some(&mut parameter.pat),
        _ => None,
    });
    let mut seconds = tokens.skip(1).peekable();
    if seconds.peek().is_none() {
        return;
    }
    for second in seconds {
        errors.add(error(
            &second,
            "a guard verifies one token, and another parameter has its name: rename this one",
        ));
        // The compiler would report the name too, as would uses of it in the body.
        **second = parse_quote!(_);
    }
    function.body = function.body.take().map(|body| Body { statements: None, ..body });
}

/// Adds a use of the token after `#[async_trait]` rebinds it within its future.
///
/// A body that does not use the token would otherwise get an unused-variable lint for a name the user cannot change.
fn keep_in_use(token: &Ident, function: &mut Function) {
    if let Some(Body { statements: Some(statements), .. }) = &mut function.body
        && mentions_word(&function.sig.output, "Pin")
    {
        *statements = with_use_of_rebound(token, mem::take(statements));
    }
}

/// Adds the identifiers in `tokens` to `names`.
fn identifiers(tokens: TokenStream, names: &mut Vec<Ident>) {
    for token in tokens {
        match token {
            TokenTree::Ident(name) => names.push(name),
            TokenTree::Group(group) => identifiers(group.stream(), names),
            _ => {}
        }
    }
}

/// Returns the name and type of the token parameter to add.
fn added_token(
    output: &ReturnType,
    krate: &CratePath,
    in_future: bool,
    errors: &mut Errors,
) -> (Ident, TokenStream) {
    let name = Ident::new("token", Span::mixed_site());
    if !mentions_word(output, "use") {
        let future = BoxedFuture::find(output).filter(|_| in_future);
        let bounds = future.map(|future| future.bounds).unwrap_or_default();
        return (name, hygienic!(impl #krate::TokenSource #(+ #bounds)*));
    }
    // `use<..>` must name every type parameter, and `impl TokenSource` is one without a name.
    errors.add(error(
        output,
        "the type of the added `token` parameter cannot be named in `use<..>`: write the parameter yourself, \
         as in `token: &str`",
    ));
    (name, hygienic!(&::core::primitive::str))
}
