//! Salvo: a hoop.

use salvo_core::{Depot, FlowCtrl, Handler, Request, Response, async_trait};

use crate::login::UserStore;
use crate::web::KeyExchange;

/// A hoop for a router, a handler or a whole `Service`. Hoops run in the order in which they are added: this one comes before the guard.
#[async_trait]
impl<S: UserStore> Handler for KeyExchange<S> {
    async fn handle(
        &self,
        request: &mut Request,
        _: &mut Depot,
        response: &mut Response,
        flow: &mut FlowCtrl,
    ) {
        if let Err(denial) = self.replace_in(request.headers_mut()).await {
            response.render(denial);
            // Among the hoops of a catcher, the status of the response does not end the flow.
            flow.skip_rest();
        }
    }
}
