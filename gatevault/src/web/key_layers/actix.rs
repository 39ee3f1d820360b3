//! actix-web: a middleware.

use std::future::{Ready, ready};
use std::pin::Pin;
use std::rc::Rc;

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform, forward_ready};
use actix_web::http::header::{AUTHORIZATION, HeaderMap, HeaderValue};

use crate::error::GuardError;
use crate::guard::TokenSource as _;
use crate::login::UserStore;
use crate::web::KeyExchange;

/// An actix-web service behind a [`KeyExchange`].
#[derive(Debug)]
pub struct KeyService<I, S> {
    inner: Rc<I>,
    keys: KeyExchange<S>,
}

/// A middleware: `wrap` a scope, a resource or an application with it. Of two, the one that is added last runs first.
///
/// Create it once, outside of the closure of `HttpServer::new`, and clone it there: all workers share its cache.
impl<I, B, S> Transform<I, ServiceRequest> for KeyExchange<S>
where
    I: Service<ServiceRequest, Response = ServiceResponse<B>, Error = actix_web::Error> + 'static,
    B: MessageBody + 'static,
    S: UserStore,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = actix_web::Error;
    type Transform = KeyService<I, S>;
    type InitError = ();
    type Future = Ready<Result<Self::Transform, ()>>;

    fn new_transform(&self, inner: I) -> Self::Future {
        ready(Ok(KeyService { inner: Rc::new(inner), keys: self.clone() }))
    }
}

impl<I, B, S> Service<ServiceRequest> for KeyService<I, S>
where
    I: Service<ServiceRequest, Response = ServiceResponse<B>, Error = actix_web::Error> + 'static,
    B: MessageBody + 'static,
    S: UserStore,
{
    type Response = ServiceResponse<EitherBody<B>>;
    type Error = actix_web::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>>>>;

    forward_ready!(inner);

    fn call(&self, mut request: ServiceRequest) -> Self::Future {
        let (keys, inner) = (self.keys.clone(), Rc::clone(&self.inner));
        Box::pin(async move {
            match replace(&keys, request.headers_mut()).await {
                Ok(()) => Ok(inner.call(request).await?.map_into_left_body()),
                // A response, not an error, so that the middlewares around this one see it.
                Err(denial) => Ok(request.error_response(denial).map_into_right_body()),
            }
        })
    }
}

// actix-web uses version 0.2 of the crate `http`, so this is repeated here.
async fn replace<S: UserStore>(keys: &KeyExchange<S>, headers: &mut HeaderMap) -> Result<(), GuardError> {
    let replaced = keys.async_replacement(headers.token().as_deref()).await?;
    if let Some(token) = replaced {
        let value = HeaderValue::try_from(format!("Bearer {token}"));
        let mut value = value.map_err(|_| GuardError::unavailable("no header can hold the access token"))?;
        value.set_sensitive(true);
        drop(headers.insert(AUTHORIZATION, value));
    }
    Ok(())
}
