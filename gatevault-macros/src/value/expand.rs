//! Tokens: the impls of serde's traits, through the serde of the runtime crate. Cannot fail: every model can be expanded.

use proc_macro2::TokenStream;
use quote::quote;

use super::model::{Form, NamedVariant, ValueType};
use crate::generics::{input_lifetime, with_bound, with_input};
use crate::tokens::hygienic;

/// Expands to the derived impls.
pub(crate) fn derived(model: &ValueType) -> TokenStream {
    let serialize = serialize(model, &serialize_body(model));
    let deserialize = deserialize(model, &deserialize_body(model));
    quote!(#serialize #deserialize)
}

/// Expands to the errors and placeholder impls that never return, so that code that uses the type compiles.
pub(crate) fn with_errors(model: &ValueType, errors: &TokenStream) -> TokenStream {
    let never = hygienic!(loop {});
    let (serialize, deserialize) = (serialize(model, &never), deserialize(model, &never));
    quote!(#errors #serialize #deserialize)
}

/// Expands to the impl of `Serialize` with this body.
fn serialize(model: &ValueType, body: &TokenStream) -> TokenStream {
    let ValueType { krate, ident, .. } = model;
    let serde = quote!(#krate::__private::serde);
    let generics = with_bound(&model.generics, &model.types(), &quote!(#serde::Serialize));
    let (impl_generics, ty_generics, where_clause) = generics.split_for_impl();
    hygienic! {
        #[automatically_derived]
        impl #impl_generics #serde::Serialize for #ident #ty_generics #where_clause {
            fn serialize<__S: #serde::Serializer>(
                &self,
                serializer: __S,
            ) -> ::core::result::Result<__S::Ok, __S::Error> {
                #body
            }
        }
    }
}

/// Expands to the impl of `Deserialize` with this body.
fn deserialize(model: &ValueType, body: &TokenStream) -> TokenStream {
    let ValueType { krate, ident, .. } = model;
    let serde = quote!(#krate::__private::serde);
    let input = input_lifetime();
    let bound = quote!(#serde::Serialize + #serde::Deserialize<#input>);
    let generics = with_input(with_bound(&model.generics, &model.types(), &bound));
    let (impl_generics, _, where_clause) = generics.split_for_impl();
    let (_, ty_generics, _) = model.generics.split_for_impl();
    hygienic! {
        #[automatically_derived]
        impl #impl_generics #serde::Deserialize<#input> for #ident #ty_generics #where_clause {
            fn deserialize<__D: #serde::Deserializer<#input>>(
                deserializer: __D,
            ) -> ::core::result::Result<Self, __D::Error> {
                #body
            }
        }
    }
}

/// Expands to the body of `serialize`.
fn serialize_body(model: &ValueType) -> TokenStream {
    let krate = &model.krate;
    let names = match &model.form {
        Form::Invalid => return TokenStream::new(),
        Form::Inner(_) => {
            return hygienic! {
                #[allow(unused_imports)]
                use #krate::__private::Unwritable as _;
                #krate::__private::Field(&self.0).write_inner(serializer)
            };
        }
        Form::Name(names) => names,
    };
    let arms = names.iter().map(|NamedVariant { ident, name }| {
        let name = &name.text;
        quote!(Self::#ident => #name,)
    });
    hygienic!(serializer.serialize_str(match self { #(#arms)* }))
}

/// Expands to the body of `deserialize`.
fn deserialize_body(model: &ValueType) -> TokenStream {
    let (krate, input) = (&model.krate, input_lifetime());
    let names = match &model.form {
        Form::Invalid => return TokenStream::new(),
        Form::Inner(inner) => {
            let value = quote!(#krate::__private::FieldValue<#input>);
            return hygienic!(<#inner as #value>::inner(deserializer).map(Self));
        }
        Form::Name(names) => names,
    };
    let arms = names.iter().map(|NamedVariant { ident, name }| {
        let name = &name.text;
        quote!(#name => ::core::option::Option::Some(Self::#ident),)
    });
    hygienic! {
        #krate::__private::read_name(deserializer, |name| match name {
            #(#arms)*
            _ => ::core::option::Option::None,
        })
    }
}
