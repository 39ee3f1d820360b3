//! Requests to the routes: forms, JSON, cookies, any header. Without its tokens, no request ends or continues a session, or changes a
//! password.

use std::sync::Arc;

use gatevault::login::SessionRequest;
use gatevault::session::FindSession;
use gatevault::testing::{self, TestUser, Users};
use gatevault::web::{CsrfToken, HttpRequest, HttpResponse, Pages, TokenEndpoint};
use gatevault::{
    AuthRoutes, AuthUser as _, MemorySessions, OAuthHandler, Payload, SessionStore as _, SyncUserStore as _,
    Timestamp, TokenManager, UserId,
};

use crate::forge::{SECRET, START, builder};
use crate::ready::ready;
use crate::strict;

/// Takes a request: a line with the method and the target, a line for each header, an empty line and the body. `{refresh}`,
/// `{access}` and `{csrf}` are replaced by the tokens of a live session.
///
/// Routes for browsers answer it; if the first byte is `!`, those of clients without cookies, and if it is `?`, those of pages, below
/// `/auth`. All of them register users and change passwords.
pub fn run(input: &[u8]) {
    let (fixture, live, sent, response) = answer(input);
    let Sent { text, request, body } = sent;
    is_well_formed(&response);
    // A browser sends the refresh token by itself, so it acts only together with the CSRF token.
    let has_refresh = text.contains("{refresh}") && (fixture.is_of_clients || text.contains("{csrf}"));
    let may_act = has_refresh || text.contains("{access}");
    let shown = |token: &str| {
        response.body.contains(token) || response.headers.iter().any(|(_, value)| value.contains(token))
    };
    let is_shown = shown(&live.refresh) || shown(&live.access);
    assert!(may_act || !is_shown || text.contains("{refresh}"), "a token of another session is shown");
    assert!(may_act || fixture.is_unchanged(&live), "a request without its tokens changed a session");
    match fixture.issued_to(&response) {
        Some(user) if user == UserId::from(ADA) => {
            assert!(may_act || has_credentials(&body), "tokens for a request without credentials");
        }
        Some(user) => {
            assert!(request.path().ends_with("/register"), "tokens of the user {user}, who does not exist");
            assert!(fixture.has_user(&user), "tokens of the user {user}, who was not added");
        }
        None => {
            let has_succeeded = (200..300).contains(&response.status);
            assert!(
                !has_succeeded || !response.body.contains("access_token"),
                "a token that cannot be verified"
            );
        }
    }
    let is_changed = !fixture.has_first_password();
    assert!(!is_changed || text.contains("{access}"), "a password was changed without an access token");
}

/// A request, and the input before its tokens were filled in.
struct Sent {
    text: String,
    request: HttpRequest,
    body: String,
}

/// Sends the request of an input to its routes, beside a live session.
fn answer(input: &[u8]) -> (Fixture, Live, Sent, HttpResponse) {
    let text = String::from_utf8_lossy(input);
    let (fixture, text) = match (text.strip_prefix('!'), text.strip_prefix('?')) {
        (Some(rest), _) => (Fixture::of_clients(), rest),
        (_, Some(rest)) => (Fixture::of_pages(), rest),
        _ => (Fixture::of_browsers(), &*text),
    };
    let live = fixture.begin();
    let filled = text
        .replace("{refresh}", &live.refresh)
        .replace("{access}", &live.access)
        .replace("{csrf}", &live.csrf);
    let (request, body) = parsed(&filled);
    let response = fixture.routes.respond(&request, Some(body.as_bytes()));
    (fixture, live, Sent { text: text.to_owned(), request, body }, response)
}

/// A response is one that every framework can send, and its status is one that the guide lists.
fn is_well_formed(response: &HttpResponse) {
    assert!(STATUSES.contains(&response.status), "status {}", response.status);
    for (name, value) in &response.headers {
        assert!(value.bytes().all(|byte| (b' '..=b'~').contains(&byte)), "the header {name}: {value:?}");
    }
    for name in ["location", "hx-redirect"] {
        let page = response.header(name).unwrap_or("/");
        assert!(page.starts_with('/') && !page.starts_with("//"), "{name} leads to another host: {page}");
        assert!(!page.contains('\\'), "{name} has a backslash, which browsers take for a slash: {page}");
    }
    if response.header("content-type").is_some_and(|media_type| media_type.contains("json")) {
        assert!(strict::object(response.body.as_bytes()).is_some(), "the body is JSON: {}", response.body);
    }
}

/// Returns whether a body has the name and the password of the user, as JSON or as a form.
fn has_credentials(body: &str) -> bool {
    let expected = ["ada", testing::PASSWORD];
    let json = strict::object(body.as_bytes());
    let in_json = |name: &str| json.as_ref().and_then(|json| json.get(name)?.as_str());
    let form: Vec<_> = form_urlencoded::parse(body.as_bytes()).collect();
    let in_form = |name: &str| {
        let mut values = form.iter().filter(|(other, _)| other == name).map(|(_, value)| &**value);
        values.next().filter(|_| values.next().is_none())
    };
    let has = |read: &dyn Fn(&str) -> Option<String>| {
        ["username", "password"].map(read) == expected.map(|value| Some(value.to_owned()))
    };
    has(&|name| in_json(name).map(str::to_owned)) || has(&|name| in_form(name).map(str::to_owned))
}

fn parsed(text: &str) -> (HttpRequest, String) {
    let (head, body) = text.split_once("\n\n").unwrap_or((text, ""));
    let (line, headers) = head.split_once('\n').unwrap_or((head, ""));
    let (method, target) = line.split_once(' ').unwrap_or((line, "/"));
    let path = target.split_once('?').map_or(target, |(path, _)| path);
    let request = HttpRequest::new(method, path).with_target(target);
    let headers = headers.lines().filter_map(|header| header.split_once(':'));
    let request =
        headers.fold(request, |request, (name, value)| request.with_header(name, value.trim().as_bytes()));
    (request, body.to_owned())
}

/// Routes with their handler, its store and its user. Each execution has its own: it may add users and change passwords.
struct Fixture {
    handler: Arc<OAuthHandler<Users>>,
    routes: AuthRoutes<Users>,
    store: MemorySessions,
    users: Users,
    /// Set if the refresh token is in bodies and not in a cookie.
    is_of_clients: bool,
}

/// The tokens of a session.
struct Live {
    session: String,
    access: String,
    refresh: String,
    /// The `jti` of the refresh token.
    refresh_id: String,
    csrf: String,
}

impl Fixture {
    fn of_browsers() -> Self {
        Self::new(false, |routes| routes)
    }

    fn of_clients() -> Self {
        let endpoint = TokenEndpoint::new("https://id.example").expect("a URL");
        Self::new(true, |routes| {
            routes.without_cookies().with_token_endpoint(endpoint).expect("the issuer of the tokens")
        })
    }

    fn of_pages() -> Self {
        let pages = Pages::new("app").expect("a name for cookies");
        Self::new(false, |routes| routes.for_pages(&pages).expect("no page is a route"))
    }

    fn new(is_of_clients: bool, settings: impl FnOnce(AuthRoutes<Users>) -> AuthRoutes<Users>) -> Self {
        let tokens: TokenManager = builder().secret(SECRET).build().expect("valid settings");
        let (store, users) = (MemorySessions::new(), Users::new([ada()]));
        let handler = OAuthHandler::with_sync_users(tokens, users.clone());
        let handler = handler.hasher(testing::hasher()).session_store(store.clone());
        let handler = Arc::new(handler);
        let routes = AuthRoutes::new(handler.clone()).with_register().with_password_change();
        Self { routes: settings(routes), handler, store, users, is_of_clients }
    }

    fn begin(&self) -> Live {
        let pair = self.handler.begin_session(&ada(), SessionRequest::new()).expect("a session");
        let tokens = self.handler.tokens();
        let verified = tokens.decode_refresh_token::<Payload>(&pair.refresh_token).expect("a new token");
        let session = verified.session_id().expect("a session").to_owned();
        let csrf = CsrfToken::of_session(&session, tokens).expect("a key").as_str().to_owned();
        let refresh_id = verified.token_id().expect("every token has one").to_owned();
        Live { session, refresh_id, access: pair.access_token, refresh: pair.refresh_token, csrf }
    }

    /// Returns whether the session is active and has the refresh token that it began with.
    fn is_unchanged(&self, live: &Live) -> bool {
        let now = Timestamp::from_seconds(START).expect("before the year 10000");
        let found = ready(self.store.find(FindSession::new(live.session.clone(), now)));
        found.is_some_and(|found| found.ticket.id == live.refresh_id)
    }

    /// Returns the user of the access token in a response, in the body or in a cookie.
    fn issued_to(&self, response: &HttpResponse) -> Option<UserId> {
        let body = strict::object(response.body.as_bytes());
        let in_body = body.as_ref().and_then(|body| body.get("access_token")?.as_str());
        let cookies = response.headers.iter().filter(|(name, _)| *name == "set-cookie");
        let in_cookies = cookies.filter_map(|(_, cookie)| cookie.split_once('=')?.1.split(';').next());
        in_body.into_iter().chain(in_cookies).find_map(|token| {
            let verified = self.handler.tokens().decode_token::<Payload>(token).ok()?;
            Some(verified.user_id().clone())
        })
    }

    fn has_user(&self, id: &UserId) -> bool {
        self.users.find_by_id(id).expect("users in memory").is_some()
    }

    fn has_first_password(&self) -> bool {
        self.users.named("ada").hashed_password() == ada().hashed_password()
    }
}

/// The user whose session is live.
fn ada() -> TestUser {
    TestUser::new(ADA, "ada")
}

const ADA: u64 = 1;

const STATUSES: [u16; 14] = [200, 201, 204, 303, 400, 401, 403, 404, 405, 409, 413, 415, 422, 429];

#[cfg(test)]
mod tests {
    use super::answer;
    use crate::corpus::of;

    /// Mutations of requests that fail would seldom reach what a route does.
    #[test]
    fn the_corpus_has_requests_that_succeed_at_each_route() {
        let corpus = of("routes");
        let answered = |name: &str| {
            let (_, input) = corpus.iter().find(|(file, _)| file == name).expect("a file of the corpus");
            let (.., response) = answer(input);
            (response.status, response.header("location").unwrap_or_default().to_owned())
        };
        for (name, status, page) in [
            ("login_json", 200, ""),
            ("register", 201, ""),
            ("register_taken", 409, ""),
            ("password", 204, ""),
            ("page_login", 303, "/notes?page=2"),
            ("page_register", 303, "/"),
            ("page_logout", 303, "/bye"),
            ("page_refresh", 303, "/notes"),
            ("page_continue", 303, "/notes?page=2"),
            // A cookie is not enough.
            ("page_password", 401, ""),
        ] {
            assert_eq!(answered(name), (status, page.to_owned()), "{name}");
        }
    }
}
