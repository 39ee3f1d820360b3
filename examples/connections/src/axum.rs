//! The service with axum.

use std::convert::Infallible;
use std::time::Duration;

use axum::Router;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade, close_code};
use axum::extract::{Query, State};
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use futures_util::{Stream, StreamExt as _};
use gatevault::token::Invalidation;
use gatevault::web::RouteGuard;
use gatevault::{GuardError, Verified};
use tokio::net::TcpListener;
use tokio::time::timeout;

use crate::{App, TicketQuery, User, prices};

async fn ticket(State(app): State<App>, caller: Verified<User>) -> Result<String, GuardError> {
    app.ticket(&caller)
}

async fn socket(State(app): State<App>, caller: Verified<User>, upgrade: WebSocketUpgrade) -> Response {
    let end = app.end(&caller);
    upgrade.on_upgrade(|socket| serve_socket(socket, end))
}

async fn socket_by_ticket(
    State(app): State<App>,
    Query(query): Query<TicketQuery>,
    upgrade: WebSocketUpgrade,
) -> Result<Response, GuardError> {
    let end = app.redeem(&query).await?;
    Ok(upgrade.on_upgrade(|socket| serve_socket(socket, end)))
}

async fn events(State(app): State<App>, caller: Verified<User>) -> impl IntoResponse {
    stream(app.end(&caller))
}

async fn events_by_ticket(
    State(app): State<App>,
    Query(query): Query<TicketQuery>,
) -> Result<impl IntoResponse, GuardError> {
    Ok(stream(app.redeem(&query).await?))
}

fn stream(end: Invalidation) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    Sse::new(prices::events(end).map(|(name, data)| Ok(Event::default().event(name).data(data))))
}

/// Serves a connection until the client leaves or its session ends.
async fn serve_socket(mut socket: WebSocket, end: Invalidation) {
    // Around everything else: a client that reads nothing, and so blocks `send`, does not delay the end.
    let reason = tokio::select! {
        biased;
        reason = end => reason.to_string(),
        () = send_prices(&mut socket) => return,
    };
    let close = Message::Close(Some(CloseFrame { code: close_code::POLICY, reason: reason.into() }));
    let _ = timeout(Duration::from_secs(1), socket.send(close)).await;
}

async fn send_prices(socket: &mut WebSocket) {
    let mut ticks = prices::ticks();
    let mut price = 0_u32;
    loop {
        let sent = tokio::select! {
            received = socket.recv() => match received {
                Some(Ok(Message::Text(text))) => socket.send(Message::Text(text)).await,
                Some(Ok(_)) => Ok(()),
                None | Some(Err(_)) => return,
            },
            _ = ticks.tick() => socket.send(Message::Text(format!("price {price}").into())).await,
        };
        if sent.is_err() {
            return;
        }
        price = price.wrapping_add(1);
    }
}

fn router(app: App) -> Router {
    let guarded = Router::new()
        .route("/ticket", post(ticket))
        .route("/socket", get(socket))
        .route("/events", get(events))
        .layer(RouteGuard::<User>::with(app.tokens.clone()));
    Router::new()
        .route("/socket/by-ticket", get(socket_by_ticket))
        .route("/events/by-ticket", get(events_by_ticket))
        .merge(guarded)
        .merge(app.routes().into_router())
        .with_state(app)
}

/// Serves until the process ends.
///
/// # Errors
///
/// Errors of the listener.
pub async fn serve(listener: std::net::TcpListener, app: App) -> std::io::Result<()> {
    listener.set_nonblocking(true)?;
    axum::serve(TcpListener::from_std(listener)?, router(app)).await
}
