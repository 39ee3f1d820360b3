//! The server with the pages, and other sites with links and forms for it.
#![expect(clippy::unwrap_used, reason = "a test's support that panics is a test that fails")]

use std::net::{Ipv4Addr, TcpListener};
use std::thread;
use std::time::Duration;

use axum::Router;
use axum::extract::RawQuery;
use axum::response::Html;
use pages_example::{Settings, serve};

/// The lifetime of an access token. No test needs it for longer between two visits.
pub(crate) const EXPIRY: Duration = Duration::from_secs(10);

pub(crate) struct Servers {
    app: u16,
    other: u16,
}

impl Servers {
    pub(crate) fn start() -> Self {
        let app = run(|listener| async {
            let secret = gatevault::generate_secret().unwrap();
            serve(listener, Settings { secret, access_expiry: EXPIRY }).await.unwrap();
        });
        let other = run(|listener| async {
            axum::serve(listener, Router::new().fallback(other_site)).await.unwrap();
        });
        Self { app, other }
    }

    /// Returns the address of a page.
    pub(crate) fn app(&self, path: &str) -> String {
        format!("http://pages.localhost:{}{path}", self.app)
    }

    /// Returns the address of the server over plain http, where browsers drop `Secure` cookies.
    pub(crate) fn plain(&self) -> String {
        format!("http://pages.test:{}", self.app)
    }

    /// Returns the address of a page of another site, with a link and forms for an application.
    pub(crate) fn mail(&self, app: &str) -> String {
        format!("http://mail.localhost:{}/?{app}", self.other)
    }

    /// Returns the address of a page of another host of the same site.
    pub(crate) fn sibling(&self, app: &str) -> String {
        format!("http://sub.pages.localhost:{}/?{app}", self.other)
    }
}

async fn other_site(RawQuery(app): RawQuery) -> Html<String> {
    let app = app.unwrap_or_default();
    let form = |id: &str, path: &str, fields: &[&str]| {
        let fields = fields
            .iter()
            .fold(String::new(), |html, name| html + format!("<input name={name} value=x>").as_str());
        format!("<form method=post action={app}{path}>{fields}<button id={id}>x</button></form>")
    };
    let forms = [
        form("add", "/notes", &["note", "csrf_token"]),
        form("log-out", "/auth/logout", &["csrf_token"]),
        form("log-in", "/auth/login", &["username", "password"]),
    ]
    .concat();
    Html(format!("<!doctype html><title>mail</title><a id=notes href={app}/notes?from=mail>x</a>{forms}"))
}

/// Serves on a free port until the process ends, and returns the port.
pub(crate) fn run<F: Future>(serve: impl FnOnce(tokio::net::TcpListener) -> F + Send + 'static) -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    listener.set_nonblocking(true).unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(|| {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async { serve(tokio::net::TcpListener::from_std(listener).unwrap()).await });
    });
    port
}
