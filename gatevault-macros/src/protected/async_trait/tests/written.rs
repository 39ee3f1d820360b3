//! The functions that `#[async_trait]` and `#[instrument]` write, and some that they do not.

use std::iter;

use proc_macro2::TokenStream;
use quote::quote;

/// Returns the `LETS` and the statement with the body, as `#[async_trait]` writes them.
pub(super) fn futures() -> Vec<TokenStream> {
    let ty = quote!(Result<[u64; 2], Failure<{ 1 }>>);
    let inference = quote! {
        if let ::core::option::Option::Some(__ret) = ::core::option::Option::None::<#ty> {
            #[allow(unreachable_code)]
            return __ret;
        }
    };
    let lets = [
        quote!(),
        quote!(let __self = self;),
        quote!(let mut __self = self; let payload = payload;),
        quote!(let mut payload = payload; let __arg2 = __arg2;),
        quote! {
            let __self = self;
            let token = token;
            #[cfg(unix)]
            let Path((a, mut b)) = { let __arg2 = __arg2; __arg2 };
            let payload = payload;
        },
    ];
    let with_result = lets
        .iter()
        .map(|lets| quote!(#inference #lets let __ret: #ty = { BODY }; #[allow(unreachable_code)] __ret));
    let earlier = lets.iter().map(|lets| quote!(#lets let __ret: #ty = { BODY }; __ret));
    let unit = lets.iter().map(|lets| quote!(#lets let _: () = { BODY };));
    with_result.chain(earlier).chain(unit).collect()
}

/// Returns the functions that `#[instrument]` above `#[protected]` makes of a future, with and without `err` and `ret`.
pub(super) fn instrumented(future: &TokenStream) -> [TokenStream; 4] {
    let futures = [
        quote!(async move { #future }),
        quote!(async move {
            match async move { #future }.await {
                Ok(x) => Ok(x),
                Err(e) => { ::tracing::event!(target: "t", Level::ERROR, error = %e); Err(e) }
            }
        }),
        quote!(async move { let x = async move { #future }.await; ::tracing::event!(target: "t", x); x }),
        quote!(async move {
            let __match_scrutinee = async move { #future }.await;
            match __match_scrutinee { Ok(x) => Ok(x), Err(e) => Err(e) }
        }),
    ];
    futures.map(|future| {
        quote! {
            let __tracing_attr_span = ::tracing::span!(target: "t", Level::INFO, "get", id = id,);
            let __tracing_instrument_future = #future;
            if !__tracing_attr_span.is_disabled() {
                ::tracing::Instrument::instrument(__tracing_instrument_future, __tracing_attr_span).await
            } else {
                __tracing_instrument_future.await
            }
        }
    })
}

/// Returns the statements of every function that the search knows.
pub(super) fn known() -> Vec<TokenStream> {
    futures().iter().flat_map(boxed).collect()
}

/// Returns the statements of a few functions, to change each in every place.
pub(super) fn to_change() -> Vec<TokenStream> {
    futures().iter().skip(4).step_by(5).flat_map(|future| boxed(future).into_iter().take(2)).collect()
}

/// Returns the statements that return the boxed future: alone, instrumented, and instrumented twice.
fn boxed(future: &TokenStream) -> Vec<TokenStream> {
    let once = instrumented(future);
    let all = once.iter().cloned().chain(instrumented(&once[1]));
    let boxed = all.map(|future| quote!(::std::boxed::Box::pin(async move { #future })));
    iter::once(quote!(Box::pin(async move { #future }))).chain(boxed).collect()
}

/// Returns the statements of functions that have no place for the check.
pub(super) fn unknown() -> Vec<TokenStream> {
    let marked = quote!(let __ret: u64 = { BODY }; __ret);
    vec![
        // The return type has an associated type that is `impl Trait`, so `#[async_trait]` writes no `__ret` of its own.
        quote!(Box::pin(async move { let id = id; { BODY; #marked } })),
        quote!(Box::pin(async move {
            BODY;
            let _: () = { BODY };
        })),
        quote!(Box::pin(async move { let __self = self; let _ = { BODY; #marked }; })),
        quote!(Box::pin(async move { let id = BODY(id); #marked })),
        quote!(Box::pin(async move { let a = BODY + { let __arg1 = __arg1; __arg1 }; #marked })),
        quote!(Box::pin(async move { #[BODY] let id = id; #marked })),
        quote!(Box::pin(async move {
            if let ::core::option::Option::Some(__ret) = ::core::option::Option::None::<u8>.or_else(BODY::<u8>) {
                #[allow(unreachable_code)]
                return __ret;
            }
            #marked
        })),
        // Other wrappers, and other forms of the known ones.
        quote!(BODY; Box::pin(async move { #marked })),
        quote!(Box::pin(async { #marked })),
        quote!(Box::pin(timed(BODY, async move { #marked }))),
        quote!(Box::pin(async move { #marked }.and(BODY))),
        quote!(Other::pin(async move { #marked })),
        quote!(crate::Box::pin(async move { #marked })),
        quote!({ Box::pin(async move { #marked }) }),
        quote!(Box::pin(async move { BODY; async move { #marked }.await })),
        quote!(Box::pin(async move { let __tracing_attr_span = BODY; async move { #marked }.await })),
        quote!(Box::pin(async move {
            let __tracing_attr_span = span;
            let __tracing_instrument_future = timed(BODY, async move { #marked });
            if !__tracing_attr_span.is_disabled() {} else {}
        })),
        // What `#[instrument]` writes within its span, where a user wrote it.
        quote!(Box::pin(async move {
            match async move {
                let _: () = { BODY };
            }
            .await
            {
                denied => BODY,
            }
        })),
        quote!(Box::pin(async move {
            let x = async move { #marked }.await;
            BODY
        })),
        // Statements that a later version could write.
        quote!(Box::pin(async move {
            let __ret: u64 = async { BODY }.await;
            __ret
        })),
        quote!(Box::pin(async move {
            let __result: u64 = { BODY };
            __result
        })),
        quote!(Box::pin(async move {
            let __ret: u64 = { BODY };
            drop(BODY);
            __ret
        })),
        quote!(Box::pin(async gen move { #marked })),
        quote!(BODY),
    ]
}
