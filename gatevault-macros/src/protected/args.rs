//! Syntax: the arguments of `#[protected(..)]`, as written.

use proc_macro2::{Ident, TokenStream};
use syn::parse::ParseStream;
use syn::punctuated::Punctuated;
use syn::{Expr, Path, Result, Token, parenthesized, token};

use crate::argument::{no_value, read_each, value};
use crate::diagnostics::{Refusals, refuse, unknown};
use crate::set_once::SetOnce;

/// The arguments, each at most once, not yet held against the function.
#[derive(Default)]
pub(crate) struct Args {
    pub(crate) gate: SetOnce<Expr>,
    pub(crate) require: SetOnce<Vec<Expr>>,
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
            "require" => self.require.set(name, conditions(name, input)?, "write `require(one, another)`"),
            "refresh" => self.refresh.set(name, no_value(name, input)?, ONCE),
            "optional" => self.optional.set(name, no_value(name, input)?, ONCE),
            "payload" => self.payload.set(name, value(name, input, "the_parameter")?, ONCE),
            "crate" => self.krate.set(name, value(name, input, "path::to::gatevault")?, ONCE),
            _ => Err(unknown(name, "argument", NAMES)),
        }
    }
}

/// `= condition` or `(condition, ..)`.
fn conditions(name: &Ident, input: ParseStream<'_>) -> Result<Vec<Expr>> {
    const EXAMPLE: &str = "payload.org_id == Some(org_id)";
    if !input.peek(token::Paren) {
        return Ok(vec![value(name, input, EXAMPLE)?]);
    }
    let list;
    parenthesized!(list in input);
    if list.is_empty() {
        return Err(refuse(name, format!("nothing is required: write `require({EXAMPLE})`")));
    }
    let conditions = Punctuated::<Expr, Token![,]>::parse_terminated(&list)?;
    Ok(conditions.into_iter().collect())
}

const NAMES: &[&str] = &["gate", "require", "refresh", "optional", "payload", "crate"];
