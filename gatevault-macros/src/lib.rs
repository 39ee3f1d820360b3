//! The attribute and derive macros of gatevault. Use them through the `gatevault` crate, which re-exports them.
//!
//! Each macro is a pipeline with a file for each stage: syntax, then a model, then tokens. The model is the last stage
//! that can report an error. An error is reported at the words to change. Beside it, the macro emits placeholder code
//! that compiles and cannot run, so that one mistake causes one error.

mod argument;
mod attribute;
mod auth_user;
mod case;
mod cfg;
mod claims;
mod crate_path;
mod diagnostics;
mod field;
mod generics;
mod guarded;
#[cfg(test)]
mod mistakes;
mod protected;
mod set_once;
mod test;
mod tokens;
mod value;
mod wire_name;

use proc_macro::TokenStream;

#[doc = include_str!("../docs/protected.md")]
#[proc_macro_attribute]
pub fn protected(arguments: TokenStream, item: TokenStream) -> TokenStream {
    protected::protect(arguments.into(), &item.into()).into()
}

#[doc = include_str!("../docs/guarded.md")]
#[proc_macro_attribute]
pub fn guarded(arguments: TokenStream, item: TokenStream) -> TokenStream {
    guarded::guard_all(arguments.into(), &item.into()).into()
}

#[doc = include_str!("../docs/claims.md")]
#[proc_macro_derive(Claims, attributes(claims))]
pub fn claims(item: TokenStream) -> TokenStream {
    claims::derive(item.into()).into()
}

/// Derives the value of a claim for an enum or a newtype, to use in the fields of `#[derive(Claims)]`.
///
/// An enum of variants without fields is written as the variant's name, a newtype as its inner value. For any other
/// type, derive `serde::Serialize` and `serde::Deserialize` instead.
///
/// ```
/// use gatevault::{ClaimValue, Claims, Payload, TokenManager};
///
/// #[derive(ClaimValue)]
/// #[claims(rename_all = "kebab-case")]
/// enum Plan {
///     FreeTrial,
///     #[claims(rename = "pro")]
///     Professional,
/// }
///
/// #[derive(ClaimValue)]
/// struct UserNo(u64);
///
/// #[derive(Claims)]
/// struct Customer {
///     user_id: UserNo,
///     plan: Plan,
/// }
///
/// let tokens = TokenManager::new(gatevault::generate_secret()?)?;
/// let access = tokens.create_access_token(&Customer { user_id: UserNo(42), plan: Plan::FreeTrial })?;
/// let payload = tokens.decode_token::<Payload>(&access)?;
/// assert_eq!(payload["user_id"], 42);
/// assert_eq!(payload["plan"], "free-trial");
///
/// let unknown = tokens.create_access_token(&Payload::new(42).with("plan", "platinum"))?;
/// assert!(tokens.decode_token::<Customer>(&unknown).is_err());
/// # Ok::<(), gatevault::Error>(())
/// ```
///
/// # Attributes
///
/// | attribute | on | meaning |
/// |---|---|---|
/// | `#[claims(rename = "..")]` | a variant | the name in the token |
/// | `#[claims(rename_all = "..")]` | an enum | the case of the names, as in [`Claims`](macro@Claims) |
/// | `#[claims(crate = path)]` | an enum or a newtype | the path of the `gatevault` crate, `::gatevault` by default |
#[proc_macro_derive(ClaimValue, attributes(claims))]
pub fn claim_value(item: TokenStream) -> TokenStream {
    value::derive(item.into()).into()
}

#[doc = include_str!("../docs/auth_user.md")]
#[proc_macro_derive(AuthUser, attributes(auth))]
pub fn auth_user(item: TokenStream) -> TokenStream {
    auth_user::derive(item.into()).into()
}

#[doc = include_str!("../docs/test.md")]
#[proc_macro_attribute]
pub fn test(arguments: TokenStream, item: TokenStream) -> TokenStream {
    test::expand(arguments.into(), &item.into()).into()
}
