//! Syntax: the arguments of `#[protected(..)]`, as written.

use proc_macro2::{Ident, TokenStream};
use syn::parse::ParseStream;
use syn::{Expr, Path, Result};

use super::policy::{self, Demand, Policy};
use crate::argument::{no_value, read_each, value};
use crate::diagnostics::{Refusals, refuse, unknown};
use crate::set_once::SetOnce;

/// The arguments, each at most once, not yet held against the function.
#[derive(Default)]
pub(crate) struct Args {
    pub(crate) gate: SetOnce<Expr>,
    /// What is demanded, in the order it was written.
    pub(crate) policies: Vec<Policy>,
    /// The arguments that the policies were written by.
    pub(crate) demanding: Vec<Ident>,
    pub(crate) max_age: SetOnce<u64>,
    pub(crate) refresh: SetOnce<()>,
    pub(crate) optional: SetOnce<()>,
    pub(crate) payload: SetOnce<Ident>,
    pub(crate) krate: SetOnce<Path>,
}

impl Args {
    pub(crate) fn parse(arguments: TokenStream, refusals: &mut Refusals) -> Self {
        let mut args = Self::default();
        read_each(arguments, refusals, |name, input| args.read(name, input));
        args
    }

    fn read(&mut self, name: &Ident, input: ParseStream<'_>) -> Result<()> {
        const ONCE: &str = "keep one of them";
        match name.to_string().as_str() {
            "gate" => self.gate.set(name, value(name, input, "self.gate")?, ONCE),
            "require" => self.demand(name, policy::conditions(name, input)?, "write `require(one, another)`"),
            "role" => self.demand(name, policy::role(name, input)?, "write `any_role(one, another)`"),
            "any_role" => self.demand(name, policy::any_role(name, input)?, ONCE),
            "scope" => self.demand(name, policy::scope(name, input)?, "write `scopes(one, another)`"),
            "scopes" => self.demand(name, policy::scopes(name, input, Demand::Scopes)?, ONCE),
            "any_scope" => self.demand(name, policy::scopes(name, input, Demand::AnyScope)?, ONCE),
            "max_age" => self.max_age.set(name, policy::max_age(name, input)?, ONCE),
            "refresh" => self.refresh.set(name, no_value(name, input)?, ONCE),
            "optional" => self.optional.set(name, no_value(name, input)?, ONCE),
            "payload" => self.payload.set(name, value(name, input, "the_parameter")?, ONCE),
            "crate" => self.krate.set(name, value(name, input, "path::to::gatevault")?, ONCE),
            _ => Err(unknown(name, "argument", NAMES)),
        }
    }

    fn demand(&mut self, name: &Ident, policies: Vec<Policy>, remedy: &str) -> Result<()> {
        if self.demanding.contains(name) {
            return Err(refuse(name, format!("`{name}` is written twice: {remedy}")));
        }
        self.demanding.push(name.clone());
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
