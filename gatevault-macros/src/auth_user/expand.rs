//! Tokens: the impl of `AuthUser`. Cannot fail: every model can be expanded.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::{GenericArgument, Generics, PathArguments, Type, parse_quote};

use super::model::Account;
use crate::crate_path::CratePath;
use crate::field::Member;
use crate::tokens::{first_span, hygienic, mentions};

/// Expands to the derived impl.
pub(crate) fn derived(account: &Account) -> TokenStream {
    let krate = &account.krate;
    let id = account.id.as_ref().map(|id| read_id(krate, id));
    let password = account
        .password
        .as_ref()
        .map_or_else(|| hygienic!(::core::option::Option::None), |password| read_password(krate, password));
    let stamp = account.security_stamp.as_ref().map(|stamp| read_stamp(krate, stamp));
    auth_user(account, &id.unwrap_or_default(), &password, stamp.as_ref())
}

/// Expands to the errors and a placeholder impl that never returns.
///
/// With the placeholder, code that uses the type compiles, so the compiler reports the mistake itself and nothing else.
pub(crate) fn with_errors(account: &Account, errors: &TokenStream) -> TokenStream {
    let never = hygienic!(loop {});
    let placeholder = auth_user(account, &never, &never, None);
    quote!(#errors #placeholder)
}

/// Expands to the impl with these bodies.
fn auth_user(
    account: &Account,
    id: &TokenStream,
    password: &TokenStream,
    stamp: Option<&TokenStream>,
) -> TokenStream {
    let Account { krate, ident, .. } = account;
    let generics = bounded(account);
    let (impl_generics, ty_generics, where_clause) = generics.split_for_impl();
    let stamp = stamp.map(|stamp| {
        hygienic! {
            fn security_stamp(&self) -> ::std::string::String {
                #stamp
            }
        }
    });
    hygienic! {
        #[automatically_derived]
        impl #impl_generics #krate::login::AuthUser for #ident #ty_generics #where_clause {
            fn id(&self) -> #krate::claims::UserId {
                #id
            }
            fn hashed_password(&self) -> ::core::option::Option<&::core::primitive::str> {
                #password
            }
            #stamp
        }
    }
}

/// Adds the bounds that make fields of generic types readable.
fn bounded(account: &Account) -> Generics {
    let mut generics = account.generics.clone();
    let params: Vec<_> = account.generics.type_params().map(|param| &param.ident).collect();
    let is_generic = |ty: &Type| params.iter().any(|param| mentions(ty, param));
    let krate = &account.krate;
    let id = account
        .id
        .iter()
        .map(|id| (&id.ty, hygienic!(::core::clone::Clone + ::core::convert::Into<#krate::claims::UserId>)));
    let password = account
        .password
        .iter()
        .map(|password| (optional(&password.ty), hygienic!(::core::convert::AsRef<::core::primitive::str>)));
    let stamp = account.security_stamp.iter().map(|stamp| (&stamp.ty, hygienic!(::core::fmt::Display)));
    for (ty, bound) in id.chain(password).chain(stamp).filter(|(ty, _)| is_generic(ty)) {
        generics.make_where_clause().predicates.push(parse_quote!(#ty: #bound));
    }
    generics
}

/// Returns the type inside an `Option`, or the type itself.
fn optional(ty: &Type) -> &Type {
    let last = match ty {
        Type::Path(ty) => ty.path.segments.last(),
        _ => None,
    };
    let arguments = last.filter(|last| last.ident == "Option").map(|last| &last.arguments);
    match arguments {
        Some(PathArguments::AngleBracketed(arguments)) => match arguments.args.first() {
            Some(GenericArgument::Type(inner)) => inner,
            _ => ty,
        },
        _ => ty,
    }
}

/// Expands to the id of the user, from a clone of the field or else from a reference to it.
fn read_id(krate: &CratePath, Member { ident, ty }: &Member) -> TokenStream {
    let private = quote!(#krate::__private);
    hygienic! {
        #[allow(unused_imports)]
        use #private::AnyId as _;
        <#ty as #private::IdField<_>>::user_id(&self.#ident, #private::IdType::<#ty>::new().kind())
    }
}

/// Expands to the stored hash of the password.
fn read_password(krate: &CratePath, Member { ident, ty }: &Member) -> TokenStream {
    let (span, krate) = (first_span(ty), krate.located_at(first_span(ty)));
    quote_spanned!(span=> <#ty as #krate::__private::PasswordField<_>>::hashed_password(&self.#ident))
}

/// Expands to the security stamp.
fn read_stamp(krate: &CratePath, Member { ident, ty }: &Member) -> TokenStream {
    let (span, krate) = (first_span(ty), krate.located_at(first_span(ty)));
    quote_spanned!(span=> <#ty as #krate::__private::StampField>::security_stamp(&self.#ident))
}
