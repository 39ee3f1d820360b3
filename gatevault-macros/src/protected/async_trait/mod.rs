//! Finds the place for the check in a body that `#[async_trait]` wrote: in its future, where every parameter has a name.
//!
//! The body is compared, token by token, with the output of `#[async_trait]` and with what `#[instrument]` makes of it.
//! The search enters only these known groups. A search at any depth could find a statement of the user's body, and the
//! statements before that one would run without a check. If anything differs, there is no place, and the check goes in
//! front of the body.

mod pattern;
mod receiver;
#[cfg(test)]
mod tests;
mod waits;
mod written;

use proc_macro2::{Group, Ident, TokenStream, TokenTree};
use syn::Signature;

use self::receiver::with_renamed_self;
pub(crate) use self::waits::reject_waiting;
use self::written::{begins_span, boxed, instrumented, named_parameters, pinned, rebound};
use crate::tokens::{mentions, with_content};

/// A body of the form `Box::pin(async move { LETS let __ret: R = { BODY }; __ret })`.
pub(crate) struct AsyncTraitBody {
    /// The groups around the statements, the outermost first.
    enclosing: Vec<Enclosing>,
    /// The statements that give the parameters their names.
    lets: Vec<Vec<TokenTree>>,
    /// The statement with the user's body, and the result.
    rest: Vec<TokenTree>,
}

/// A group, with the tokens before and after it.
struct Enclosing {
    before: Vec<TokenTree>,
    group: Group,
    after: Vec<TokenTree>,
}

impl AsyncTraitBody {
    /// Finds the place for the check in the `statements` of a function.
    ///
    /// There is none if `#[instrument]` above records the `payload`, which does not exist before the check.
    pub(crate) fn find(sig: &Signature, statements: &TokenStream, payload: Option<&Ident>) -> Option<Self> {
        if !is_async_trait(sig) {
            return None;
        }
        let mut enclosing = Vec::new();
        let call: Vec<_> = statements.clone().into_iter().collect();
        let future = enter(call, boxed, &mut enclosing)?;
        let mut block = enter(future, pinned, &mut enclosing)?;
        let mut within_span = false;
        loop {
            if let Some((lets, rest)) = named_parameters(&block) {
                return Some(Self { enclosing, lets, rest });
            }
            block = enter(block, |tokens| instrumented(tokens, within_span), &mut enclosing)?;
            let Enclosing { before, after, .. } = enclosing.last()?;
            within_span = begins_span(before);
            let outside: TokenStream = before.iter().chain(after).cloned().collect();
            if payload.is_some_and(|payload| mentions(outside, payload)) {
                return None;
            }
        }
    }

    /// Inserts the check before the user's body and returns the statements of the function.
    ///
    /// The check replaces the `payload` parameter, so the statement that rebinds it is removed. One with `mut` comes after
    /// the check instead.
    pub(crate) fn splice(&self, payload: Option<&Ident>, check: TokenStream) -> TokenStream {
        let (mut before, mut after) = (TokenStream::new(), TokenStream::new());
        let mut check = check;
        for statement in &self.lets {
            let (name, mutable) = rebound(statement).unzip();
            if name.is_some_and(|name| name == "__self") {
                check = with_renamed_self(check);
            }
            match mutable.filter(|_| name == payload) {
                None => before.extend(statement.iter().cloned()),
                Some(true) => after.extend(statement.iter().cloned()),
                Some(false) => {}
            }
        }
        let rest = self.rest.iter().cloned();
        let spliced = before.into_iter().chain(check).chain(after).chain(rest).collect();
        self.enclosing.iter().rfold(spliced, |inner, Enclosing { before, group, after }| {
            let around = with_content(group, inner);
            before.iter().cloned().chain([around.into()]).chain(after.iter().cloned()).collect()
        })
    }
}

/// Returns whether `#[async_trait]` wrote the signature.
fn is_async_trait(sig: &Signature) -> bool {
    sig.generics.lifetimes().any(|parameter| parameter.lifetime.ident == "async_trait")
}

/// Splits the tokens at the group that `find` returns the index of, and returns the content of the group.
fn enter(
    mut tokens: Vec<TokenTree>,
    find: impl FnOnce(&[TokenTree]) -> Option<usize>,
    enclosing: &mut Vec<Enclosing>,
) -> Option<Vec<TokenTree>> {
    let mut from_group = tokens.split_off(find(&tokens)?).into_iter();
    let TokenTree::Group(group) = from_group.next()? else { return None };
    let content = group.stream().into_iter().collect();
    enclosing.push(Enclosing { before: tokens, group, after: from_group.collect() });
    Some(content)
}
