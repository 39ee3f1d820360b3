//! `#[guarded]`: syntax (`block`, `defaults`), then every function judged (`model`), which changes nothing but attributes.

mod block;
mod defaults;
mod model;

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::{ToTokens as _, quote};

use self::block::Block;
use self::defaults::Defaults;
use crate::diagnostics::Refusals;

/// Holds every function of the block to saying whether it is guarded.
pub(crate) fn guard_all(arguments: TokenStream, item: &TokenStream) -> TokenStream {
    let mut refusals = Refusals::default();
    let defaults = Defaults::parse(arguments, &mut refusals);
    let Some(mut block) = refusals.hear(syn::parse2::<Block>(item.clone())) else {
        let (errors, item) = (refusals.into_compile_errors(), without_public(item.clone()));
        return quote!(#errors #item);
    };
    model::judge(&mut block, &defaults, &mut refusals);
    let errors = refusals.into_compile_errors();
    let block = block.into_token_stream();
    quote!(#errors #block)
}

/// The item without the attributes that nobody would know: each would be reported too.
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

fn is_public(attribute: &Group) -> bool {
    let first = attribute.stream().into_iter().next();
    attribute.delimiter() == Delimiter::Bracket
        && matches!(first, Some(TokenTree::Ident(name)) if name == "public")
}

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
    fn nothing_but_attributes_is_changed() {
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
        let expected = expected.replace("\"clerk\")]", "\"clerk\" , max_age = \"5m\")]");
        assert_eq!(expanded(quote!(role = "admin", max_age = "5m"), &written), expected);
    }

    #[test]
    fn what_could_be_a_function_does_not_pass() {
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
                assert!(!expanded.contains("# [public"), "nobody else knows the attribute: {expanded}");
            }
        }
    }

    #[test]
    fn arguments_that_cannot_be_read_are_left_to_be_refused() {
        for written in [quote!(require = ), quote!(role = "a" "b"), quote!("5m"), quote!(max_age = 5m 6)] {
            let block = quote!(
                mod office {
                    #[protected(#written)]
                    fn open() {}
                }
            );
            assert_eq!(expanded(quote!(role = "admin"), &block), block.to_string());
            let refused = protect(
                written,
                &quote!(
                    fn open() {}
                ),
            )
            .to_string();
            assert!(refused.contains("compile_error"), "{refused}");
        }
    }
}
