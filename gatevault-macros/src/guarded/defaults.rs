//! Syntax: the arguments of `#[guarded(..)]`: those of `#[protected(..)]`, kept as written, and those of `GUARDS`.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::quote;
use syn::ext::IdentExt as _;
use syn::parse::{Parse, ParseStream};
use syn::{Path, Result, Token};

use crate::argument::{parse_arguments, parse_flag, parse_value};
use crate::diagnostics::{Errors, error, unknown};
use crate::protected::{Args, NAMES, unnamed_value};
use crate::set_once::SetOnce;

/// The arguments of a block, and of the blocks around it.
#[derive(Default)]
pub(crate) struct Defaults {
    /// The arguments of each block that has any, outermost first.
    blocks: Vec<Vec<Argument>>,
    /// The path of the `gatevault` crate, if an argument sets it.
    pub(crate) krate: Option<Path>,
    /// The name of the constant with the records, if an argument sets it.
    pub(crate) guards: Option<GuardsName>,
    /// True if an enclosing block lists the functions of this one.
    pub(crate) listed: bool,
    /// The name of the first demand of these blocks.
    pub(crate) demand: Option<Ident>,
}

/// The value of `guards = ..`.
pub(crate) enum GuardsName {
    Named(Ident),
    /// `_`: no constant.
    None,
}

/// An argument: `name`, `name = value` or `name(..)`.
struct Argument {
    name: Ident,
    value: TokenStream,
}

impl Defaults {
    /// Parses the arguments. Their errors are reported here, once, and not again at every function.
    pub(crate) fn parse(arguments: TokenStream, errors: &mut Errors) -> Self {
        let mut own_errors = Errors::default();
        let mut defaults = Self::default();
        let (mut args, mut own) = (Args::default(), Vec::new());
        let (mut guards, mut listed) = (SetOnce::default(), SetOnce::default());
        parse_arguments(arguments, &mut own_errors, unnamed_value, |name, input| {
            match name.to_string().as_str() {
                "guards" => guards.set(name, parse_value(name, input, "MORE_GUARDS")?, "keep one of them"),
                "listed" => listed.set(name, parse_flag(name, input)?, "keep one of them"),
                _ => parse_default(name, input, &mut args, &mut own),
            }
        });
        for block in args.inherited.clone() {
            defaults.add(as_arguments(block));
        }
        defaults.add(own);
        args.inherit(&mut own_errors);
        reject_arguments_of_one_function(&args, &mut own_errors);
        defaults.demand = args.demand().cloned();
        defaults.krate = args.krate.into_value();
        defaults.guards = guards.into_value();
        defaults.listed = listed.name().is_some();
        if errors.ok_or_collect(own_errors.into_result()).is_none() {
            defaults.blocks.clear();
        }
        defaults
    }

    /// Adds the arguments of a block, if it has any.
    fn add(&mut self, block: Vec<Argument>) {
        if !block.is_empty() {
            self.blocks.push(block);
        }
    }

    /// Adds the arguments of this block and of those around it to the `written` ones of an attribute inside.
    ///
    /// The written ones are not parsed here, so none of them can hide a demand.
    pub(crate) fn complete(&self, written: TokenStream, attribute: Span) -> TokenStream {
        // A demand that does not fit a function is reported at that function.
        let argument = |Argument { name, value }: &Argument| {
            let mut name = name.clone();
            name.set_span(attribute);
            quote!(#name #value)
        };
        let blocks = self.blocks.iter().map(|block| {
            let arguments = block.iter().map(argument);
            quote!(inherited(#(#arguments),*))
        });
        // An empty mark shows a block inside that this one saw its functions.
        let mark = self.blocks.is_empty().then(|| quote!(inherited()));
        let written = Some(written).filter(|written| !written.is_empty());
        let arguments = blocks.chain(mark).chain(written);
        quote!(#(#arguments),*)
    }
}

/// Parses an argument of `#[protected]`, and adds its tokens to `own`.
fn parse_default(
    name: &Ident,
    input: ParseStream<'_>,
    args: &mut Args,
    own: &mut Vec<Argument>,
) -> Result<()> {
    if name != "inherited" && !NAMES.iter().any(|known| name == known) {
        let known: Vec<_> = NAMES.iter().copied().chain(["guards"]).collect();
        return Err(unknown(name, "argument", &known));
    }
    let start = input.fork();
    args.parse_argument(name, input)?;
    if name != "inherited" {
        own.push(Argument { name: name.clone(), value: tokens_between(&start, input)? });
    }
    Ok(())
}

/// Returns the tokens from `start` to the position of `end`.
fn tokens_between(start: ParseStream<'_>, end: ParseStream<'_>) -> Result<TokenStream> {
    let mut tokens = TokenStream::new();
    while start.cursor() != end.cursor() {
        tokens.extend([start.parse::<TokenTree>()?]);
    }
    Ok(tokens)
}

/// Splits the contents of an `inherited(..)`, whose errors its own block has reported.
fn as_arguments(block: TokenStream) -> Vec<Argument> {
    let (mut args, mut arguments) = (Args::default(), Vec::new());
    parse_arguments(block, &mut Errors::default(), unnamed_value, |name, input| {
        parse_default(name, input, &mut args, &mut arguments)
    });
    arguments
}

/// Rejects the arguments that describe a single function.
fn reject_arguments_of_one_function(args: &Args, errors: &mut Errors) {
    for name in [args.payload.name(), args.optional.name(), args.handler.name()].into_iter().flatten() {
        let message =
            format!("`{name}` applies to one function: write it in that function's `#[protected(..)]`");
        errors.add(error(name, message));
    }
}

impl Parse for GuardsName {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        if input.parse::<Option<Token![_]>>()?.is_some() {
            return Ok(Self::None);
        }
        let ahead = input.fork();
        match ahead.call(Ident::parse_any) {
            Ok(_) => input.parse().map(Self::Named),
            Err(_) => Err(input.error("expected the name of a constant or `_`")),
        }
    }
}
