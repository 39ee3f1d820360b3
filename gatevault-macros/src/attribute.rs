//! Syntax: the helper attributes of the derives. `#[claims(..)]` on a type, its fields and its variants is parsed here.

use proc_macro2::{Ident, TokenStream};
use syn::parse::ParseStream;
use syn::{Attribute, Error, LitStr, Meta, Path, Result, Token};

use crate::argument::{parse_arguments, parse_flag, parse_value};
use crate::case::Case;
use crate::diagnostics::{Errors, error, unknown};
use crate::set_once::SetOnce;

/// The arguments on a type.
#[derive(Default)]
pub(crate) struct ContainerAttrs {
    pub(crate) rename_all: SetOnce<Case>,
    pub(crate) krate: SetOnce<Path>,
}

impl ContainerAttrs {
    /// Parses the `#[claims(..)]` attributes of a type.
    pub(crate) fn parse(attrs: &[Attribute], errors: &mut Errors) -> Self {
        let mut container = Self::default();
        parse_claims_attrs(attrs, errors, |name, input| match name.to_string().as_str() {
            "rename_all" => container.rename_all.set(name, parse_value(name, input, "\"camelCase\"")?, ONCE),
            "crate" => container.krate.set(name, parse_value(name, input, "path::to::gatevault")?, ONCE),
            _ => Err(unknown(name, "type attribute", &["rename_all", "crate"])),
        });
        container
    }
}

/// The arguments on a field of claims.
#[derive(Default)]
pub(crate) struct FieldAttrs {
    pub(crate) subject: SetOnce<()>,
    pub(crate) role: SetOnce<()>,
    pub(crate) scope: SetOnce<()>,
    pub(crate) flatten: SetOnce<()>,
    pub(crate) rename: SetOnce<LitStr>,
    /// The function that returns the default, or `None` for the `Default` trait.
    pub(crate) default: SetOnce<Option<Path>>,
    /// The module with `encode` and `decode`.
    pub(crate) with: SetOnce<Path>,
}

impl FieldAttrs {
    /// Parses the `#[claims(..)]` attributes of a field.
    pub(crate) fn parse(attrs: &[Attribute], errors: &mut Errors) -> Self {
        let mut field = Self::default();
        parse_claims_attrs(attrs, errors, |name, input| field.parse_argument(name, input));
        field
    }

    /// Parses the argument called `name`.
    fn parse_argument(&mut self, name: &Ident, input: ParseStream<'_>) -> Result<()> {
        match name.to_string().as_str() {
            "subject" => self.subject.set(name, parse_flag(name, input)?, ONCE),
            "role" => self.role.set(name, parse_flag(name, input)?, ONCE),
            "scope" => self.scope.set(name, parse_flag(name, input)?, ONCE),
            "flatten" => self.flatten.set(name, parse_flag(name, input)?, ONCE),
            "rename" => self.rename.set(name, parse_value(name, input, RENAME)?, ONCE),
            "default" if input.peek(Token![=]) => {
                self.default.set(name, Some(parse_value(name, input, "path::to_function")?), ONCE)
            }
            "default" => self.default.set(name, None, ONCE),
            "with" => self.with.set(name, parse_value(name, input, "path::to_module")?, ONCE),
            _ => Err(unknown(name, "field attribute", FIELD)),
        }
    }
}

/// The arguments on a variant of a claim value.
#[derive(Default)]
pub(crate) struct VariantAttrs {
    pub(crate) rename: SetOnce<LitStr>,
}

impl VariantAttrs {
    /// Parses the `#[claims(..)]` attributes of a variant.
    pub(crate) fn parse(attrs: &[Attribute], errors: &mut Errors) -> Self {
        let mut variant = Self::default();
        parse_claims_attrs(attrs, errors, |name, input| match name.to_string().as_str() {
            "rename" => variant.rename.set(name, parse_value(name, input, RENAME)?, ONCE),
            _ => Err(unknown(name, "variant attribute", &["rename"])),
        });
        variant
    }
}

/// Rejects `#[claims(..)]` where it has no meaning.
pub(crate) fn reject_claims_attrs(attrs: &[Attribute], message: &str, errors: &mut Errors) {
    for attr in attrs.iter().filter(|attr| attr.path().is_ident("claims")) {
        errors.add(error(attr, message));
    }
}

/// Parses the arguments of every `#[claims(..)]` attribute with `parse`.
fn parse_claims_attrs(
    attrs: &[Attribute],
    errors: &mut Errors,
    parse: impl FnMut(&Ident, ParseStream<'_>) -> Result<()>,
) {
    parse_attrs("claims", unnamed, attrs, errors, parse);
}

/// Parses the arguments of every attribute called `name` with `parse`.
///
/// `unnamed` creates the error for values where the name of an argument was expected.
pub(crate) fn parse_attrs(
    name: &str,
    unnamed: fn(&TokenStream) -> Error,
    attrs: &[Attribute],
    errors: &mut Errors,
    mut parse: impl FnMut(&Ident, ParseStream<'_>) -> Result<()>,
) {
    for attr in attrs.iter().filter(|attr| attr.path().is_ident(name)) {
        let arguments: Option<TokenStream> = errors.ok_or_collect(match &attr.meta {
            Meta::List(list) => Ok(list.tokens.clone()),
            other => {
                let remedy = format!("write `#[{name}(..)]`");
                Err(error(other, format!("`{name}` takes arguments in parentheses: {remedy}")))
            }
        });
        parse_arguments(arguments.unwrap_or_default(), errors, unnamed, &mut parse);
    }
}

/// Creates the error for a value where the name of an argument was expected.
fn unnamed(value: &TokenStream) -> Error {
    error(value, "expected the name of an attribute: write `#[claims(name)]` or `#[claims(name = value)]`")
}

const FIELD: &[&str] = &["subject", "role", "scope", "flatten", "rename", "default", "with"];
pub(crate) const ONCE: &str = "keep one of them";
const RENAME: &str = "\"name_in_the_token\"";
