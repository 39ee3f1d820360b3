//! Rocket: a fairing.

use rocket::fairing::{Fairing, Info, Kind};
use rocket::http::Header;
use rocket::response::Responder as _;
use rocket::{Data, Request, Response};

use crate::guard::TokenSource as _;
use crate::login::UserStore;
use crate::web::rocket::{local, replace, set_local};
use crate::web::{HttpResponse, KeyExchange};

/// A fairing: `rocket.attach(keys)`.
///
/// A fairing cannot respond to a request before its route. A key that is refused stays in the request, where every guard refuses it, and
/// this fairing replaces the response with the denial, also that of a route without a guard.
#[rocket::async_trait]
impl<S: UserStore> Fairing for KeyExchange<S> {
    fn info(&self) -> Info {
        Info { name: "KeyExchange", kind: Kind::Request | Kind::Response }
    }

    async fn on_request(&self, request: &mut Request<'_>, _: &mut Data<'_>) {
        match self.async_replacement(request.token().as_deref()).await {
            Ok(Some(token)) => {
                request.replace_header(Header::new("authorization", format!("Bearer {token}")));
            }
            Ok(None) => {}
            Err(denial) => set_local(request, Refusal(denial.into())),
        }
    }

    async fn on_response<'r>(&self, request: &'r Request<'_>, response: &mut Response<'r>) {
        let Some(Refusal(denial)) = local::<Refusal>(request) else { return };
        if let Ok(denial) = denial.respond_to(request) {
            replace(response, denial);
        }
    }
}

/// The response to a request whose key was refused.
#[derive(Clone)]
struct Refusal(HttpResponse);
