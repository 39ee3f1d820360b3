//! Tokens: the impls of `ToClaims` and `FromClaims`. Total: whatever the model holds can be written.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::{Generics, Path};

use super::model::{Claim, ClaimsType, DefaultValue, Member};
use super::policy;
use crate::generics::{input_lifetime, with_bound, with_input};
use crate::tokens::{ends, hygienic};

pub(crate) fn derived(model: &ClaimsType) -> TokenStream {
    let (to_claims, from_claims) = (to_claims(model, &write(model)), from_claims(model, &read(model)));
    let policies = policy::derived(model);
    quote!(#to_claims #from_claims #policies)
}

/// The errors, and beside them impls that never finish, for the sake of everything that needs them.
pub(crate) fn refused(model: &ClaimsType, errors: &TokenStream) -> TokenStream {
    let never = hygienic!(loop {});
    let (to_claims, from_claims) = (to_claims(model, &never), from_claims(model, &never));
    let policies = policy::refused(model);
    quote!(#errors #to_claims #from_claims #policies)
}

fn to_claims(model: &ClaimsType, body: &TokenStream) -> TokenStream {
    let ClaimsType { krate, ident, .. } = model;
    let generics = bounded(model, &quote!(#krate::__private::serde::Serialize));
    let (impl_generics, ty_generics, where_clause) = generics.split_for_impl();
    hygienic! {
        #[automatically_derived]
        impl #impl_generics #krate::claims::ToClaims for #ident #ty_generics #where_clause {
            fn write_claims(
                &self,
                claims: &mut #krate::claims::ClaimWriter<'_>,
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
    let generics = with_input(bounded(model, &bound));
    let (impl_generics, _, where_clause) = generics.split_for_impl();
    let (_, ty_generics, _) = model.generics.split_for_impl();
    hygienic! {
        #[automatically_derived]
        impl #impl_generics #krate::claims::FromClaims<#input> for #ident #ty_generics #where_clause {
            fn read_claims<__A: #krate::__private::serde::de::MapAccess<#input>>(
                claims: &mut #krate::claims::ClaimReader<#input, '_, __A>,
            ) -> ::core::result::Result<Self, __A::Error> {
                #body
            }
        }
    }
}

/// The generics, with what makes the type's parameters values of claims.
fn bounded(model: &ClaimsType, bound: &TokenStream) -> Generics {
    let krate = &model.krate;
    let rest: Vec<_> = model.rest.iter().map(|rest| &rest.ty).collect();
    let both = quote!(#krate::__private::serde::Serialize + #krate::__private::serde::de::DeserializeOwned);
    with_bound(&with_bound(&model.generics, &model.types(), bound), &rest, &both)
}

/// Writes the subject, then the claims: the order of the wire.
fn write(model: &ClaimsType) -> TokenStream {
    let subject = model.subject.iter().map(|subject| {
        let ((place, _), value) = (ends(&subject.member.ty), encoded(&subject.member, subject.with.as_ref()));
        quote_spanned!(place=> claims.subject(#value)?;)
    });
    let claims = model.claims.iter().map(|claim| {
        let ((place, _), value) = (ends(&claim.member.ty), encoded(&claim.member, claim.with.as_ref()));
        let name = &claim.name.text;
        quote_spanned!(place=> claims.claim(#name, #value)?;)
    });
    let names = model.claims.iter().map(|claim| &claim.name.text);
    let rest = model.rest.as_ref().map(|rest| {
        let (map, (place, _), ident) = (claim_map(model, rest), ends(&rest.ty), &rest.ident);
        quote_spanned!(place=> #map::write(&self.#ident, &[#(#names),*], claims)?;)
    });
    hygienic! {
        #(#subject)*
        #(#claims)*
        #rest
        ::core::result::Result::Ok(())
    }
}

fn encoded(Member { ident, ty }: &Member, with: Option<&Path>) -> TokenStream {
    let (place, _) = ends(ty);
    let value = quote_spanned!(place=> &self.#ident);
    let encoded = with.map(|module| quote_spanned!(place=> &#module::encode(#value)));
    encoded.unwrap_or(value)
}

/// Reads each claim into its slot in the order of the token, then makes the struct.
fn read(model: &ClaimsType) -> TokenStream {
    let slots = model.claims.iter().map(|claim| {
        let slot = slot(&claim.member);
        hygienic!(let mut #slot = ::core::option::Option::None;)
    });
    let arms = model.claims.iter().map(|claim| {
        let (slot, name, (place, _)) = (slot(&claim.member), &claim.name.text, ends(&claim.member.ty));
        quote_spanned!(place=> #name => claims.read(&mut #slot)?,)
    });
    let (rest_slot, rest_arm) = rest(model);
    let subject = model.subject.iter().map(|subject| {
        let (Member { ident, ty }, with) = (&subject.member, &subject.with);
        let (place, _) = ends(ty);
        let read = quote_spanned!(place=> claims.read_subject()?);
        let decode = |module| quote_spanned!(place=> claims.read_subject_with(#module::decode)?);
        let value = with.as_ref().map_or(read, decode);
        quote!(#ident: #value,)
    });
    let values = model.claims.iter().map(|claim| {
        let (ident, value) = (&claim.member.ident, value(claim));
        quote!(#ident: #value,)
    });
    let rest = model.rest.as_ref().map(|rest| {
        let (ident, slot) = (&rest.ident, slot(rest));
        quote!(#ident: #slot,)
    });
    hygienic! {
        #(#slots)*
        #rest_slot
        while let ::core::option::Option::Some(name) = claims.next_name()? {
            match &*name {
                #(#arms)*
                _ => #rest_arm,
            }
        }
        ::core::result::Result::Ok(Self { #(#subject)* #(#values)* #rest })
    }
}

/// The local that holds the other claims, and what is done with each.
fn rest(model: &ClaimsType) -> (TokenStream, TokenStream) {
    let Some(rest) = &model.rest else {
        return (TokenStream::new(), hygienic!(claims.skip()?));
    };
    let (map, slot, (place, _)) = (claim_map(model, rest), slot(rest), ends(&rest.ty));
    let empty = quote_spanned!(place=> let mut #slot = #map::empty(););
    (empty, quote_spanned!(place=> #map::read(&mut #slot, name, claims)?))
}

/// The trait of the map, as the path of its functions: a type that is no map is reported at that type, once.
fn claim_map(model: &ClaimsType, Member { ty, .. }: &Member) -> TokenStream {
    let (place, _) = ends(ty);
    let krate = model.krate.located_at(place);
    quote_spanned!(place=> <#ty as #krate::__private::ClaimMap>)
}

/// The value of a claim once its slot is as full as it will be.
fn value(claim: &Claim) -> TokenStream {
    let (slot, name, (place, _)) = (slot(&claim.member), &claim.name.text, ends(&claim.member.ty));
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
fn slot(Member { ident, ty }: &Member) -> Ident {
    let (place, _) = ends(ty);
    format_ident!("{}_slot", ident, span = place)
}
