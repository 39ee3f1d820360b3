//! Syntax: `inherited(..)`, the arguments of an enclosing `#[guarded]`, which it writes into each attribute inside.
//!
//! Demands of a block hold besides those of the function. Settings of a block are defaults, which the function replaces.

use std::mem;

use proc_macro2::{Ident, TokenStream};
use syn::parse::ParseStream;
use syn::{LitStr, Result, parenthesized};

use super::args::Args;
use crate::diagnostics::{Errors, error};

impl Args {
    /// Adds the arguments of the enclosing blocks to these.
    pub(crate) fn inherit(&mut self, errors: &mut Errors) {
        let blocks = mem::take(&mut self.inherited).into_iter().map(|block| Self::parse_block(block, errors));
        let Some(outer) = blocks.reduce(|outer, inner| inner.within(outer)) else { return };
        let own = mem::take(self);
        *self = match own.weakens(&outer) {
            Some(weaker) => {
                errors.add(weaker);
                own
            }
            None => own.within(outer),
        };
    }

    /// Parses the arguments of one enclosing block.
    fn parse_block(arguments: TokenStream, errors: &mut Errors) -> Self {
        let mut block = Self::parse(arguments, errors);
        block.policies.iter_mut().for_each(|policy| policy.inherited = true);
        block
    }

    /// Returns these arguments within a block that has the `outer` ones.
    fn within(self, mut outer: Self) -> Self {
        outer.policies.extend(self.policies);
        outer.policy_names.extend(self.policy_names);
        Self {
            policies: outer.policies,
            policy_names: outer.policy_names,
            max_age: outer.max_age.merge(self.max_age, Ord::min),
            acr: outer.acr.merge(self.acr, concatenated),
            amr: outer.amr.merge(self.amr, concatenated),
            refresh: self.refresh.or(outer.refresh),
            optional: self.optional,
            handler: self.handler,
            payload: self.payload,
            gate: self.gate.or(outer.gate),
            token: self.token,
            block_token: self.block_token.or(outer.token).or(outer.block_token),
            denied: self.denied.or(outer.denied),
            krate: self.krate.or(outer.krate),
            in_block_of_methods: self.in_block_of_methods,
            inherited: Vec::new(),
        }
    }

    /// Returns the error for an argument that would admit callers whom the `outer` block denies.
    fn weakens(&self, outer: &Self) -> Option<syn::Error> {
        let demand = outer.demand()?;
        let remedy =
            format!("the enclosing `#[guarded]` demands `{demand}`: move the function out of the block");
        if let Some(optional) = self.optional.name() {
            return Some(error(optional, format!("`optional` admits calls without a token, but {remedy}")));
        }
        let refresh = self.refresh.name().filter(|_| outer.refresh.name().is_none())?;
        Some(error(refresh, format!("`refresh` admits refresh tokens, but {remedy}")))
    }

    /// Returns the name of the first argument that denies a caller who has an access token.
    pub(crate) fn demand(&self) -> Option<&Ident> {
        let Self { max_age, acr, amr, refresh, .. } = self;
        let others = [max_age.name(), acr.name(), amr.name(), refresh.name()];
        self.policy_names.first().or_else(|| others.into_iter().flatten().next())
    }
}

/// Returns the values of both lists.
fn concatenated(outer: Vec<LitStr>, inner: Vec<LitStr>) -> Vec<LitStr> {
    outer.into_iter().chain(inner).collect()
}

/// Parses the `(..)` of `inherited(..)`.
pub(super) fn parse_inherited(input: ParseStream<'_>) -> Result<TokenStream> {
    let arguments;
    parenthesized!(arguments in input);
    arguments.parse()
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::*;
    use crate::set_once::SetOnce;

    fn parsed(arguments: TokenStream) -> Args {
        let mut errors = Errors::default();
        let args = Args::parse(arguments, &mut errors);
        assert!(errors.into_compile_errors().is_none());
        args
    }

    #[test]
    fn demands_of_all_blocks_come_before_those_of_the_function() {
        let args = parsed(quote!(inherited(role = "a", require = b), require = d, inherited(require = c)));
        let words: Vec<_> = args.policies.iter().map(|policy| &*policy.words).collect();
        assert_eq!(words, ["role = \"a\"", "b", "c", "d"]);
    }

    #[test]
    fn the_shorter_max_age_holds() {
        for (outer, inner, own) in [(1, 2, 3), (3, 1, 2), (2, 3, 1)] {
            let text = |minutes: u8| format!("{minutes}m");
            let (outer, inner, own) = (text(outer), text(inner), text(own));
            let args =
                parsed(quote!(inherited(max_age = #outer), inherited(max_age = #inner), max_age = #own));
            assert_eq!(args.max_age.value(), Some(&60));
        }
        assert_eq!(parsed(quote!(inherited(max_age = "5m"))).max_age.value(), Some(&300));
        assert_eq!(parsed(quote!(inherited(role = "a"), max_age = "5m")).max_age.value(), Some(&300));
    }

    #[test]
    fn the_classes_and_methods_of_all_blocks_are_demanded() {
        let args = parsed(quote!(inherited(amr = "pwd"), inherited(acr = "phr"), amr = "otp"));
        let values = |argument: &SetOnce<Vec<LitStr>>| -> Vec<_> {
            argument.value().into_iter().flatten().map(LitStr::value).collect()
        };
        assert_eq!(values(&args.amr), ["pwd", "otp"]);
        assert_eq!(values(&args.acr), ["phr"]);
    }

    #[test]
    fn the_innermost_setting_replaces_the_others() {
        let gate = |arguments| match parsed(arguments).gate.into_value() {
            Some(gate) => quote!(#gate).to_string(),
            None => String::new(),
        };
        assert_eq!(gate(quote!(inherited(gate = a), inherited(gate = b))), "b");
        assert_eq!(gate(quote!(inherited(gate = a), inherited(role = "b"))), "a");
        assert_eq!(gate(quote!(inherited(gate = a), gate = c, inherited(gate = b))), "c");
    }

    #[test]
    fn a_demand_is_not_weakened() {
        for weaker in [quote!(refresh), quote!(optional)] {
            for demand in [
                quote!(role = "a"),
                quote!(max_age = "5m"),
                quote!(require = a),
                quote!(acr = "a"),
                quote!(amr = "a"),
            ] {
                let mut errors = Errors::default();
                Args::parse(quote!(inherited(#demand), inherited(gate = g), #weaker), &mut errors);
                assert!(errors.into_compile_errors().is_some(), "{weaker} under {demand}");
            }
            parsed(quote!(inherited(gate = g), #weaker));
        }
        let args = parsed(quote!(inherited(refresh), inherited(role = "a"), refresh));
        assert!(args.refresh.name().is_some());
        assert!(parsed(quote!(inherited(refresh))).refresh.name().is_some());
    }
}
