//! The attribute and derive macros of gatevault. Use them through the `gatevault` crate, which re-exports them.
//!
//! Each macro is a pipeline with a file for each stage: syntax, then a model, then tokens. The model is the last stage
//! that can report an error. An error is reported at the words to change. Beside it, the macro emits placeholder code
//! that compiles and cannot run, so that one mistake causes one error.

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

/// Guards a function: its body runs only if the caller passes a valid token.
///
/// The attribute changes the signature. Callers pass the token as the first argument. They do not pass `payload`: the
/// attribute removes this parameter and binds the verified claims to it.
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
/// The attribute works on functions and methods, in impls, traits and modules, sync and async, generic or not. It
/// inserts the check before the body and does not change the body: `self`, borrows and `return` keep their meaning.
///
/// # The token
///
/// Callers pass any `TokenSource`, such as a `&str`, a `String`, or an `Option` of one. To choose the type or the
/// position, or to use the token in the body, write the parameter yourself and name it `token`:
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
/// Also write it in a trait that must be dyn-compatible, and with a return type that has `use<..>`: the parameter that
/// the attribute adds is generic, `token: impl TokenSource`.
///
/// # The payload
///
/// The payload is a type with `#[derive(Claims)]`, `Verified<C>` if you also need the token's dates and ids, or the
/// dynamic `Payload`. A function without this parameter is guarded too, but does not get the claims. Every other owned
/// parameter comes from the caller, so a claims type does not compile there: pass `&User` or `Verified<User>`.
///
/// # The denial
///
/// A denied call returns early, through the function's own return type: a `Result<T, E>` with `E: From<GuardError>`, or
/// any type that implements `OnDenied`. It may also be `impl IntoResponse`, `impl Responder`, `impl Reply` or
/// `impl Writer` of a web framework. For any other return type write `denied = |denial| ..`, which converts the
/// `GuardError` into the whole return value or, for a function that returns a future, into what the future resolves to.
/// The expression cannot contain `.await`.
///
/// # A signature that stays
///
/// A trait, another macro or a framework may own the signature. With `token = EXPR` and `payload = NAME: TYPE`, the
/// attribute neither adds nor removes a parameter:
///
/// ```
/// use gatevault::{Claims, GuardError, TokenManager, protected};
///
/// #[derive(Claims)]
/// struct User {
///     user_id: u64,
///     #[claims(role)]
///     role: String,
/// }
///
/// struct RpcError(u16);
///
/// struct Context {
///     tokens: TokenManager,
///     authorization: Option<String>,
/// }
///
/// trait Orders {
///     fn cancel(&self, order: u64, context: &Context) -> Result<String, RpcError>;
/// }
///
/// struct Shop;
///
/// impl Orders for Shop {
///     #[protected(
///         gate = context.tokens,
///         token = context.authorization,
///         payload = clerk: User,
///         role = "clerk",
///         denied = |denial| Err(RpcError(denial.status())),
///     )]
///     fn cancel(&self, order: u64, context: &Context) -> Result<String, RpcError> {
///         Ok(format!("user {} cancelled order {order}", clerk.user_id))
///     }
/// }
///
/// let tokens = TokenManager::new(gatevault::generate_secret()?)?;
/// let clerk = tokens.create_access_token(&User { user_id: 42, role: "clerk".into() })?;
/// let context = Context { tokens, authorization: Some(format!("Bearer {clerk}")) };
/// assert!(Shop.cancel(7, &context).is_ok_and(|answer| answer == "user 42 cancelled order 7"));
/// let context = Context { authorization: None, ..context };
/// assert!(Shop.cancel(7, &context).is_err_and(|RpcError(status)| status == 401));
/// # Ok::<(), gatevault::Error>(())
/// ```
///
/// # Arguments
///
/// | argument | meaning |
/// |---|---|
/// | `gate = EXPR` | verifies with this gate (a `GateVault`, a `TokenManager`, or any other `AsGate`) instead of the installed one; may use `self` and the parameters |
/// | `require = EXPR` | denies unless the condition is true: a Rust expression over `payload`, `self` and the parameters, with `?` and `.await` where the function allows them |
/// | `require(EXPR, ..)` | denies unless all conditions are true, in this order; the log shows the source of the failed one, the client does not see it |
/// | `role = EXPR`, `any_role(EXPR, ..)` | denies unless the payload has this role, or one of these; without a payload, roles are strings, compared with the claim `role` |
/// | `scope = ".."`, `scopes("..", ..)` | denies unless the payload has this scope, or all of these; the denial names them to the client (RFC 6750) |
/// | `any_scope("..", ..)` | denies unless the payload has one of these scopes |
/// | `max_age = "5m"` | denies, before all other policies, if the login was longer ago than this many `s`, `m`, `h` or `d`: counted from the start of the token's session or, without a session, from its issue (RFC 9470) |
/// | `acr = ".."` | denies, with `max_age`, unless the token's `acr` is this class of authentication; the denial names it to the client (RFC 9470) |
/// | `amr = ".."` | denies, with `max_age`, unless the token's `amr` contains this method of authentication (RFC 8176); the denial asks for another authentication without naming the method, because RFC 9470 has no parameter for it |
/// | `refresh` | accepts refresh tokens only, and no access tokens; it does not check that the session is active, which only `OAuthHandler::refresh` does |
/// | `optional` | also accepts a call without a token: the payload is an `Option`; an invalid token is still denied |
/// | `payload = NAME` | takes the parameter of this name as the payload, instead of `payload` or `_payload` |
/// | `payload = NAME: TYPE` | binds the payload to this name without a parameter; `_: TYPE` binds it for roles and scopes only |
/// | `token = EXPR` | takes the token from this expression over `self` and the parameters, and adds no parameter |
/// | `denied = EXPR` | converts a denial into the return value with this function: `denied = |denial| Err(rpc_error(&denial))` |
/// | `crate = PATH` | sets the path of the `gatevault` crate, `::gatevault` by default |
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
///         Ok(format!("{cents} refunded by {}, token {:?}", who.user_id(), who.token_id()))
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
/// # With other attributes
///
/// Attributes run from the top down. One below `#[protected]` wraps the function together with its check:
///
/// - `#[async_trait]`, also with `#[guarded]` above or below it: write `token: &str` in the methods, as in the trait.
///   The check runs in the method's future at the first poll, as in an `async fn`, so `require` and `token` may contain
///   `.await`. If `#[instrument]` above records the payload, the check runs when the method is called, and cannot wait:
///   add `skip(payload)`.
/// - `#[tracing::instrument]` records every parameter it sees. Put it above, where it sees the payload but no added
///   token; if you wrote the `token` parameter yourself, add `skip(token)`. Below, its span includes the check; there it
///   is rejected unless it skips the token and no field contains it.
/// - Caches, such as `cached` and `once`: put them above, and write the payload as
///   `#[protected(payload = payload: User)]`. Below, they are rejected: they would return a cached result to a caller
///   without a token. `memoize` is rejected above too, because it keeps the guard only on the copy that it calls on a
///   miss. No other attribute below may answer in the function's place either; the macro recognizes the known ones by
///   name only.
/// - `#[tokio::main]` starts the runtime before the check if it is below, and after it if it is above.
///
/// A function that must have no parameters, such as a `#[test]`, needs `token = EXPR`, or calls the guarded function.
///
/// # Named policies
///
/// To reuse a condition, write a function or constant and use it in `require`. To reuse a set of arguments, write a
/// `macro_rules!` macro: `admins_only! { fn close(..) .. }`. The guide page `gatevault::guide::policies` shows both,
/// and `gatevault::guide::expansion` the code that the attribute expands to.
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
