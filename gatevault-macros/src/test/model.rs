//! Model: the test, with the value of each parameter. The last stage that may refuse.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt as _;
use syn::parse::{Parse, ParseStream, Parser as _};
use syn::{Attribute, Error, Expr, FnArg, Pat, PatType, Result, Type};

use super::args::Args;
use crate::crate_path::CratePath;
use crate::diagnostics::{Errors, error, nearest};
use crate::protected::{Function, is_function};
use crate::set_once::SetOnce;

/// A test, ready to expand.
pub(super) struct Test {
    pub(super) function: Function,
    /// The values of the parameters, in their order.
    pub(super) values: Vec<Value>,
    /// The claims of the caller.
    pub(super) caller: Option<Expr>,
    /// True if another attribute runs the test.
    pub(super) has_runner: bool,
    pub(super) krate: CratePath,
}

/// The value of a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Value {
    Token,
    Tokens,
}

impl Value {
    const NAMES: [&'static str; 2] = ["token", "tokens"];

    /// Returns how the parameter is written.
    fn parameter(self) -> &'static str {
        match self {
            Self::Token => "token: &str",
            Self::Tokens => "tokens: &TokenManager",
        }
    }
}

/// Parses the function.
pub(super) fn parse(item: &TokenStream) -> Result<Function> {
    let parser = |input: ParseStream<'_>| {
        let ahead = input.fork();
        ahead.call(Attribute::parse_outer)?;
        ahead.parse::<syn::Visibility>()?;
        if !is_function(&ahead)? {
            let word: TokenTree = ahead.parse()?;
            input.parse::<TokenStream>()?;
            return Err(error(word, "`#[gatevault::test]` applies to a function: put it on each test"));
        }
        Function::parse(input)
    };
    parser.parse2(item.clone())
}

impl Test {
    /// Validates the function and collects its errors.
    pub(super) fn new(args: Args, function: Function, errors: &mut Errors) -> Self {
        let Args { caller, krate, has_errors } = args;
        let generics = &function.sig.generics.params;
        if !generics.is_empty() {
            errors.add(error(generics, "a test has no generics: no caller would choose them, remove these"));
        }
        if function.body.is_none() {
            errors.add(error(&function.sig, "a test has a body: write `{ .. }`"));
        }
        let values = function.sig.inputs.iter().map(value_of);
        let values: Vec<_> = values.filter_map(|value| errors.ok_or_collect(value)).collect();
        if !has_errors {
            validate_caller(&function, &values, &caller, errors);
        }
        Self {
            has_runner: function.attrs.iter().any(is_runner),
            function,
            values,
            caller: caller.into_value(),
            krate: CratePath::new(krate.into_value()),
        }
    }
}

/// Requires that a token has claims, and that claims have a token.
fn validate_caller(function: &Function, values: &[Value], caller: &SetOnce<Expr>, errors: &mut Errors) {
    let takes_token = values.contains(&Value::Token);
    let is_wrong = function.sig.inputs.len() != values.len();
    match caller.name() {
        None if takes_token => {
            let parameter =
                function.sig.inputs.iter().find(|input| matches!(value_of(input), Ok(Value::Token)));
            errors.add(error(
                parameter.map(ToTokens::to_token_stream),
                "the token needs the claims of a caller: write `#[gatevault::test(as = User { .. })]`",
            ));
        }
        Some(name) if !takes_token && !is_wrong => errors.add(error(
            name,
            "no parameter takes the token of these claims: add `token: &str` to the function, or remove `as`",
        )),
        _ => {}
    }
}

/// Returns the value of a parameter, from its name.
fn value_of(input: &FnArg) -> Result<Value> {
    let parameter = match input {
        FnArg::Receiver(receiver) => {
            return Err(error(
                receiver,
                "a test is a function without `self`: move it out of the `impl` block",
            ));
        }
        FnArg::Typed(parameter) => parameter,
    };
    let Pat::Ident(pattern) = &*parameter.pat else {
        return Err(unknown_parameter(parameter, None));
    };
    let value = match pattern.ident.unraw().to_string().as_str() {
        "token" => Value::Token,
        "tokens" => Value::Tokens,
        _ => return Err(unknown_parameter(parameter, nearest(&pattern.ident, &Value::NAMES))),
    };
    match &*parameter.ty {
        Type::Reference(reference) if reference.mutability.is_none() => Ok(value),
        other => Err(error(other, format!("the test borrows it: write `{}`", value.parameter()))),
    }
}

fn unknown_parameter(parameter: &PatType, meant: Option<&str>) -> Error {
    let (token, tokens) = (Value::Token.parameter(), Value::Tokens.parameter());
    let remedy = match meant {
        Some(name) => format!("did you mean `{name}`?"),
        None => "create other values in the body".to_owned(),
    };
    error(
        parameter,
        format!("a test has the parameters `{token}` and `{tokens}`, each if it needs it: {remedy}"),
    )
}

/// Returns whether the attribute is one that makes a test of the function, such as `#[tokio::test]`.
pub(super) fn is_runner(attribute: &Attribute) -> bool {
    attribute.path().segments.last().is_some_and(|segment| segment.ident.to_string().ends_with("test"))
}
