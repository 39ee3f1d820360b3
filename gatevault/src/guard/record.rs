//! Records of what guards a function, which `#[guarded]` writes into its constant `GUARDS`.

use std::fmt::{self, Display, Formatter};
use std::time::Duration;

use serde::ser::{Serialize, SerializeStruct as _, Serializer};

use super::GuardedOperation;

/// A record of a function in a guarded block: where it is, and what its callers need.
///
/// [`#[guarded]`](../attr.guarded.html) lists the functions of its block in the constant `GUARDS`. Join the lists of a program
/// to print them, to compare them with a snapshot in a test, or to serialize them.
///
/// `Display` shows the path, the gate and all demands, without the place: it changes only if the guard changes.
///
/// # Examples
///
/// ```
/// use gatevault::guarded;
///
/// #[guarded(role = "clerk")]
/// mod shop {
///     use gatevault::{GuardError, Payload, protected};
///
///     #[public(reason = "visitors browse before they log in")]
///     pub fn catalog() {}
///
///     #[protected(scopes("goods", "prices"), max_age = "5m")]
///     pub fn restock(payload: Payload) -> Result<(), GuardError> {
///         Ok(drop(payload))
///     }
/// }
///
/// let [catalog, restock] = shop::GUARDS else { panic!("two functions") };
/// assert_eq!(catalog.public, Some("visitors browse before they log in"));
/// assert_eq!((restock.name, restock.roles), ("restock", &[&["clerk"][..]][..]));
/// let shown = r#"shop::restock: access token, role = "clerk", scopes("goods", "prices"), max_age = "5m""#;
/// assert!(restock.to_string().ends_with(shown));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct GuardRecord {
    /// The name of the function.
    pub name: &'static str,
    /// The path of the function, with its crate, its modules and the type of its block.
    pub path: &'static str,
    /// The reason of a function with `#[public(reason = "..")]`. `None` if the function is protected.
    pub public: Option<&'static str>,
    /// The type of the payload, as written.
    pub claims: Option<&'static str>,
    /// The expression of `gate = ..`, as written. `None` if the request brings the gate or the installed one is used.
    /// Serialized only if it is set.
    pub gate: Option<&'static str>,
    /// The roles, scopes and conditions, in the order of the checks and in the words of the log.
    pub demands: &'static [&'static str],
    /// The roles: one of each list. A role is the value of a string literal, or the source of another expression.
    pub roles: &'static [&'static [&'static str]],
    /// The scopes: one of each list.
    pub scopes: &'static [&'static [&'static str]],
    /// The longest time since the login. Serialized in seconds.
    pub max_age: Option<Duration>,
    /// The authentication context classes (`acr`): all of them.
    pub acr: &'static [&'static str],
    /// The authentication methods (`amr`): all of them.
    pub amr: &'static [&'static str],
    /// True if the function takes refresh tokens instead of access tokens.
    pub refresh: bool,
    /// True if a call without a token is allowed.
    pub optional: bool,
    /// The operation of an API document that the function implements. Not serialized, and not shown by `Display`.
    pub operation: Option<GuardedOperation>,
    /// The path of the source file, as `file!()` returns it.
    pub file: &'static str,
    /// The line of the function's name.
    pub line: u32,
}

/// The constructors that `#[guarded]` writes. Not for people, and free to change in any release.
#[doc(hidden)]
impl GuardRecord {
    /// Creates the record of a function that accepts every access token.
    #[must_use]
    pub const fn new(name: &'static str, path: &'static str, file: &'static str, line: u32) -> Self {
        Self {
            name,
            path,
            public: None,
            claims: None,
            gate: None,
            demands: &[],
            roles: &[],
            scopes: &[],
            max_age: None,
            acr: &[],
            amr: &[],
            refresh: false,
            optional: false,
            operation: None,
            file,
            line,
        }
    }

    /// Sets the reason why the function is public.
    #[must_use]
    pub const fn public(self, reason: &'static str) -> Self {
        Self { public: Some(reason), ..self }
    }

    /// Sets the type of the payload.
    #[must_use]
    pub const fn claims(self, claims: &'static str) -> Self {
        Self { claims: Some(claims), ..self }
    }

    /// Sets the gate.
    #[must_use]
    pub const fn gate(self, gate: &'static str) -> Self {
        Self { gate: Some(gate), ..self }
    }

    /// Sets the demands.
    #[must_use]
    pub const fn demands(self, demands: &'static [&'static str]) -> Self {
        Self { demands, ..self }
    }

    /// Sets the roles.
    #[must_use]
    pub const fn roles(self, roles: &'static [&'static [&'static str]]) -> Self {
        Self { roles, ..self }
    }

    /// Sets the scopes.
    #[must_use]
    pub const fn scopes(self, scopes: &'static [&'static [&'static str]]) -> Self {
        Self { scopes, ..self }
    }

    /// Sets the maximum age of the login.
    #[must_use]
    pub const fn max_age(self, seconds: u64) -> Self {
        Self { max_age: Some(Duration::from_secs(seconds)), ..self }
    }

    /// Sets the authentication context classes.
    #[must_use]
    pub const fn acr(self, acr: &'static [&'static str]) -> Self {
        Self { acr, ..self }
    }

    /// Sets the authentication methods.
    #[must_use]
    pub const fn amr(self, amr: &'static [&'static str]) -> Self {
        Self { amr, ..self }
    }

    /// Sets that the function takes refresh tokens.
    #[must_use]
    pub const fn refresh(self) -> Self {
        Self { refresh: true, ..self }
    }

    /// Sets that the function needs no token.
    #[must_use]
    pub const fn optional(self) -> Self {
        Self { optional: true, ..self }
    }

    /// Sets the operation of an API document.
    #[must_use]
    pub const fn operation(
        self,
        id: Option<&'static str>,
        path: Option<&'static str>,
        methods: &'static [&'static str],
    ) -> Self {
        Self { operation: Some(GuardedOperation { id, path, methods }), ..self }
    }
}

impl Display for GuardRecord {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if let Some(reason) = self.public {
            return write!(f, "{}: public, {reason}", self.path);
        }
        let kind = if self.refresh { "refresh token" } else { "access token" };
        write!(f, "{}: {kind}", self.path)?;
        if self.optional {
            f.write_str(" or none")?;
        }
        self.gate.map_or(Ok(()), |gate| write!(f, ", gate = {gate}"))?;
        self.demands.iter().try_for_each(|demand| write!(f, ", {demand}"))?;
        self.max_age.map_or(Ok(()), |max_age| write_age(f, max_age.as_secs()))?;
        self.acr.iter().try_for_each(|class| write!(f, ", acr = {class:?}"))?;
        self.amr.iter().try_for_each(|method| write!(f, ", amr = {method:?}"))
    }
}

/// Writes an age in the largest unit that divides it, as in the attribute.
fn write_age(f: &mut Formatter<'_>, seconds: u64) -> fmt::Result {
    let units = [(86_400, 'd'), (3_600, 'h'), (60, 'm')];
    let whole = units.into_iter().find(|(unit, _)| seconds.is_multiple_of(*unit));
    let (unit, letter) = whole.unwrap_or((1, 's'));
    write!(f, ", max_age = \"{}{letter}\"", seconds.checked_div(unit).unwrap_or(seconds))
}

impl Serialize for GuardRecord {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let members = if self.gate.is_some() { 15 } else { 14 };
        let mut record = serializer.serialize_struct("GuardRecord", members)?;
        record.serialize_field("name", self.name)?;
        record.serialize_field("path", self.path)?;
        record.serialize_field("public", &self.public)?;
        record.serialize_field("claims", &self.claims)?;
        match self.gate {
            Some(gate) => record.serialize_field("gate", gate)?,
            None => record.skip_field("gate")?,
        }
        record.serialize_field("demands", self.demands)?;
        record.serialize_field("roles", self.roles)?;
        record.serialize_field("scopes", self.scopes)?;
        record.serialize_field("max_age", &self.max_age.map(|max_age| max_age.as_secs()))?;
        record.serialize_field("acr", self.acr)?;
        record.serialize_field("amr", self.amr)?;
        record.serialize_field("refresh", &self.refresh)?;
        record.serialize_field("optional", &self.optional)?;
        record.serialize_field("file", self.file)?;
        record.serialize_field("line", &self.line)?;
        record.end()
    }
}
