//! Syntax: an `impl`, a `trait` or an inline `mod`, down to its functions. Function bodies are not parsed.

use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens, TokenStreamExt as _, quote};
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Ident, Path, Result, Token, Visibility, braced, token};

use crate::diagnostics::error;
use crate::protected::{Function, is_function};

/// A block of items in braces, with the tokens before the braces.
pub(crate) struct Block {
    pub(crate) attrs: Vec<Attribute>,
    head: TokenStream,
    brace: token::Brace,
    inner_attrs: Vec<Attribute>,
    pub(crate) items: Vec<Item>,
}

/// An item of a block.
pub(crate) enum Item {
    Function(Box<Function>),
    Block(Block),
    /// A macro call. The functions it may create cannot be seen here.
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
                "for a single function write `#[protected]`"
            } else {
                "put it on the block that contains the functions"
            };
            return Err(error(
                ahead.parse::<TokenTree>()?,
                format!("`#[guarded]` applies to an `impl` block, a trait or an inline module: {remedy}"),
            ));
        }
        let head = item_head(input, ItemEnd::Braces)?;
        if !input.peek(token::Brace) {
            return Err(error(
                head,
                "`#[guarded]` cannot see the functions of a module in another file: put it on the `impl` blocks there",
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
        if is_block(&ahead) && !attrs.iter().any(exempts) {
            return input.parse().map(Self::Block);
        }
        if is_macro_call(&ahead) {
            return whole_item(input, ItemEnd::Braces).map(Self::MacroCall);
        }
        if is_block(&ahead) || ends_at_braces(&ahead) {
            return whole_item(input, ItemEnd::Braces).map(Self::Other);
        }
        if ends_at_semicolon(&ahead) {
            return whole_item(input, ItemEnd::Semicolon).map(Self::Other);
        }
        // An unknown item could contain functions, so only items that are known to have none are accepted.
        let words = ahead.parse::<TokenTree>()?;
        Err(error(
            words,
            "`#[guarded]` does not know this kind of item, which may contain functions: move it out of the \
             guarded block",
        ))
    }
}

/// Returns whether the attribute exempts its block: one for tests only, or one with its own `#[guarded]`.
fn exempts(attr: &Attribute) -> bool {
    let is_for_tests = || attr.to_token_stream().to_string().replace(' ', "") == "#[cfg(test)]";
    is_for_tests() || attr.path().segments.last().is_some_and(|name| name.ident == "guarded")
}

/// Returns whether an `impl`, a `mod` or a `trait` follows.
fn is_block(input: ParseStream<'_>) -> bool {
    input.peek(Token![impl])
        || input.peek(Token![mod])
        || input.peek(Token![trait])
        || (input.peek(Token![unsafe]) && (input.peek2(Token![impl]) || input.peek2(Token![trait])))
}

/// Returns whether a macro call follows.
fn is_macro_call(input: ParseStream<'_>) -> bool {
    let ahead = input.fork();
    let path = ahead.call(Path::parse_mod_style);
    path.is_ok_and(|path| ahead.peek(Token![!]) && !path.is_ident("macro_rules"))
}

/// Returns whether an item follows that ends with a semicolon and contains no functions.
fn ends_at_semicolon(input: ParseStream<'_>) -> bool {
    // Only constants: `const fn` and `const trait` contain functions.
    let is_const = input.peek(Token![const]) && (input.peek2(Ident) || input.peek2(Token![_]));
    is_const
        || input.peek(Token![use])
        || input.peek(Token![static])
        || input.peek(Token![type])
        || (input.peek(Token![extern]) && input.peek2(Token![crate]))
}

/// Returns whether an item follows that ends with braces and contains no functions.
fn ends_at_braces(input: ParseStream<'_>) -> bool {
    let is_named = |name| input.fork().parse::<Ident>().is_ok_and(|ident| ident == name);
    input.peek(Token![struct])
        || input.peek(Token![enum])
        || input.peek(Token![extern])
        || (input.peek(Token![unsafe]) && input.peek2(Token![extern]))
        || is_named("union")
        || is_named("macro_rules")
}

/// The last token of an item. One that ends with braces may end with a semicolon instead.
#[derive(Clone, Copy, PartialEq)]
enum ItemEnd {
    Braces,
    Semicolon,
}

/// Parses a whole item and keeps its tokens as written.
fn whole_item(input: ParseStream<'_>, end: ItemEnd) -> Result<TokenStream> {
    let attrs = input.call(Attribute::parse_outer)?;
    let head = item_head(input, end)?;
    let end: Option<TokenTree> = if input.is_empty() { None } else { Some(input.parse()?) };
    Ok(quote!(#(#attrs)* #head #end))
}

/// Parses the tokens before the end of an item. Braces in generics, as in `Ring<{ 3 }>`, are not its end.
fn item_head(input: ParseStream<'_>, end: ItemEnd) -> Result<TokenStream> {
    let mut head = TokenStream::new();
    let (mut depth, mut last) = (0_usize, ' ');
    while !input.is_empty() && !input.peek(Token![;]) {
        if end == ItemEnd::Braces && depth == 0 && input.peek(token::Brace) {
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
