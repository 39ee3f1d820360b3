//! The site as users of `tiny_http` write it, with a thread for each request.

use std::io::{Cursor, Read as _};
use std::net::SocketAddr;
use std::sync::Arc;
use std::thread;

use gatevault::guard::DeniedOr;
use gatevault::web::{Admitted, HttpRequest, HttpResponse, KeyExchange, PageToken, RouteGuard};
use gatevault::{AuthRoutes, Bearer, GuardError, protected};
use serde_json::Value;
use tiny_http::{Request, Response, ResponseBox, Server};

use super::listen_blocking;
use crate::{Site, User, Users, insiders, page_guard, resources, sync_keys};

type Text = Response<Cursor<Vec<u8>>>;

#[protected]
fn profile(token: &Bearer, payload: User) -> Text {
    Response::from_string(format!("user {}", payload.user_id))
}

#[protected(role = "admin")]
fn admin(token: &Request, payload: User) -> ResponseBox {
    Response::from_string(format!("admin {}", payload.user_id)).boxed()
}

// The caller converts an error into a response.
#[protected(scope = "invoices:read")]
fn invoices(token: &Bearer, payload: User) -> Result<Text, GuardError> {
    Ok(Response::from_string(format!("invoices of {}", payload.user_id)))
}

#[protected(scope = "invoices:read")]
fn responded_invoices(token: &Request, payload: User) -> Text {
    Response::from_string(format!("invoices of {}", payload.user_id))
}

#[protected(scope = "invoices:read")]
fn invoices_or_response(token: &Request, payload: User) -> Result<Text, Text> {
    Ok(Response::from_string(format!("invoices of {}", payload.user_id)))
}

/// A trait of the application.
trait IntoResponse {
    fn into_response(self) -> Text;
}

impl IntoResponse for String {
    fn into_response(self) -> Text {
        Response::from_string(self)
    }
}

impl<T: IntoResponse> IntoResponse for DeniedOr<T> {
    fn into_response(self) -> Text {
        match self {
            Self::Denied(denial) => denial.into(),
            Self::Done(value) => value.into_response(),
        }
    }
}

#[protected(scope = "invoices:read")]
fn opaque_invoices(token: &Request, payload: User) -> impl IntoResponse {
    format!("invoices of {}", payload.user_id)
}

#[protected(optional)]
fn greeting(token: &Bearer, payload: Option<User>) -> Text {
    Response::from_string(
        payload.map_or("hello stranger".to_owned(), |user| format!("hello user {}", user.user_id)),
    )
}

fn note(request: &mut Request) -> Text {
    let mut body = Vec::new();
    let read = request.as_reader().take(1024).read_to_end(&mut body);
    match read.ok().and_then(|_| serde_json::from_slice::<Value>(&body).ok()) {
        Some(note) => Response::from_string(note.to_string()),
        None => Response::from_string("").with_status_code(400),
    }
}

#[protected]
fn noted(token: &PageToken, payload: User) -> Result<String, GuardError> {
    Ok(format!("noted by {}", payload.user_id))
}

/// Responds to a request for a page with its form.
fn page(request: &Request, visitors: &RouteGuard<User>) -> Result<String, HttpResponse> {
    let Admitted { caller, page_token, .. } = visitors.admit(&HttpRequest::from(request))?;
    let token = page_token.unwrap();
    if request.url().starts_with("/members/notes") {
        return Ok(noted(&token)?);
    }
    Ok(format!("user {} {}", caller.user_id, token.csrf_token()?.as_str()))
}

struct App {
    routes: Vec<AuthRoutes<Users>>,
    members: RouteGuard<User>,
    inside: RouteGuard<User>,
    visitors: RouteGuard<User>,
    keys: KeyExchange<Users>,
}

impl App {
    fn respond(&self, mut request: Request) -> std::io::Result<()> {
        if let Some(response) = self.routes.iter().find_map(|routes| routes.respond_to(&mut request)) {
            return request.respond(response);
        }
        if let Some(response) = resources().iter().find_map(|resource| resource.respond_to(&request)) {
            return request.respond(response);
        }
        let bearer = match self.keys.exchange(&request) {
            Ok(bearer) => bearer,
            Err(denial) => return request.respond(Text::from(denial)),
        };
        let response = match request.url() {
            "/profile" => profile(&bearer),
            "/admin" => return respond_with(request, admin),
            "/invoices" => invoices(&bearer).unwrap_or_else(Text::from),
            "/invoices/response" => responded_invoices(&request),
            "/invoices/result" => invoices_or_response(&request).unwrap_or_else(|denied| denied),
            "/invoices/trait" => opaque_invoices(&request).into_response(),
            "/greeting" => greeting(&bearer),
            "/inside/hello" => match self.inside.authorize(&bearer) {
                Ok(caller) => Response::from_string(format!("hello user {}", caller.user_id)),
                Err(denial) => self.inside.denial_response(&denial).into(),
            },
            "/notes" => return self.members.respond_behind(request, |request, _| note(request)),
            path if path.starts_with("/inside/") => {
                return self.inside.respond_behind(request, |request, _| match request.url() {
                    "/inside/notes" => note(request),
                    _ => Response::from_string("").with_status_code(404),
                });
            }
            path if path.starts_with("/members/") => match page(&request, &self.visitors) {
                Ok(page) => Response::from_string(page),
                Err(response) => response.into(),
            },
            _ => Response::from_string("").with_status_code(404),
        };
        request.respond(response)
    }
}

fn respond_with(request: Request, handler: impl FnOnce(&Request) -> ResponseBox) -> std::io::Result<()> {
    let response = handler(&request);
    request.respond(response)
}

/// Serves the site.
#[must_use]
pub fn tiny_http(site: Site) -> SocketAddr {
    let members = RouteGuard::installed().denials(site.denials());
    let app = Arc::new(App {
        routes: site.sync_routes(),
        members,
        inside: insiders().denials(site.denials()),
        visitors: page_guard(),
        keys: sync_keys(),
    });
    serve_tiny_http(move |server| {
        for request in server.incoming_requests() {
            let app = Arc::clone(&app);
            thread::spawn(move || app.respond(request).unwrap());
        }
    })
}

/// Serves with a thread that receives requests.
#[must_use]
pub fn serve_tiny_http(receive: impl FnOnce(&Server) + Send + 'static) -> SocketAddr {
    let (listener, address) = listen_blocking();
    let server = Server::from_listener(listener, None).unwrap();
    thread::spawn(move || receive(&server));
    address
}
