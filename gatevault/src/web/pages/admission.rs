//! The answers of a guard of pages: a visitor without a good token is sent to a page that helps, instead of a challenge.

use super::navigation::{is_htmx, is_safe, page_of, wants_page};
use super::settings::is_forged;
use super::{PageToken, Pages};
use crate::claims::{Claims, Verified};
use crate::error::GuardError;
use crate::event::RequestFault;
use crate::guard::{GateRef, TokenSource};
use crate::web::denial::Denial;
use crate::web::refusal::refused_sender;
use crate::web::{HttpRequest, HttpResponse, RouteGuard};

/// A request that a [`RouteGuard`] admitted.
#[derive(Debug)]
#[non_exhaustive]
pub struct Admitted<C> {
    /// The claims of the caller.
    pub caller: Verified<C>,
    /// The token of the page's visitor, if the guard is one [for pages](RouteGuard::for_pages).
    pub page_token: Option<PageToken>,
}

/// A request that a guard did not admit.
#[derive(Debug)]
pub(in crate::web) enum Refusal {
    /// The ordinary denial, already logged.
    Denied(GuardError),
    /// The response to the ordinary denial, already logged, which says more than that of the denial alone.
    Challenged(HttpResponse),
    /// The answer to the visitor of a page.
    Page(HttpResponse),
}

impl From<Refusal> for HttpResponse {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Denied(denial) => denial.into(),
            Refusal::Challenged(response) | Refusal::Page(response) => response,
        }
    }
}

impl<C: Claims> RouteGuard<C> {
    /// Guards pages: the access token is in a cookie that [`AuthRoutes::for_pages`](crate::AuthRoutes::for_pages) sets, and a
    /// visitor without a good one is redirected. The guard does no I/O.
    ///
    /// | request without a good token | response |
    /// |---|---|
    /// | a visit of a page | 303 to `{mount}/continue`, which refreshes the session and leads back, or to the login page |
    /// | a form | 303 to the login page; it is not sent again |
    /// | of htmx (`HX-Request`) | 401 with the same target in `HX-Redirect` |
    /// | any other, such as `fetch` | the ordinary denial, 401 |
    ///
    /// Header `Authorization` is not read. Put no such guard in front of the login page.
    ///
    /// # Security
    ///
    /// A browser sends the cookie by itself. The guard rejects requests that pages of other hosts sent, by their Fetch Metadata
    /// and `Origin`, with 403, except for `GET` and `HEAD` of a visitor who follows a link: let those change nothing. A form
    /// carries the [`CsrfToken`](crate::web::CsrfToken) of its session besides: see [`PageToken::check_csrf_token`].
    #[must_use]
    pub fn for_pages(self, pages: &Pages) -> Self {
        self.with_pages(pages.clone())
    }

    /// Verifies the token of a request, for a server of your own, as the layer or middleware of a framework does. Without
    /// [`for_pages`](Self::for_pages), it is the bearer token.
    ///
    /// # Errors
    ///
    /// The response to the denied request.
    pub fn admit(&self, request: &HttpRequest) -> Result<Admitted<C>, HttpResponse> {
        Ok(self.decide(&request.bearer(), || request.clone())?)
    }

    /// Verifies the token of `bearer`, or of the cookie if this is a guard of pages, which asks for the whole request. `bearer`
    /// brings the gate of the request.
    pub(in crate::web) fn decide(
        &self,
        bearer: &(impl TokenSource + ?Sized),
        request: impl FnOnce() -> HttpRequest,
    ) -> Result<Admitted<C>, Refusal> {
        let Some(pages) = self.pages() else {
            let caller = self.check(bearer.token(), bearer.gate());
            return caller
                .map(|caller| Admitted { caller, page_token: None })
                .map_err(|denial| self.challenged(denial));
        };
        self.decide_page(pages, &request(), bearer.gate())
    }

    /// Returns a denial of this guard with its response: a challenge has the scopes that the guard demands.
    pub(in crate::web) fn challenged(&self, denial: GuardError) -> Refusal {
        let response = self.denial_response(&denial);
        if response == HttpResponse::from(&denial) {
            return Refusal::Denied(denial);
        }
        Refusal::Challenged(response)
    }

    fn decide_page(
        &self,
        pages: &Pages,
        request: &HttpRequest,
        gate: Option<GateRef<'_>>,
    ) -> Result<Admitted<C>, Refusal> {
        if is_forged(request) {
            refused_sender(RequestFault::PageOfAnotherHost, request);
            return Err(Refusal::Page(Denial::Forged.into()));
        }
        let token = pages.token(request);
        match self.check(token.token(), gate) {
            Ok(caller) => {
                let page_token = token.verified(&caller, self.tokens(gate));
                Ok(Admitted { caller, page_token: Some(page_token) })
            }
            Err(denial) => {
                Err(refusal(pages, request, denial).unwrap_or_else(|denial| self.challenged(denial)))
            }
        }
    }
}

/// Returns the answer to a visitor whose token was denied. The ordinary denial is an error.
fn refusal(pages: &Pages, request: &HttpRequest, denial: GuardError) -> Result<Refusal, GuardError> {
    let has_no_good_token = matches!(denial, GuardError::MissingToken | GuardError::Token(_));
    let is_htmx = is_htmx(request);
    if !has_no_good_token || !(is_htmx || wants_page(request)) {
        return Err(denial);
    }
    if pages.is_login_page(request) {
        tracing::error!(target: "gatevault", "RouteGuard::for_pages is in front of the login page");
        return Err(denial);
    }
    let target = target(pages, request);
    Ok(Refusal::Page(if is_htmx {
        HttpResponse::from(denial).with_header("hx-redirect", target)
    } else {
        HttpResponse::new(303).with_header("location", target)
    }))
}

/// Returns the page that helps a visitor: the login page if they sent a form, or if their session was refreshed for this page a
/// short time ago and the browser has no good token nevertheless.
fn target(pages: &Pages, request: &HttpRequest) -> String {
    let page = page_of(request);
    let next = pages.next(page.as_ref().map(super::LocalPath::as_str));
    if is_safe(request) && !pages.has_continued(request, &next) {
        return pages.continue_to(&next);
    }
    pages.login(None, page.map(|_| &next))
}
