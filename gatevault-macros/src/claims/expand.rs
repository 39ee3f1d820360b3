//! Tokens: the impls of `ToClaims` and `FromClaims`. Total: whatever the model holds can be written.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote, quote_spanned};

use super::model::{Claim, ClaimsType, DefaultValue, Subject};
use crate::generics::{input_lifetime, with_bound, with_input};
use crate::tokens::{ends, hygienic};

pub(crate) fn derived(model: &ClaimsType) -> TokenStream {
    let (to_claims, from_claims) = (to_claims(model, &write(model)), from_claims(model, &read(model)));
    quote!(#to_claims #from_claims)
}

/// The errors, and beside them impls that never finish, for the sake of everything that needs them.
pub(crate) fn refused(model: &ClaimsType, errors: &TokenStream) -> TokenStream {
    let never = hygienic!(loop {});
    let (to_claims, from_claims) = (to_claims(model, &never), from_claims(model, &never));
    quote!(#errors #to_claims #from_claims)
}

fn to_claims(model: &ClaimsType, body: &TokenStream) -> TokenStream {
    let ClaimsType { krate, ident, .. } = model;
    let generics = with_bound(&model.generics, &model.types(), &quote!(#krate::__private::serde::Serialize));
    let (impl_generics, ty_generics, where_clause) = generics.split_for_impl();
    hygienic! {
        #[automatically_derived]
        impl #impl_generics #krate::ToClaims for #ident #ty_generics #where_clause {
            fn write_claims(
                &self,
                claims: &mut #krate::ClaimWriter<'_>,
            ) -> ::core::result::Result<(), #krate::TokenError> {
                #body
            }
        }
    }
}

fn from_claims(model: &ClaimsType, body: &TokenStream) -> TokenStream {
    let ClaimsType { krate, ident, .. } = model;
    let input = input_lifetime();
    let bound = quote!(#krate::__private::serde::Deserialize<#input>);
    let generics = with_input(with_bound(&model.generics, &model.types(), &bound));
    let (impl_generics, _, where_clause) = generics.split_for_impl();
    let (_, ty_generics, _) = model.generics.split_for_impl();
    hygienic! {
        #[automatically_derived]
        impl #impl_generics #krate::FromClaims<#input> for #ident #ty_generics #where_clause {
            fn read_claims<__A: #krate::__private::serde::de::MapAccess<#input>>(
                claims: &mut #krate::ClaimReader<#input, '_, __A>,
            ) -> ::core::result::Result<Self, __A::Error> {
                #body
            }
        }
    }
}

/// Writes the subject, then the claims: the order of the wire.
fn write(model: &ClaimsType) -> TokenStream {
    let subject = model.subject.iter().map(|Subject { ident, ty }| {
        let (place, _) = ends(ty);
        quote_spanned!(place=> claims.subject(&self.#ident)?;)
    });
    let claims = model.claims.iter().map(|Claim { ident, ty, name, with, .. }| {
        let ((place, _), name) = (ends(ty), &name.text);
        let value = quote_spanned!(place=> &self.#ident);
        let encoded = with.as_ref().map(|module| quote_spanned!(place=> &#module::encode(#value)));
        let value = encoded.unwrap_or(value);
        quote_spanned!(place=> claims.claim(#name, #value)?;)
    });
    hygienic! {
        #(#subject)*
        #(#claims)*
        ::core::result::Result::Ok(())
    }
}

/// Reads each claim into its slot in the order of the token, then makes the struct.
fn read(model: &ClaimsType) -> TokenStream {
    let slots = model.claims.iter().map(|claim| {
        let slot = slot(claim);
        hygienic!(let mut #slot = ::core::option::Option::None;)
    });
    let arms = model.claims.iter().map(|claim| {
        let (slot, name, (place, _)) = (slot(claim), &claim.name.text, ends(&claim.ty));
        quote_spanned!(place=> #name => claims.read(&mut #slot)?,)
    });
    let subject = model.subject.iter().map(|Subject { ident, ty }| {
        let (place, _) = ends(ty);
        quote_spanned!(place=> #ident: claims.read_subject()?,)
    });
    let values = model.claims.iter().map(|claim| {
        let (ident, value) = (&claim.ident, value(claim));
        quote!(#ident: #value,)
    });
    hygienic! {
        #(#slots)*
        while let ::core::option::Option::Some(name) = claims.next_name()? {
            match &*name {
                #(#arms)*
                _ => claims.skip()?,
            }
        }
        ::core::result::Result::Ok(Self { #(#subject)* #(#values)* })
    }
}

/// The value of a claim once its slot is as full as it will be.
fn value(claim: &Claim) -> TokenStream {
    let (slot, name, (place, _)) = (slot(claim), &claim.name.text, ends(&claim.ty));
    let read = quote_spanned!(place=> claims.required(#name, #slot)?);
    let decode = |module| quote_spanned!(place=> claims.required_with(#name, #slot, #module::decode)?);
    let value = claim.with.as_ref().map_or(read, decode);
    let default = match &claim.default {
        None => return value,
        Some(DefaultValue::OfType) => quote_spanned!(place=> ::core::default::Default::default()),
        Some(DefaultValue::Made(function)) => quote!(#function()),
    };
    hygienic! {
        match #slot {
            ::core::option::Option::None => #default,
            #slot => #value,
        }
    }
}

/// The local that holds a claim until the end: a name that is none of ours, whatever the field is called.
fn slot(claim: &Claim) -> Ident {
    let (place, _) = ends(&claim.ty);
    format_ident!("{}_slot", claim.ident, span = place)
}
