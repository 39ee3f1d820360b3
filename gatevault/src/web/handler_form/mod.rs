//! The compile error for `#[protected(handler)]` without a framework that extracts parameters.
//!
//! It is here, and compiled without the feature `http` too, because only `web` names frameworks.

/// Expands to nothing: a framework extracts the hidden parameter of a handler.
#[cfg(any(feature = "axum", feature = "actix", feature = "poem", feature = "rocket", feature = "salvo"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __handler_form {
    () => {};
}

/// Expands to the error: nothing extracts the hidden parameter of a handler.
#[cfg(not(any(
    feature = "axum",
    feature = "actix",
    feature = "poem",
    feature = "rocket",
    feature = "salvo"
)))]
#[doc(hidden)]
#[macro_export]
macro_rules! __handler_form {
    () => {
        ::core::compile_error!(
            "`handler` needs a web framework that extracts parameters: enable the feature `axum`, `actix`, `poem`, `rocket` or \
             `salvo` of `gatevault`; for warp, tonic, tiny_http and functions without a framework, write `#[protected]` and a \
             parameter `token`"
        );
    };
}
