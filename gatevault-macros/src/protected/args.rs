//! Syntax: the arguments of `#[protected(..)]`, as written.

use proc_macro2::{Ident, TokenStream};
use syn::parse::ParseStream;
use syn::{Expr, LitStr, Path, Result};

use super::inherited::parse_inherited;
use super::payload::PayloadArg;
use super::policy::{self, Policy, Requirement};
use super::remedies;
use crate::argument::{parse_arguments, parse_flag, parse_value};
use crate::diagnostics::{Errors, error};
use crate::set_once::SetOnce;

/// The arguments, each at most once, not yet compared with the function.
#[derive(Default)]
pub(crate) struct Args {
    pub(crate) gate: SetOnce<Expr>,
    /// The policies, in the order they are written.
    pub(crate) policies: Vec<Policy>,
    /// The names of the arguments that the policies come from.
    pub(crate) policy_names: Vec<Ident>,
    pub(crate) max_age: SetOnce<u64>,
    pub(crate) acr: SetOnce<Vec<LitStr>>,
    pub(crate) amr: SetOnce<Vec<LitStr>>,
    pub(crate) refresh: SetOnce<()>,
    pub(crate) optional: SetOnce<()>,
    pub(crate) handler: SetOnce<()>,
    pub(crate) payload: SetOnce<PayloadArg>,
    pub(crate) token: SetOnce<Expr>,
    /// The `token` of an enclosing block, which a parameter of the function replaces.
    pub(crate) block_token: SetOnce<Expr>,
    pub(crate) denied: SetOnce<Expr>,
    pub(crate) krate: SetOnce<Path>,
    /// True if the enclosing `#[guarded]` block is an `impl` or a trait.
    pub(crate) in_block_of_methods: bool,
    /// The arguments of the enclosing `#[guarded]` blocks, outermost first.
    pub(crate) inherited: Vec<TokenStream>,
}

impl Args {
    /// Parses the arguments, together with those of the enclosing blocks, and collects their errors.
    pub(crate) fn parse(arguments: TokenStream, errors: &mut Errors) -> Self {
        let mut args = Self::default();
        let parse = |name: &Ident, input: ParseStream<'_>| args.parse_argument(name, input);
        parse_arguments(arguments, errors, remedies::unnamed_value, parse);
        args.inherit(errors);
        args
    }

    /// Parses the argument called `name`.
    pub(crate) fn parse_argument(&mut self, name: &Ident, input: ParseStream<'_>) -> Result<()> {
        const ONCE: &str = "keep one of them";
        match name.to_string().as_str() {
            "gate" => self.gate.set(name, parse_value(name, input, "self.gate")?, ONCE),
            "require" => self.add(name, policy::conditions(name, input)?, "write `require(one, another)`"),
            "role" => self.add(name, policy::role(name, input)?, "write `any_role(one, another)`"),
            "any_role" => self.add(name, policy::any_role(name, input)?, ONCE),
            "scope" => self.add(name, policy::scope(name, input)?, "write `scopes(one, another)`"),
            "scopes" => self.add(name, policy::scopes(name, input, Requirement::Scopes)?, ONCE),
            "any_scope" => self.add(name, policy::scopes(name, input, Requirement::AnyScope)?, ONCE),
            "max_age" => self.max_age.set(name, policy::max_age(name, input)?, ONCE),
            "acr" => self.acr.set(name, vec![policy::acr(name, input)?], ONCE),
            "amr" => self.amr.set(name, vec![policy::amr(name, input)?], ONCE),
            "refresh" => self.refresh.set(name, parse_flag(name, input)?, ONCE),
            "optional" => self.optional.set(name, parse_flag(name, input)?, ONCE),
            "handler" => self.handler.set(name, parse_flag(name, input)?, ONCE),
            "payload" => self.payload.set(name, parse_value(name, input, "the_parameter")?, ONCE),
            "token" => {
                let token = parse_value(name, input, "context.token()")?;
                remedies::reject_literal_token(&token)?;
                self.token.set(name, token, ONCE)
            }
            "denied" => self.denied.set(name, parse_value(name, input, "|denial| Err(denial.into())")?, ONCE),
            "crate" => self.krate.set(name, parse_value(name, input, "path::to::gatevault")?, ONCE),
            "inherited" => parse_inherited(input).map(|arguments| self.inherited.push(arguments)),
            "methods" => parse_flag(name, input).map(|()| self.in_block_of_methods = true),
            _ => Err(remedies::unknown_argument(name, input, NAMES)),
        }
    }

    /// Adds the policies of the argument called `name`. The error for a second one ends with `remedy`.
    fn add(&mut self, name: &Ident, policies: Vec<Policy>, remedy: &str) -> Result<()> {
        if self.policy_names.contains(name) {
            return Err(error(name, format!("`{name}` is written twice: {remedy}")));
        }
        self.policy_names.push(name.clone());
        self.policies.extend(policies);
        Ok(())
    }
}

/// The names of the arguments. `inherited` and `methods` are not among them: only `#[guarded]` writes them.
pub(crate) const NAMES: &[&str] = &[
    "gate",
    "require",
    "role",
    "any_role",
    "scope",
    "scopes",
    "any_scope",
    "max_age",
    "acr",
    "amr",
    "refresh",
    "optional",
    "handler",
    "payload",
    "token",
    "denied",
    "crate",
];
