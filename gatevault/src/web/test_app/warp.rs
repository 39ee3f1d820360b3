//! warp: a boxed filter is a service.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use http::{Request, Response};
use tower_service::Service as _;
use warp::filters::BoxedFilter;
use warp::{Filter as _, Reply};

use super::TestApp;
use crate::error::BoxError;
use crate::web::warp::read;

impl<R: Reply + 'static> TestApp for BoxedFilter<(R,)> {
    type Running = Self;

    async fn start(self) -> Result<Self, BoxError> {
        Ok(self)
    }

    async fn respond(
        filter: &Self,
        request: Request<Vec<u8>>,
        peer: Option<SocketAddr>,
    ) -> Result<Response<Vec<u8>>, BoxError> {
        if peer.is_some() {
            return Err("warp gives a request an address only over a socket: remove `from_address`".into());
        }
        let (parts, body) = request.into_parts();
        let request = Request::from_parts(parts, String::from_utf8(body)?);
        let (parts, body) = warp::service(filter.clone()).call(request).await?.into_parts();
        Ok(Response::from_parts(parts, bytes_of(body).await?))
    }
}

/// Reads the body of a reply. Only a filter can read a body of warp, so this one becomes that of a request.
async fn bytes_of(body: <warp::reply::Response as BodyOf>::Body) -> Result<Vec<u8>, BoxError> {
    let bytes = Arc::new(Mutex::new(None));
    let slot = Arc::clone(&bytes);
    let reader = warp::body::stream().then(move |body| {
        let slot = Arc::clone(&slot);
        async move {
            let bytes = read(body, usize::MAX).await;
            *slot.lock().unwrap_or_else(PoisonError::into_inner) = bytes;
            warp::reply()
        }
    });
    warp::service(reader).call(Request::new(body)).await?;
    let bytes = bytes.lock().unwrap_or_else(PoisonError::into_inner).take();
    bytes.ok_or_else(|| "the body of the reply broke off".into())
}

/// Names warp's type of bodies, which is not public.
trait BodyOf {
    type Body;
}

impl<B> BodyOf for Response<B> {
    type Body = B;
}
