//! The types of the `http` crate, which most frameworks use: token sources, requests and responses.

use std::borrow::Cow;

use http::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, WWW_AUTHENTICATE};
use http::request::Parts;
use http::{Extensions, HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, Uri};

use super::bearer::token_of;
use super::{Bearer, DenialDetails, Denials, HttpRequest, HttpResponse};
use crate::error::GuardError;
use crate::guard::{AsGate as _, GateRef, GateVault, OnDenied, TokenSource};

/// The bearer token of the `Authorization` header, as [`Bearer`] reads it.
impl TokenSource for HeaderMap {
    fn token(&self) -> Option<Cow<'_, str>> {
        token_of(self.get_all(AUTHORIZATION).into_iter().map(HeaderValue::as_bytes))
    }
}

/// The bearer token of the `Authorization` header, as [`Bearer`] reads it, and the [`GateVault`] in the extensions.
impl TokenSource for Parts {
    fn token(&self) -> Option<Cow<'_, str>> {
        self.headers.token()
    }

    fn gate(&self) -> Option<GateRef<'_>> {
        self.extensions.get().map(GateVault::as_gate)
    }
}

/// The bearer token of the `Authorization` header, as [`Bearer`] reads it, and the [`GateVault`] in the extensions.
impl<B> TokenSource for Request<B> {
    fn token(&self) -> Option<Cow<'_, str>> {
        self.headers().token()
    }

    fn gate(&self) -> Option<GateRef<'_>> {
        self.extensions().get().map(GateVault::as_gate)
    }
}

impl From<&HeaderMap> for Bearer {
    fn from(headers: &HeaderMap) -> Self {
        Self::from_authorization(headers.get_all(AUTHORIZATION).into_iter().map(HeaderValue::as_bytes))
    }
}

impl From<&Parts> for HttpRequest {
    fn from(parts: &Parts) -> Self {
        Self::from_http(&parts.method, parts.uri.path(), &parts.headers).sent_to(&parts.uri)
    }
}

impl HttpRequest {
    /// Creates a request from parts in the types of the `http` crate.
    pub(super) fn from_http(method: &Method, path: &str, headers: &HeaderMap) -> Self {
        let headers = headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes()));
        Self::new(method.as_str(), path).with_headers(headers)
    }

    /// Sets the target of the request, and the authority that it names, if it names one.
    pub(super) fn sent_to(self, target: &Uri) -> Self {
        let request = self.with_authority(target.authority().map(http::uri::Authority::as_str));
        request.asking_for(target)
    }

    /// Sets the path and the query that the client wrote.
    pub(super) fn asking_for(self, target: &Uri) -> Self {
        self.with_target(target.path_and_query().map_or(target.path(), http::uri::PathAndQuery::as_str))
    }
}

/// The extensions have the [`DenialDetails`] of the response to a denial.
impl<B: From<String>> From<HttpResponse> for Response<B> {
    fn from(source: HttpResponse) -> Self {
        let mut response = Self::new(source.body.into());
        *response.status_mut() =
            StatusCode::from_u16(source.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        for (name, value) in source.headers {
            // A challenge with a scope that no header can hold is left out.
            if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
                response.headers_mut().append(name, value);
            }
        }
        if let Some(details) = source.denial {
            response.extensions_mut().insert(*details);
        }
        response
    }
}

impl Denials {
    /// Applies the settings to a response in the types of the `http` crate, for a server of your own, as
    /// [`apply`](Self::apply) does.
    #[must_use]
    pub fn apply_http<B: From<String>>(&self, response: Response<B>) -> Response<B> {
        let (mut head, body) = response.into_parts();
        let chosen = self.revise(&mut head.headers, &mut head.extensions);
        Response::from_parts(head, chosen.map_or(body, B::from))
    }

    /// Applies the settings to the head of a response, and returns the body that the application chose.
    pub(super) fn revise(&self, headers: &mut HeaderMap, extensions: &mut Extensions) -> Option<String> {
        let details = extensions.get_mut().and_then(DenialDetails::finish)?;
        edit_challenges(headers, |challenge| self.challenge(challenge));
        let (media_type, body) = self.body(details)?;
        headers.remove(CONTENT_LENGTH);
        headers.remove(CONTENT_TYPE);
        if let Ok(media_type) = HeaderValue::try_from(media_type) {
            headers.insert(CONTENT_TYPE, media_type);
        }
        Some(body)
    }
}

/// Replaces the challenges in the headers of a response.
pub(super) fn edit_challenges(headers: &mut HeaderMap, edit: impl Fn(&str) -> String) {
    let http::header::Entry::Occupied(mut challenges) = headers.entry(WWW_AUTHENTICATE) else { return };
    for value in challenges.iter_mut() {
        let edited = value.to_str().ok().and_then(|challenge| HeaderValue::try_from(edit(challenge)).ok());
        if let Some(edited) = edited {
            *value = edited;
        }
    }
}

/// The denial as its [`HttpResponse`]: a guarded function may return `Result<_, Response<B>>`.
impl<B: From<String>> From<GuardError> for Response<B> {
    fn from(denial: GuardError) -> Self {
        HttpResponse::from(denial).into()
    }
}

/// The denial as its [`HttpResponse`].
impl<B: From<String>> OnDenied for Response<B> {
    fn on_denied(denial: GuardError) -> Self {
        denial.into()
    }
}
