//! `POST /register` and `POST /password`.

use super::AuthRoutes;
use crate::login::{
    ChangePasswords, Mode, PasswordChange, PasswordRequest, RegisterUsers, Registration, TokenPair, add_user,
    change_password,
};
use crate::web::denial::Denial;
use crate::web::fields::Fields;
use crate::web::{HttpRequest, HttpResponse};

impl<S: RegisterUsers> AuthRoutes<S> {
    /// Adds `POST /register`: `username`, `password` and optionally the session's `label`, as JSON or as a form.
    ///
    /// The [canonical name](Self::canonical_name) and the hash of the password are stored, and a session begins as at a login. The
    /// response is 201 with the body and the cookies of a login. Others:
    ///
    /// | status | reason |
    /// |---|---|
    /// | 400, 413, 415 | the body is malformed: `detail` names the field |
    /// | 403 | a page of another site sent it, as for a login |
    /// | 409 | the name is taken |
    /// | 422 | the name is blank, or has a character that cannot be stored; or the password is [too short](crate::OAuthHandler::minimum_password_length) or too long: `detail` says which |
    /// | 429 | a [throttle](crate::OAuthHandler::throttle) makes the client wait |
    /// | 503 | a store failed or the hashing pool is full. The user may have been added: they can log in |
    ///
    /// It is independent of [`without_login`](Self::without_login): a new account has no second factor yet.
    ///
    /// # Security
    ///
    /// - The throttle counts each registration, a successful one too, as a wrong password from its address, and so limits the
    ///   names that a client can try. The address must be known: see [`trusted_proxies`](Self::trusted_proxies). Without a throttle there is no limit.
    /// - The status 409 shows that an account exists. If the names are mail addresses, use a link in a mail instead, which also
    ///   proves that the address is the user's.
    /// - Names that look alike are different names: see [`canonical_name`](Self::canonical_name).
    ///
    /// # Examples
    ///
    /// ```
    /// use gatevault::{AuthRoutes, OAuthHandler, RegisterUsers, SyncUserStore};
    ///
    /// # fn routes<S: SyncUserStore + RegisterUsers>(oauth: OAuthHandler<S>) {
    /// let routes = AuthRoutes::new(oauth)
    ///     .canonical_name(|name| name.trim().to_lowercase())
    ///     .with_register();
    /// assert!(routes.has("/register"));
    /// # }
    /// ```
    #[must_use]
    pub fn with_register(self) -> Self {
        Self { add_user: Some(add_user::<S>()), ..self }
    }
}

impl<S: ChangePasswords> AuthRoutes<S> {
    /// Adds `POST /password`: `current_password` and `new_password`, as JSON or as a form, with an access token of the user in
    /// `Authorization`. A cookie is not enough, so forms of [pages](Self::for_pages) cannot use it, nor can API keys.
    ///
    /// The response is 204 after the other sessions of the user have ended; the caller's session and the API keys stay. Without
    /// sessions, or for a token without one, the caller has to log in again too. Others:
    ///
    /// | status | reason |
    /// |---|---|
    /// | 400, 413, 415 | the body is malformed: `detail` names the field |
    /// | 401 | no valid access token, or the user is gone |
    /// | 403 | with `detail`: the current password is wrong, or the account has none. Without: not a token of a user's login here |
    /// | 422 | the new password is [too short](crate::OAuthHandler::minimum_password_length) or too long: `detail` says which |
    /// | 429 | a [throttle](crate::OAuthHandler::throttle) makes the client wait |
    /// | 503 | a store failed or the hashing pool is full. If the password was changed, all sessions end at their next refresh, the caller's too; those of an account with a [security stamp](crate::AuthUser::security_stamp) of its own do not: the client sends `DELETE /sessions` |
    ///
    /// A wrong password is 403 and not 401, which would make clients discard their token. An account without a password gets
    /// its first one by a route of your own, after a fresh login.
    ///
    /// # Security
    ///
    /// A stolen access token does not allow guessing: the throttle counts a wrong password as one of the account's logins.
    ///
    /// # Examples
    ///
    /// ```
    /// use gatevault::{AuthRoutes, ChangePasswords, OAuthHandler, SyncUserStore};
    ///
    /// # fn routes<S: SyncUserStore + ChangePasswords>(oauth: OAuthHandler<S>) {
    /// let routes = AuthRoutes::new(oauth).with_password_change();
    /// assert!(routes.has("/password"));
    /// # }
    /// ```
    #[must_use]
    pub fn with_password_change(self) -> Self {
        Self { change_password: Some(change_password::<S>()), ..self }
    }
}

impl<S> AuthRoutes<S> {
    /// Handles `POST /register`.
    ///
    /// Rejects requests of foreign pages first: a foreign form could otherwise log the visitor in to the attacker's new account
    /// (login CSRF).
    pub(super) async fn register<M: Mode<S>>(
        &self,
        request: &HttpRequest,
        body: Option<&[u8]>,
    ) -> Result<HttpResponse, Denial> {
        self.reject_foreign_credentials(request)?;
        let fields = Fields::read(request, body)?;
        let registered = self.registered::<M>(request, &fields).await;
        if registered.is_ok() {
            self.warn_of_dropped_cookies(request);
        }
        match self.pages_of_form(request) {
            Some(pages) => self.register_form_response(pages, request, fields.optional("next")?, registered),
            None => Ok(HttpResponse { status: 201, ..self.token_response(&registered?)? }),
        }
    }

    /// Adds the user that the fields describe, and begins a session.
    async fn registered<M: Mode<S>>(
        &self,
        request: &HttpRequest,
        fields: &Fields,
    ) -> Result<TokenPair, Denial> {
        let add = self.add_user.ok_or(Denial::NotFound)?;
        let (username, password) =
            (self.canonical(fields.required("username")?), fields.required("password")?);
        let login = self.login_request(&username, password, request, fields)?;
        if username.trim().is_empty() {
            return Err(Denial::Unprocessable("the field `username` is blank"));
        }
        if username.contains('\0') {
            return Err(NAME_REFUSED);
        }
        match self.handler.register::<M>(add, login).await? {
            Registration::Begun(pair) => Ok(pair),
            Registration::NameTaken => Err(Denial::Conflict("the name is taken")),
            Registration::NameRefused => Err(NAME_REFUSED),
        }
    }

    /// Handles `POST /password`.
    pub(super) async fn change_password<M: Mode<S>>(
        &self,
        request: &HttpRequest,
        body: Option<&[u8]>,
    ) -> Result<HttpResponse, Denial> {
        let change = self.change_password.ok_or(Denial::NotFound)?;
        let (caller, _) = self.login_caller(request).await?;
        let fields = Fields::read(request, body)?;
        let session = caller.session_id().map(str::to_owned);
        let password = PasswordRequest {
            current: fields.required("current_password")?,
            new: fields.required("new_password")?,
            session: session.as_deref(),
            address: self.client_address(request),
        };
        let user = caller.into_claims().into_user_id();
        match self.handler.change_password::<M>(change, user, password).await? {
            PasswordChange::Changed => Ok(HttpResponse::new(204)),
            PasswordChange::WrongPassword => Err(Denial::Refused("the current password is wrong")),
            PasswordChange::NoPassword => Err(Denial::Refused("the account has no password")),
        }
    }
}

/// The denial of a name that no database can store.
const NAME_REFUSED: Denial =
    Denial::Unprocessable("the field `username` has a character that cannot be stored");
