//! Salvo: a hoop.

use salvo_core::{Depot, FlowCtrl, Handler, Request, Response, async_trait};

use crate::web::Denials;

/// A hoop for a router or a whole `Service`, in front of everything whose denials it applies to.
#[async_trait]
impl Handler for Denials {
    async fn handle(
        &self,
        request: &mut Request,
        depot: &mut Depot,
        response: &mut Response,
        flow: &mut FlowCtrl,
    ) {
        flow.call_next(request, depot, response).await;
        let mut extensions = std::mem::take(&mut response.extensions);
        if let Some(body) = self.revise(response.headers_mut(), &mut extensions) {
            response.replace_body(body.into());
        }
        response.extensions = extensions;
    }
}
