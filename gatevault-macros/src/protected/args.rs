//! Syntax: the arguments of `#[protected(..)]`, as written.

use proc_macro2::{Ident, TokenStream};
use syn::parse::ParseStream;
use syn::{Expr, Path, Result};

use super::policy::{self, Policy, Requirement};
use crate::argument::{parse_arguments, parse_flag, parse_value};
use crate::diagnostics::{Errors, error, unknown};
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
    pub(crate) refresh: SetOnce<()>,
    pub(crate) optional: SetOnce<()>,
    pub(crate) payload: SetOnce<Ident>,
    pub(crate) krate: SetOnce<Path>,
}

impl Args {
    /// Parses the arguments and collects their errors.
    pub(crate) fn parse(arguments: TokenStream, errors: &mut Errors) -> Self {
        let mut args = Self::default();
        parse_arguments(arguments, errors, |name, input| args.parse_argument(name, input));
        args
    }

    /// Parses the argument called `name`.
    fn parse_argument(&mut self, name: &Ident, input: ParseStream<'_>) -> Result<()> {
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
            "refresh" => self.refresh.set(name, parse_flag(name, input)?, ONCE),
            "optional" => self.optional.set(name, parse_flag(name, input)?, ONCE),
            "payload" => self.payload.set(name, parse_value(name, input, "the_parameter")?, ONCE),
            "crate" => self.krate.set(name, parse_value(name, input, "path::to::gatevault")?, ONCE),
            _ => Err(unknown(name, "argument", NAMES)),
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

const NAMES: &[&str] = &[
    "gate",
    "require",
    "role",
    "any_role",
    "scope",
    "scopes",
    "any_scope",
    "max_age",
    "refresh",
    "optional",
    "payload",
    "crate",
];
