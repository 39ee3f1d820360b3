//! The `Authorization` header of a request, in the types of the `http` crate.

use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderValue};

use crate::error::GuardError;
use crate::guard::TokenSource as _;
use crate::login::UserStore;
use crate::web::KeyExchange;

impl<S: UserStore> KeyExchange<S> {
    /// Replaces the API key in the headers of a request with an access token.
    pub(in crate::web) async fn replace_in(&self, headers: &mut HeaderMap) -> Result<(), GuardError> {
        let replaced = self.async_replacement(headers.token().as_deref()).await?;
        if let Some(token) = replaced {
            let value = HeaderValue::try_from(format!("Bearer {token}"));
            let mut value =
                value.map_err(|_| GuardError::unavailable("no header can hold the access token"))?;
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        Ok(())
    }
}
