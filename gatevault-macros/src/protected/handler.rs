//! Model: handlers of web frameworks, which extract a parameter by its type.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use syn::ext::IdentExt as _;
use syn::{Attribute, Meta, parse_quote};

use super::args::Args;
use super::item::Function;
use super::token::Token;
use crate::crate_path::CratePath;
use crate::diagnostics::{Errors, error};
use crate::tokens::hygienic;

/// Rejects a handler without a token parameter.
///
/// The added one accepts tokens of any type, and the compiler's own error would be about this type.
pub(super) fn reject_handler_without_token(
    args: &Args,
    function: &mut Function,
    krate: &CratePath,
    errors: &mut Errors,
) {
    let has_token =
        args.token.name().is_some() || args.handler.name().is_some() || Token::has_parameter(function);
    if has_token || function.sig.receiver().is_some() {
        return;
    }
    let Some(attr) = function.attrs.iter().find_map(handler) else { return };
    let name = &function.sig.ident;
    let cause = format!("`#[{attr}]` needs the type of the token");
    let remedy = format!("write `#[protected(handler)]`, add a parameter `token: Bearer` to `{name}`");
    let other = "or write where the token is, as `#[protected(token = ..)]`";
    errors.add(error(name, format!("{cause}: {remedy}, {other}")));
    // With this parameter the framework reports no error of its own.
    let token = Ident::new("token", Span::mixed_site());
    let bearer = hygienic!(#krate::Bearer);
    function.sig.inputs.insert(0, parse_quote!(#token: #bearer));
}

/// Returns the name of an attribute that makes a handler, such as `#[handler]`, or `#[get("/")]` with its path.
fn handler(attr: &Attribute) -> Option<String> {
    let name = attr.path().segments.last()?.ident.unraw().to_string();
    let is_handler = HANDLERS.contains(&name.as_str());
    let is_route = || match &attr.meta {
        Meta::List(list) => METHODS.contains(&name.as_str()) && begins_with_path(&list.tokens),
        _ => false,
    };
    (is_handler || is_route()).then_some(name)
}

/// Returns whether the first token is a string with the path of a URL.
fn begins_with_path(arguments: &TokenStream) -> bool {
    let first = arguments.clone().into_iter().next();
    matches!(first, Some(TokenTree::Literal(path)) if path.to_string().starts_with("\"/"))
}

/// Attributes without the path of a URL.
const HANDLERS: [&str; 3] = ["debug_handler", "endpoint", "handler"];
/// Attributes that begin with the path of a URL.
const METHODS: [&str; 10] =
    ["connect", "delete", "get", "head", "options", "patch", "post", "put", "route", "trace"];

#[cfg(test)]
mod tests {
    use crate::protected::protect;

    /// Returns the expansion of a function with these parameters and this attribute below `#[protected(..)]`.
    fn expansion(arguments: &str, attribute: &str, parameters: &str) -> String {
        let function = format!("{attribute} async fn list({parameters}) -> Result<(), Error> {{ Ok(()) }}");
        protect(syn::parse_str(arguments).unwrap(), &syn::parse_str(&function).unwrap()).to_string()
    }

    #[test]
    fn a_handler_writes_the_type_of_its_token() {
        for attribute in [
            "#[handler]",
            "#[framework::handler]",
            "#[framework::debug_handler(state = App)]",
            "#[endpoint]",
            "#[get(\"/\")]",
            "#[framework::post(\"/notes\")]",
            "#[framework::put(\"/notes/<id>\", data = \"<note>\")]",
        ] {
            let expanded = expansion("", attribute, "payload: User");
            assert!(
                expanded.contains("add a parameter `token: Bearer` to `list`"),
                "{attribute}: {expanded}"
            );
            assert!(expanded.contains("(token : :: gatevault :: Bearer)"), "{attribute}: {expanded}");
            for (arguments, parameters) in
                [("", "token: Bearer, payload: User"), ("token = id", "id: String")]
            {
                let expanded = expansion(arguments, attribute, parameters);
                assert!(!expanded.contains("compile_error"), "{attribute}: {expanded}");
            }
        }
    }

    #[test]
    fn other_functions_accept_every_token() {
        for attribute in ["", "#[inline]", "#[get]", "#[get(id)]", "#[trace]", "#[trace(\"name\")]"] {
            let expanded = expansion("", attribute, "payload: User");
            assert!(!expanded.contains("compile_error"), "{attribute}: {expanded}");
        }
    }
}
