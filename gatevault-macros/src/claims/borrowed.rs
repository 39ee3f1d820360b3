//! Finds fields of type `Cow<'x, str>` or `Option<Cow<'x, str>>`, which can borrow from the token instead of copying.
//!
//! A macro sees only the name of a type. serde's own `borrow` attribute detects `Cow` by its name too.

use syn::{GenericArgument, Path, PathArguments, Type, parse_quote};

use crate::crate_path::CratePath;

/// Returns the module that deserializes this type without copying, or `None` for any other type.
pub(crate) fn module(krate: &CratePath, ty: &Type) -> Option<Path> {
    if is_cow(ty) {
        return Some(parse_quote!(#krate::__private::borrowed));
    }
    match generic_arguments(ty, "Option").next() {
        Some(GenericArgument::Type(inner)) if is_cow(inner) => {
            Some(parse_quote!(#krate::__private::borrowed::option))
        }
        _ => None,
    }
}

/// Returns whether the type is a `Cow<'x, str>` that can borrow.
fn is_cow(ty: &Type) -> bool {
    let mut arguments = generic_arguments(ty, "Cow");
    let lifetime = arguments.next();
    let borrows = matches!(lifetime, Some(GenericArgument::Lifetime(lifetime)) if lifetime.ident != "static");
    borrows
        && matches!(arguments.next(), Some(GenericArgument::Type(Type::Path(text))) if text.path.is_ident("str"))
}

/// Returns the generic arguments of the type if it has this name.
fn generic_arguments<'t>(ty: &'t Type, name: &str) -> impl Iterator<Item = &'t GenericArgument> {
    let last = match ty {
        Type::Path(ty) => ty.path.segments.last(),
        _ => None,
    };
    let arguments = last.filter(|last| last.ident == name).map(|last| &last.arguments);
    let arguments = arguments.and_then(|arguments| match arguments {
        PathArguments::AngleBracketed(arguments) => Some(&arguments.args),
        _ => None,
    });
    arguments.into_iter().flatten()
}
