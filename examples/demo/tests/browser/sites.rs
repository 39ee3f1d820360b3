//! The login routes in Chromium: pages of the same host, of another host of the site, and of another site.
#![expect(clippy::unwrap_used, reason = "a test's support that panics is a test that fails")]

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread;

use axum::Router;
use axum::response::Html;
use gatevault::error::BoxError;
use gatevault::{AuthRoutes, Claims, OAuthHandler, RefreshCookie, TokenManager, UserId, UserStore};
use gatevault_tests::{Account, Recorder, SECRET, quick_hasher};
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderName, HeaderValue, Method};
use tower_http::cors::{AllowOrigin, CorsLayer};
use tracing::Level;

use crate::person::PASSWORD;
use crate::visitor::{Page, Visitor};

/// A server with pages on one port and the login routes on another, for every host.
struct Sites {
    pages: u16,
    routes: u16,
    events: Recorder,
}

impl Sites {
    fn serve() -> Self {
        let [pages, routes] = [(); 2].map(|()| {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
            listener.set_nonblocking(true).unwrap();
            listener
        });
        let ports = [&pages, &routes].map(|listener| listener.local_addr().unwrap().port());
        let sites = Self { pages: ports[0], routes: ports[1], events: Recorder::default() };
        let (app, events) = (sites.app(), sites.events.clone());
        thread::spawn(move || {
            // One thread has all events.
            let _events = tracing::subscriber::set_default(events);
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let [pages, routes] =
                    [pages, routes].map(|listener| tokio::net::TcpListener::from_std(listener).unwrap());
                let page = Router::new().fallback(page).into_make_service();
                let app = app.into_make_service_with_connect_info::<SocketAddr>();
                let (pages, routes) = tokio::join!(axum::serve(pages, page), axum::serve(routes, app));
                pages.and(routes).unwrap();
            });
        });
        sites
    }

    /// Every page may call it with cookies as far as CORS is concerned.
    fn app(&self) -> Router {
        let tokens = TokenManager::new(SECRET).unwrap();
        let pool = |name, id| {
            let users = Users(Account::new(id, PASSWORD));
            let handler = OAuthHandler::with_users(tokens.clone(), users).hasher(quick_hasher());
            Arc::new(handler.user_pool(name))
        };
        let (customers, admins) = (pool("customers", 1), pool("admins", 2));
        let at =
            |prefix: &str, users: &Arc<_>| AuthRoutes::new(Arc::clone(users)).mounted_at(prefix).unwrap();
        let intranet = RefreshCookie::new("refresh_token", "/intranet").unwrap().insecure_over_http();
        let cors = CorsLayer::new()
            .allow_origin(AllowOrigin::mirror_request())
            .allow_credentials(true)
            .allow_methods([Method::GET, Method::POST, Method::DELETE])
            .allow_headers([AUTHORIZATION, CONTENT_TYPE, HeaderName::from_static("x-csrf-token")]);
        let routes = [
            at("", &customers),
            at("/partner", &customers).allowed_origins([self.page("partner.localhost")]).unwrap(),
            at("/intranet", &customers).cookie(intranet),
            at("/a", &customers),
            at("/b", &admins),
            at("/auth", &customers),
            at("/auth/admin", &admins),
        ];
        let app = routes.into_iter().fold(Router::new(), |app, routes| app.merge(routes.into_router()));
        app.fallback(page).layer(cors)
    }

    /// Returns the origin of a host's pages.
    fn page(&self, host: &str) -> String {
        format!("http://{host}:{}", self.pages)
    }

    /// Returns the address of the login routes of a host.
    fn routes(&self, host: &str) -> String {
        format!("http://{host}:{}", self.routes)
    }

    fn warnings_of_dropped_cookies(&self) -> usize {
        let is_warning =
            |(level, line): &&(Level, String)| *level == Level::WARN && line.contains("insecure_over_http");
        self.events.lines().iter().filter(is_warning).count()
    }
}

async fn page() -> ([(HeaderName, HeaderValue); 1], Html<&'static str>) {
    let policy = HeaderValue::from_static("no-store");
    (
        [(http::header::CACHE_CONTROL, policy)],
        Html("<!doctype html><title>page</title><link rel=icon href=data:,>"),
    )
}

#[derive(Claims)]
struct User {
    user_id: u64,
}

impl From<&Account> for User {
    fn from(account: &Account) -> Self {
        Self { user_id: account.id.as_u64().unwrap() }
    }
}

/// One user, `ada`.
struct Users(Account);

impl UserStore for Users {
    type User = Account;
    type Claims = User;

    async fn find_by_name(&self, name: &str) -> Result<Option<Account>, BoxError> {
        Ok((name == "ada").then(|| self.0.clone()))
    }

    async fn find_by_id(&self, id: &UserId) -> Result<Option<Account>, BoxError> {
        Ok((self.0.id == *id).then(|| self.0.clone()))
    }
}

/// One browser visits all of them: each has hosts, and so cookies, of its own.
#[tokio::test]
async fn pages_of_a_host_of_its_site_and_of_another_site_have_the_sessions_that_they_may() {
    let sites = Sites::serve();
    let visitor = Visitor::new().await;

    another_host_of_the_site_logs_in_refreshes_and_logs_out(&visitor, &sites).await;
    a_form_of_another_host_logs_no_user_in(&visitor, &sites).await;
    another_site_has_sessions_only_if_its_origin_is_allowed(&visitor, &sites).await;
    a_logout_without_the_cookies_of_the_browser_is_no_success(&visitor, &sites).await;
    two_mounts_have_two_users_in_one_browser(&visitor, &sites, ["/a", "/b"]).await;
    two_mounts_have_two_users_in_one_browser(&visitor, &sites, ["/auth", "/auth/admin"]).await;
    plain_http_needs_the_insecure_cookie(&visitor, &sites).await;
    visitor.leaves().await;
}

/// Logs in, refreshes and logs out.
async fn has_a_session(page: &mut Page<'_>) {
    assert_eq!(page.log_in().await, 200);
    assert_eq!(page.cookies().await.len(), 2);
    assert_eq!(page.refresh().await, 200);
    assert_eq!(page.sessions().await, 200);
    assert_eq!(
        (page.refresh_without_csrf_token().await, page.log_out_without_csrf_token().await),
        (403, 403)
    );
    assert_eq!((page.refresh().await, page.sessions().await), (200, 200));
    assert_eq!(page.log_out().await, 204);
    assert_eq!(page.cookies().await, Vec::<String>::new());
    assert_eq!((page.sessions().await, page.refresh().await), (401, 401));
}

async fn another_host_of_the_site_logs_in_refreshes_and_logs_out(visitor: &Visitor, sites: &Sites) {
    for (page, routes) in [
        (sites.page("app.x.localhost"), "api.x.localhost"),
        // Another port of the host, and its own pages.
        (sites.page("api.x.localhost"), "api.x.localhost"),
        (sites.routes("api.x.localhost"), "api.x.localhost"),
    ] {
        has_a_session(&mut visitor.opens(&page, &sites.routes(routes)).await).await;
    }
}

async fn a_form_of_another_host_logs_no_user_in(visitor: &Visitor, sites: &Sites) {
    let (host, form) = ("form.x.localhost", ["app.x.localhost", "form.x.localhost", "partner.localhost"]);
    for page in form.map(|host| sites.page(host)) {
        let page = visitor.opens(&page, &sites.routes(host)).await;
        assert_eq!(page.submits_a_form_to("/login").await, 403);
        assert_eq!(page.cookies().await, Vec::<String>::new());
    }
    let page = visitor.opens(&sites.routes(host), &sites.routes(host)).await;
    assert_eq!(page.submits_a_form_to("/login").await, 200);
    assert_eq!(page.cookies().await.len(), 2);
}

async fn another_site_has_sessions_only_if_its_origin_is_allowed(visitor: &Visitor, sites: &Sites) {
    let allowed = format!("{}/partner", sites.routes("routes.localhost"));
    for (page, routes) in [
        ("partner.localhost", &sites.routes("routes.localhost")),
        ("other.localhost", &allowed),
        ("sub.partner.localhost", &allowed),
    ] {
        let mut page = visitor.opens(&sites.page(page), routes).await;
        assert_eq!(page.log_in().await, 403);
        assert_eq!(page.cookies().await, Vec::<String>::new());
    }
    let mut page = visitor.opens(&sites.page("partner.localhost"), &allowed).await;
    has_a_session(&mut page).await;
    // A page that is not allowed cannot use the cookies of one that is.
    assert_eq!(page.log_in().await, 200);
    let stolen = page.csrf.clone();
    let mut other = visitor.opens(&sites.page("other.localhost"), &allowed).await;
    other.csrf = stolen;
    assert_eq!((other.refresh().await, other.log_out().await), (403, 403));
    assert_eq!(other.cookies().await.len(), 2);
}

/// The browser keeps cookies from pages of other sites, or the page has not asked for them.
async fn a_logout_without_the_cookies_of_the_browser_is_no_success(visitor: &Visitor, sites: &Sites) {
    for (page, routes) in [
        ("app.y.localhost", sites.routes("api.y.localhost")),
        ("partner.localhost", format!("{}/partner", sites.routes("blocked.localhost"))),
    ] {
        let mut page = visitor.opens(&sites.page(page), &routes).await;
        page.credentials = "omit";
        assert_eq!((page.log_in().await, page.cookies().await.len()), (200, 0));
        assert_eq!((page.refresh().await, page.log_out().await), (401, 401));
        assert_eq!(page.sessions().await, 200);
        assert_eq!((page.log_out_with_the_access_token().await, page.sessions().await), (204, 401));
    }
}

async fn two_mounts_have_two_users_in_one_browser(visitor: &Visitor, sites: &Sites, mounts: [&str; 2]) {
    let origin = sites.routes("mounts.localhost");
    visitor.goes_to(&origin).await;
    let [mut customers, mut admins] = mounts.map(|mount| visitor.page_for(&format!("{origin}{mount}")));
    for _ in 0..2 {
        assert_eq!((customers.log_in().await, admins.log_in().await), (200, 200));
        assert_eq!(customers.cookies().await.len(), 4);
        for _ in 0..2 {
            assert_eq!((customers.refresh().await, admins.refresh().await), (200, 200));
        }
        assert_eq!((customers.user(), admins.user()), ("1".to_owned(), "2".to_owned()));
        assert_eq!(admins.log_out().await, 204);
        assert_eq!((admins.refresh().await, admins.sessions().await), (401, 401));
        assert_eq!((customers.refresh().await, customers.sessions().await), (200, 200));
        assert_eq!(admins.log_in().await, 200);
        assert_eq!(customers.log_out().await, 204);
        assert_eq!((customers.refresh().await, customers.sessions().await), (401, 401));
        assert_eq!((admins.refresh().await, admins.sessions().await), (200, 200));
        assert_eq!((admins.log_out().await, customers.cookies().await), (204, Vec::new()));
    }
}

async fn plain_http_needs_the_insecure_cookie(visitor: &Visitor, sites: &Sites) {
    let origin = sites.routes("intranet.test");
    has_a_session(&mut visitor.opens(&origin, &format!("{origin}/intranet")).await).await;
    assert_eq!(sites.warnings_of_dropped_cookies(), 0);
    let mut page = visitor.opens(&origin, &origin).await;
    for _ in 0..2 {
        assert_eq!((page.log_in().await, page.cookies().await.len()), (200, 0));
        assert_eq!((page.refresh().await, page.log_out().await), (401, 401));
        assert_eq!(page.sessions().await, 200);
    }
    assert_eq!(sites.warnings_of_dropped_cookies(), 1);
}
