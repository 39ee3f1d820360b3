//! Parses `name`, `name = value` and `name(..)`, the common grammar of all attributes of this crate.

use proc_macro2::{Ident, TokenStream, TokenTree};
use syn::ext::IdentExt as _;
use syn::parse::{Parse, ParseStream, Parser as _};
use syn::{Error, Expr, Result, Token, token};

use crate::diagnostics::{Errors, error};

/// Parses arguments separated by commas. After an error it continues with the next argument.
///
/// `unnamed` creates the error for values where the name of an argument was expected.
pub(crate) fn parse_arguments(
    arguments: TokenStream,
    errors: &mut Errors,
    unnamed: fn(&TokenStream) -> Error,
    mut parse: impl FnMut(&Ident, ParseStream<'_>) -> Result<()>,
) {
    let parser = |input: ParseStream<'_>| {
        while !input.is_empty() {
            let result = parse_argument(input, unnamed, &mut parse);
            if errors.ok_or_collect(result).is_none() {
                skip_to_comma(input)?;
            }
            input.parse::<Option<Token![,]>>()?;
        }
        Ok(())
    };
    let result = parser.parse2(arguments);
    errors.ok_or_collect(result);
}

/// Parses the value in `name = value`. The error for a missing or malformed value proposes `example`.
pub(crate) fn parse_value<T: Parse>(name: &Ident, input: ParseStream<'_>, example: &str) -> Result<T> {
    let remedy = format!("write `{name} = {example}`");
    if input.parse::<Option<Token![=]>>()?.is_none() || input.is_empty() {
        return Err(error(name, format!("`{name}` needs a value: {remedy}")));
    }
    let written = input.fork();
    input.parse().map_err(|cause| match tokens_to_comma(&written) {
        Ok(words) => error(words, format!("{cause}: {remedy}")),
        Err(unreadable) => unreadable,
    })
}

/// Checks that no value follows the name of a flag.
pub(crate) fn parse_flag(name: &Ident, input: ParseStream<'_>) -> Result<()> {
    if input.is_empty() || input.peek(Token![,]) {
        return Ok(());
    }
    Err(error(name, format!("`{name}` takes no value: write `{name}` alone")))
}

/// Parses one argument and checks that a comma or the end follows.
fn parse_argument(
    input: ParseStream<'_>,
    unnamed: fn(&TokenStream) -> Error,
    parse: &mut impl FnMut(&Ident, ParseStream<'_>) -> Result<()>,
) -> Result<()> {
    if is_value_next(input) {
        return Err(unnamed(&parse_values(input)?));
    }
    let name = input.call(Ident::parse_any)?;
    parse(&name, input)?;
    if input.is_empty() || input.peek(Token![,]) {
        return Ok(());
    }
    Err(input.error("expected `,` before the next argument"))
}

/// Parses the values after the value of an argument, with the comma before each: `, B` in `role = A, B, optional`.
pub(crate) fn parse_further_values(input: ParseStream<'_>) -> Result<TokenStream> {
    let ahead = input.fork();
    let follow = ahead.parse::<Option<Token![,]>>()?.is_some() && is_value_next(&ahead);
    if follow { parse_values(input) } else { Ok(TokenStream::new()) }
}

/// Parses the tokens before the next name of an argument.
fn parse_values(input: ParseStream<'_>) -> Result<TokenStream> {
    let mut values = TokenStream::new();
    loop {
        values.extend(tokens_to_comma(input)?);
        let ahead = input.fork();
        if ahead.parse::<Option<Token![,]>>()?.is_none() || !is_value_next(&ahead) {
            return Ok(values);
        }
        values.extend([input.parse::<TokenTree>()?]);
    }
}

/// Returns whether a value follows where the name of an argument is expected: names are plain words in lower case.
fn is_value_next(input: ParseStream<'_>) -> bool {
    if input.is_empty() || input.peek(Token![,]) {
        return false;
    }
    let is_expression = input.peek2(Token![::]) || input.peek2(Token![.]);
    let Ok(name) = input.fork().call(Ident::parse_any) else { return true };
    let is_indexed = name == "payload" && input.peek2(token::Bracket);
    is_expression || is_indexed || name.to_string().starts_with(char::is_uppercase)
}

/// Skips to the comma after the current argument. A comma within a value does not count: `a::<B, C>()` has one.
fn skip_to_comma(input: ParseStream<'_>) -> Result<()> {
    if input.parse::<Option<Token![=]>>()?.is_some() {
        let ahead = input.fork();
        if ahead.parse::<Expr>().is_ok() {
            input.parse::<Expr>()?;
        }
    }
    tokens_to_comma(input).map(drop)
}

/// Parses the tokens before the next comma.
pub(crate) fn tokens_to_comma(input: ParseStream<'_>) -> Result<TokenStream> {
    let mut tokens = TokenStream::new();
    while !input.is_empty() && !input.peek(Token![,]) {
        tokens.extend([input.parse::<TokenTree>()?]);
    }
    Ok(tokens)
}
