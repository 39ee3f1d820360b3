//! Syntax: an `impl`, a `trait` or an inline `mod`, down to its functions. No body of a function is parsed.

use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens, TokenStreamExt as _, quote};
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Path, Result, Token, Visibility, braced, token};

use crate::diagnostics::refuse;
use crate::protected::{Function, is_function};

/// Braces with items in them, and what stands before the braces.
pub(crate) struct Block {
    attrs: Vec<Attribute>,
    head: TokenStream,
    brace: token::Brace,
    inner_attrs: Vec<Attribute>,
    pub(crate) items: Vec<Item>,
}

/// What stands in a block.
pub(crate) enum Item {
    Function(Function),
    Block(Block),
    /// A macro that is called: whatever functions it makes cannot be seen here.
    MacroCall(TokenStream),
    Other(TokenStream),
}

impl Parse for Block {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let attrs = input.call(Attribute::parse_outer)?;
        let ahead = input.fork();
        ahead.parse::<Visibility>()?;
        if !is_block(&ahead) {
            return Err(refuse(
                input.parse::<TokenTree>()?,
                "`#[guarded]` stands on an `impl` block or an inline module: put `#[protected]` on a function",
            ));
        }
        let mut head = TokenStream::new();
        while !input.peek(token::Brace) {
            if input.peek(Token![;]) {
                return Err(refuse(
                    head,
                    "the functions of this module are in another file: put `#[guarded]` on the `impl` blocks in it",
                ));
            }
            head.append(input.parse::<TokenTree>()?);
        }
        let content;
        let brace = braced!(content in input);
        let inner_attrs = content.call(Attribute::parse_inner)?;
        let mut items = Vec::new();
        while !content.is_empty() {
            items.push(content.parse()?);
        }
        Ok(Self { attrs, head, brace, inner_attrs, items })
    }
}

impl Parse for Item {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let ahead = input.fork();
        let attrs = ahead.call(Attribute::parse_outer)?;
        ahead.parse::<Visibility>()?;
        if is_function(&ahead)? {
            return input.parse().map(Self::Function);
        }
        if is_block(&ahead) && !attrs.iter().any(sees_to_itself) {
            return input.parse().map(Self::Block);
        }
        let ends_at_semicolon = ahead.peek(Token![use])
            || ahead.peek(Token![const])
            || ahead.peek(Token![static])
            || ahead.peek(Token![type]);
        let is_macro_call = is_macro_call(&ahead);
        let tokens = rest_of_item(input, ends_at_semicolon)?;
        Ok(if is_macro_call { Self::MacroCall(tokens) } else { Self::Other(tokens) })
    }
}

/// A block that is compiled for tests only, or that is `#[guarded]` on its own.
fn sees_to_itself(attr: &Attribute) -> bool {
    let is_for_tests = || attr.to_token_stream().to_string().replace(' ', "") == "#[cfg(test)]";
    is_for_tests() || attr.path().segments.last().is_some_and(|name| name.ident == "guarded")
}

fn is_block(input: ParseStream<'_>) -> bool {
    input.peek(Token![impl])
        || input.peek(Token![mod])
        || input.peek(Token![trait])
        || (input.peek(Token![unsafe]) && (input.peek2(Token![impl]) || input.peek2(Token![trait])))
}

fn is_macro_call(input: ParseStream<'_>) -> bool {
    let ahead = input.fork();
    let path = ahead.call(Path::parse_mod_style);
    path.is_ok_and(|path| ahead.peek(Token![!]) && !path.is_ident("macro_rules"))
}

fn rest_of_item(input: ParseStream<'_>, ends_at_semicolon: bool) -> Result<TokenStream> {
    let attrs = input.call(Attribute::parse_outer)?;
    let mut tokens = quote!(#(#attrs)*);
    while !input.is_empty() {
        let ends = input.peek(Token![;]) || (input.peek(token::Brace) && !ends_at_semicolon);
        tokens.append(input.parse::<TokenTree>()?);
        if ends {
            break;
        }
    }
    Ok(tokens)
}

impl ToTokens for Block {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let Self { attrs, head, brace, inner_attrs, items } = self;
        tokens.extend(quote!(#(#attrs)* #head));
        brace.surround(tokens, |block| block.extend(quote!(#(#inner_attrs)* #(#items)*)));
    }
}

impl ToTokens for Item {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            Self::Function(function) => function.to_tokens(tokens),
            Self::Block(block) => block.to_tokens(tokens),
            Self::MacroCall(item) | Self::Other(item) => item.to_tokens(tokens),
        }
    }
}
