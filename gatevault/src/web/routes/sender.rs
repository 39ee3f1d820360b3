//! The sender of a request: which page, as far as the browser says, and whether it may.

use super::AuthRoutes;
use super::origin::Origin;
use crate::event::RequestFault;
use crate::web::HttpRequest;
use crate::web::denial::Denial;
use crate::web::refusal::refused_sender;

/// The page that sent a request, in the order of distance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::web) enum Sender {
    /// A page of this origin, the user, or a client that is not a browser.
    Own,
    /// A page of another host of the site.
    SameSite,
    /// A page of another site, or of another origin where the browser does not say more.
    Other,
}

impl Sender {
    /// Returns the sender of a request by its Fetch Metadata, or else by comparing `Origin` with the host of the request.
    ///
    /// A page can set none of the headers.
    pub(in crate::web) fn of(request: &HttpRequest) -> Self {
        let farthest = request.values("sec-fetch-site").map(Self::by_site).max();
        farthest.unwrap_or_else(|| Self::by_origin(request))
    }

    fn by_origin(request: &HttpRequest) -> Self {
        if request.values("origin").next().is_none() {
            return Self::Own;
        }
        let is_own = |origin: Origin| request.host().is_some_and(|host| origin.is_at(host));
        if Origin::of(request).is_some_and(is_own) { Self::Own } else { Self::Other }
    }

    fn by_site(site: &[u8]) -> Self {
        match site {
            b"same-origin" | b"none" => Self::Own,
            b"same-site" => Self::SameSite,
            _ => Self::Other,
        }
    }
}

impl<S> AuthRoutes<S> {
    /// Rejects a request to routes with cookies, unless its sender is at most `farthest`, or a page of an allowed origin.
    pub(super) fn reject_senders_beyond(
        &self,
        farthest: Sender,
        request: &HttpRequest,
    ) -> Result<(), Denial> {
        let sender = Sender::of(request);
        if self.cookie.is_none() || sender <= farthest || self.is_allowed(request) {
            return Ok(());
        }
        refused_sender(
            if sender == Sender::SameSite {
                RequestFault::FormOfAnotherHost
            } else if request.values("sec-fetch-site").next().is_some() {
                RequestFault::CrossSite
            } else {
                RequestFault::AnotherOrigin
            },
            request,
        );
        Err(Denial::Forged)
    }

    /// Returns whether a page of one of the [allowed origins](Self::allowed_origins) sent the request.
    fn is_allowed(&self, request: &HttpRequest) -> bool {
        Origin::of(request).is_some_and(|origin| self.allowed_origins.contains(&origin))
    }
}
