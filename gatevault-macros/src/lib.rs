//! The attribute and derive macros of gatevault. Use them through the `gatevault` crate, which re-exports them.
//!
//! Each is a pipeline with a file for each stage: syntax, then a model, which is the last stage that may refuse,
//! then tokens. What is refused is reported on the words to change, beside code that compiles and cannot run, so
//! that one mistake is one error.

mod argument;
mod attribute;
mod case;
mod claims;
mod crate_path;
mod diagnostics;
mod generics;
mod guarded;
mod protected;
mod set_once;
mod tokens;
mod value;
mod wire_name;

use proc_macro::TokenStream;

/// Guards a function: its body runs only for a caller with a good token.
///
/// The attribute changes the signature. Callers pass a token first; the parameter `payload` is no longer theirs
/// to pass, for the body finds the verified claims in it.
///
/// ```
/// use gatevault::{Claims, GateVault, GuardError, TokenManager, protected};
///
/// #[derive(Claims)]
/// struct User {
///     user_id: u64,
///     org_id: Option<u64>,
/// }
///
/// #[protected]
/// fn profile(payload: User) -> Result<String, GuardError> {
///     Ok(format!("user {}", payload.user_id))
/// }
///
/// #[protected(require = payload.org_id == Some(org_id))]
/// async fn invoices(org_id: u64, payload: User) -> Result<Vec<u32>, GuardError> {
///     Ok(vec![1, 2, 3])
/// }
///
/// let tokens = TokenManager::new(gatevault::generate_secret()?)?;
/// GateVault::new(tokens.clone()).install()?;
///
/// let access = tokens.create_access_token(&User { user_id: 42, org_id: Some(7) })?;
/// assert_eq!(profile(&access)?, "user 42");
/// assert_eq!(profile("forged").unwrap_err().status(), 401);
/// assert_eq!(pollster::block_on(invoices(&access, 7))?.len(), 3);
/// assert_eq!(pollster::block_on(invoices(&access, 8)).unwrap_err().status(), 403);
/// # Ok::<(), gatevault::Error>(())
/// ```
///
/// It stands on functions and methods, in impls, traits and modules, sync and async, generic or not, and leaves
/// the body as it is: the check is put in front of it, where `self`, borrows and `return` mean what they meant.
///
/// # The token
///
/// Callers pass anything that is a `TokenSource`: a `&str`, a `String`, an `Option` of one. To choose the type or
/// the place, or to use the token in the body, write the parameter yourself, under the name `token`:
///
/// ```
/// # use gatevault::{GuardError, Payload, protected};
/// #[protected]
/// fn forward(path: &str, token: &str, payload: Payload) -> Result<String, GuardError> {
///     Ok(format!("{path}, on behalf of {}, with {token}", payload.user_id()))
/// }
/// assert!(forward("/invoices", "").is_err());
/// ```
///
/// Do so too in a trait that must be dyn-compatible, and beside a return type with `use<..>`: an added parameter
/// is generic, `token: impl TokenSource`.
///
/// # The payload
///
/// The type of the payload is one with `#[derive(Claims)]`, `Verified<C>` to know the token's dates and ids as
/// well, or the dynamic `Payload`. A function without that parameter is only guarded.
///
/// # The denial
///
/// A denied call returns early, through the function's own return type: a `Result<T, E>` with
/// `E: From<GuardError>`, or any type that implements `OnDenied`. Another return type does not compile.
///
/// # Arguments
///
/// | argument | meaning |
/// |---|---|
/// | `gate = EXPR` | asks this gate, a `GateVault` or `TokenManager` or what lends one, instead of the installed one; may use `self` and the parameters |
/// | `require = EXPR` | denies unless the condition holds: Rust over `payload`, `self` and the parameters, with `?` and `.await` where the function has them |
/// | `require(EXPR, ..)` | denies unless all hold, in this order; the log says which one did not, word for word, and the client is not told |
/// | `role = EXPR`, `any_role(EXPR, ..)` | denies unless the payload has this role, or one of these |
/// | `scope = ".."`, `scopes("..", ..)` | denies unless the payload was granted this scope, or all of these; the client is told which (RFC 6750) |
/// | `any_scope("..", ..)` | denies unless the payload was granted one of these scopes |
/// | `max_age = "5m"` | denies, before all else, a token whose session began, or that was issued where it has none, longer ago than so many `s`, `m`, `h` or `d` (RFC 9470) |
/// | `refresh` | takes refresh tokens, and no access tokens; whether its session goes on is asked by `OAuthHandler::refresh` alone |
/// | `optional` | takes a call without a token too: the payload is an `Option`, and a bad token is still denied |
/// | `payload = NAME` | the payload is the parameter of this name |
/// | `crate = PATH` | where the `gatevault` crate is found, if not at `::gatevault` |
///
/// ```
/// use gatevault::{GateVault, GuardError, Payload, TokenManager, Verified, protected};
///
/// struct Desk {
///     gate: GateVault,
///     open: bool,
/// }
///
/// impl Desk {
///     #[protected(gate = self.gate, require(self.open, who["role"] == "clerk"), payload = who)]
///     fn refund(&self, cents: u64, who: Verified<Payload>) -> Result<String, GuardError> {
///         Ok(format!("{cents} refunded by {}, token {}", who.user_id(), who.token_id()))
///     }
///
///     #[protected(gate = self.gate, optional)]
///     fn greet(&self, payload: Option<Payload>) -> Result<String, GuardError> {
///         Ok(payload.map_or("who are you?".into(), |payload| format!("welcome, {}", payload.user_id())))
///     }
/// }
///
/// let tokens = TokenManager::new(gatevault::generate_secret()?)?;
/// let desk = Desk { gate: GateVault::new(tokens.clone()), open: true };
///
/// let clerk = tokens.create_access_token(&Payload::new("ada").with("role", "clerk"))?;
/// let guest = tokens.create_access_token(&Payload::new("bob"))?;
/// assert!(desk.refund(&clerk, 500)?.starts_with("500 refunded by ada"));
/// assert_eq!(desk.refund(&guest, 500).unwrap_err().status(), 403);
///
/// assert_eq!(desk.greet(&guest)?, "welcome, bob");
/// assert_eq!(desk.greet(None::<&str>)?, "who are you?");
/// assert_eq!(desk.greet("forged").unwrap_err().status(), 401);
/// # Ok::<(), gatevault::Error>(())
/// ```
///
/// # Beside other attributes
///
/// Attributes run from the top down, and these were tried above and below:
///
/// - `#[async_trait]`, with `#[guarded]` on either side of it: the methods write `token: &str`, as their trait does.
///   They are checked when they are called; a `require` has no `.await` there.
/// - `#[tracing::instrument]` records each parameter it sees, so it belongs above, where it sees the payload and no
///   added token; skip a `token` of your own there: `skip(token)`. Below, where the span holds the check too, one
///   that does not skip the token is refused.
/// - `#[tokio::main]` makes the runtime before the check if it stands below, and after it if it stands above.
///
/// Nothing that must have no parameters, such as `#[test]`, can be guarded: call what is guarded from there.
///
/// # Policies with a name
///
/// A condition that is used again is a function or constant in `require`; a set of arguments is a `macro_rules!`:
/// `admins_only! { fn close(..) .. }`. The guide shows both (`gatevault::guide::policies`), and what the attribute expands to
/// (`gatevault::guide::expansion`).
#[proc_macro_attribute]
pub fn protected(arguments: TokenStream, item: TokenStream) -> TokenStream {
    protected::protect(arguments.into(), &item.into()).into()
}

/// Holds every function of an `impl` block or inline module to saying whether it is guarded: deny by default.
///
/// Each carries `#[protected(..)]`, or `#[public(reason = "..")]` where anybody may call it; one that carries neither
/// does not compile. So do those of the blocks and modules within, save modules under `#[cfg(test)]`. A macro call,
/// which could make functions unseen, is refused.
///
/// Arguments become those of each `#[protected]` that does not write its own of the same name. What stands within
/// the body of a function or the value of a constant is not looked at, nor are the macros of `#[derive(..)]`.
///
/// ```
/// use gatevault::{GateVault, GuardError, Payload, TokenManager, guarded, protected};
///
/// struct Shop {
///     gate: GateVault,
/// }
///
/// #[guarded(gate = self.gate)]
/// impl Shop {
///     #[public(reason = "the catalogue is for everybody")]
///     fn catalogue(&self) -> &'static str {
///         "apples, pears"
///     }
///
///     #[protected]
///     fn order(&self, what: &str, payload: Payload) -> Result<String, GuardError> {
///         Ok(format!("{what} for {}", payload.user_id()))
///     }
///
///     #[protected(require = payload["role"] == "clerk")]
///     fn restock(&self, payload: Payload) -> Result<(), GuardError> {
///         Ok(())
///     }
/// }
///
/// let tokens = TokenManager::new(gatevault::generate_secret()?)?;
/// let shop = Shop { gate: GateVault::new(tokens.clone()) };
/// let ada = tokens.create_access_token(&Payload::new("ada"))?;
/// assert_eq!(shop.catalogue(), "apples, pears");
/// assert_eq!(shop.order(&ada, "pears")?, "pears for ada");
/// assert_eq!(shop.restock(&ada).unwrap_err().status(), 403);
/// # Ok::<(), gatevault::Error>(())
/// ```
///
/// ```compile_fail
/// # use gatevault::guarded;
/// # struct Shop;
/// #[guarded]
/// impl Shop {
///     fn forgotten(&self) {} // does not say whether it is guarded
/// }
/// ```
#[proc_macro_attribute]
pub fn guarded(arguments: TokenStream, item: TokenStream) -> TokenStream {
    guarded::guard_all(arguments.into(), &item.into()).into()
}

#[doc = include_str!("../docs/claims.md")]
#[proc_macro_derive(Claims, attributes(claims))]
pub fn claims(item: TokenStream) -> TokenStream {
    claims::derive(item.into()).into()
}

/// Makes an enum or a newtype the value of a claim, for the fields of `#[derive(Claims)]`.
///
/// An enum of plain variants is a name in the token, a newtype is what it holds.
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
/// On a variant stands `#[claims(rename = "..")]`, on the enum `#[claims(rename_all = "..")]` with the spellings
/// of [`Claims`](macro@Claims), on either type `#[claims(crate = path)]`.
#[proc_macro_derive(ClaimValue, attributes(claims))]
pub fn claim_value(item: TokenStream) -> TokenStream {
    value::derive(item.into()).into()
}
