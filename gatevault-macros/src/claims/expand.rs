//! Tokens: the impls of `ToClaims` and `FromClaims`. Cannot fail: every model can be expanded.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::Generics;

use super::model::{Claim, ClaimsType, DefaultValue, Subject};
use super::policy;
use crate::field::Member;
use crate::generics::{input_lifetime, with_bound, with_input};
use crate::tokens::{first_span, hygienic};

/// Expands to the derived impls.
pub(crate) fn derived(model: &ClaimsType) -> TokenStream {
    let write = to_claims(model, &write_body(model));
    let read = from_claims(model, &read_body(model));
    let policies = policy::derived(model);
    quote!(#write #read #policies)
}

/// Expands to the errors and placeholder impls that never return.
///
/// With the placeholders, code that uses the type compiles, so the compiler reports the mistake itself and nothing else.
pub(crate) fn with_errors(model: &ClaimsType, errors: &TokenStream) -> TokenStream {
    let never = hygienic!(loop {});
    let (write, read) = (to_claims(model, &never), from_claims(model, &never));
    let policies = policy::placeholders(model);
    quote!(#errors #write #read #policies)
}

/// Expands to the impl of `ToClaims` with this body.
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

/// Expands to the impl of `FromClaims` with this body.
fn from_claims(model: &ClaimsType, body: &TokenStream) -> TokenStream {
    let ClaimsType { krate, ident, .. } = model;
    let input = input_lifetime();
    let serde = quote!(#krate::__private::serde);
    let bound = quote!(#serde::Serialize + #serde::Deserialize<#input>);
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

/// Adds the bounds that make the type parameters serializable as claims.
fn bounded(model: &ClaimsType, bound: &TokenStream) -> Generics {
    let krate = &model.krate;
    let map: Vec<_> = model.flatten.iter().map(|map| &map.ty).collect();
    let both = quote!(#krate::__private::serde::Serialize + #krate::__private::serde::de::DeserializeOwned);
    with_bound(&with_bound(&model.generics, &model.types(), bound), &map, &both)
}

/// Expands to statements that write the subject and then the claims, in the order they have in the token.
fn write_body(model: &ClaimsType) -> TokenStream {
    let krate = &model.krate;
    let subject = model.subject.iter().map(|subject| write_subject(model, subject));
    let claims = model.claims.iter().map(|claim| {
        let (Member { ident, ty }, name) = (&claim.member, &claim.name.text);
        let span = first_span(ty);
        let is_scope = model.scope.as_ref().is_some_and(|scope| scope.ident == *ident);
        let declare = is_scope.then(|| hygienic!(claims.declare_scopes(#name);));
        if let Some(module) = &claim.with {
            return quote_spanned!(span=> #declare claims.claim(#name, &#module::encode(&self.#ident))?;);
        }
        hygienic!(#declare #krate::__private::Field(&self.#ident).write_claim(#name, claims)?;)
    });
    let names = model.claims.iter().map(|claim| &claim.name.text);
    let flatten = model.flatten.as_ref().map(|field| {
        let (map, span, ident) = (claim_map(model, field), first_span(&field.ty), &field.ident);
        quote_spanned!(span=> #map::write(&self.#ident, &[#(#names),*], claims)?;)
    });
    hygienic! {
        #[allow(unused_imports)]
        use #krate::__private::{PossibleId as _, Unwritable as _};
        #(#subject)*
        #(#claims)*
        #flatten
        ::core::result::Result::Ok(())
    }
}

/// Expands to statements that refuse a type that cannot be a subject, and write the subject.
fn write_subject(model: &ClaimsType, Subject { member, with }: &Subject) -> TokenStream {
    let (krate, Member { ident, ty }) = (&model.krate, member);
    let span = first_span(ty);
    if let Some(module) = with {
        return quote_spanned!(span=> claims.subject(&#module::encode(&self.#ident))?;);
    }
    let private = quote!(#krate::__private);
    hygienic! {
        <#ty as #private::SubjectField<_>>::accept(#private::SubjectType::<#ty>::new().kind());
        #private::Field(&self.#ident).write_subject(claims)?;
    }
}

/// Expands to statements that read each claim into its slot, in the order of the token, and then create the struct.
fn read_body(model: &ClaimsType) -> TokenStream {
    let slots = model.claims.iter().map(|claim| {
        let slot = slot(&claim.member);
        hygienic!(let mut #slot = ::core::option::Option::None;)
    });
    let arms = model.claims.iter().map(|claim| {
        let (slot, name, span) = (slot(&claim.member), &claim.name.text, first_span(&claim.member.ty));
        let read = match &claim.with {
            Some(_) => quote_spanned!(span=> claims.read(&mut #slot)?),
            None => call(model, &claim.member, "read", &hygienic!(&mut #slot, claims)),
        };
        quote!(#name => #read,)
    });
    let (flatten_slot, other_arm) = other_claims(model);
    let subject = model.subject.iter().map(|subject| {
        let (Member { ident, ty }, with) = (&subject.member, &subject.with);
        let span = first_span(ty);
        let value = match with {
            Some(module) => quote_spanned!(span=> claims.read_subject_with(#module::decode)?),
            None => call(model, &subject.member, "subject", &hygienic!(claims)),
        };
        quote!(#ident: #value,)
    });
    let values = model.claims.iter().map(|claim| {
        let (ident, value) = (&claim.member.ident, value(model, claim));
        quote!(#ident: #value,)
    });
    let flatten = model.flatten.as_ref().map(|field| {
        let (ident, slot) = (&field.ident, slot(field));
        quote!(#ident: #slot,)
    });
    hygienic! {
        #(#slots)*
        #flatten_slot
        while let ::core::option::Option::Some(name) = claims.next_name()? {
            match &*name {
                #(#arms)*
                _ => #other_arm,
            }
        }
        ::core::result::Result::Ok(Self { #(#subject)* #(#values)* #flatten })
    }
}

/// Expands to the local for the claims without a field, and to the expression that reads or skips one of them.
fn other_claims(model: &ClaimsType) -> (TokenStream, TokenStream) {
    let Some(field) = &model.flatten else {
        return (TokenStream::new(), hygienic!(claims.skip()?));
    };
    let (map, slot, span) = (claim_map(model, field), slot(field), first_span(&field.ty));
    let empty = quote_spanned!(span=> let mut #slot = #map::empty(););
    (empty, quote_spanned!(span=> #map::read(&mut #slot, name, claims)?))
}

/// Expands to the map type qualified with its trait, so that a type that is not a map is reported once, at the type.
fn claim_map(model: &ClaimsType, Member { ty, .. }: &Member) -> TokenStream {
    let span = first_span(ty);
    let krate = model.krate.located_at(span);
    quote_spanned!(span=> <#ty as #krate::__private::ClaimMap>)
}

/// Expands to the value of a claim after all claims are read.
fn value(model: &ClaimsType, claim: &Claim) -> TokenStream {
    let (slot, name, span) = (slot(&claim.member), &claim.name.text, first_span(&claim.member.ty));
    let value = match &claim.with {
        Some(module) => quote_spanned!(span=> claims.required_with(#name, #slot, #module::decode)?),
        None => call(model, &claim.member, "required", &hygienic!(#slot, #name, claims)),
    };
    let default = match &claim.default {
        None => return value,
        Some(DefaultValue::Trait) => quote_spanned!(span=> ::core::default::Default::default()),
        Some(DefaultValue::Function(function)) => quote!(#function()),
    };
    hygienic! {
        match #slot {
            ::core::option::Option::None => #default,
            #slot => #value,
        }
    }
}

/// Expands to a call of `FieldValue`, qualified with the field's type, so that a type without it is reported there.
fn call(
    model: &ClaimsType,
    Member { ty, .. }: &Member,
    function: &str,
    arguments: &TokenStream,
) -> TokenStream {
    let krate = &model.krate;
    let function = Ident::new(function, Span::mixed_site());
    hygienic!(<#ty as #krate::__private::FieldValue<'_>>::#function(#arguments)?)
}

/// Returns the local that holds a claim until all are read. The suffix keeps it apart from the other locals.
fn slot(Member { ident, ty }: &Member) -> Ident {
    format_ident!("{}_slot", ident, span = first_span(ty))
}
