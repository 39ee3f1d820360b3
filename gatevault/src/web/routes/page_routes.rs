//! Routes for pages of a server: `GET {mount}/continue`, and the answers to forms.

use super::AuthRoutes;
use super::refresh::{echoed_csrf_token, refresh_cookies};
use crate::claims::UserId;
use crate::error::{ConfigError, GuardError};
use crate::event::RequestFault;
use crate::guard::TokenSource as _;
use crate::login::{Mode, TokenPair, csrf_subject};
use crate::web::denial::Denial;
use crate::web::fields::{Fields, has_form};
use crate::web::pages::{LocalPath, is_visit, redirect};
use crate::web::refusal::refused;
use crate::web::{CsrfToken, HttpRequest, HttpResponse, Pages, RefreshCookie};

impl<S> AuthRoutes<S> {
    /// Sets the pages to serve: the access token is in a cookie too, from which [`RouteGuard::for_pages`](crate::RouteGuard::for_pages)
    /// reads it, and the prefix and the refresh cookie are those of `pages`.
    ///
    /// Forms are answered with 303 instead of tokens:
    ///
    /// | form | fields | leads to |
    /// |---|---|---|
    /// | `POST {mount}/login` | `username`, `password`, perhaps `label` and `next` | `next` or the home page; after a failure, the login page with `error=credentials` or `error=attempts` |
    /// | `POST {mount}/register`, [if enabled](Self::with_register) | those of a login | the same; after a failure `error=taken`, `error=name`, `error=password` or `error=attempts` |
    /// | `POST {mount}/logout` | `csrf_token`, perhaps `next` | `next` or the login page |
    /// | `POST {mount}/refresh` | `csrf_token`, perhaps `next` | `next` or the home page; the login page if the session is over |
    ///
    /// `GET {mount}/continue?next=` refreshes the session of a visitor and leads to `next`, or to the login page. The guard of
    /// pages sends visitors there.
    ///
    /// # Errors
    ///
    /// [`ConfigError::NotForPages`] if other [origins](Self::allowed_origins) are allowed: their cookies are sent by pages of
    /// every site. [`ConfigError::InvalidPath`] if the login page or the home page is one of these routes.
    ///
    /// # Security
    ///
    /// Forms of pages of other hosts are refused, those of the same site too. `/continue` answers navigations of a tab only,
    /// and the session must be the one of the CSRF cookie, which no other host can set: another site can make a visitor
    /// refresh their own session, and nothing else. `next` is a path of this host in every case.
    ///
    /// If it leads the visitor elsewhere before the answer arrives, the answer is lost, as by an interrupted connection: the
    /// session ends when the former refresh token is used after its grace. Set a
    /// [`refresh_grace`](crate::OAuthHandler::refresh_grace) until the successor is used.
    pub fn for_pages(self, pages: &Pages) -> Result<Self, ConfigError> {
        if !self.allowed_origins.is_empty() {
            return Err(for_pages_of_other_sites());
        }
        let (cookie, prefix) = (Some(pages.refresh().clone()), pages.mount().to_owned());
        let routes = Self { pages: Some(pages.clone()), cookie, prefix, has_own_cookie: false, ..self };
        routes.with_pages_elsewhere()
    }

    /// Returns the routes, or an error if a page has the path of one of them.
    pub(super) fn with_pages_elsewhere(self) -> Result<Self, ConfigError> {
        let mut named = self.pages.iter().flat_map(Pages::named);
        if let Some((setting, path)) = named.find(|(_, path)| self.has(path.as_str())) {
            return Err(ConfigError::InvalidPath { setting, found: path.as_str().to_owned() });
        }
        drop(named);
        Ok(self)
    }

    /// Returns the response that leads a visitor to a page with the cookies of their session: for a handler of your own that
    /// has begun one, such as the last step of a social login. Anything but a path of this host is the home page.
    ///
    /// Without [`for_pages`](Self::for_pages), it is the response of [`hand_out`](Self::hand_out).
    #[must_use]
    pub fn lead_to(&self, next: &str, pair: &TokenPair, request: &HttpRequest) -> HttpResponse {
        let Some(pages) = &self.pages else { return self.hand_out(pair) };
        self.redirect_with(pair, request, &pages.next(Some(next))).unwrap_or_else(HttpResponse::from)
    }

    /// Handles `GET /continue`.
    ///
    /// A navigation carries no CSRF token. The one in the cookie says instead which session is the visitor's: another host of
    /// the site can set a refresh cookie, but not this one.
    pub(super) async fn continue_visit<M: Mode<S>>(
        &self,
        request: &HttpRequest,
    ) -> Result<HttpResponse, Denial> {
        let (Some(pages), Some(cookie)) = (&self.pages, &self.cookie) else { return Err(Denial::NotFound) };
        if !is_visit(request) {
            refused(RequestFault::NoNavigation, request);
            return Err(Denial::Forged);
        }
        let fields = Fields::of_query(request.query());
        let next = fields.as_ref().map(|fields| fields.optional("next")).transpose()?.flatten();
        let next = pages.next(next);
        if pages.has_continued(request, &next) {
            return Ok(self.continue_again(pages, request, &next));
        }
        match self.renew_visit::<M>(cookie, request).await {
            Ok(pair) => {
                let response = self.redirect_with(&pair, request, &next)?;
                let marker = pages.set_continued(&next, pair.expires_in).into_iter();
                Ok(marker.fold(response, |response, marker| response.with_header("set-cookie", marker)))
            }
            Err(denial) if denial.is_about_credentials() => {
                Ok(redirect(request, &pages.login(None, Some(&next))))
            }
            Err(denial) => Err(denial),
        }
    }

    /// Rotates the refresh token of the session whose CSRF token is in its cookie.
    async fn renew_visit<M: Mode<S>>(
        &self,
        cookie: &RefreshCookie,
        request: &HttpRequest,
    ) -> Result<TokenPair, Denial> {
        let echoed = CsrfToken::in_cookie(cookie, request);
        let token = self.genuine_among(&refresh_cookies(cookie, request), echoed.as_deref(), request)?;
        Ok(self.handler.renew::<M>(token).await?)
    }

    /// Responds to a visitor for whom the session was refreshed a short time ago, perhaps by another tab: no second refresh.
    fn continue_again(&self, pages: &Pages, request: &HttpRequest, next: &LocalPath) -> HttpResponse {
        let token = pages.token(request);
        let is_logged_in = token.token().is_some_and(|token| matches!(self.own_caller(&token), Ok(Some(_))));
        let target = if is_logged_in { next.as_str().to_owned() } else { pages.login(None, Some(next)) };
        redirect(request, &target)
    }

    /// Returns the pages if the request is a form for them.
    pub(super) fn pages_of_form(&self, request: &HttpRequest) -> Option<&Pages> {
        self.pages.as_ref().filter(|_| has_form(request))
    }

    /// Reads the fields of a form for pages. Other bodies are not read.
    pub(super) fn form_fields(
        &self,
        request: &HttpRequest,
        body: Option<&[u8]>,
    ) -> Result<Option<Fields>, Denial> {
        self.pages_of_form(request).map(|_| Fields::read(request, body)).transpose()
    }

    /// Returns the answer to a login form. A wrong password leads back to the form.
    pub(super) fn login_form_response(
        &self,
        pages: &Pages,
        request: &HttpRequest,
        next: Option<&str>,
        issued: Result<TokenPair, GuardError>,
    ) -> Result<HttpResponse, Denial> {
        let next = pages.next(next);
        let error = match issued {
            Ok(pair) => return self.redirect_with(&pair, request, &next),
            Err(GuardError::InvalidCredentials(_)) => "credentials",
            Err(GuardError::TooManyAttempts { .. }) => "attempts",
            Err(denial) => return Err(denial.into()),
        };
        Ok(redirect(request, &pages.login(Some(error), Some(&next))))
    }

    /// Returns the answer to a registration form. A refused one leads to the login page.
    pub(super) fn register_form_response(
        &self,
        pages: &Pages,
        request: &HttpRequest,
        next: Option<&str>,
        registered: Result<TokenPair, Denial>,
    ) -> Result<HttpResponse, Denial> {
        let next = pages.next(next);
        let error = match registered {
            Ok(pair) => return self.redirect_with(&pair, request, &next),
            Err(Denial::Conflict(_)) => "taken",
            Err(Denial::Unprocessable(_)) => "name",
            Err(Denial::Guard(GuardError::Password(_))) => "password",
            Err(Denial::Guard(GuardError::TooManyAttempts { .. })) => "attempts",
            Err(denial) => return Err(denial),
        };
        Ok(redirect(request, &pages.login(Some(error), Some(&next))))
    }

    /// Returns the answer to a form that refreshes. A session that is over leads to the login page.
    pub(super) fn refresh_form_response(
        &self,
        pages: &Pages,
        request: &HttpRequest,
        next: Option<&str>,
        renewed: Result<TokenPair, Denial>,
    ) -> Result<HttpResponse, Denial> {
        let next = pages.next(next);
        match renewed {
            Ok(pair) => self.redirect_with(&pair, request, &next),
            Err(Denial::Forged) => Err(Denial::Forged),
            Err(denial) if denial.is_about_credentials() => {
                Ok(redirect(request, &pages.login(None, Some(&next))))
            }
            Err(denial) => Err(denial),
        }
    }

    /// Returns the answer to a logout.
    pub(super) fn logout_response(
        &self,
        request: &HttpRequest,
        form: Option<&Fields>,
    ) -> Result<HttpResponse, Denial> {
        let (Some(pages), Some(fields)) = (&self.pages, form) else { return Ok(HttpResponse::new(204)) };
        let target = match fields.optional("next")? {
            Some(next) => pages.next(Some(next)).as_str().to_owned(),
            None => pages.login(None, None),
        };
        Ok(redirect(request, &target))
    }

    /// Returns the session of the access token in a page's cookie, if the request echoes the CSRF token of that session.
    pub(super) fn page_session(
        &self,
        request: &HttpRequest,
        form: Option<&Fields>,
    ) -> Result<Option<(UserId, String)>, Denial> {
        let Some(pages) = &self.pages else { return Ok(None) };
        let token = pages.token(request);
        let Some(token) = token.token() else { return Ok(None) };
        let Some((user, session)) = self.session_of(&token)? else { return Ok(None) };
        let subject = csrf_subject(Some(&session), None, &user);
        let echoed = echoed_csrf_token(request, form)?;
        if echoed.is_some_and(|echoed| CsrfToken::is_of_session(echoed, &subject, self.handler.tokens())) {
            return Ok(Some((user, session)));
        }
        Err(self.csrf_token_missing(request, |event| event.of_user(user).in_session(session)))
    }

    /// Returns a redirect to a page, with the cookies of a session.
    pub(super) fn redirect_with(
        &self,
        pair: &TokenPair,
        request: &HttpRequest,
        next: &LocalPath,
    ) -> Result<HttpResponse, Denial> {
        let csrf = CsrfToken::of_session(&pair.cookies.csrf_subject, self.handler.tokens())?;
        Ok(self.with_cookies(redirect(request, next.as_str()), pair, &csrf))
    }
}

/// Returns the error of routes for pages that would allow pages of other sites.
pub(super) fn for_pages_of_other_sites() -> ConfigError {
    let instead = "serve pages of other sites by other routes, with a cookie of their own";
    ConfigError::NotForPages { setting: "AuthRoutes::allowed_origins", instead }
}
