//! Tokens: the impls that `role` and `scope` guards call, for the fields marked `role` and `scope`. Cannot fail.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::{GenericParam, Generics, parse_quote};

use super::model::ClaimsType;
use crate::field::Member;
use crate::tokens::{first_span, hygienic, mentions};

/// Expands to an impl for each marked field.
pub(crate) fn derived(model: &ClaimsType) -> TokenStream {
    let role = model.role.as_ref().map(|Member { ident, ty }| {
        let (krate, mut generics) = (&model.krate, model.generics.clone());
        let field = quote!(#krate::__private::RoleField<__R, __Form>);
        generics.make_where_clause().predicates.push(parse_quote!(#ty: #field));
        let span = first_span(ty);
        generics.params.push(parse_quote!(__Form));
        let holds = quote_spanned!(span=> #krate::__private::RoleField::holds(&self.#ident, role));
        role_claims(model, generics, &quote!(__Form), &holds)
    });
    let scope = model.scope.as_ref().map(|Member { ident, ty }| {
        let (krate, mut generics) = (&model.krate, model.generics.clone());
        if model.generics.type_params().any(|param| mentions(ty, &param.ident)) {
            generics.make_where_clause().predicates.push(parse_quote!(#ty: #krate::claims::Scopes));
        }
        let span = first_span(ty);
        let krate = krate.located_at(span);
        let granted = quote_spanned!(span=> <#ty as #krate::claims::Scopes>::grants(&self.#ident, scope));
        scope_claims(model, &generics, &granted)
    });
    quote!(#role #scope)
}

/// Expands to placeholders of both impls, for every role.
///
/// They exist even without a mark: the mark may be what is misspelled, and guards should not report it again.
pub(crate) fn placeholders(model: &ClaimsType) -> TokenStream {
    let never = hygienic!(loop {});
    let krate = &model.krate;
    let role = role_claims(model, model.generics.clone(), &quote!(#krate::claims::OneRole), &never);
    let scope = scope_claims(model, &model.generics, &never);
    quote!(#role #scope)
}

/// Expands to the impl of `RoleClaims` for this form of the role field, with this body.
fn role_claims(
    model: &ClaimsType,
    mut generics: Generics,
    form: &TokenStream,
    body: &TokenStream,
) -> TokenStream {
    let ClaimsType { krate, ident, .. } = model;
    let role: GenericParam = parse_quote!(__R);
    generics.params.push(role);
    let (impl_generics, _, where_clause) = generics.split_for_impl();
    let (_, ty_generics, _) = model.generics.split_for_impl();
    hygienic! {
        #[automatically_derived]
        impl #impl_generics #krate::claims::RoleClaims<__R, #form> for #ident #ty_generics #where_clause {
            fn has_role(&self, role: &__R) -> ::core::primitive::bool {
                #body
            }
        }
    }
}

/// Expands to the impl of `ScopeClaims` with this body.
fn scope_claims(model: &ClaimsType, generics: &Generics, body: &TokenStream) -> TokenStream {
    let ClaimsType { krate, ident, .. } = model;
    let (impl_generics, ty_generics, where_clause) = generics.split_for_impl();
    hygienic! {
        #[automatically_derived]
        impl #impl_generics #krate::claims::ScopeClaims for #ident #ty_generics #where_clause {
            fn has_scope(&self, scope: &::core::primitive::str) -> ::core::primitive::bool {
                #body
            }
        }
    }
}
