//! A thief with a copy of a refresh token, such as malware on a device would get. No real application has these routes.

use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::routing::post;
use gatevault::{OAuthHandler, RefreshCookie, guarded};

use crate::accounts::Accounts;

/// The stolen token, and the handler that it is presented to.
#[derive(Clone)]
struct Thief {
    oauth: Arc<OAuthHandler<Accounts>>,
    cookie: RefreshCookie,
    loot: Arc<Mutex<Option<String>>>,
}

/// Mounts the routes below the cookie's path, because the browser sends the cookie nowhere else.
pub(crate) fn routes(oauth: Arc<OAuthHandler<Accounts>>, cookie: RefreshCookie) -> Router {
    Router::new()
        .route("/auth/stolen", post(handlers::steal))
        .route("/auth/stolen/use", post(handlers::use_stolen))
        .with_state(Thief { oauth, cookie, loot: Arc::default() })
}

#[guarded]
pub(crate) mod handlers {
    use axum::extract::State;
    use gatevault::protected;
    use http::{HeaderMap, StatusCode, header};

    use super::Thief;
    use crate::error::AppError;
    use crate::events;
    use crate::policies::User;

    #[protected(handler, payload = _: User)]
    pub(super) async fn steal(
        State(thief): State<Thief>,
        headers: HeaderMap,
    ) -> Result<StatusCode, AppError> {
        let cookies = headers.get_all(header::COOKIE).iter().map(http::HeaderValue::as_bytes);
        let Some(stolen) = thief.cookie.read(cookies)? else { return Ok(StatusCode::NOT_FOUND) };
        thief.hold(stolen.to_owned());
        events::report("refresh token copied", "from", "the cookie");
        Ok(StatusCode::NO_CONTENT)
    }

    #[public(reason = "the thief is not logged in")]
    pub(super) async fn use_stolen(State(thief): State<Thief>) -> Result<StatusCode, AppError> {
        let stolen =
            thief.loot().ok_or_else(|| AppError::refused(StatusCode::NOT_FOUND, "Nothing is stolen."))?;
        let pair = thief.oauth.async_refresh(stolen).await?;
        thief.hold(pair.refresh_token);
        Ok(StatusCode::NO_CONTENT)
    }
}

impl Thief {
    fn hold(&self, token: String) {
        *self.loot.lock().unwrap_or_else(PoisonError::into_inner) = Some(token);
    }

    fn loot(&self) -> Option<String> {
        self.loot.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
