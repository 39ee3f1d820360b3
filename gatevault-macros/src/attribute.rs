//! Syntax: `#[claims(..)]`, on a type and on its fields and variants.

use proc_macro2::{Ident, TokenStream};
use syn::parse::ParseStream;
use syn::{Attribute, LitStr, Meta, Path, Result, Token};

use crate::argument::{no_value, read_each, value};
use crate::case::Case;
use crate::diagnostics::{Refusals, refuse, unknown};
use crate::set_once::SetOnce;

/// What is written on the type.
#[derive(Default)]
pub(crate) struct ContainerAttrs {
    pub(crate) rename_all: SetOnce<Case>,
    pub(crate) krate: SetOnce<Path>,
}

impl ContainerAttrs {
    pub(crate) fn parse(attrs: &[Attribute], refusals: &mut Refusals) -> Self {
        let mut container = Self::default();
        read_claims(attrs, refusals, |name, input| match name.to_string().as_str() {
            "rename_all" => container.rename_all.set(name, value(name, input, "\"camelCase\"")?, ONCE),
            "crate" => container.krate.set(name, value(name, input, "path::to::gatevault")?, ONCE),
            _ => Err(unknown(name, "attribute of a type", &["rename_all", "crate"])),
        });
        container
    }
}

/// What is written on a field of claims.
#[derive(Default)]
pub(crate) struct FieldAttrs {
    pub(crate) subject: SetOnce<()>,
    pub(crate) role: SetOnce<()>,
    pub(crate) scope: SetOnce<()>,
    pub(crate) flatten: SetOnce<()>,
    pub(crate) rename: SetOnce<LitStr>,
    /// The function that makes the default, or `None` for `Default`.
    pub(crate) default: SetOnce<Option<Path>>,
    /// The module with `encode` and `decode`.
    pub(crate) with: SetOnce<Path>,
}

impl FieldAttrs {
    pub(crate) fn parse(attrs: &[Attribute], refusals: &mut Refusals) -> Self {
        let mut field = Self::default();
        read_claims(attrs, refusals, |name, input| field.read(name, input));
        field
    }

    fn read(&mut self, name: &Ident, input: ParseStream<'_>) -> Result<()> {
        match name.to_string().as_str() {
            "subject" => self.subject.set(name, no_value(name, input)?, ONCE),
            "role" => self.role.set(name, no_value(name, input)?, ONCE),
            "scope" => self.scope.set(name, no_value(name, input)?, ONCE),
            "flatten" => self.flatten.set(name, no_value(name, input)?, ONCE),
            "rename" => self.rename.set(name, value(name, input, RENAME)?, ONCE),
            "default" if input.peek(Token![=]) => {
                self.default.set(name, Some(value(name, input, "path::to_function")?), ONCE)
            }
            "default" => self.default.set(name, None, ONCE),
            "with" => self.with.set(name, value(name, input, "path::to_module")?, ONCE),
            _ => Err(unknown(name, "attribute of a field", FIELD)),
        }
    }
}

/// What is written on a variant of a claim's value.
#[derive(Default)]
pub(crate) struct VariantAttrs {
    pub(crate) rename: SetOnce<LitStr>,
}

impl VariantAttrs {
    pub(crate) fn parse(attrs: &[Attribute], refusals: &mut Refusals) -> Self {
        let mut variant = Self::default();
        read_claims(attrs, refusals, |name, input| match name.to_string().as_str() {
            "rename" => variant.rename.set(name, value(name, input, RENAME)?, ONCE),
            _ => Err(unknown(name, "attribute of a variant", &["rename"])),
        });
        variant
    }
}

/// Refuses `#[claims(..)]` where it has no meaning.
pub(crate) fn refuse_claims(attrs: &[Attribute], message: &str, refusals: &mut Refusals) {
    for attr in attrs.iter().filter(|attr| attr.path().is_ident("claims")) {
        refusals.add(refuse(attr, message));
    }
}

fn read_claims(
    attrs: &[Attribute],
    refusals: &mut Refusals,
    mut read: impl FnMut(&Ident, ParseStream<'_>) -> Result<()>,
) {
    for attr in attrs.iter().filter(|attr| attr.path().is_ident("claims")) {
        let arguments: Option<TokenStream> = refusals.hear(match &attr.meta {
            Meta::List(list) => Ok(list.tokens.clone()),
            other => Err(refuse(other, "write what is claimed in parentheses: `#[claims(..)]`")),
        });
        read_each(arguments.unwrap_or_default(), refusals, &mut read);
    }
}

const FIELD: &[&str] = &["subject", "role", "scope", "flatten", "rename", "default", "with"];
const ONCE: &str = "keep one of them";
const RENAME: &str = "\"name_in_the_token\"";
