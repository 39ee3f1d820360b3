//! The site without a framework and without async, as users of the feature `http` with their own server write it.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::thread;

use gatevault::guard::DeniedOr;
use gatevault::web::{Admitted, Denials, HttpRequest, HttpResponse, KeyExchange, PageToken, RouteGuard};
use gatevault::{AuthRoutes, GuardError, Verified, protected};
use serde_json::Value;

use crate::{Site, User, Users, insiders, page_guard, resources, sync_keys};

#[protected]
fn profile(payload: User) -> Result<String, GuardError> {
    Ok(format!("user {}", payload.user_id))
}

#[protected(role = "admin")]
fn admin(payload: User) -> Result<String, GuardError> {
    Ok(format!("admin {}", payload.user_id))
}

#[protected(scope = "invoices:read")]
fn invoices(payload: User) -> Result<String, GuardError> {
    Ok(format!("invoices of {}", payload.user_id))
}

#[protected(scope = "invoices:read")]
fn responded_invoices(payload: User) -> HttpResponse {
    text(format!("invoices of {}", payload.user_id))
}

#[protected(scope = "invoices:read")]
fn invoices_or_response(payload: User) -> Result<HttpResponse, HttpResponse> {
    Ok(text(format!("invoices of {}", payload.user_id)))
}

/// A trait of the application.
trait IntoResponse {
    fn into_response(self) -> HttpResponse;
}

impl IntoResponse for String {
    fn into_response(self) -> HttpResponse {
        text(self)
    }
}

impl<T: IntoResponse> IntoResponse for DeniedOr<T> {
    fn into_response(self) -> HttpResponse {
        match self {
            Self::Denied(denial) => denial.into(),
            Self::Done(value) => value.into_response(),
        }
    }
}

#[protected(scope = "invoices:read")]
fn opaque_invoices(payload: User) -> impl IntoResponse {
    format!("invoices of {}", payload.user_id)
}

#[protected(optional)]
fn greeting(payload: Option<User>) -> Result<String, GuardError> {
    Ok(payload.map_or("hello stranger".to_owned(), |user| format!("hello user {}", user.user_id)))
}

/// Serves the site with a thread for each connection.
#[must_use]
pub fn bare(site: Site) -> SocketAddr {
    let (routes, keys, denials) = (site.sync_routes(), sync_keys(), site.denials());
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let (routes, keys, denials) = (routes.clone(), keys.clone(), denials.clone());
            thread::spawn(move || serve(stream.unwrap(), &routes, &keys, &denials));
        }
    });
    address
}

/// A request whose body has not been read.
struct Received {
    head: HttpRequest,
    rest: BufReader<TcpStream>,
}

impl Received {
    fn read(stream: TcpStream) -> Self {
        let peer = stream.peer_addr().unwrap().ip();
        let mut rest = BufReader::new(stream);
        let mut line = Vec::new();
        rest.read_until(b'\n', &mut line).unwrap();
        let start = String::from_utf8(line).unwrap();
        let mut words = start.split(' ');
        let (method, target) = (words.next().unwrap(), words.next().unwrap());
        let (path, _) = target.split_once('?').unwrap_or((target, ""));
        let mut head = HttpRequest::new(method, path).with_target(target).from_address(peer);
        loop {
            let mut line = Vec::new();
            rest.read_until(b'\n', &mut line).unwrap();
            let line = line.trim_ascii();
            let Some(colon) = line.iter().position(|byte| *byte == b':') else {
                return Self { head, rest };
            };
            let (name, value) = line.split_at(colon);
            head = head.with_header(str::from_utf8(name).unwrap(), value.get(1..).unwrap().trim_ascii());
        }
    }

    /// Reads the body. Returns `None` if it exceeds the limit.
    fn body(&mut self, limit: usize) -> Option<Vec<u8>> {
        if self.head.header("transfer-encoding") == Some("chunked") {
            return self.chunks(limit);
        }
        let length = self.head.header("content-length").map_or(0, |length| length.parse().unwrap());
        let mut body = vec![0; Some(length).filter(|length| *length <= limit)?];
        self.rest.read_exact(&mut body).unwrap();
        Some(body)
    }

    fn chunks(&mut self, limit: usize) -> Option<Vec<u8>> {
        let mut body = Vec::new();
        loop {
            let mut line = String::new();
            self.rest.read_line(&mut line).unwrap();
            let length = usize::from_str_radix(line.trim_end(), 16).unwrap();
            let mut chunk = vec![0; Some(length).filter(|length| body.len() + length <= limit)?];
            self.rest.read_exact(&mut chunk).unwrap();
            self.rest.read_line(&mut line).unwrap();
            if length == 0 {
                return Some(body);
            }
            body.extend(chunk);
        }
    }
}

fn serve(stream: TcpStream, routes: &[AuthRoutes<Users>], keys: &KeyExchange<Users>, denials: &Denials) {
    let mut received = Received::read(stream);
    let response = denials.apply(respond(&mut received, routes, keys));
    let mut head = format!("HTTP/1.1 {} -\r\nContent-Length: {}\r\n", response.status, response.body.len());
    for (name, value) in &response.headers {
        head.extend([name, ": ", value, "\r\n"]);
    }
    let body = if received.head.method() == "HEAD" { "" } else { &response.body };
    // The client may have closed the connection.
    received.rest.get_mut().write_all(format!("{head}\r\n{body}").as_bytes()).ok();
    drain(received.rest.get_mut());
}

/// Waits until the client has read the response: closing a socket with unread bytes resets the connection.
fn drain(stream: &mut TcpStream) {
    stream.shutdown(std::net::Shutdown::Write).ok();
    stream.read_to_end(&mut Vec::new()).ok();
}

fn respond(received: &mut Received, routes: &[AuthRoutes<Users>], keys: &KeyExchange<Users>) -> HttpResponse {
    if let Some(routes) = routes.iter().find(|routes| routes.has(received.head.path())) {
        let body = received.body(AuthRoutes::<Users>::BODY_LIMIT);
        return routes.respond(&received.head, body.as_deref());
    }
    if let Some(response) = resources().iter().find_map(|resource| resource.respond(&received.head)) {
        return response;
    }
    if received.head.path().starts_with("/members/") {
        return page(&received.head).unwrap_or_else(|response| response);
    }
    handle(received, keys).unwrap_or_else(|response| response)
}

fn page(request: &HttpRequest) -> Result<HttpResponse, HttpResponse> {
    let Admitted { caller, page_token, .. } = page_guard().admit(request)?;
    let token = page_token.unwrap();
    if request.path() == "/members/notes" {
        return Ok(text(noted(&token)?));
    }
    Ok(text(format!("user {} {}", caller.user_id, token.csrf_token()?.as_str())))
}

#[protected]
fn noted(token: &PageToken, payload: User) -> Result<String, GuardError> {
    Ok(format!("noted by {}", payload.user_id))
}

fn handle(received: &mut Received, keys: &KeyExchange<Users>) -> Result<HttpResponse, HttpResponse> {
    let bearer = keys.exchange(&received.head.bearer())?;
    let inside = insiders();
    let refused = |denial| inside.denial_response(&denial);
    Ok(match received.head.path() {
        "/profile" => text(profile(&bearer)?),
        "/admin" => text(admin(&bearer)?),
        "/invoices" => text(invoices(&bearer)?),
        "/invoices/response" => responded_invoices(&bearer),
        "/invoices/result" => invoices_or_response(&bearer)?,
        "/invoices/trait" => opaque_invoices(&bearer).into_response(),
        "/greeting" => text(greeting(&bearer)?),
        "/notes" => {
            RouteGuard::<User>::installed().authorize(&bearer)?;
            note(received)
        }
        "/inside/hello" => {
            let caller: Verified<User> = inside.authorize(&bearer).map_err(refused)?;
            text(format!("hello user {}", caller.user_id))
        }
        "/inside/notes" => {
            inside.authorize(&bearer).map_err(refused)?;
            note(received)
        }
        _ => HttpResponse::new(404),
    })
}

fn text(body: String) -> HttpResponse {
    HttpResponse::new(200).with_header("content-type", "text/plain").with_body(body)
}

fn note(received: &mut Received) -> HttpResponse {
    let body = received.body(1024).and_then(|body| serde_json::from_slice::<Value>(&body).ok());
    body.map_or_else(|| HttpResponse::new(400), |note| text(note.to_string()))
}
