//! The role and the scopes of a token, for guarded functions without a payload.

use serde::de::MapAccess;
use serde_json::Value;

use super::roles::{grants_role, grants_scope};
use super::{ClaimReader, FromClaims, ScopeClaims};

/// The claims `role` and `scope` of a token, for a guard without a payload.
///
/// They are compared like those of a [`Payload`](super::Payload): a claim of another type grants nothing.
#[derive(Debug, Default)]
pub struct BareClaims {
    role: Value,
    scope: Value,
}

impl<'t> FromClaims<'t> for BareClaims {
    fn read_claims<A: MapAccess<'t>>(claims: &mut ClaimReader<'t, '_, A>) -> Result<Self, A::Error> {
        let mut bare = Self::default();
        while let Some(name) = claims.next_name()? {
            match &*name {
                "role" => bare.role = claims.value()?,
                "scope" => bare.scope = claims.value()?,
                _ => claims.skip()?,
            }
        }
        claims.read_user_id().map(|_| bare)
    }
}

#[diagnostic::do_not_recommend]
impl ScopeClaims for BareClaims {
    fn has_scope(&self, scope: &str) -> bool {
        grants_scope(&self.scope, scope)
    }
}

/// Marks a type of roles that a guard without a payload can compare: strings.
#[diagnostic::on_unimplemented(
    message = "a role of type `{Self}` needs a payload",
    label = "expected a string, found `{Self}`",
    note = "without a payload, a role is compared with the claim `role` as a string",
    note = "to compare the field `#[claims(role)]` of your claims, add a parameter `payload: YourClaims`, or write \
            `#[protected(payload = _: YourClaims, ..)]`"
)]
pub trait BareRole {
    /// Returns whether the claims have this role.
    fn is_role_of(&self, claims: &BareClaims) -> bool;
}

#[diagnostic::do_not_recommend]
impl<S: AsRef<str> + ?Sized> BareRole for S {
    fn is_role_of(&self, claims: &BareClaims) -> bool {
        grants_role(&claims.role, self.as_ref())
    }
}
