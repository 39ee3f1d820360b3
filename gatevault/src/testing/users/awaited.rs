//! The async form of the store.

use super::{TestUser, Users};
use crate::claims::{ToClaims, UserId};
use crate::error::BoxError;
use crate::login::{HashUpdate, UserStore};

#[diagnostic::do_not_recommend]
impl<C: ToClaims + for<'u> From<&'u TestUser> + 'static> UserStore for Users<C> {
    type User = TestUser;
    type Claims = C;

    async fn find_by_name(&self, name: &str) -> Result<Option<TestUser>, BoxError> {
        Ok(self.find(|user| user.name() == name))
    }

    async fn find_by_id(&self, id: &UserId) -> Result<Option<TestUser>, BoxError> {
        Ok(self.find(|user| user.id() == id))
    }

    async fn replace_hash(&self, update: HashUpdate) -> Result<bool, BoxError> {
        Ok(self.replace(update))
    }
}
