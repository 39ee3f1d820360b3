//! Model: conditions that read a payload which the function does not have.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::ToTokens as _;
use syn::{Error, FnArg};

use super::args::Args;
use super::item::Function;
use super::payload::Payload;
use super::policy::Policy;
use crate::diagnostics::{Errors, error};
use crate::tokens::mentions;

/// Rejects conditions that read `payload` if neither the payload nor a parameter has this name.
pub(crate) fn reject_unknown_payload(
    policies: &[Policy],
    payload: Option<&Payload>,
    function: &mut Function,
    errors: &mut Errors,
) {
    let word = Ident::new("payload", Span::call_site());
    let binds = |input: &FnArg| matches!(input, FnArg::Typed(parameter) if mentions(&parameter.pat, &word));
    if payload.is_some_and(|payload| payload.name == word) || function.sig.inputs.iter().any(binds) {
        return;
    }
    let read = policies
        .iter()
        .find_map(|policy| Some((policy, reading_of_payload(policy.condition()?.to_token_stream())?)));
    // One parameter remedies all of them.
    if let Some((policy, read)) = read {
        errors.add(if policy.inherited {
            unknown_to_the_block(policy, payload, function)
        } else {
            unknown_to_the_function(&read, payload)
        });
        // Uses of the missing name in the body would be reported too.
        let uses_it = |statements: &TokenStream| mentions(statements, &word);
        if let Some(body) = &mut function.body {
            body.statements = body.statements.take().filter(|statements| !uses_it(statements));
        }
    }
}

/// Creates the error for a condition of the function itself.
fn unknown_to_the_function(read: &Ident, payload: Option<&Payload>) -> Error {
    let remedy = payload.and_then(Payload::visible_name).map_or_else(
        || "add a parameter `payload: YourClaims` to the function".to_owned(),
        |name| format!("the payload of this function is `{name}`"),
    );
    error(read, format!("no payload has this name: {remedy}"))
}

/// Creates the error for a condition of an enclosing block, which may fit the other functions in it.
fn unknown_to_the_block(policy: &Policy, payload: Option<&Payload>, function: &Function) -> Error {
    let (name, demand) = (&function.sig.ident, &policy.words);
    let remedy = match payload.map(Payload::visible_name) {
        Some(Some(other)) => format!("call its payload `payload` instead of `{other}`"),
        Some(None) => "give its payload the name `payload`".to_owned(),
        None => "add a parameter `payload: YourClaims`".to_owned(),
    };
    let cause = format!("the enclosing `#[guarded]` demands `{demand}`, and `{name}` has no `payload`");
    error(name, format!("{cause}: {remedy}, or move the function out of the block"))
}

/// Rejects a parameter that a condition would read as its `payload`, although the caller writes it.
///
/// The conditions of a block mean the payload. So do those of a function that does not name its payload itself, where the
/// parameter is a pattern, as in `Json(payload): Json<Form>`.
pub(crate) fn reject_caller_payload(
    args: &Args,
    payload: Option<&Payload>,
    function: &Function,
    errors: &mut Errors,
) {
    let names_its_payload = args.payload.name().is_some();
    reject_read_as("payload", names_its_payload, args, payload, function, errors);
    if args.handler.name().is_some() {
        reject_read_as("user", payload.is_some(), args, payload, function, errors);
    }
}

/// Rejects a parameter that a condition would read as the payload called `name`.
///
/// Where that name is `explicit`, the function's own conditions mean the parameter.
fn reject_read_as(
    name: &str,
    explicit: bool,
    args: &Args,
    payload: Option<&Payload>,
    function: &Function,
    errors: &mut Errors,
) {
    let word = Ident::new(name, Span::call_site());
    if payload.is_some_and(|payload| payload.name == word) {
        return;
    }
    let doubtful = args.policies.iter().filter(|policy| policy.inherited || !explicit);
    if !doubtful.filter_map(Policy::condition).any(|condition| mentions(condition, &word)) {
        return;
    }
    let reads = |input: &&FnArg| matches!(input, FnArg::Typed(parameter) if mentions(&parameter.pat, &word));
    if let Some(FnArg::Typed(parameter)) = function.sig.inputs.iter().find(reads) {
        errors.add(error(
            &parameter.pat,
            format!(
                "`require` reads the claims as `{name}`, but here it would read this parameter, which the caller \
                 writes: rename the parameter"
            ),
        ));
    }
}

/// Returns a reading of `payload`, as in `payload.role` or `payload["role"]`, unless the tokens use the word otherwise.
///
/// Otherwise the condition itself may bind it, as in `ids.iter().any(|payload| ..)`.
fn reading_of_payload(tokens: TokenStream) -> Option<Ident> {
    let mut reading = None;
    let tokens: Vec<_> = tokens.into_iter().collect();
    for (at, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Group(group)
                if mentions(group.stream(), &Ident::new("payload", Span::call_site())) =>
            {
                reading = Some(reading_of_payload(group.stream())?);
            }
            TokenTree::Ident(word) if word == "payload" => {
                if is_reading(
                    at.checked_sub(1).and_then(|before| tokens.get(before)),
                    tokens.get(at.saturating_add(1)),
                ) {
                    reading = Some(word.clone());
                } else {
                    return None;
                }
            }
            _ => {}
        }
    }
    reading
}

/// Returns whether a word between these tokens is a value whose field, method or element is read.
fn is_reading(before: Option<&TokenTree>, after: Option<&TokenTree>) -> bool {
    let is_member = matches!(before, Some(TokenTree::Punct(mark)) if mark.as_char() == '.');
    match after {
        Some(TokenTree::Punct(mark)) => !is_member && mark.as_char() == '.',
        Some(TokenTree::Group(group)) => !is_member && group.delimiter() == proc_macro2::Delimiter::Bracket,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use crate::protected::protect;

    #[test]
    fn a_condition_reads_no_payload_that_the_caller_writes() {
        let block = quote!(inherited(require = payload.admin));
        for (arguments, parameters) in [
            (quote!(#block), quote!(Json(payload): Json<Form>)),
            (quote!(#block, payload = who), quote!(payload: Form, who: User)),
            (quote!(#block, payload = who: User), quote!(payload: Form)),
            (quote!(#block, payload = _: User, require = true), quote!(Form { payload }: Form)),
            (quote!(inherited(require = allow(&payload)), payload = _: User), quote!(payload: Form)),
            (quote!(require = payload.admin), quote!(Json(payload): Json<Form>)),
            (quote!(require = payload.admin), quote!(_payload: User, Json(payload): Json<Form>)),
            (quote!(handler, require = user.admin), quote!(Json(user): Json<Form>)),
            (quote!(handler, inherited(require = user.admin)), quote!(payload: User, user: Form)),
            (quote!(handler, #block), quote!(user: User, Json(payload): Json<Form>)),
        ] {
            let expanded = protect(arguments, &quote!(fn open(#parameters) {})).to_string();
            assert!(expanded.contains("which the caller writes"), "{expanded}");
        }
        for (arguments, parameters) in [
            (quote!(#block), quote!(payload: User)),
            (quote!(#block, payload = payload: User), quote!(form: Form)),
            (quote!(inherited(role = "a"), payload = _: User), quote!(payload: Form)),
            (quote!(payload = who: User, require = payload.id == who.id), quote!(payload: Form)),
            (quote!(handler, require = payload.id == user.id), quote!(payload: User, Json(user): Json<Form>)),
            (quote!(handler, inherited(require = user.admin)), quote!(user: User)),
            (quote!(require = user.admin), quote!(user: Form)),
        ] {
            let expanded = protect(arguments, &quote!(fn open(#parameters) {})).to_string();
            assert!(!expanded.contains("compile_error"), "{expanded}");
        }
    }
}
