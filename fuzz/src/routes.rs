//! Requests to the routes: forms, JSON, cookies, any header. Without its tokens, no request ends or continues a session.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use gatevault::login::SessionRequest;
use gatevault::session::{FindSession, RemoveExpired};
use gatevault::testing::{self, TestUser, Users};
use gatevault::web::{CsrfToken, HttpRequest, HttpResponse, TokenEndpoint};
use gatevault::{
    AuthRoutes, MemorySessions, OAuthHandler, Payload, SessionStore as _, Timestamp, TokenManager,
};

use crate::forge::{SECRET, START, builder};
use crate::ready::ready;
use crate::strict;

/// Takes a request: a line with the method and the target, a line for each header, an empty line and the body. `{refresh}`,
/// `{access}` and `{csrf}` are replaced by the tokens of a live session.
///
/// Routes for browsers answer it, or, if the first byte is `!`, those of clients without cookies.
pub fn run(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let (fixture, text) = match text.strip_prefix('!') {
        Some(rest) => (Fixture::of_clients(), rest),
        None => (Fixture::of_browsers(), &*text),
    };
    let live = fixture.begin();
    // A browser sends the refresh token by itself, so it acts only together with the CSRF token.
    let has_refresh = text.contains("{refresh}") && (fixture.is_of_clients || text.contains("{csrf}"));
    let may_act = has_refresh || text.contains("{access}");
    let filled = text
        .replace("{refresh}", &live.refresh)
        .replace("{access}", &live.access)
        .replace("{csrf}", &live.csrf);
    let (request, body) = parsed(&filled);
    let response = fixture.routes.respond(&request, Some(body.as_bytes()));
    is_well_formed(&response);
    let shown = |token: &str| {
        response.body.contains(token) || response.headers.iter().any(|(_, value)| value.contains(token))
    };
    let is_shown = shown(&live.refresh) || shown(&live.access);
    assert!(may_act || !is_shown || text.contains("{refresh}"), "a token of another session is shown");
    assert!(may_act || fixture.is_unchanged(&live), "a request without its tokens changed a session");
    let has_issued = response.body.contains("access_token") && (200..300).contains(&response.status);
    assert!(!has_issued || may_act || has_credentials(&body), "tokens for a request without credentials");
    fixture.end();
}

/// A response is one that every framework can send, and its status is one that the guide lists.
fn is_well_formed(response: &HttpResponse) {
    assert!(STATUSES.contains(&response.status), "status {}", response.status);
    for (name, value) in &response.headers {
        assert!(value.bytes().all(|byte| (b' '..=b'~').contains(&byte)), "the header {name}: {value:?}");
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

/// Routes with their handler and its store.
struct Fixture {
    handler: Arc<OAuthHandler<Users>>,
    routes: AuthRoutes<Users>,
    store: MemorySessions,
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
    fn of_browsers() -> &'static Self {
        static FIXTURE: OnceLock<Fixture> = OnceLock::new();
        FIXTURE.get_or_init(|| Self::new(false, |routes| routes))
    }

    fn of_clients() -> &'static Self {
        static FIXTURE: OnceLock<Fixture> = OnceLock::new();
        FIXTURE.get_or_init(|| {
            let endpoint = TokenEndpoint::new("https://id.example").expect("a URL");
            Self::new(true, |routes| {
                routes.without_cookies().with_token_endpoint(endpoint).expect("the issuer of the tokens")
            })
        })
    }

    fn new(is_of_clients: bool, settings: impl FnOnce(AuthRoutes<Users>) -> AuthRoutes<Users>) -> Self {
        let tokens: TokenManager = builder().secret(SECRET).build().expect("valid settings");
        let store = MemorySessions::new();
        let handler = OAuthHandler::with_sync_users(tokens, Users::new([TestUser::new(1, "ada")]));
        let handler = handler.hasher(testing::hasher()).session_store(store.clone());
        let handler = Arc::new(handler);
        Self { routes: settings(AuthRoutes::new(handler.clone())), handler, store, is_of_clients }
    }

    fn begin(&self) -> Live {
        let pair =
            self.handler.begin_session(&TestUser::new(1, "ada"), SessionRequest::new()).expect("a session");
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

    /// Ends every session, so that the next execution meets the same state.
    fn end(&self) {
        let now = Timestamp::from_seconds(START + 30 * 24 * 60 * 60).expect("before the year 10000");
        let request = RemoveExpired::new(now, Duration::ZERO);
        ready(self.store.remove_expired(request));
    }
}

const STATUSES: [u16; 13] = [200, 201, 204, 303, 400, 401, 403, 404, 405, 413, 415, 422, 429];
