//! `#[guarded]`: syntax (`block`, `defaults`), then the validation of every function (`model`), then `GUARDS`
//! (`record`, with the operation of an API document in `operation`). Only attributes change, a constant is added, and a function guarded by its parameter proves the type of that
//! parameter (`verified`).

#[cfg(test)]
mod blind_spots;
mod block;
mod defaults;
mod exports;
#[cfg(test)]
mod hidden;
mod inert;
mod marks;
mod model;
mod operation;
mod record;
mod verified;

use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};
use quote::{ToTokens as _, quote};

use self::block::Block;
use self::defaults::Defaults;
use self::record::Records;
use crate::diagnostics::Errors;

/// Requires every function of the block to be `#[protected]` or `#[public(..)]`.
pub(crate) fn guard_all(arguments: TokenStream, item: &TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let defaults = Defaults::parse(arguments, &mut errors);
    let Some(mut block) = errors.ok_or_collect(syn::parse2::<Block>(item.clone())) else {
        let (errors, item) = (errors.into_compile_errors(), without_public(item.clone()));
        return quote!(#errors #item);
    };
    if model::is_completed(&block) {
        errors.add(syn::Error::new(Span::call_site(), COMPLETED));
        let errors = errors.into_compile_errors();
        return quote!(#errors #block);
    }
    let mut records = Records::new(&block, &defaults);
    model::validate(&mut block, &defaults, &mut records, &mut errors);
    let beside = records.write(&mut block);
    let errors = errors.into_compile_errors();
    let block = block.into_token_stream();
    quote!(#errors #block #beside)
}

const COMPLETED: &str = "the enclosing `#[guarded]` does not see this one, so its demands would be in the wrong order: write it once, as \
                         `#[guarded]`, not under another name and not in `cfg_attr`";

/// Removes the `#[public(..)]` attributes, which exist only within `#[guarded]` and would each be another error.
fn without_public(item: TokenStream) -> TokenStream {
    let mut kept = Vec::new();
    for token in item {
        match token {
            TokenTree::Group(group) if is_public(&group) && is_pound(kept.last()) => {
                kept.pop();
            }
            TokenTree::Group(group) => {
                let mut within = Group::new(group.delimiter(), without_public(group.stream()));
                within.set_span(group.span());
                kept.push(within.into());
            }
            other => kept.push(other),
        }
    }
    kept.into_iter().collect()
}

/// Returns whether the group is the `[public ..]` of an attribute.
fn is_public(attribute: &Group) -> bool {
    let first = attribute.stream().into_iter().next();
    attribute.delimiter() == Delimiter::Bracket
        && matches!(first, Some(TokenTree::Ident(name)) if name == "public")
}

/// Returns whether the token is a `#`.
fn is_pound(token: Option<&TokenTree>) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == '#')
}

#[cfg(test)]
mod tests {
    use proc_macro2::TokenStream;
    use quote::quote;

    use super::guard_all;
    use crate::protected::protect;

    fn expanded(arguments: TokenStream, item: &TokenStream) -> String {
        guard_all(arguments, item).to_string()
    }

    #[test]
    fn only_attributes_change() {
        let written = quote! {
            /// An office.
            pub(crate) mod office {
                #[protected(role = "clerk")]
                fn open<T>(&self, payload: T) -> Result<u64, E> where T: Claims { payload. ; if user.is_() => }
                impl<const N: usize> Door<{ N - 1 }, fn() -> u8> for [u8; { 3 }] {
                    #[public(reason = "a door")]
                    fn pass() { half. }
                }
            }
        };
        let expected = written.to_string().replace("# [public (reason = \"a door\")] ", "");
        let inherited = "inherited (role = \"admin\" , max_age = \"5m\") , role = \"clerk\"";
        let expected = expected.replace("role = \"clerk\"", inherited);
        assert_eq!(expanded(quote!(role = "admin", guards = _, max_age = "5m"), &written), expected);
    }

    #[test]
    fn an_item_that_could_contain_a_function_is_rejected() {
        for item in [
            quote!(
                fn open() {}
            ),
            quote!(default fn open() {}),
            quote!(
                gen fn open() {}
            ),
            quote!(
                unsafe extern "C" fn open() {}
            ),
            quote!(
                const trait Open {
                    fn open() {}
                }
            ),
            quote!(
                const fn open() {}
            ),
            quote!(auto trait Open {}),
            quote!(
                macro open() {}
            ),
            quote!(make::it! { fn open() {} }),
            quote!(
                #[cfg_attr(any(), protected)]
                fn open() {}
            ),
            quote!(
                mod inner {
                    impl Door<{ 3 }> {
                        fn open() {}
                    }
                }
            ),
            quote!(
                struct Door<const N: usize = { 3 }>;
                fn open() {}
            ),
            quote!(
                static DOOR: u8 = { 3 };
                fn open() {}
            ),
            quote!(
                type Door = fn(u8) -> u8;
                fn open() {}
            ),
        ] {
            for block in [
                quote!(mod office { #item }),
                quote!(impl Office { #[public(reason = "x")] fn a() {} #item }),
            ] {
                let expanded = expanded(quote!(), &block);
                assert!(expanded.contains("compile_error"), "{expanded}");
                assert!(
                    !expanded.contains("# [public"),
                    "`#[public]` is unknown outside of `#[guarded]`: {expanded}"
                );
            }
        }
    }

    #[test]
    fn an_attribute_inside_gets_the_arguments_of_each_block_around() {
        let written = quote! {
            mod office {
                #[gatevault::guarded(scope = "b", gate = g)]
                #[guarded]
                impl Desk {}
            }
        };
        let inherited = "inherited (role = \"a\") , inherited (max_age = \"5m\") , listed";
        let arguments = quote!(inherited(role = "a"), max_age = "5m", guards = GUARDS);
        let expanded = expanded(arguments, &written);
        assert!(
            expanded.contains(&format!("guarded ({inherited} , scope = \"b\" , gate = g)]")),
            "{expanded}"
        );
    }

    #[test]
    fn a_rejected_attribute_is_the_only_error_of_its_item_and_leaves_a_nested_block_as_written() {
        let foreign = quote!(#[clippy::protected]);
        let hidden = quote!(#[cfg_attr(any(), protected)]);
        for (attributes, errors) in [(foreign.clone(), 1), (hidden.clone(), 1), (quote!(#foreign #hidden), 2)]
        {
            let item = quote!(#attributes fn open() {});
            let function = expanded(quote!(), &quote!(mod office { #item }));
            assert_eq!(function.matches("compile_error").count(), errors, "{function}");
            let item = quote!(#attributes #[guarded] mod desk {});
            let nested = expanded(quote!(role = "admin"), &quote!(mod office { #item }));
            assert_eq!(nested.matches("compile_error").count(), errors, "{nested}");
            assert!(!nested.contains("inherited"), "{nested}");
        }
    }

    #[test]
    fn arguments_that_cannot_be_parsed_hide_no_demand_and_are_left_for_protected_to_reject() {
        for written in [quote!(require = ), quote!(role = "a" "b"), quote!("5m"), quote!(max_age = 5m 6)] {
            let block = |arguments: TokenStream| {
                quote!(
                    mod office {
                        #[protected(#arguments #written)]
                        fn open() {}
                    }
                )
            };
            let completed = block(quote!(inherited(role = "admin"),)).to_string();
            assert_eq!(expanded(quote!(role = "admin", guards = _), &block(quote!())), completed);
            let rejected = protect(
                written,
                &quote!(
                    fn open() {}
                ),
            )
            .to_string();
            assert!(rejected.contains("compile_error"), "{rejected}");
        }
    }
}
