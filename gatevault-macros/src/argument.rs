//! Parses `name`, `name = value` and `name(..)`, the common grammar of all attributes of this crate.

use proc_macro2::{Ident, TokenStream, TokenTree};
use syn::ext::IdentExt as _;
use syn::parse::{Parse, ParseStream, Parser as _};
use syn::{Expr, Result, Token};

use crate::diagnostics::{Errors, error};

/// Parses arguments separated by commas. After an error it continues with the next argument.
pub(crate) fn parse_arguments(
    arguments: TokenStream,
    errors: &mut Errors,
    mut parse: impl FnMut(&Ident, ParseStream<'_>) -> Result<()>,
) {
    let parser = |input: ParseStream<'_>| {
        while !input.is_empty() {
            let result = parse_argument(input, &mut parse);
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
    parse: &mut impl FnMut(&Ident, ParseStream<'_>) -> Result<()>,
) -> Result<()> {
    let name = input.call(Ident::parse_any)?;
    parse(&name, input)?;
    if input.is_empty() || input.peek(Token![,]) {
        return Ok(());
    }
    Err(input.error("expected `,` before the next argument"))
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
fn tokens_to_comma(input: ParseStream<'_>) -> Result<TokenStream> {
    let mut tokens = TokenStream::new();
    while !input.is_empty() && !input.peek(Token![,]) {
        tokens.extend([input.parse::<TokenTree>()?]);
    }
    Ok(tokens)
}
