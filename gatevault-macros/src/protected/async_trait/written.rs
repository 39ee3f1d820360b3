//! The code that `#[async_trait]` 0.1 and `#[instrument]` 0.1 write, as far as the check must know it.

use proc_macro2::{Delimiter, Ident, TokenTree};
use syn::Type;

use super::pattern::{is, is_word, starts_with, statement};

/// Finds the argument of `Box::pin(..)`, the only expression.
pub(super) fn boxed(tokens: &[TokenTree]) -> Option<usize> {
    let is_call = is(tokens, "Box : : pin ()") || is(tokens, ": : std : : boxed : : Box : : pin ()");
    is_call.then(|| tokens.len().saturating_sub(1))
}

/// Finds the block of `async move {..}`, the only expression.
pub(super) fn pinned(tokens: &[TokenTree]) -> Option<usize> {
    is(tokens, "async move {}").then_some(2)
}

/// Finds the block of the function in what `#[instrument]` writes around it.
///
/// With `err` or `ret`, the function's block is one `async move` deeper than without, `within_span`. Elsewhere, a user may
/// write that form.
pub(super) fn instrumented(tokens: &[TokenTree], within_span: bool) -> Option<usize> {
    const LATER: &str = "if ! __tracing_attr_span . is_disabled () {} else {}";
    const RESULTS: [&str; 3] = [
        "match async move {} . await {}",
        "let x = async move {} . await ;",
        "let __match_scrutinee = async move {} . await ;",
    ];
    if within_span && RESULTS.iter().any(|result| starts_with(tokens, result)) {
        return tokens.iter().position(|token| is_word(token, "{}"));
    }
    let span = statement(tokens).filter(|span| begins_span(span))?;
    let rest = tokens.get(span.len()..)?;
    let future =
        statement(rest).filter(|future| is(future, "let __tracing_instrument_future = async move {} ;"))?;
    let runs_it = is(rest.get(future.len()..)?, LATER);
    runs_it.then(|| span.len().saturating_add(5))
}

/// Returns whether the tokens start with the statement that creates a span.
pub(super) fn begins_span(tokens: &[TokenTree]) -> bool {
    starts_with(tokens, "let __tracing_attr_span =")
}

/// Splits the statements that name the parameters from the statement with the body.
pub(super) fn named_parameters(block: &[TokenTree]) -> Option<(Vec<Vec<TokenTree>>, Vec<TokenTree>)> {
    let mut lets = Vec::new();
    let mut rest = block;
    while let Some(named) = inference(rest).or_else(|| statement(rest).filter(|named| is_parameter(named))) {
        lets.push(named.to_vec());
        rest = rest.get(named.len()..)?;
    }
    is_body(rest).then(|| (lets, rest.to_vec()))
}

/// Returns the leading `if let ::core::option::Option::Some(__ret) = ::core::option::Option::None::<R> {..}`.
fn inference(tokens: &[TokenTree]) -> Option<&[TokenTree]> {
    const HEAD: &str = "if let : : core : : option : : Option : : Some () = \
                        : : core : : option : : Option : : None : : <";
    let is_return = |token: &TokenTree| match token {
        TokenTree::Group(block) => {
            let content: Vec<_> = block.stream().into_iter().collect();
            is_word(token, "{}") && is(&content, "# [] return __ret ;")
        }
        _ => false,
    };
    let end = tokens.iter().position(is_return).filter(|_| starts_with(tokens, HEAD))?;
    let (close, ty) = tokens.get(HEAD.split_whitespace().count()..end)?.split_last()?;
    let is_type = is_word(close, ">") && syn::parse2::<Type>(ty.iter().cloned().collect()).is_ok();
    tokens.get(..=end).filter(|_| is_type)
}

/// Returns whether the statement gives a parameter its name, and does nothing else.
fn is_parameter(statement: &[TokenTree]) -> bool {
    rebound(statement).is_some() || destructures(statement).is_some()
}

/// Returns the name that `let [mut] name = name;` or `let [mut] __self = self;` binds, and whether it is mutable.
pub(super) fn rebound(statement: &[TokenTree]) -> Option<(&Ident, bool)> {
    let (mutable, [TokenTree::Ident(name)], [TokenTree::Ident(value)]) = binding(statement)? else {
        return None;
    };
    (name == value || (name == "__self" && value == "self")).then_some((name, mutable))
}

/// Returns the pattern of `let PATTERN = { let __argN = __argN; __argN };`.
fn destructures(statement: &[TokenTree]) -> Option<&[TokenTree]> {
    let (_, pattern, [TokenTree::Group(value)]) = binding(statement)? else { return None };
    let content: Vec<_> = value.stream().into_iter().collect();
    let argument = content.last().map(ToString::to_string).filter(|name| name.starts_with("__arg"))?;
    let moves = is(&content, &format!("let {argument} = {argument} ; {argument}"));
    (value.delimiter() == Delimiter::Brace && moves).then_some(pattern)
}

/// Splits `let [mut] PATTERN = VALUE;` after its `#[cfg(..)]`.
fn binding(mut statement: &[TokenTree]) -> Option<(bool, &[TokenTree], &[TokenTree])> {
    while let [hash, TokenTree::Group(attribute), rest @ ..] = statement
        && is_word(hash, "#")
    {
        let is_cfg = attribute.stream().into_iter().next().is_some_and(|word| is_word(&word, "cfg"));
        statement = is_cfg.then_some(rest)?;
    }
    let [word, binding @ .., _semicolon] = statement else { return None };
    let equals = binding.iter().position(|token| is_word(token, "="))?;
    let (pattern, value) = (binding.get(..equals)?, binding.get(equals.saturating_add(1)..)?);
    let mutable = pattern.first().is_some_and(|first| is_word(first, "mut"));
    let pattern = pattern.get(usize::from(mutable)..)?;
    is_word(word, "let").then_some((mutable, pattern, value))
}

/// Returns whether these are the statement with the user's body, and the result.
fn is_body(tokens: &[TokenTree]) -> bool {
    if is(tokens, "let _ : () = {} ;") {
        return true;
    }
    let Some(body) = statement(tokens).filter(|body| starts_with(body, "let __ret :")) else { return false };
    let [.., equals, block, _semicolon] = body else { return false };
    let result = tokens.get(body.len()..).unwrap_or_default();
    is_word(equals, "=") && is_word(block, "{}") && (is(result, "__ret") || is(result, "# [] __ret"))
}
