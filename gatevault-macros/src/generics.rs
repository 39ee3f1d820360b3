//! The generics of the derived impls.

use proc_macro2::{Ident, Span, TokenStream};
use syn::{GenericParam, Generics, Lifetime, Type, TypeParam, parse_quote};

use crate::tokens::mentions;

/// Returns the lifetime of the input that a value is deserialized from.
///
/// Lifetimes and type parameters are not hygienic, hence the unusual name.
pub(crate) fn input_lifetime() -> Lifetime {
    Lifetime::new("'__input", Span::mixed_site())
}

/// Adds `bound` to each type parameter that occurs in one of the `types`.
pub(crate) fn with_bound(generics: &Generics, types: &[&Type], bound: &TokenStream) -> Generics {
    let occurs = |param: &Ident| types.iter().any(|ty| mentions(ty, param));
    let mut bounded = generics.clone();
    for TypeParam { ident, .. } in generics.type_params().filter(|param| occurs(&param.ident)) {
        bounded.make_where_clause().predicates.push(parse_quote!(#ident: #bound));
    }
    bounded
}

/// Adds the input lifetime, which outlives every lifetime of the type, as the first parameter.
pub(crate) fn with_input(mut generics: Generics) -> Generics {
    let input = input_lifetime();
    let borrowed = generics.lifetimes().map(|param| &param.lifetime);
    let param: GenericParam = parse_quote!(#input: #(#borrowed)+*);
    generics.params.insert(0, param);
    generics
}
