//! Syntax: the arguments of `#[guarded(..)]`, which are those of `#[protected(..)]`, each kept as it was written.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::ext::IdentExt as _;
use syn::parse::{Parse, ParseStream, Parser as _};
use syn::punctuated::Punctuated;
use syn::{Expr, Result, Token, token};

use crate::diagnostics::{Refusals, refuse};
use crate::protected::Args;

/// The arguments that a function has unless it writes its own.
#[derive(Default)]
pub(crate) struct Defaults(Vec<Argument>);

impl Defaults {
    /// Reads the arguments; what is wrong with them is reported here, and not once more at every function.
    pub(crate) fn parse(arguments: TokenStream, refusals: &mut Refusals) -> Self {
        let mut wrong = Refusals::default();
        let args = Args::parse(arguments.clone(), &mut wrong);
        for name in [args.payload.name(), args.optional.name()].into_iter().flatten() {
            let remedy = format!("`{name}` is a matter of one function: write it in its `#[protected(..)]`");
            wrong.add(refuse(name, remedy));
        }
        match wrong.into_result().and_then(|()| read(arguments)) {
            Ok(arguments) => Self(arguments),
            Err(wrong) => {
                refusals.add(wrong);
                Self::default()
            }
        }
    }

    /// The arguments of one function and the defaults that it does not write itself; what cannot be read is
    /// left as it is, for `#[protected]`, which reads less than this, to refuse.
    pub(crate) fn complete(&self, written: TokenStream, attribute: Span) -> TokenStream {
        let Ok(own) = read(written.clone()) else { return written };
        let missing = self.0.iter().filter(|default| own.iter().all(|own| own.name != default.name));
        // What does not fit a function is reported there, not where the default is written.
        let missing = missing.cloned().map(|mut default| {
            default.name.set_span(attribute);
            default
        });
        let arguments = own.iter().cloned().chain(missing);
        quote!(#(#arguments),*)
    }
}

/// `name`, `name = value` or `name(..)`.
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

fn read(arguments: TokenStream) -> Result<Vec<Argument>> {
    let arguments = Punctuated::<Argument, Token![,]>::parse_terminated.parse2(arguments)?;
    Ok(arguments.into_iter().collect())
}
