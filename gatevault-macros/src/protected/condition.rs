//! Syntax: a condition of `require`, also one that its author is still typing.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens as _;
use syn::parse::{Parse, ParseStream, discouraged::Speculative as _};
use syn::{Error, Expr, Result};

use crate::argument::tokens_to_comma;
use crate::diagnostics::error;
use crate::tokens::hygienic;

/// A condition, an expression of type `bool`.
pub(crate) struct Condition {
    pub(crate) expression: Expr,
    /// The error of a condition that ends with `.`, as in `require = payload.`.
    ///
    /// It is completed with a method call, so that the function expands as it will with the whole condition. An editor
    /// then knows the type before the dot and can propose its members.
    pub(crate) half_typed: Option<Error>,
}

impl Parse for Condition {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let ahead = input.fork();
        let failed = match ahead.parse() {
            Ok(expression) => {
                input.advance_to(&ahead);
                return Ok(Self { expression, half_typed: None });
            }
            Err(failed) => failed,
        };
        let ahead = input.fork();
        let written = tokens_to_comma(&ahead)?;
        let Some(completed) = completed(&written) else { return Err(failed) };
        let expression = syn::parse2(completed).map_err(|_| failed)?;
        input.advance_to(&ahead);
        let message = "the condition ends with `.`: write the name of a field or a method after it";
        Ok(Self { expression, half_typed: Some(error(written, message)) })
    }
}

/// Returns the tokens with a method call after them, if they end with a single `.`.
fn completed(written: &TokenStream) -> Option<TokenStream> {
    let tokens: Vec<TokenTree> = written.clone().into_iter().collect();
    let is_dot =
        |token: Option<&TokenTree>| matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == '.');
    let (last, before) = tokens.split_last()?;
    let half_typed = is_dot(Some(last)) && !before.is_empty() && !is_dot(before.last());
    half_typed.then(|| {
        let call = hygienic!(half_typed());
        tokens.into_iter().chain(call.into_token_stream()).collect()
    })
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::Condition;

    #[test]
    fn only_a_condition_that_ends_with_one_dot_is_completed() {
        for (written, completed) in [
            (quote!(payload.), "payload . half_typed ()"),
            (quote!(open && payload.org().), "open && payload . org () . half_typed ()"),
        ] {
            let condition: Condition = syn::parse2(written).unwrap();
            let expression = condition.expression;
            assert_eq!(quote!(#expression).to_string(), completed);
            assert!(condition.half_typed.is_some());
        }
        assert!(syn::parse2::<Condition>(quote!(payload.open)).unwrap().half_typed.is_none());
        assert!(syn::parse2::<Condition>(quote!(1..)).unwrap().half_typed.is_none());
        for malformed in [quote!(.), quote!(payload..=), quote!(payload.open ==), quote!(if .), quote!(..)] {
            assert!(syn::parse2::<Condition>(malformed.clone()).map_or(true, |it| it.half_typed.is_none()));
        }
    }
}
