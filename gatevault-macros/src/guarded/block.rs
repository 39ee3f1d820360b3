//! Syntax: an `impl`, a `trait` or an inline `mod`, down to its functions. Function bodies are not parsed.

use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens, TokenStreamExt as _, quote};
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Ident, Path, Result, Token, Visibility, braced, token};

use super::marks::{ends_with, is_cfg_test};
use crate::diagnostics::error;
use crate::protected::{Function, is_function};

/// A block of items in braces, with the tokens before the braces.
pub(crate) struct Block {
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) head: TokenStream,
    brace: token::Brace,
    pub(crate) inner_attrs: Vec<Attribute>,
    pub(crate) items: Vec<Item>,
    /// An item to write after the others.
    pub(crate) last: Option<TokenStream>,
}

/// An item of a block.
pub(crate) enum Item {
    Function(Box<Function>),
    Block(Block),
    /// A block with its own `#[guarded]`.
    Nested(Plain),
    /// A macro call. The functions it may create cannot be seen here.
    MacroCall(Plain),
    /// A `use` or an `extern crate`.
    Use(Plain),
    /// An `extern` block.
    Foreign(Plain),
    /// A constant, a static, a type alias or a `macro_rules!`.
    Value(Plain),
    /// A struct, an enum, a union, or a block for tests only.
    Exempt(Plain),
}

/// An item that is kept as written: its attributes, and the rest of it.
pub(crate) struct Plain {
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) tokens: TokenStream,
}

/// A variant of [`Item`] that keeps an item as written.
type Kind = fn(Plain) -> Item;

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
        Ok(Self { attrs, head, brace, inner_attrs, items, last: None })
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
        if is_block(&ahead) {
            return match block_kind(&attrs) {
                None => input.parse().map(Self::Block),
                Some(kind) => Plain::parse(input, ItemEnd::Braces).map(kind),
            };
        }
        if let Some((kind, end)) = plain_kind(&ahead) {
            return Plain::parse(input, end).map(kind);
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

/// Returns the kind of a block whose functions are not validated with its parent: one for tests only, or with its own
/// `#[guarded]`.
fn block_kind(attrs: &[Attribute]) -> Option<Kind> {
    if attrs.iter().any(is_cfg_test) {
        return Some(Item::Exempt);
    }
    attrs.iter().any(|attr| ends_with(attr, "guarded")).then_some(Item::Nested)
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

/// Returns the kind of an item without functions, and how it ends. Returns `None` if an unknown item follows.
fn plain_kind(input: ParseStream<'_>) -> Option<(Kind, ItemEnd)> {
    let is_named = |name| input.fork().parse::<Ident>().is_ok_and(|ident| ident == name);
    if is_macro_call(input) {
        return Some((Item::MacroCall, ItemEnd::Braces));
    }
    if input.peek(Token![use]) || (input.peek(Token![extern]) && input.peek2(Token![crate])) {
        return Some((Item::Use, ItemEnd::Semicolon));
    }
    if is_constant(input) {
        return Some((Item::Value, ItemEnd::Semicolon));
    }
    if input.peek(Token![extern]) || (input.peek(Token![unsafe]) && input.peek2(Token![extern])) {
        return Some((Item::Foreign, ItemEnd::Braces));
    }
    if is_named("macro_rules") {
        return Some((Item::Value, ItemEnd::Braces));
    }
    let is_type = input.peek(Token![struct]) || input.peek(Token![enum]) || is_named("union");
    is_type.then_some((Item::Exempt, ItemEnd::Braces))
}

/// Returns whether a constant, a static or a type alias follows, and no `const fn` or `const trait`.
fn is_constant(input: ParseStream<'_>) -> bool {
    let is_const = input.peek(Token![const]) && (input.peek2(Ident) || input.peek2(Token![_]));
    is_const || input.peek(Token![static]) || input.peek(Token![type])
}

/// The last token of an item. One that ends with braces may end with a semicolon instead.
#[derive(Clone, Copy, PartialEq)]
enum ItemEnd {
    Braces,
    Semicolon,
}

impl Plain {
    /// Parses a whole item and keeps its tokens as written.
    fn parse(input: ParseStream<'_>, end: ItemEnd) -> Result<Self> {
        let attrs = input.call(Attribute::parse_outer)?;
        let head = item_head(input, end)?;
        let end: Option<TokenTree> = if input.is_empty() { None } else { Some(input.parse()?) };
        Ok(Self { attrs, tokens: quote!(#head #end) })
    }

    /// Returns the item as a block, or `None` if it cannot be parsed, which its own `#[guarded]` reports.
    pub(crate) fn block(&self) -> Option<Block> {
        syn::parse2(self.tokens.clone()).ok()
    }
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

impl Block {
    /// Returns the name of a module.
    pub(crate) fn module_name(&self) -> Option<Ident> {
        let mut words = self.head.clone().into_iter().skip_while(|word| word.to_string() != "mod").skip(1);
        match words.next() {
            Some(TokenTree::Ident(name)) => Some(name),
            _ => None,
        }
    }
}

impl ToTokens for Block {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let Self { attrs, head, brace, inner_attrs, items, last } = self;
        tokens.extend(quote!(#(#attrs)* #head));
        brace.surround(tokens, |block| block.extend(quote!(#(#inner_attrs)* #(#items)* #last)));
    }
}

impl ToTokens for Item {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            Self::Function(function) => function.to_tokens(tokens),
            Self::Block(block) => block.to_tokens(tokens),
            Self::Nested(item)
            | Self::MacroCall(item)
            | Self::Use(item)
            | Self::Foreign(item)
            | Self::Value(item)
            | Self::Exempt(item) => item.to_tokens(tokens),
        }
    }
}

impl ToTokens for Plain {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let Self { attrs, tokens: item } = self;
        tokens.extend(quote!(#(#attrs)* #item));
    }
}
