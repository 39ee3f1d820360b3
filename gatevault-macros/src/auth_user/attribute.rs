//! Syntax: `#[auth(..)]` on an account type and its fields.

use proc_macro2::TokenStream;
use syn::{Attribute, Error, Path};

use crate::argument::{parse_flag, parse_value};
use crate::attribute::{ONCE, parse_attrs};
use crate::diagnostics::{Errors, error, unknown};
use crate::set_once::SetOnce;

/// The arguments on the struct.
#[derive(Default)]
pub(crate) struct ContainerAttrs {
    pub(crate) no_password: SetOnce<()>,
    pub(crate) krate: SetOnce<Path>,
}

impl ContainerAttrs {
    /// Parses the `#[auth(..)]` attributes of the struct.
    pub(crate) fn parse(attrs: &[Attribute], errors: &mut Errors) -> Self {
        let mut container = Self::default();
        parse_attrs("auth", unnamed, attrs, errors, |name, input| match name.to_string().as_str() {
            "no_password" => container.no_password.set(name, parse_flag(name, input)?, ONCE),
            "crate" => container.krate.set(name, parse_value(name, input, "path::to::gatevault")?, ONCE),
            field if FIELD.contains(&field) => {
                Err(error(name, format!("`{field}` marks a field: write `#[auth({field})]` above the field")))
            }
            _ => Err(unknown(name, "type attribute", &["no_password", "crate"])),
        });
        container
    }
}

/// The arguments on a field.
#[derive(Default)]
pub(crate) struct FieldAttrs {
    pub(crate) id: SetOnce<()>,
    pub(crate) password: SetOnce<()>,
    pub(crate) security_stamp: SetOnce<()>,
}

impl FieldAttrs {
    /// Parses the `#[auth(..)]` attributes of a field.
    pub(crate) fn parse(attrs: &[Attribute], errors: &mut Errors) -> Self {
        let mut field = Self::default();
        parse_attrs("auth", unnamed, attrs, errors, |name, input| match name.to_string().as_str() {
            "id" => field.id.set(name, parse_flag(name, input)?, ONCE),
            "password" => field.password.set(name, parse_flag(name, input)?, ONCE),
            "security_stamp" => field.security_stamp.set(name, parse_flag(name, input)?, ONCE),
            "no_password" => Err(error(
                name,
                "`no_password` describes the account: write `#[auth(no_password)]` above the struct",
            )),
            _ => Err(unknown(name, "field attribute", FIELD)),
        });
        field
    }
}

/// Creates the error for a value where the name of an argument was expected.
fn unnamed(value: &TokenStream) -> Error {
    error(value, "expected the name of an attribute: write `#[auth(name)]`")
}

const FIELD: &[&str] = &["id", "password", "security_stamp"];
