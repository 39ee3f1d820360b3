//! Model: a function and every decision about its guard. The last stage that can report an error.

use std::mem;

use syn::{Expr, LitStr};

use super::args::Args;
use super::async_trait::{AsyncTraitBody, reject_waiting};
use super::attributes::reject_attributes;
use super::handler::reject_handler_without_token;
use super::handler_errors::twice;
use super::handler_form::HandlerForm;
use super::item::Function;
use super::payload::Payload;
use super::policy::Policy;
use super::returns::Denial;
use super::token::Token;
use super::unknown_payload::{reject_caller_payload, reject_unknown_payload};
use crate::crate_path::CratePath;
use crate::diagnostics::{Errors, error};

/// A guarded function. It is complete even if there are errors, so that its callers compile.
pub(crate) struct Guarded {
    pub(crate) krate: CratePath,
    /// The function with the signature that callers see: with a token and without the payload.
    pub(crate) function: Function,
    /// The place for the check if `#[async_trait]` wrote the body. Without one, the check goes in front of the body.
    pub(crate) async_trait: Option<AsyncTraitBody>,
    pub(crate) token: Token,
    pub(crate) gate: Option<Expr>,
    pub(crate) refresh: bool,
    pub(crate) denial: Denial,
    pub(crate) payload: Option<Payload>,
    /// The form for web frameworks, with the policies that are checked before the body.
    pub(crate) handler: Option<HandlerForm>,
    /// The policies that are checked in front of the body.
    pub(crate) policies: Vec<Policy>,
    /// The maximum age of the token in seconds.
    pub(crate) max_age: Option<u64>,
    /// The classes that the authentication must have.
    pub(crate) acr: Vec<LitStr>,
    /// The methods that the authentication must have used.
    pub(crate) amr: Vec<LitStr>,
}

impl Guarded {
    /// Creates the model and collects the errors in the function and its arguments.
    pub(crate) fn new(mut args: Args, mut function: Function, errors: &mut Errors) -> Self {
        if args.handler.name().is_none() && !Token::has_parameter(&function) {
            args.token = args.token.or(mem::take(&mut args.block_token));
        }
        // A rejected method keeps its signature, so that it fits the declaration in its trait.
        let written = args.handler.name().map(|_| function.sig.clone());
        twice(&args, &mut function, errors);
        reject_unguardable(&function, errors);
        reject_copy_of_cache(&function, errors);
        let payload = Payload::take(&args, &mut function, errors);
        reject_optional_without_payload(&args, payload.is_some(), errors);
        reject_caller_payload(&args, payload.as_ref(), &function, errors);
        reject_unknown_payload(&args.policies, payload.as_ref(), &mut function, errors);
        let krate = CratePath::new(args.krate.value().cloned());
        reject_handler_without_token(&args, &mut function, &krate, errors);
        let async_trait = async_trait_body(&function, payload.as_ref());
        let in_future = async_trait.is_some();
        if !in_future {
            let conditions = args.policies.iter().filter_map(Policy::condition);
            reject_waiting(&function.sig, conditions.chain(args.token.value()), errors);
        }
        let mut payload = payload;
        let handler = HandlerForm::take(
            &mut args,
            payload.as_mut(),
            async_trait.as_ref(),
            &mut function,
            &krate,
            errors,
        );
        let token = match (&handler, written) {
            (Some(_), _) => HandlerForm::token(),
            (None, Some(written)) => {
                function.sig = written;
                payload = None;
                HandlerForm::token()
            }
            (None, None) => Token::take(args.token.into_value(), &mut function, &krate, in_future, errors),
        };
        reject_attributes(&mut function, &token, payload.as_ref(), errors);
        // A role or a scope without a payload is compared with the claims of that name.
        let policies = handler.iter().flat_map(|form| &form.early).chain(&args.policies);
        let reads_claims = policies.into_iter().any(Policy::reads_claims);
        let payload = payload.or_else(|| reads_claims.then(|| Payload::bare(&krate)));
        Self {
            token,
            denial: Denial::new(args.denied.into_value(), &function.sig.output, in_future),
            async_trait,
            krate,
            function,
            gate: args.gate.into_value(),
            refresh: args.refresh.name().is_some(),
            payload,
            handler,
            policies: args.policies,
            max_age: args.max_age.into_value(),
            acr: args.acr.into_value().unwrap_or_default(),
            amr: args.amr.into_value().unwrap_or_default(),
        }
    }
}

/// Finds the place for the check if `#[async_trait]` wrote the body.
fn async_trait_body(function: &Function, payload: Option<&Payload>) -> Option<AsyncTraitBody> {
    let statements = function.body.as_ref()?.statements.as_ref()?;
    AsyncTraitBody::find(&function.sig, statements, payload.and_then(Payload::visible_name))
}

/// Rejects a `const fn` and a declaration without a body.
fn reject_unguardable(function: &Function, errors: &mut Errors) {
    if let Some(constness) = &function.sig.constness {
        errors.add(error(constness, "a guard reads the clock, which a `const fn` cannot: remove `const`"));
    }
    if function.body.is_none() {
        errors.add(error(
            &function.sig.ident,
            "`#[protected]` needs a function with a body: put it on the implementations, and declare the \
             token here, as in `token: &str`",
        ));
    }
}

/// Rejects the copy of a function that a cache calls on a miss only, and that alone has the guard.
fn reject_copy_of_cache(function: &Function, errors: &mut Errors) {
    let name = function.sig.ident.to_string();
    if let Some(cached) = name.strip_prefix("memoized_original_") {
        errors.add(error(
            &function.sig.ident,
            format!(
                "`#[memoize]` would return the result of an earlier call without this guard: remove `#[protected]` \
                 here, and call `{cached}` from a guarded function"
            ),
        ));
    }
}

/// Rejects `optional` if there is no payload, or if a policy needs a token.
fn reject_optional_without_payload(args: &Args, has_payload: bool, errors: &mut Errors) {
    let policy = args.policy_names.iter().find(|name| *name != "require");
    match (policy, args.optional.name()) {
        (Some(policy), Some(optional)) => {
            errors.add(error(optional, format!("`{policy}` always needs a token: remove `optional`")));
        }
        // A missing payload with its own name is already reported.
        _ if has_payload || args.payload.name().is_some() => {}
        (None, Some(optional)) => {
            let remedy = "add a parameter `payload: Option<YourClaims>` to the function";
            errors.add(error(optional, format!("`optional` needs a payload: {remedy}")));
        }
        (_, None) => {}
    }
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use crate::protected::protect;

    #[test]
    fn a_copy_that_a_cache_calls_on_a_miss_is_not_the_place_for_a_guard() {
        let expanded = protect(
            quote!(token = current()),
            &quote!(
                fn memoized_original_report(day: u64) {}
            ),
        )
        .to_string();
        assert!(expanded.contains("call `report` from a guarded function"), "{expanded}");
    }
}
