//! actix-web: the service that `actix_web::test` makes of an `App`. It belongs to one thread.

use std::fmt;
use std::net::SocketAddr;
use std::pin::Pin;
use std::rc::Rc;

use actix_web::body::{BoxBody, MessageBody, to_bytes};
use actix_web::dev::{Service as _, ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::test::{TestRequest, init_service};
use actix_web::{App, Error, HttpResponse};
use http::{Request, Response};

use super::{LOCAL_PEER, TestApp};
use crate::error::BoxError;

/// An actix-web application after its start.
pub struct RunningApp(Box<Respond>);

type Respond = dyn Fn(TestRequest) -> Pin<Box<dyn Future<Output = HttpResponse<BoxBody>>>>;

impl<T, B> TestApp for App<T>
where
    T: ServiceFactory<
            ServiceRequest,
            Config = (),
            Response = ServiceResponse<B>,
            Error = Error,
            InitError = (),
        > + 'static,
    B: MessageBody + 'static,
{
    type Running = RunningApp;

    async fn start(self) -> Result<RunningApp, BoxError> {
        let service = Rc::new(init_service(self).await);
        Ok(RunningApp(Box::new(move |request| {
            let service = Rc::clone(&service);
            Box::pin(async move {
                match service.call(request.to_request()).await {
                    Ok(response) => response.into_parts().1.map_into_boxed_body(),
                    // As the server responds to an error of the outermost middleware.
                    Err(error) => HttpResponse::from_error(error),
                }
            })
        })))
    }

    async fn respond(
        running: &RunningApp,
        request: Request<Vec<u8>>,
        peer: Option<SocketAddr>,
    ) -> Result<Response<Vec<u8>>, BoxError> {
        let (parts, body) = request.into_parts();
        let mut call = TestRequest::with_uri(&parts.uri.to_string())
            .method(Method::from_bytes(parts.method.as_str().as_bytes())?)
            .peer_addr(peer.unwrap_or(LOCAL_PEER))
            .set_payload(body);
        for (name, value) in &parts.headers {
            let name = HeaderName::from_bytes(name.as_str().as_bytes())?;
            call = call.append_header((name, HeaderValue::from_bytes(value.as_bytes())?));
        }
        let source = (running.0)(call).await;
        let mut response = Response::builder().status(source.status().as_u16());
        for (name, value) in source.headers() {
            response = response.header(name.as_str(), value.as_bytes());
        }
        let body = to_bytes(source.into_body()).await.map_err(|error| error.to_string())?;
        Ok(response.body(body.into())?)
    }
}

impl fmt::Debug for RunningApp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunningApp").finish_non_exhaustive()
    }
}
