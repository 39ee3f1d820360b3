//! Model: types that a payload cannot have, rejected by their syntax with a better remedy than the missing trait would get.

use proc_macro2::Ident;
use syn::{GenericArgument, PathArguments, PathSegment, Type, TypeImplTrait, TypePath};

use crate::diagnostics::{Errors, error};
use crate::tokens::source_text;

/// Rejects a type that no payload can have. `optional` payloads are an `Option` of a type. Returns whether it did.
pub(super) fn reject(name: &Ident, ty: &Type, optional: bool, errors: &mut Errors) -> bool {
    let option = generic(ty, &["Option"]);
    let message = match option {
        Some(required) if !optional => Some(format!(
            "an `Option` payload needs `#[protected(optional)]`: add `optional`, or write `{}` to require a token",
            source_text(required)
        )),
        Some(inner) => unfit(inner, &|remedy| format!("write `{name}: Option<{remedy}>`")),
        None => unfit(ty, &|remedy| format!("write `{name}: {remedy}`")),
    };
    let rejected = message.is_some();
    if let Some(message) = message {
        errors.add(error(ty, message));
    }
    rejected
}

/// Returns the error for a type that is not a payload by its syntax. `write` formats the remedy.
fn unfit(ty: &Type, write: &dyn Fn(&str) -> String) -> Option<String> {
    const ONE: &str = "the payload is the claims of one token";
    if let Some(inner) = generic(ty, &["Box", "Arc", "Rc"]) {
        let remedy = write(&source_text(inner));
        return Some(format!(
            "the payload is passed by value: {remedy}, and wrap it in the body where needed"
        ));
    }
    if let Some(inner) = generic(ty, &["Result"]) {
        return Some(format!("the body never runs for a denied call: {}", write(&source_text(inner))));
    }
    if let Some(inner) = generic(ty, &["Vec"]) {
        return Some(format!("{ONE}: {}", write(&source_text(inner))));
    }
    Some(match ty {
        Type::Reference(reference) => {
            let remedy = write(&source_text(&reference.elem));
            format!(
                "the payload cannot be a reference: {remedy}, or rename a parameter that is not the payload"
            )
        }
        Type::Tuple(tuple) if tuple.elems.is_empty() => format!("{ONE}: {}", write(CLAIMS)),
        Type::Tuple(_) => {
            format!(
                "{ONE}: {}, a struct that derives `gatevault::Claims` and has these values as fields",
                write(CLAIMS)
            )
        }
        Type::Array(array) => format!("{ONE}: {}", write(&source_text(&array.elem))),
        Type::Slice(slice) => format!("{ONE}: {}", write(&source_text(&slice.elem))),
        Type::ImplTrait(TypeImplTrait { bounds, .. }) => {
            let parameter = source_text(bounds);
            format!(
                "the type of the payload needs a name: {}, or `C` with a type parameter `<C: {parameter}>`",
                write(CLAIMS)
            )
        }
        Type::TraitObject(_) => {
            format!("the payload is passed by value, which a trait object cannot be: {}", write(CLAIMS))
        }
        Type::Infer(_) => format!("the type of the payload needs a name: {}", write(CLAIMS)),
        Type::Path(path) if is_primitive(path) => format!(
            "the payload is the claims of the token, a struct that derives `gatevault::Claims`: {}, or rename a \
             parameter that is not the payload",
            write(CLAIMS)
        ),
        _ => return None,
    })
}

/// Returns the first type argument if the type has one of these names, as in `Box<User>`.
fn generic<'t>(ty: &'t Type, names: &[&str]) -> Option<&'t Type> {
    let Type::Path(TypePath { qself: None, path, .. }) = ty else { return None };
    let PathSegment { ident, arguments } = path.segments.last()?;
    let PathArguments::AngleBracketed(arguments) = arguments else { return None };
    let first = arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    });
    first.filter(|_| names.iter().any(|name| ident == name))
}

/// Returns whether the type is a primitive or a `String`, which are never claims types.
pub(super) fn is_primitive(TypePath { qself, path, .. }: &TypePath) -> bool {
    qself.is_none() && PRIMITIVES.iter().any(|name| path.is_ident(name))
}

const PRIMITIVES: [&str; 18] = [
    "String", "bool", "char", "f32", "f64", "i8", "i16", "i32", "i64", "i128", "isize", "str", "u8", "u16",
    "u32", "u64", "u128", "usize",
];
const CLAIMS: &str = "YourClaims";
