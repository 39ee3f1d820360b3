//! Pages of a server, whose visitors are logged in by cookies.

use axum::Router;
use axum::routing::get;
use gatevault::testing::{self, Browser};
use gatevault::web::{PageToken, Pages, RouteGuard};
use gatevault::{Auth, Payload, Verified};

use super::{ACCESS, Users, ada, auth};

fn app(auth: &Auth<Users>, pages: &Pages) -> Browser<Router> {
    let members = RouteGuard::<Payload>::with(auth.gate().clone()).for_pages(pages);
    let page = get(|caller: Verified<Payload>| async move { format!("user {}", caller.user_id()) });
    let page = page.post(|token: PageToken, form: String| async move {
        let token_of = |field: &str| Some(field.strip_prefix("csrf_token=")?.to_owned());
        let echoed = form.split('&').find_map(token_of).unwrap_or_default();
        token.check_csrf_token(&echoed).map(|()| "written")
    });
    let app = Router::new().route("/notes", page).layer(members);
    let app = app.route("/login", get(|| async { "the login page" }));
    let routes = auth.routes().for_pages(pages).unwrap();
    testing::browser(app.merge(routes.into_router())).mounted_at("/auth")
}

#[tokio::test]
async fn a_visitor_logs_in_with_a_form_and_returns_to_the_page() {
    let (auth, clock) = auth();
    let visitor = app(&auth, &Pages::new("shop").unwrap()).clock(clock.clone()).following_redirects();
    assert_eq!(visitor.visit("/notes").await.text(), "the login page");
    let fields = [("username", "ada"), ("password", testing::PASSWORD), ("next", "/notes")];
    assert_eq!(visitor.submit("/auth/login", fields).await.text(), "user 1");
    assert_eq!(visitor.access_token(), None, "pages keep no token for scripts");

    // The guard leads the visitor to `/auth/continue`, which refreshes the session, and back.
    for _ in 0..3 {
        clock.advance(ACCESS);
        assert_eq!(visitor.visit("/notes").await.text(), "user 1");
    }
    assert_eq!(visitor.submit("/notes", [("text", "a note")]).await.text(), "written");
    assert_eq!(visitor.submit("/notes", [("csrf_token", "forged")]).await.status(), 403);

    assert_eq!(visitor.submit("/auth/logout", [("next", "/login")]).await.text(), "the login page");
    assert_eq!(visitor.visit("/notes").await.text(), "the login page");
}

#[tokio::test]
async fn a_redirect_of_a_guard_can_be_asserted() {
    let (auth, clock) = auth();
    let pages = Pages::new("shop").unwrap();
    let routes = auth.routes().for_pages(&pages).unwrap();
    let ada = app(&auth, &pages).clock(clock.clone()).acting_as(&routes, &ada()).await;
    assert_eq!(ada.visit("/notes").await.text(), "user 1");
    assert_eq!(ada.access_token(), None, "pages keep no token for scripts");
    clock.advance(ACCESS);
    let response = ada.visit("/notes").await;
    assert_eq!((response.status(), response.location()), (303, Some("/auth/continue?next=/notes")));
    assert_eq!(ada.get("/notes").await.status(), 401, "a script is not led to a page");
}
