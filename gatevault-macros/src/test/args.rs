//! Syntax: the arguments of `#[test(..)]`, as written.

use proc_macro2::{Ident, TokenStream};
use syn::parse::ParseStream;
use syn::{Error, Expr, Path, Result};

use crate::argument::{parse_arguments, parse_value};
use crate::diagnostics::{Errors, error, unknown};
use crate::set_once::SetOnce;
use crate::tokens::source_text;

/// The arguments, each at most once.
#[derive(Default)]
pub(super) struct Args {
    /// The claims of the caller.
    pub(super) caller: SetOnce<Expr>,
    pub(super) krate: SetOnce<Path>,
    /// True if an argument could not be parsed, which may be `as`.
    pub(super) has_errors: bool,
}

impl Args {
    /// Parses the arguments and collects their errors.
    pub(super) fn parse(arguments: TokenStream, errors: &mut Errors) -> Self {
        let mut args = Self::default();
        let mut own = Errors::default();
        let parse = |name: &Ident, input: ParseStream<'_>| args.parse_argument(name, input);
        parse_arguments(arguments, &mut own, unnamed_value, parse);
        args.has_errors = errors.ok_or_collect(own.into_result()).is_none();
        args
    }

    fn parse_argument(&mut self, name: &Ident, input: ParseStream<'_>) -> Result<()> {
        const ONCE: &str = "keep one of them";
        match name.to_string().as_str() {
            "as" => self.caller.set(name, parse_value(name, input, "User { .. }")?, ONCE),
            "crate" => self.krate.set(name, parse_value(name, input, "path::to::gatevault")?, ONCE),
            _ => Err(unknown(name, "argument", &["as", "crate"])),
        }
    }
}

/// Creates the error for claims without the name of the argument.
fn unnamed_value(value: &TokenStream) -> Error {
    error(value, format!("expected `as = ..`: write `#[gatevault::test(as = {})]`", source_text(value)))
}
