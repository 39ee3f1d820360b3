//! Tests that items and attributes which could add an unguarded function are rejected.

use proc_macro2::TokenStream;
use quote::quote;

use super::guard_all;

fn expanded(arguments: TokenStream, item: &TokenStream) -> String {
    guard_all(arguments, item).to_string()
}

#[test]
fn an_attribute_of_another_path_is_not_ours() {
    for attribute in [
        quote!(evil::protected),
        quote!(gatevault::evil::protected),
        quote!(evil::public(reason = "x")),
        quote!(evil::gatevault::public(reason = "x")),
    ] {
        let block = quote!(mod office { #[#attribute] fn open() {} });
        let expanded = expanded(quote!(), &block);
        assert!(expanded.contains("may be another crate's attribute"), "{expanded}");
    }
    let block = quote!(
        mod office {
            #[::facade::protected]
            fn open() {}
            #[::gatevault::protected]
            fn close() {}
        }
    );
    let expanded = expanded(quote!(crate = facade), &block);
    assert!(!expanded.contains("compile_error"), "{expanded}");
}

#[test]
fn an_attribute_that_may_be_a_macro_is_rejected_on_an_item_without_functions() {
    let blocks = |item: &TokenStream| expanded(quote!(), &quote!(mod office { #item }));
    for item in [
        quote!(
            #[make]
            const N: u8 = 1;
        ),
        quote!(
            #[make::it]
            use super::door;
        ),
        quote!(
            #[cfg_attr(any(), make)]
            static N: u8 = 1;
        ),
        quote!(
            #[make]
            type Door = u8;
        ),
        quote!(
            #[make]
            extern crate door;
        ),
        quote!(
            #[make]
            macro_rules! door {
                () => {};
            }
        ),
        quote!(
            #[make]
            unsafe extern "C" {
                static N: u8;
            }
        ),
        quote!(
            unsafe extern "C" {
                #[make]
                static N: u8;
            }
        ),
        quote!(
            unsafe extern "C" {
                make! {}
            }
        ),
    ] {
        assert!(blocks(&item).contains("may write functions"), "{item}");
    }
    for item in [
        quote!(
            #[cfg_attr(any(), doc = "x", allow(dead_code))]
            #[cfg(unix)]
            #[clippy::x]
            const N: u8 = 1;
        ),
        quote!(
            #[unsafe(link_section = "x")]
            #[used]
            static N: u8 = 1;
        ),
        quote!(
            #[link(name = "c")]
            unsafe extern "C" {
                #[link_name = "n"]
                static N: [u8; 2];
                type T;
            }
        ),
        quote!(
            #[macro_export]
            macro_rules! door {
                () => {};
            }
        ),
        quote!(
            #[derive(Serialize)]
            #[serde(rename_all = "x")]
            struct Door;
        ),
        quote!(
            #[pin_project]
            struct Door;
        ),
    ] {
        assert!(!blocks(&item).contains("compile_error"), "{item}");
    }
}

#[test]
fn a_foreign_function_is_rejected() {
    for item in [
        quote!(
            unsafe extern "C" {
                pub safe fn abs(n: i32) -> i32;
            }
        ),
        quote!(
            extern "C" {
                #[cfg(unix)]
                fn abs(n: i32) -> i32;
            }
        ),
    ] {
        let expanded = expanded(quote!(), &quote!(mod office { #item }));
        assert!(expanded.contains("a foreign function has no body to guard"), "{expanded}");
    }
}

#[test]
fn a_function_that_is_not_guarded_here_is_not_exported() {
    let expanded = |export: &TokenStream| {
        expanded(
            quote!(),
            &quote!(mod office {
                #export
                mod back {}
                #[guarded] mod front {}
                #[cfg(test)] mod tests {}
                #[protected] fn open() {}
            }),
        )
    };
    for export in [
        quote!(
            pub use super::open;
        ),
        quote!(
            pub(crate) use super::open as Open;
        ),
        quote!(
            pub use super::{
                Door,
                doors::{self, Key},
            };
        ),
        quote!(
            pub use super::*;
        ),
        quote!(
            pub use ::back::open;
        ),
        quote!(
            pub use self::super::open;
        ),
        quote!(
            pub use tests::open;
        ),
        quote!(
            pub extern crate doors;
        ),
    ] {
        assert!(expanded(&export).contains("may export a function"), "{export}");
    }
    for export in [
        quote!(
            use super::{open, *};
        ),
        quote!(
            pub use super::{
                Door,
                doors::{Key as Lock, r#Box, KEYS},
            };
        ),
        quote!(
            pub use super::Kind::*;
        ),
        quote!(
            pub use back::{open, close as shut, *};
        ),
        quote!(
            pub(super) use self::{front::open, open as unlock, back};
        ),
        quote!(
            #[public(reason = "visitors browse")]
            pub use super::catalog;
        ),
        quote!(
            extern crate doors;
        ),
    ] {
        assert!(!expanded(&export).contains("compile_error"), "{export}");
    }
}
