//! Claims of a type that derives serde's traits.

use std::ops::Deref;

use serde::Serialize;
use serde::de::{Deserialize, MapAccess};

use super::serde_reader::{AllClaims, ReadError};
use super::serde_writer::MemberWriter;
use super::{ClaimReader, ClaimWriter, FromClaims, ToClaims, UserId};
use crate::error::{InvalidReason, TokenError};

/// Claims of a type that derives serde's traits, such as a struct that was written for `jsonwebtoken`.
///
/// It derefs to the claims, and [`user_id`](Self::user_id) is the token's subject. The claims are a struct or a map with
/// string keys. Their values can have any type that serde supports.
///
/// The type can have fields for the subject and for the registered claims, which the token manager owns:
///
/// - **Reading.** The type sees every claim of the token. The manager chooses the name of the subject. `exp`, `iat`, `nbf`
///   and `auth_time` are integers, in seconds since the epoch.
/// - **Writing.** The manager writes `exp`, `iat`, `jti` and `type` and ignores those of the claims. Any other registered
///   claim, and the subject, must be null or equal to the value that the manager writes; otherwise no token is created.
///
/// Guards check roles and scopes with `require`: `#[protected(require = payload.role == Role::Admin)]`. The arguments
/// `role` and `scope` need [`#[derive(Claims)]`](../derive.Claims.html), which is the better choice for new code.
///
/// # Security
///
/// The `exp` of the claims does not shorten the lifetime of a token. The manager's
/// [`access_expiry`](crate::token::TokenManagerBuilder::access_expiry) sets it.
///
/// # Examples
///
/// ```
/// use gatevault::claims::Serde;
/// use gatevault::{GateVault, GuardError, TokenManager, protected};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Serialize, Deserialize)]
/// struct Claims {
///     sub: String,
///     exp: u64,
///     company: Company,
/// }
///
/// #[derive(Serialize, Deserialize)]
/// struct Company {
///     name: String,
/// }
///
/// #[protected(require = payload.company.name == "ACME")]
/// fn invoices(payload: Serde<Claims>) -> Result<String, GuardError> {
///     Ok(format!("the invoices of {}", payload.sub))
/// }
///
/// let secret = gatevault::generate_secret()?;
/// let tokens = TokenManager::builder().secret(secret).subject_claim("sub").build()?;
/// GateVault::new(tokens.clone()).install()?;
///
/// let claims = Claims { sub: "ada".into(), exp: 0, company: Company { name: "ACME".into() } };
/// let access = tokens.create_access_token(&Serde::new("ada", claims))?;
/// assert_eq!(invoices(&access)?, "the invoices of ada");
///
/// let read = tokens.decode_access_token::<Serde<Claims>>(&access)?;
/// assert!(read.exp > 0);
/// # Ok::<(), gatevault::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Serde<T> {
    user_id: UserId,
    claims: T,
}

impl<T> Serde<T> {
    /// Creates the claims of a user. To keep the claims, give a reference to them.
    pub fn new(user_id: impl Into<UserId>, claims: T) -> Self {
        Self { user_id: user_id.into(), claims }
    }

    /// Returns the id of the user: the token's subject.
    #[must_use]
    pub fn user_id(&self) -> &UserId {
        &self.user_id
    }

    /// Returns the claims without the id of the user.
    #[must_use]
    pub fn into_inner(self) -> T {
        self.claims
    }
}

impl<T> Deref for Serde<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.claims
    }
}

impl<T: Serialize> ToClaims for Serde<T> {
    /// Writes the subject, then each member that serde serializes.
    ///
    /// # Errors
    ///
    /// - `Invalid(ConflictingClaim)` for a registered claim, or a subject, that differs from the manager's value.
    /// - `Invalid(ReservedClaim)` for a claim that is written twice.
    /// - `Invalid(MistypedClaim)` for a value that JSON cannot represent, that repeats a member, or that is nested too deep
    ///   to be read again.
    /// - `Invalid(Claims)` for claims that are neither a struct nor a map with string keys.
    fn write_claims(&self, claims: &mut ClaimWriter<'_>) -> Result<(), TokenError> {
        claims.subject(&self.user_id)?;
        self.claims.serialize(MemberWriter::new(claims, &self.user_id)).map_err(TokenError::from)
    }
}

impl<'t, T: Deserialize<'t>> FromClaims<'t> for Serde<T> {
    /// Reads the claims with serde, then the subject.
    ///
    /// # Errors
    ///
    /// `Invalid(MissingClaim)` and `Invalid(MistypedClaim)` as for a derived type, and `Invalid(Claims)` if the type rejects
    /// the claims as a whole.
    fn read_claims<A: MapAccess<'t>>(claims: &mut ClaimReader<'t, '_, A>) -> Result<Self, A::Error> {
        let mut all = AllClaims::new(claims);
        let read = match T::deserialize(&mut all) {
            Err(ReadError::Parser(error)) => return Err(error),
            read => read,
        };
        // A type may stop early. The registered claims must be read and validated nevertheless.
        all.skip_remaining()?;
        match read {
            Ok(read) => Ok(Self { user_id: claims.read_user_id()?, claims: read }),
            Err(ReadError::Missing(name)) => {
                Err(claims.fail(InvalidReason::MissingClaim(name.into()).into()))
            }
            Err(_) => Err(claims.fail(InvalidReason::Claims("their type rejects them").into())),
        }
    }
}
