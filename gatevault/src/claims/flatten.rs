//! Maps that collect the claims without a field of their own: `#[claims(flatten)]`.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::hash::BuildHasher;

use serde::Serialize;
use serde::de::{Deserialize as _, DeserializeOwned, MapAccess};
use serde_json::{Map, Value};

use super::{ClaimReader, ClaimWriter};
use crate::error::{DecodeReason, InvalidReason, Segment, TokenError, excerpt};

/// A map from the names of claims to their values.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot hold the other claims",
    label = "not a map from names to claim values",
    note = "use `serde_json::Map<String, serde_json::Value>`, or a `BTreeMap` or `HashMap` from `String` to a type \
            with `Serialize` and `Deserialize`, such as one that derives `gatevault::ClaimValue`"
)]
pub trait ClaimMap: Sized {
    /// The type of the values.
    type Value: Serialize + DeserializeOwned;

    /// Creates an empty map.
    fn empty() -> Self;

    /// Inserts a claim. Returns `false` if the map already had one with this name.
    fn insert(&mut self, name: String, value: Self::Value) -> bool;

    /// Returns the names and values.
    fn entries(&self) -> impl Iterator<Item = (&String, &Self::Value)>;

    /// Reads the value of the claim `name`, rejecting duplicate members inside it.
    ///
    /// # Errors
    ///
    /// If the claim is a duplicate, or the value has another type.
    fn read<'t, A: MapAccess<'t>>(
        &mut self,
        name: Cow<'t, str>,
        claims: &mut ClaimReader<'t, '_, A>,
    ) -> Result<(), A::Error> {
        let value = claims.value()?;
        let Ok(value) = Self::Value::deserialize(value) else {
            return Err(claims.fail(TokenError::mistyped(&name)));
        };
        if self.insert(name.clone().into_owned(), value) {
            return Ok(());
        }
        let repeated = DecodeReason::Repeated { segment: Segment::Claims, member: excerpt(&name) };
        Err(claims.fail(TokenError::Decode(repeated)))
    }

    /// Writes each claim. The names in `taken` belong to fields.
    ///
    /// # Errors
    ///
    /// `Invalid(ReservedClaim)` for a name in `taken`, and the errors of the writer.
    fn write(&self, taken: &[&str], claims: &mut ClaimWriter<'_>) -> Result<(), TokenError> {
        for (name, value) in self.entries() {
            if taken.contains(&name.as_str()) {
                return Err(InvalidReason::ReservedClaim(name.clone().into()).into());
            }
            claims.claim(name, value)?;
        }
        Ok(())
    }
}

macro_rules! claim_maps {
    ($({$($generics:tt)*} $map:ty, of $value:ty;)+) => {
        $(#[diagnostic::do_not_recommend]
        impl<$($generics)*> ClaimMap for $map {
            type Value = $value;

            fn empty() -> Self {
                Self::default()
            }
            fn insert(&mut self, name: String, value: $value) -> bool {
                self.insert(name, value).is_none()
            }
            fn entries(&self) -> impl Iterator<Item = (&String, &$value)> {
                self.iter()
            }
        })+
    };
}
claim_maps!(
    {} Map<String, Value>, of Value;
    {V: Serialize + DeserializeOwned} BTreeMap<String, V>, of V;
    {V: Serialize + DeserializeOwned, S: BuildHasher + Default} HashMap<String, V, S>, of V;
);
