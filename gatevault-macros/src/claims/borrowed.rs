//! Fields of the type `Cow<'x, str>`, or an `Option` of one: serde would copy what can be borrowed.
//!
//! A macro knows a type by its name only; serde's own `borrow` goes by the same.

use syn::{GenericArgument, Path, PathArguments, Type, parse_quote};

use crate::crate_path::CratePath;

/// The module that reads a value of this type without copying it.
pub(crate) fn module(krate: &CratePath, ty: &Type) -> Option<Path> {
    if is_cow(ty) {
        return Some(parse_quote!(#krate::__private::borrowed));
    }
    match arguments(ty, "Option").next() {
        Some(GenericArgument::Type(inner)) if is_cow(inner) => {
            Some(parse_quote!(#krate::__private::borrowed::option))
        }
        _ => None,
    }
}

fn is_cow(ty: &Type) -> bool {
    let mut arguments = arguments(ty, "Cow");
    let lifetime = arguments.next();
    let borrows = matches!(lifetime, Some(GenericArgument::Lifetime(lifetime)) if lifetime.ident != "static");
    borrows
        && matches!(arguments.next(), Some(GenericArgument::Type(Type::Path(text))) if text.path.is_ident("str"))
}

/// What stands between the angle brackets of a type of this name.
fn arguments<'t>(ty: &'t Type, name: &str) -> impl Iterator<Item = &'t GenericArgument> {
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
