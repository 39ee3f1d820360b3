//! Validation: attributes on items that contain no functions. One that is a macro could write functions.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use syn::punctuated::Punctuated;
use syn::{Attribute, Meta, Token};

use crate::diagnostics::{Errors, error};

/// Rejects and removes the attributes of an item that may be macros.
///
/// Types are exempt: their attributes cannot be distinguished from the helpers of their derives.
pub(crate) fn reject_macros(attrs: &mut Vec<Attribute>, errors: &mut Errors) {
    for attr in attrs.extract_if(.., |attr| !is_inert(&attr.meta)) {
        errors.add(error(attr, MAY_WRITE));
    }
}

/// Returns whether the compiler or a tool defines the attribute. None of these writes functions.
fn is_inert(meta: &Meta) -> bool {
    if let Meta::List(list) = meta
        && list.path.is_ident("cfg_attr")
    {
        let metas = list.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated);
        return metas.is_ok_and(|metas| metas.iter().skip(1).all(is_inert));
    }
    let first = meta.path().segments.first().map(|first| first.ident.to_string());
    let single = meta.path().segments.len() == 1;
    first.is_some_and(|first| if single { BUILT_IN.contains(&&*first) } else { TOOLS.contains(&&*first) })
}

/// Rejects an `extern` block that contains a function, or what may write one.
pub(crate) fn reject_foreign_functions(block: &TokenStream, errors: &mut Errors) {
    let content = block.clone().into_iter().find_map(|token| match token {
        TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => Some(group.stream()),
        _ => None,
    });
    let mut tokens = content.unwrap_or_default().into_iter();
    while let Some(token) = tokens.next() {
        match &token {
            TokenTree::Ident(word) if word == "fn" => errors.add(error(tokens.next(), FOREIGN)),
            TokenTree::Punct(punct) if punct.as_char() == '!' => errors.add(error(token, MAY_WRITE)),
            TokenTree::Punct(punct) if punct.as_char() == '#' => {
                let attr = tokens.next();
                let is_inert = |attr: &TokenTree| match attr {
                    TokenTree::Group(attr) => syn::parse2(attr.stream()).is_ok_and(|meta| is_inert(&meta)),
                    _ => false,
                };
                if !attr.as_ref().is_some_and(is_inert) {
                    errors.add(error(attr, MAY_WRITE));
                }
            }
            _ => {}
        }
    }
}

/// The attributes of the compiler, except those that take a function.
const BUILT_IN: [&str; 25] = [
    "allow",
    "automatically_derived",
    "cfg",
    "cold",
    "deny",
    "deprecated",
    "doc",
    "expect",
    "export_name",
    "forbid",
    "global_allocator",
    "inline",
    "link",
    "link_name",
    "link_ordinal",
    "link_section",
    "macro_export",
    "macro_use",
    "must_use",
    "no_mangle",
    "non_exhaustive",
    "repr",
    "unsafe",
    "used",
    "warn",
];
const TOOLS: [&str; 4] = ["clippy", "diagnostic", "rust_analyzer", "rustfmt"];
const MAY_WRITE: &str =
    "this may write functions that are not guarded: move the item out of the guarded block";
const FOREIGN: &str = "a foreign function has no body to guard: move this `extern` block out of the guarded block, and call \
                       the function from a guarded one";
