//! `#[derive(ClaimValue)]`: syntax (`attribute`), then a model of the value, then serde's impls for it.

mod expand;
mod model;

use proc_macro2::TokenStream;
use syn::DeriveInput;

use self::model::ValueType;
use crate::diagnostics::Errors;

/// Derives `Serialize` and `Deserialize`. If there are errors, it emits them beside placeholder impls.
pub(crate) fn derive(item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let Some(input) = errors.ok_or_collect(syn::parse2::<DeriveInput>(item)) else {
        return errors.into_compile_errors().unwrap_or_default();
    };
    let model = ValueType::new(input, &mut errors);
    match errors.into_compile_errors() {
        Some(errors) => expand::with_errors(&model, &errors),
        None => expand::derived(&model),
    }
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::derive;

    #[test]
    fn the_type_parameter_of_a_newtype_is_bounded() {
        let expanded = derive(quote!(
            struct Amount<T>(T);
        ))
        .to_string();
        let bound = "T : :: gatevault :: __private :: serde :: Serialize";
        assert_eq!(expanded.matches(bound).count(), 2, "{expanded}");
    }
}
