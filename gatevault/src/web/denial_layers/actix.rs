//! actix-web: a middleware.

use std::future::{Ready, ready};
use std::pin::Pin;

use actix_web::HttpResponse;
use actix_web::body::{BoxBody, EitherBody, MessageBody};
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform, forward_ready};
use actix_web::error::InternalError;
use actix_web::http::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderValue};

use crate::web::actix::edit_challenges;
use crate::web::{DenialDetails, Denials};

/// An actix-web service whose denials have the settings of a [`Denials`].
#[derive(Debug)]
pub struct DenialService<S> {
    inner: S,
    denials: Denials,
}

/// A middleware: `wrap` a scope, a resource or an application with it. Of two, the one that is added last is the outer one.
impl<S, B> Transform<S, ServiceRequest> for Denials
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = actix_web::Error>,
    S::Future: 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = actix_web::Error;
    type Transform = DenialService<S>;
    type InitError = ();
    type Future = Ready<Result<Self::Transform, ()>>;

    fn new_transform(&self, inner: S) -> Self::Future {
        ready(Ok(DenialService { inner, denials: self.clone() }))
    }
}

impl<S, B> Service<ServiceRequest> for DenialService<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = actix_web::Error>,
    S::Future: 'static,
    B: MessageBody + 'static,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = actix_web::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>>>>;

    forward_ready!(inner);

    fn call(&self, request: ServiceRequest) -> Self::Future {
        let (response, denials) = (self.inner.call(request), self.denials.clone());
        Box::pin(async move {
            let mut response = response.await.map_err(|error| revise_error(&denials, error))?;
            let details = begin(response.response_mut());
            let body = details.and_then(|details| revise(&denials, response.headers_mut(), &details));
            Ok(match body {
                Some(body) => response.map_body(|_, _| EitherBody::right(BoxBody::new(body))),
                None => response.map_into_left_body(),
            })
        })
    }
}

/// Applies the settings to the response of an error, if it is that of a denial: a middleware within may return one.
fn revise_error(denials: &Denials, error: actix_web::Error) -> actix_web::Error {
    let mut response = error.error_response();
    let Some(details) = begin(&mut response) else { return error };
    if let Some(body) = revise(denials, response.headers_mut(), &details) {
        response = response.set_body(BoxBody::new(body));
    }
    InternalError::from_response(error.to_string(), response).into()
}

/// Returns the details of the response to a denial to which no settings were applied yet, and marks that some are.
fn begin<B>(response: &mut HttpResponse<B>) -> Option<DenialDetails> {
    response.extensions_mut().get_mut().and_then(DenialDetails::finish).cloned()
}

// actix-web uses version 0.2 of the crate `http`, so this is repeated here.
fn revise(denials: &Denials, headers: &mut HeaderMap, details: &DenialDetails) -> Option<String> {
    edit_challenges(headers, |challenge| denials.challenge(challenge));
    let (media_type, body) = denials.body(details)?;
    headers.remove(CONTENT_LENGTH);
    headers.remove(CONTENT_TYPE);
    if let Ok(media_type) = HeaderValue::try_from(media_type) {
        headers.insert(CONTENT_TYPE, media_type);
    }
    Some(body)
}
