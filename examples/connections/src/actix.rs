//! The service with actix-web.

use std::convert::Infallible;

use actix_web::web::{Bytes, Data, Payload, Query};
use actix_web::{App as Service, HttpRequest, HttpResponse, HttpServer, get, post, rt};
use actix_ws::{CloseCode, CloseReason, Message, MessageStream, Session};
use futures_util::StreamExt as _;
use gatevault::token::Invalidation;
use gatevault::{GateVault, GuardError, Verified};

use crate::{App, TicketQuery, User, prices};

#[post("/ticket")]
async fn ticket(caller: Verified<User>, app: Data<App>) -> Result<String, GuardError> {
    app.ticket(&caller)
}

#[get("/socket")]
async fn socket(
    caller: Verified<User>,
    app: Data<App>,
    request: HttpRequest,
    body: Payload,
) -> actix_web::Result<HttpResponse> {
    let end = app.end(&caller);
    open(&request, body, end)
}

#[get("/socket/by-ticket")]
async fn socket_by_ticket(
    query: Query<TicketQuery>,
    app: Data<App>,
    request: HttpRequest,
    body: Payload,
) -> actix_web::Result<HttpResponse> {
    let end = app.redeem(&query).await?;
    open(&request, body, end)
}

#[get("/events")]
async fn events(caller: Verified<User>, app: Data<App>) -> HttpResponse {
    stream(app.end(&caller))
}

#[get("/events/by-ticket")]
async fn events_by_ticket(query: Query<TicketQuery>, app: Data<App>) -> Result<HttpResponse, GuardError> {
    Ok(stream(app.redeem(&query).await?))
}

fn stream(end: Invalidation) -> HttpResponse {
    let prices = prices::events(end)
        .map(|(name, data)| Ok::<_, Infallible>(Bytes::from(format!("event: {name}\ndata: {data}\n\n"))));
    HttpResponse::Ok().content_type("text/event-stream").streaming(prices)
}

/// Opens a socket, whose task ends when the client leaves or the session of its user ends.
fn open(request: &HttpRequest, body: Payload, end: Invalidation) -> actix_web::Result<HttpResponse> {
    let (response, session, messages) = actix_ws::handle(request, body)?;
    rt::spawn(async move {
        let mut sender = session.clone();
        // Around everything else: a client that reads nothing does not delay the end.
        let reason: Option<CloseReason> = tokio::select! {
            biased;
            reason = end => Some((CloseCode::Policy, reason.to_string()).into()),
            () = send_prices(&mut sender, messages) => None,
        };
        let _ = session.close(reason).await;
    });
    Ok(response)
}

async fn send_prices(session: &mut Session, mut messages: MessageStream) {
    let mut ticks = prices::ticks();
    let mut price = 0_u32;
    loop {
        let sent = tokio::select! {
            received = messages.next() => match received {
                Some(Ok(Message::Text(text))) => session.text(text).await,
                Some(Ok(Message::Ping(bytes))) => session.pong(&bytes).await,
                Some(Ok(Message::Close(_)) | Err(_)) | None => return,
                Some(Ok(_)) => Ok(()),
            },
            _ = ticks.tick() => session.text(format!("price {price}")).await,
        };
        if sent.is_err() {
            return;
        }
        price = price.wrapping_add(1);
    }
}

/// Serves until the process ends.
///
/// # Errors
///
/// Errors of the listener.
pub async fn serve(listener: std::net::TcpListener, app: App) -> std::io::Result<()> {
    let gate = Data::new(GateVault::new(app.tokens.clone()));
    let routes = app.routes();
    let app = Data::new(app);
    let service = move || {
        Service::new()
            .app_data(gate.clone())
            .app_data(app.clone())
            .service(ticket)
            .service(socket)
            .service(socket_by_ticket)
            .service(events)
            .service(events_by_ticket)
            .service(routes.clone())
    };
    HttpServer::new(service).workers(2).listen(listener)?.run().await
}
