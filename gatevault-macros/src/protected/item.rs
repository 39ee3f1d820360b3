//! Syntax: the function under the attribute. Its body is never parsed, so that an incomplete one still expands.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::ext::IdentExt as _;
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Lit, Pat, PatType, Result, Signature, Token, Visibility, braced, token};

use crate::diagnostics::error;
use crate::tokens::hygienic;

/// A function or a declaration without a body.
pub(crate) struct Function {
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) vis: Visibility,
    pub(crate) sig: Signature,
    pub(crate) body: Option<Body>,
}

/// The braces of a function and the tokens in them.
pub(crate) struct Body {
    pub(crate) brace: token::Brace,
    pub(crate) inner_attrs: Vec<Attribute>,
    /// `None` if the statements are not emitted.
    pub(crate) statements: Option<TokenStream>,
}

impl Parse for Function {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let attrs = input.call(Attribute::parse_outer)?;
        let vis = input.parse()?;
        if !is_function(input)? {
            return Err(error(
                input.parse::<TokenTree>()?,
                "`#[protected]` applies to a function: put it on each function that needs a token",
            ));
        }
        let sig = input.parse()?;
        let body = match input.parse::<Option<Token![;]>>()? {
            Some(_) => None,
            None => Some(input.parse()?),
        };
        Ok(Self { attrs, vis, sig, body })
    }
}

impl Parse for Body {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let content;
        Ok(Self {
            brace: braced!(content in input),
            inner_attrs: content.call(Attribute::parse_inner)?,
            statements: Some(content.parse()?),
        })
    }
}

impl Function {
    /// Inserts a statement in front of the body, which is then a block of its own.
    ///
    /// The block and its leading `;` prevent lints in the user's code, as in the expansion of `#[protected]`.
    pub(crate) fn insert(&mut self, statement: &TokenStream) {
        let Some(Body { brace, statements: Some(statements), .. }) = &mut self.body else { return };
        let mut block = TokenStream::new();
        brace.surround(&mut block, |block| block.extend(hygienic!(; #statements)));
        *statements = quote!(#statement #block);
    }
}

/// Returns whether an `fn` follows, after no more than qualifiers (`const`, `async`, `unsafe`, `extern "C"`).
pub(crate) fn is_function(input: ParseStream<'_>) -> Result<bool> {
    let ahead = input.fork();
    while !ahead.peek(Token![fn]) {
        let qualifier = ahead.peek(Token![const])
            || ahead.peek(Token![async])
            || ahead.peek(Token![unsafe])
            || ahead.peek(Token![extern]);
        if qualifier {
            ahead.call(Ident::parse_any)?;
        } else if ahead.peek(Lit) {
            ahead.parse::<Lit>()?;
        } else {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Returns the identifier of the parameter if it is `name` and not within a pattern.
pub(crate) fn binding<'p>(parameter: &'p PatType, name: &str) -> Option<&'p Ident> {
    match &*parameter.pat {
        Pat::Ident(pattern) if pattern.ident.unraw() == name => Some(&pattern.ident),
        _ => None,
    }
}

/// Emits the function as written, for `#[guarded]`, which changes only attributes.
impl ToTokens for Function {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let Self { attrs, vis, sig, body } = self;
        tokens.extend(quote!(#(#attrs)* #vis #sig));
        let Some(Body { brace, inner_attrs, statements }) = body else {
            return tokens.extend(quote!(;));
        };
        brace.surround(tokens, |block| block.extend(quote!(#(#inner_attrs)* #statements)));
    }
}
