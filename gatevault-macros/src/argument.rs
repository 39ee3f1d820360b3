//! Reading `name`, `name = value` and `name(..)`: the one grammar of all our attributes.

use proc_macro2::{Ident, TokenStream, TokenTree};
use syn::ext::IdentExt as _;
use syn::parse::{Parse, ParseStream, Parser as _};
use syn::{Error, Expr, Result, Token};

use crate::diagnostics::{Refusals, refuse};

/// Reads arguments separated by commas; when one is refused, goes on with the next.
pub(crate) fn read_each(
    arguments: TokenStream,
    refusals: &mut Refusals,
    mut read: impl FnMut(&Ident, ParseStream<'_>) -> Result<()>,
) {
    let reader = |input: ParseStream<'_>| {
        while !input.is_empty() {
            let outcome = read_one(input, &mut read);
            if refusals.hear(outcome).is_none() {
                skip(input)?;
            }
            input.parse::<Option<Token![,]>>()?;
        }
        Ok(())
    };
    let outcome = reader.parse2(arguments);
    refusals.hear(outcome);
}

/// The value in `name = value`; `example` is what is proposed where there is none, or one of the wrong kind.
pub(crate) fn value<T: Parse>(name: &Ident, input: ParseStream<'_>, example: &str) -> Result<T> {
    let message = format!("write `{name} = {example}`");
    if input.parse::<Option<Token![=]>>()?.is_none() || input.is_empty() {
        return Err(refuse(name, message));
    }
    let written = input.fork();
    input.parse().map_err(|error: Error| match until_comma(&written) {
        Ok(words) => refuse(words, format!("{error}: {message}")),
        Err(error) => error,
    })
}

/// The absence of a value.
pub(crate) fn no_value(name: &Ident, input: ParseStream<'_>) -> Result<()> {
    if input.is_empty() || input.peek(Token![,]) {
        return Ok(());
    }
    Err(refuse(name, format!("`{name}` stands alone, without a value")))
}

fn read_one(
    input: ParseStream<'_>,
    read: &mut impl FnMut(&Ident, ParseStream<'_>) -> Result<()>,
) -> Result<()> {
    let name = input.call(Ident::parse_any)?;
    read(&name, input)?;
    if input.is_empty() || input.peek(Token![,]) {
        return Ok(());
    }
    Err(input.error("expected `,` before the next argument"))
}

/// Moves to the next comma outside of a value: `a::<B, C>()` has one inside.
fn skip(input: ParseStream<'_>) -> Result<()> {
    if input.parse::<Option<Token![=]>>()?.is_some() {
        let ahead = input.fork();
        if ahead.parse::<Expr>().is_ok() {
            input.parse::<Expr>()?;
        }
    }
    until_comma(input).map(drop)
}

fn until_comma(input: ParseStream<'_>) -> Result<TokenStream> {
    let mut words = TokenStream::new();
    while !input.is_empty() && !input.peek(Token![,]) {
        words.extend([input.parse::<TokenTree>()?]);
    }
    Ok(words)
}
