//! Syntax: the arguments of `#[guarded(..)]`, which are those of `#[protected(..)]`, each kept as it was written.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::ext::IdentExt as _;
use syn::parse::{Parse, ParseStream, Parser as _};
use syn::punctuated::Punctuated;
use syn::{Expr, Result, Token, token};

use crate::diagnostics::{Refusals, refuse, unknown};
use crate::protected::ARGUMENTS;

/// The arguments that a function has unless it writes its own.
#[derive(Default)]
pub(crate) struct Defaults(Vec<Argument>);

impl Defaults {
    pub(crate) fn parse(arguments: TokenStream, refusals: &mut Refusals) -> Self {
        let arguments = refusals.hear(read(arguments)).unwrap_or_default();
        for Argument { name, .. } in &arguments {
            if name == "payload" || name == "optional" {
                let remedy =
                    format!("`{name}` is a matter of one function: write it in its `#[protected(..)]`");
                refusals.add(refuse(name, remedy));
            } else if !ARGUMENTS.iter().any(|known| name == known) {
                refusals.add(unknown(name, "argument", ARGUMENTS));
            }
        }
        Self(arguments)
    }

    /// The arguments of one function and the defaults that it does not write itself; what cannot be read is
    /// left as it is, for `#[protected]` to refuse.
    pub(crate) fn complete(&self, written: TokenStream) -> TokenStream {
        let Ok(own) = read(written.clone()) else { return written };
        let missing = self.0.iter().filter(|default| own.iter().all(|own| own.name != default.name));
        let arguments = own.iter().chain(missing);
        quote!(#(#arguments),*)
    }
}

/// `name`, `name = value` or `name(..)`.
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

fn read(arguments: TokenStream) -> Result<Vec<Argument>> {
    let arguments = Punctuated::<Argument, Token![,]>::parse_terminated.parse2(arguments)?;
    Ok(arguments.into_iter().collect())
}
