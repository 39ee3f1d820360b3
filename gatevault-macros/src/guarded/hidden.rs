//! Tests that an attribute of ours which the block cannot complete is rejected.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Item, ItemMod, Meta};

use super::guard_all;

fn expanded(arguments: TokenStream, item: &TokenStream) -> String {
    guard_all(arguments, item).to_string()
}

#[test]
fn an_attribute_of_ours_in_a_cfg_attr_is_rejected() {
    for attribute in [
        quote!(cfg_attr(all(), protected)),
        quote!(cfg_attr(all(), inline, gatevault::protected(role = "a"))),
        quote!(cfg_attr(all(), cfg_attr(all(), public(reason = "x")))),
    ] {
        for above in [quote!(), quote!(#[protected]), quote!(#[public(reason = "x")])] {
            let expanded = expanded(quote!(), &quote!(mod office { #above #[#attribute] fn open() {} }));
            assert!(expanded.contains("does not see an attribute in `cfg_attr`"), "{expanded}");
        }
    }
    for block in [
        quote!(impl Shop {}),
        quote!(
            mod shop {}
        ),
        quote!(
            trait Shop {}
        ),
    ] {
        let hidden = quote!(#[cfg_attr(all(), guarded(refresh))]);
        for nested in [quote!(#hidden #block), quote!(#[guarded] #hidden #block)] {
            let expanded = expanded(quote!(role = "admin"), &quote!(mod office { #nested }));
            assert!(expanded.contains("does not see an attribute in `cfg_attr`"), "{expanded}");
        }
    }
}

#[test]
fn a_function_has_one_protected_attribute() {
    let expanded = expanded(
        quote!(role = "admin"),
        &quote!(
            mod office {
                #[protected]
                #[inline]
                #[gatevault::protected(role = "owner")]
                fn open() {}
            }
        ),
    );
    assert!(expanded.contains("is written twice"), "{expanded}");
}

/// Expands the outer block, and then the block inside, whose attribute has a name that the outer one does not know.
fn twice(outer: TokenStream, inner: TokenStream, block: &TokenStream) -> String {
    let expanded = guard_all(outer, &quote!(mod office { #[other_name] #block }));
    let office: ItemMod = syn::parse2(expanded).unwrap();
    let block = office.content.unwrap().1.into_iter().next().unwrap();
    let block = match block {
        Item::Impl(mut block) => {
            block.attrs.clear();
            quote!(#block)
        }
        Item::Mod(mut block) => {
            block.attrs.clear();
            quote!(#block)
        }
        _ => quote!(),
    };
    guard_all(inner, &block).to_string()
}

#[test]
fn a_nested_block_that_the_enclosing_one_does_not_see_is_rejected() {
    for block in [
        quote!(
            impl Shop {
                #[protected]
                fn open() {}
            }
        ),
        quote!(
            mod shop {
                impl Shop {
                    #[protected(role = "a")]
                    fn open() {}
                }
            }
        ),
        quote!(
            mod shop {
                #[guarded]
                impl Shop {}
            }
        ),
    ] {
        for (outer, inner) in [
            (quote!(role = "admin"), quote!(refresh)),
            (quote!(gate = a), quote!(gate = b)),
            (quote!(), quote!()),
        ] {
            let expanded = twice(quote!(guards = _, #outer), inner, &block);
            assert!(expanded.contains("the enclosing `#[guarded]` does not see this one"), "{expanded}");
        }
    }
}

#[test]
fn a_function_cannot_write_what_only_the_enclosing_block_writes() {
    for item in [
        quote!(
            #[protected(inherited(refresh))]
            fn open() {}
        ),
        quote!(
            #[protected(role = "a", inherited(refresh))]
            fn open() {}
        ),
        quote!(
            #[guarded(inherited(refresh))]
            impl Shop {}
        ),
    ] {
        let expanded = expanded(quote!(role = "admin"), &quote!(mod office { #item }));
        assert!(expanded.contains("compile_error"), "{expanded}");
    }
    let named = quote!(
        mod office {
            #[protected(require = inherited(payload), role = inherited)]
            fn open(payload: P) {}
        }
    );
    assert!(!expanded(quote!(), &named).contains("compile_error"));
}

#[test]
fn the_record_of_a_function_is_compiled_where_the_function_is() {
    let expanded = expanded(
        quote!(),
        &quote!(
            mod office {
                #[cfg_attr(all(), inline, cfg_attr(all(), cfg(windows), doc = "x"))]
                #[protected]
                fn open() {}
            }
        ),
    );
    let (_, records) = expanded.split_once("const GUARDS").unwrap();
    let cfg: Meta = syn::parse_quote!(cfg_attr(all(), cfg_attr(all(), cfg(windows))));
    assert!(records.contains(&quote!(#[#cfg]).to_string()), "{records}");
}
