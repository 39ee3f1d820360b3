//! Model: attributes below the guard that would log the token, or answer in the function's place before the guard.
//!
//! A macro sees only names: an attribute that is imported under another name is accepted. The guide warns of it.

use proc_macro2::{TokenStream, TokenTree};
use syn::ext::IdentExt as _;
use syn::{Attribute, Meta};

use super::item::Function;
use super::payload::{Origin, Payload};
use super::token::Token;
use crate::diagnostics::{Errors, error};
use crate::tokens::source_text;

/// Rejects and removes each attribute that would log the token, and each cache.
pub(crate) fn reject_attributes(
    function: &mut Function,
    token: &Token,
    payload: Option<&Payload>,
    errors: &mut Errors,
) {
    let sources = token.sources(function);
    function.attrs.retain(|attr| {
        let logger = || if matches!(token, Token::Source(_)) { None } else { logger(attr, &sources) };
        let found = cache(attr, token, payload).or_else(logger);
        found.map(|message| errors.add(error(attr, message))).is_none()
    });
}

/// Returns the error for an attribute that returns a result of an earlier call.
fn cache(attr: &Attribute, token: &Token, payload: Option<&Payload>) -> Option<String> {
    let name = last_segment(attr)?;
    if !CACHES.contains(&name.as_str()) && !name.split('_').any(|word| CACHE_WORDS.contains(&word)) {
        return None;
    }
    let payload = payload.filter(|payload| payload.origin == Origin::Parameter).map(|payload| {
        let (name, ty) = (&payload.name, source_text(&payload.ty));
        format!(", and write the payload into the attribute, as `#[protected(payload = {name}: {ty})]`")
    });
    // Others may keep the attributes of the function only on the copy that they call on a miss.
    // A cache above the handler form would not know the hidden parameter of the copy.
    let is_handler = matches!(token, Token::Source(_));
    let remedy = if !is_handler && (name == "once" || name.ends_with("cached")) {
        format!("put it above `#[protected]`{}", payload.unwrap_or_default())
    } else {
        "put it on a function without `#[protected]`, and call that from the guarded one".to_owned()
    };
    Some(format!(
        "this attribute would return the result of an earlier call before the token is verified: {remedy}"
    ))
}

/// Returns the error for an attribute that writes the token into a log.
fn logger(attr: &Attribute, sources: &[String]) -> Option<String> {
    let name = last_segment(attr)?;
    let arguments = arguments(attr);
    let remedy = match name.as_str() {
        "instrument" => {
            let exposed = sources.iter().any(|token| !is_skipped(&arguments, token));
            let recorded = sources.iter().find(|token| is_recorded(&arguments, token));
            match (exposed, recorded) {
                (true, _) => format!(", or write `#[instrument(skip({}))]`", sources.join(", ")),
                (false, Some(token)) => format!(", or remove `{token}` from `fields(..)`"),
                (false, None) => return None,
            }
        }
        "logcall" if !is_format_without(&arguments, sources) => {
            ", or write `input = \"..\"` without it".to_owned()
        }
        "logfn_inputs" => String::new(),
        "trace" if is_trace_crate(attr) => String::new(),
        _ => return None,
    };
    Some(format!("this attribute would log the token: put it above `#[protected]`{remedy}"))
}

/// Returns whether `skip_all` or `skip(..)` keeps the parameter out of the span.
fn is_skipped(arguments: &[Vec<TokenTree>], parameter: &str) -> bool {
    arguments.iter().any(|argument| match argument.as_slice() {
        [TokenTree::Ident(word)] => word == "skip_all",
        [TokenTree::Ident(word), TokenTree::Group(list)] if word == "skip" => split(list.stream())
            .iter()
            .any(|name| matches!(&name[..], [TokenTree::Ident(name)] if name == parameter)),
        _ => false,
    })
}

/// Returns whether a field of `fields(..)` would record the parameter.
fn is_recorded(arguments: &[Vec<TokenTree>], parameter: &str) -> bool {
    arguments.iter().any(|argument| match argument.as_slice() {
        [TokenTree::Ident(word), TokenTree::Group(list)] if word == "fields" => {
            split(list.stream()).iter().any(|field| exposes(value(field), parameter))
        }
        _ => false,
    })
}

/// Returns the value in `name = value`, or the whole field if it has no value of its own.
fn value(field: &[TokenTree]) -> &[TokenTree] {
    let is_equals = |token: &TokenTree| matches!(token, TokenTree::Punct(punct) if punct.as_char() == '=');
    field.splitn(2, is_equals).nth(1).unwrap_or(field)
}

/// Returns whether an expression contains the parameter itself, and not only its length or its presence.
fn exposes(expression: &[TokenTree], parameter: &str) -> bool {
    let mut rest = expression.iter();
    while let Some(token) = rest.next() {
        let exposed = match token {
            TokenTree::Ident(name) => name == parameter && !is_harmless(rest.as_slice()),
            TokenTree::Group(group) => exposes(&group.stream().into_iter().collect::<Vec<_>>(), parameter),
            TokenTree::Literal(literal) => is_formatted(&literal.to_string(), parameter),
            TokenTree::Punct(_) => false,
        };
        if exposed {
            return true;
        }
    }
    false
}

/// Returns whether the tokens after a name call a method that reveals nothing of its content.
fn is_harmless(next: &[TokenTree]) -> bool {
    matches!(next, [TokenTree::Punct(dot), TokenTree::Ident(method), ..]
        if dot.as_char() == '.' && HARMLESS.iter().any(|harmless| method == harmless))
}

/// Returns whether a format string contains the parameter, as in `"{token}"`.
fn is_formatted(literal: &str, parameter: &str) -> bool {
    literal.split('{').skip(1).any(|argument| {
        let name = argument.split(['}', ':']).next().unwrap_or_default();
        name.trim() == parameter
    })
}

/// Returns whether `input = ".."` replaces the list of all parameters with a string that contains none of `sources`.
fn is_format_without(arguments: &[Vec<TokenTree>], sources: &[String]) -> bool {
    arguments.iter().any(|argument| match argument.as_slice() {
        [TokenTree::Ident(word), TokenTree::Punct(_), format @ ..] if word == "input" => {
            !sources.iter().any(|source| exposes(format, source))
        }
        _ => false,
    })
}

/// Returns whether the path of a `trace` attribute names a crate that prints all parameters. Other crates use the name too.
fn is_trace_crate(attr: &Attribute) -> bool {
    let first = attr.path().segments.first().map(|segment| segment.ident.unraw().to_string());
    attr.path().segments.len() > 1 && matches!(first.as_deref(), Some("trace" | "func_trace"))
}

/// Returns the name of the attribute without the path to it.
fn last_segment(attr: &Attribute) -> Option<String> {
    Some(attr.path().segments.last()?.ident.unraw().to_string())
}

/// Returns the arguments of an attribute.
fn arguments(attr: &Attribute) -> Vec<Vec<TokenTree>> {
    match &attr.meta {
        Meta::List(list) => split(list.tokens.clone()),
        _ => Vec::new(),
    }
}

/// Splits tokens at the commas.
fn split(tokens: TokenStream) -> Vec<Vec<TokenTree>> {
    let is_comma = |token: &TokenTree| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ',');
    let tokens: Vec<_> = tokens.into_iter().collect();
    tokens.split(is_comma).map(<[TokenTree]>::to_vec).collect()
}

/// Attributes that answer in the function's place.
const CACHES: [&str; 2] = ["once", "tracked"];
/// Words in the names of such attributes: `cached`, `io_cached`, `lru_cache`, `memoize`, `cache_async` and others.
const CACHE_WORDS: [&str; 9] =
    ["cache", "cached", "cacheable", "cachekit", "memo", "memoize", "memoized", "memoise", "memoised"];
/// Methods of a token that reveal nothing of its content.
const HARMLESS: [&str; 4] = ["is_empty", "is_none", "is_some", "len"];

#[cfg(test)]
mod tests {
    use crate::protected::protect;

    /// Returns the error for an attribute below `#[protected]`, if there is one.
    fn error(attribute: &str) -> Option<String> {
        error_with("", attribute)
    }

    /// Returns the error for an attribute below `#[protected(..)]` with these arguments.
    fn error_with(arguments: &str, attribute: &str) -> Option<String> {
        let function = "fn list(&self, token: &str, id: u64) -> Result<(), Error> { Ok(()) }";
        let item = syn::parse_str(&format!("{attribute} {function}")).unwrap();
        let expanded = protect(syn::parse_str(arguments).unwrap(), &item).to_string();
        let (_, error) = expanded.split_once("compile_error ! { \"")?;
        Some(error.split('"').next().unwrap_or_default().to_owned())
    }

    #[test]
    fn an_attribute_that_logs_the_token_is_rejected() {
        for attribute in [
            "#[instrument]",
            "#[tracing::instrument]",
            "#[instrument()]",
            "#[instrument(err, ret)]",
            "#[instrument(skip(self))]",
            "#[instrument(skip(id), fields(bytes = token.len()))]",
            "#[instrument(name = \"skip_all\")]",
            "#[instrument(target = skip_all)]",
            "#[instrument(parent = skip(token))]",
            "#[instrument(skip(r#token))]",
            "#[instrument(skip(tokens, id))]",
            "#[instrument(skip(token), fields(token))]",
            "#[instrument(skip(token), fields(%token))]",
            "#[instrument(skip(token), fields(from = token))]",
            "#[instrument(skip(token), fields(from = ?token, id))]",
            "#[instrument(skip_all, fields(id, from = &token[..8]))]",
            "#[instrument(skip_all, fields(from = token.trim()))]",
            "#[instrument(skip_all, fields(from = format!(\"{token:?}\")))]",
            "#[instrument(skip_all, fields(from = format!(\"{}\", token)))]",
            "#[logcall]",
            "#[logcall(\"info\")]",
            "#[logcall(input = \"{token}, {id}\")]",
            "#[log_derive::logfn_inputs(Info)]",
            "#[trace::trace]",
        ] {
            let error = error(attribute).unwrap_or_default();
            assert!(
                error.starts_with("this attribute would log the token: put it above"),
                "{attribute}: {error}"
            );
        }
    }

    #[test]
    fn an_attribute_that_logs_no_token_is_accepted() {
        for attribute in [
            "#[instrument(skip_all)]",
            "#[instrument(skip(token))]",
            "#[instrument(level = \"debug\", skip(self, token,), err(Debug))]",
            "#[instrument(skip_all, fields(id, bytes = token.len(), known = !token.is_empty(), token = 1))]",
            "#[instrument(skip_all, fields(from = format!(\"{tokens} {id}\")))]",
            "#[logcall(input = \"id = {id}\")]",
            "#[logfn(Info)]",
            "#[trace]",
            "#[fastrace::trace]",
        ] {
            assert_eq!(error(attribute), None, "{attribute}");
        }
    }

    #[test]
    fn what_the_expression_of_a_token_reads_is_not_logged() {
        let arguments = "token = self.tokens.get(id)";
        for attribute in [
            "#[instrument]",
            "#[instrument(skip(token))]",
            "#[instrument(skip(self))]",
            "#[instrument(skip(id))]",
        ] {
            let error = error_with(arguments, attribute).unwrap_or_default();
            assert!(error.contains("or write `#[instrument(skip("), "{attribute}: {error}");
        }
        assert_eq!(error_with(arguments, "#[instrument(skip(self, id))]"), None);
        assert_eq!(error_with(arguments, "#[instrument(skip_all)]"), None);
        assert_eq!(error_with("token = current()", "#[instrument]"), None, "it reads no parameter");
    }

    #[test]
    fn an_attribute_that_answers_for_the_function_is_rejected() {
        for attribute in [
            "#[cached]",
            "#[cached::macros::cached(key = \"u64\", convert = \"{ id }\")]",
            "#[cached::macros::once(ttl_secs = 60)]",
            "#[io_cached(disk = true)]",
            "#[concurrent_cached]",
            "#[memoize::memoize(Capacity: 8)]",
            "#[memoized]",
            "#[memo]",
            "#[lru_cache(20)]",
            "#[cache_async(limit = 9)]",
            "#[hydracache::cacheable(cache = cache)]",
            "#[cachekit(client = cache, ttl = 60)]",
            "#[salsa::tracked]",
        ] {
            let error = error(attribute).unwrap_or_default();
            assert!(
                error.starts_with("this attribute would return the result of an earlier call"),
                "{attribute}"
            );
        }
        for attribute in ["#[inline]", "#[memory_limit]", "#[catch]", "#[track_caller]", "#[must_use]"] {
            assert_eq!(error(attribute), None, "{attribute}");
        }
    }
}
