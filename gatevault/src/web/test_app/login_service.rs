//! Sessions without a password, for the users of a test.

use crate::error::BoxError;
use crate::login::{Auth, AuthUser, SessionRequest, UserStore};
use crate::web::{AuthRoutes, HttpRequest, HttpResponse};

/// The login service of an application: its [`Auth`](crate::Auth), or its [`AuthRoutes`] if they have settings of their own,
/// such as other cookies or pages.
pub trait LoginService {
    /// A user of the application.
    type User: AuthUser;

    /// Begins a session for a user without a password, and returns the response of a login whose routes are at `mount`, which
    /// is empty or begins with `/`. [`AuthRoutes`] have their own mount.
    ///
    /// # Errors
    ///
    /// If the session cannot begin, for example because the user has no security stamp that the store knows.
    fn begin(&self, user: &Self::User, mount: &str) -> impl Future<Output = Result<HttpResponse, BoxError>>;
}

impl<S: UserStore> LoginService for Auth<S> {
    type User = S::User;

    async fn begin(&self, user: &S::User, mount: &str) -> Result<HttpResponse, BoxError> {
        self.routes().mounted_at(mount)?.begin(user, mount).await
    }
}

impl<S: UserStore> LoginService for AuthRoutes<S> {
    type User = S::User;

    async fn begin(&self, user: &S::User, _: &str) -> Result<HttpResponse, BoxError> {
        let pair = self.handler.async_begin_session(user, SessionRequest::new()).await?;
        // A visitor of pages has cookies and no token for scripts.
        Ok(self.lead_to("/", &pair, &HttpRequest::new("POST", "/")))
    }
}
