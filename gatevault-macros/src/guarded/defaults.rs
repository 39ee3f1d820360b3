//! Syntax: the arguments of `#[guarded(..)]`: those of `#[protected(..)]`, kept as written.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::ext::IdentExt as _;
use syn::parse::{Parse, ParseStream, Parser as _};
use syn::punctuated::Punctuated;
use syn::{Expr, Result, Token, token};

use crate::diagnostics::{Errors, error};
use crate::protected::Args;

/// The default arguments of the functions in a block. A function's own argument replaces the default of the same name.
#[derive(Default)]
pub(crate) struct Defaults(Vec<Argument>);

impl Defaults {
    /// Parses the arguments. Their errors are reported here, once, and not again at every function.
    pub(crate) fn parse(arguments: TokenStream, errors: &mut Errors) -> Self {
        let mut own_errors = Errors::default();
        let args = Args::parse(arguments.clone(), &mut own_errors);
        for name in [args.payload.name(), args.optional.name()].into_iter().flatten() {
            let message =
                format!("`{name}` applies to one function: write it in that function's `#[protected(..)]`");
            own_errors.add(error(name, message));
        }
        match own_errors.into_result().and_then(|()| parse(arguments)) {
            Ok(arguments) => Self(arguments),
            Err(combined) => {
                errors.add(combined);
                Self::default()
            }
        }
    }

    /// Completes a function's own arguments with the defaults it does not replace.
    ///
    /// Arguments that cannot be parsed are returned unchanged: `#[protected]`, whose grammar is narrower, rejects them.
    pub(crate) fn complete(&self, written: TokenStream, attribute: Span) -> TokenStream {
        let Ok(own) = parse(written.clone()) else { return written };
        let missing = self.0.iter().filter(|default| own.iter().all(|own| own.name != default.name));
        // A default that does not fit a function is reported at that function, not at the default.
        let missing = missing.cloned().map(|mut default| {
            default.name.set_span(attribute);
            default
        });
        let arguments = own.iter().cloned().chain(missing);
        quote!(#(#arguments),*)
    }
}

/// An argument: `name`, `name = value` or `name(..)`.
#[derive(Clone)]
struct Argument {
    name: Ident,
    value: TokenStream,
}

impl Parse for Argument {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let name = input.call(Ident::parse_any)?;
        let value = if input.peek(token::Paren) {
            input.parse::<TokenTree>()?.into()
        } else if let Some(equals) = input.parse::<Option<Token![=]>>()? {
            let value: Expr = input.parse()?;
            quote!(#equals #value)
        } else {
            TokenStream::new()
        };
        Ok(Self { name, value })
    }
}

impl ToTokens for Argument {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        self.name.to_tokens(tokens);
        self.value.to_tokens(tokens);
    }
}

/// Parses arguments without interpreting them.
fn parse(arguments: TokenStream) -> Result<Vec<Argument>> {
    let arguments = Punctuated::<Argument, Token![,]>::parse_terminated.parse2(arguments)?;
    Ok(arguments.into_iter().collect())
}
