//! Syntax: an `impl`, a `trait` or an inline `mod`, down to its functions. No body of a function is parsed.

use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens, TokenStreamExt as _, quote};
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Ident, Path, Result, Token, Visibility, braced, token};

use crate::diagnostics::refuse;
use crate::protected::{Function, is_function};

/// Braces with items in them, and what stands before the braces.
pub(crate) struct Block {
    pub(crate) attrs: Vec<Attribute>,
    head: TokenStream,
    brace: token::Brace,
    inner_attrs: Vec<Attribute>,
    pub(crate) items: Vec<Item>,
}

/// What stands in a block.
pub(crate) enum Item {
    Function(Box<Function>),
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
            let remedy = if is_function(&ahead)? {
                "put `#[protected]` on a function"
            } else {
                "put it on the block that has the functions"
            };
            return Err(refuse(
                ahead.parse::<TokenTree>()?,
                format!("`#[guarded]` stands on an `impl` block or an inline module: {remedy}"),
            ));
        }
        let head = until_end(input, End::Braces)?;
        if !input.peek(token::Brace) {
            return Err(refuse(
                head,
                "the functions of this module are in another file: put `#[guarded]` on the `impl` blocks in it",
            ));
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
            return input.parse().map(Box::new).map(Self::Function);
        }
        if is_block(&ahead) && !attrs.iter().any(sees_to_itself) {
            return input.parse().map(Self::Block);
        }
        if is_macro_call(&ahead) {
            return whole(input, End::Braces).map(Self::MacroCall);
        }
        if is_block(&ahead) || ends_at_braces(&ahead) {
            return whole(input, End::Braces).map(Self::Other);
        }
        if ends_at_semicolon(&ahead) {
            return whole(input, End::Semicolon).map(Self::Other);
        }
        // What is unknown might be a function: only what is known to be none passes.
        let words = ahead.parse::<TokenTree>()?;
        Err(refuse(words, "no item that `#[guarded]` knows begins so: move it out of what is `#[guarded]`"))
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

fn ends_at_semicolon(input: ParseStream<'_>) -> bool {
    // `const trait` and the like are none of these.
    let is_const = input.peek(Token![const]) && (input.peek2(Ident) || input.peek2(Token![_]));
    is_const
        || input.peek(Token![use])
        || input.peek(Token![static])
        || input.peek(Token![type])
        || (input.peek(Token![extern]) && input.peek2(Token![crate]))
}

fn ends_at_braces(input: ParseStream<'_>) -> bool {
    let is_named = |name| input.fork().parse::<Ident>().is_ok_and(|ident| ident == name);
    input.peek(Token![struct])
        || input.peek(Token![enum])
        || input.peek(Token![extern])
        || (input.peek(Token![unsafe]) && input.peek2(Token![extern]))
        || is_named("union")
        || is_named("macro_rules")
}

/// What an item ends with; one that ends with braces may end with a semicolon instead.
#[derive(Clone, Copy, PartialEq)]
enum End {
    Braces,
    Semicolon,
}

/// The item as it was written.
fn whole(input: ParseStream<'_>, end: End) -> Result<TokenStream> {
    let attrs = input.call(Attribute::parse_outer)?;
    let head = until_end(input, end)?;
    let end: Option<TokenTree> = if input.is_empty() { None } else { Some(input.parse()?) };
    Ok(quote!(#(#attrs)* #head #end))
}

/// What stands before the end of an item: the braces of `Ring<{ 3 }>` are none.
fn until_end(input: ParseStream<'_>, end: End) -> Result<TokenStream> {
    let mut head = TokenStream::new();
    let (mut depth, mut last) = (0_usize, ' ');
    while !input.is_empty() && !input.peek(Token![;]) {
        if end == End::Braces && depth == 0 && input.peek(token::Brace) {
            break;
        }
        let token: TokenTree = input.parse()?;
        let punct = if let TokenTree::Punct(punct) = &token { punct.as_char() } else { ' ' };
        match (last, punct) {
            (_, '<') => depth = depth.saturating_add(1),
            ('-', '>') => {}
            (_, '>') => depth = depth.saturating_sub(1),
            _ => {}
        }
        last = punct;
        head.append(token);
    }
    Ok(head)
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
