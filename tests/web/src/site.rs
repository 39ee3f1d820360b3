//! The site that every edge serves: users, their tokens, and the login routes.
//!
//! Besides the routes of [`Site`], each edge serves these with its own framework:
//!
//! | route | is |
//! |---|---|
//! | `GET /profile` | `#[protected]`, returns `user {user_id}` |
//! | `GET /admin` | the same with `role = "admin"` |
//! | `GET /invoices` | the same with `scope = "invoices:read"` |
//! | `GET /invoices/response`, `/invoices/result`, `/invoices/trait` | the same by functions that return a response, a `Result` with a response as its error, and `impl IntoResponse` or the framework's name for it |
//! | `GET /greeting` | the same with `optional`, returns `hello user {user_id}` or `hello stranger` |
//! | `POST /notes` | takes `Verified<User>` and a JSON body, and returns the body |
//! | `GET /inside/hello`, `POST /inside/notes` | the same behind the `RouteGuard` of `insiders` |
//! | `GET /members/hello` | a page behind `page_guard`, returns `user {user_id} {CSRF token}` |
//! | `GET /.well-known/oauth-protected-resource/..` | the metadata of `resources` |
//! | `POST /members/notes` | `#[protected]` behind it, by the token in the cookie, returns `noted by {user_id}` |

use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};
use std::thread;
use std::time::{Duration, SystemTime};

use gatevault::session::StalePolicy;
use gatevault::testing;
use gatevault::token::{Purpose, PurposeSubject};
use gatevault::web::{DenialDetails, Denials, HttpRequest, Pages, RouteGuard, TokenEndpoint};
use gatevault::{
    AuthRoutes, ChangePasswords, Claims, GateVault, Issuer, KeyRing, LoginThrottle, MemoryAttempts,
    MemorySessions, OAuthHandler, RefreshCookie, RegisterUsers, RevocationFeed, SigningKey, TokenManager,
    VerifyingKey,
};
use gatevault_tests::{Account, SECRET, quick_hasher};

use crate::keys::{async_key_routes, sync_key_routes};
use crate::users::Users;

/// The claims of the site's access tokens.
#[derive(Debug, Clone, Claims)]
pub struct User {
    /// The id.
    pub user_id: u64,
    /// `member`, `guest` or `admin`.
    #[claims(role)]
    pub role: String,
    /// Scopes, separated by spaces.
    #[claims(scope)]
    pub scope: String,
}

impl User {
    /// Creates a member who may write notes.
    #[must_use]
    pub fn member(user_id: u64) -> Self {
        Self { user_id, role: "member".to_owned(), scope: "notes:write".to_owned() }
    }
}

impl fmt::Display for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "user {}", self.user_id)
    }
}

impl From<&Account> for User {
    fn from(account: &Account) -> Self {
        Self::member(account.id.as_u64().unwrap())
    }
}

/// The password of both users: `ada`, user 1, and `bob`, user 2.
pub const PASSWORD: &str = "correct horse & battery";

/// The reason why refresh tokens end before the usual week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum End {
    /// Nothing.
    #[default]
    Usual,
    /// Their sessions end after an hour.
    OfSessions,
    /// They expire after half an hour.
    OfRefreshTokens,
}

/// The settings of the site.
#[derive(Debug, Clone, Copy, Default)]
pub struct Site {
    /// A `LoginThrottle` limits login attempts.
    pub is_throttled: bool,
    /// The reason why refresh tokens end early.
    pub end: End,
    /// Gives the routes a strict revocation feed that is stale. The gate of the site has none.
    pub has_stale_feed: bool,
    /// Applies [`own_denials`] to the denials of the site.
    pub has_own_denials: bool,
}

impl Site {
    /// Creates the routes over a user store, as `mounted` says.
    #[must_use]
    pub fn async_routes(self) -> Vec<AuthRoutes<Users>> {
        let mut routes = mounted(self.with_settings(OAuthHandler::with_users(self.tokens(), Users)));
        routes.push(async_key_routes());
        routes
    }

    /// Creates the same routes for an edge without async.
    #[must_use]
    pub fn sync_routes(self) -> Vec<AuthRoutes<Users>> {
        let mut routes = mounted(self.with_settings(OAuthHandler::with_sync_users(self.tokens(), Users)));
        routes.push(sync_key_routes());
        routes.into_iter().map(|routes| routes.denials(self.denials())).collect()
    }

    /// Returns the settings of the denials.
    #[must_use]
    pub fn denials(self) -> Denials {
        if self.has_own_denials { own_denials() } else { Denials::new() }
    }

    fn tokens(self) -> TokenManager {
        if self.has_stale_feed {
            stale_tokens()
        } else if self.end == End::OfRefreshTokens {
            let tokens = TokenManager::builder().key_ring(RING.clone());
            tokens.refresh_expiry(Duration::from_mins(30)).build().unwrap()
        } else {
            tokens()
        }
    }

    fn with_settings<S>(self, handler: OAuthHandler<S>) -> OAuthHandler<S> {
        // The servers of a process share the manager, but for those with a stale feed.
        static SITES: AtomicUsize = AtomicUsize::new(0);
        let pool = format!("site {}", SITES.fetch_add(1, Ordering::Relaxed));
        let handler = handler.hasher(quick_hasher());
        let handler = if self.has_stale_feed { handler } else { handler.user_pool(&pool) };
        let handler = if self.end == End::OfSessions {
            handler.session_lifetime(Duration::from_hours(1))
        } else {
            handler
        };
        if self.is_throttled { handler.throttle(LoginThrottle::new(MemoryAttempts::new())) } else { handler }
    }
}

/// Mounts the routes over one handler: for browsers at the root, for other clients at `/api`, and elsewhere with one setting
/// each.
fn mounted<S: RegisterUsers + ChangePasswords>(handler: OAuthHandler<S>) -> Vec<AuthRoutes<S>> {
    let handler = Arc::new(handler);
    let routes = || AuthRoutes::new(Arc::clone(&handler)).with_register().with_password_change();
    let at = |prefix: &str| routes().mounted_at(prefix).unwrap();
    let refresh_cookie = |name: &str, path: &str| RefreshCookie::new(name, path).unwrap();
    let serving = |pages: &Pages| routes().for_pages(pages).unwrap();
    let other = Pages::new("other").unwrap().mounted_at("/members/other").unwrap();
    vec![
        with_token_endpoint(at("").publish_keys(&RING), ""),
        with_token_endpoint(at("/api").without_cookies(), "/api/"),
        at("/a"),
        at("/b"),
        at("/auth"),
        at("/auth/admin"),
        at("/shop").cookie(refresh_cookie("shop_token", "/")),
        at("/intranet").cookie(refresh_cookie("refresh_token", "/intranet").insecure_over_http()),
        at("/partner").allowed_origins(["https://app.example", "capacitor://localhost"]).unwrap(),
        with_token_endpoint(
            at("/proxied").trusted_proxies(1).canonical_name(|name| name.trim().to_lowercase()),
            "/proxied",
        ),
        with_token_endpoint(at("/peer").address_from(HttpRequest::address), "/peer"),
        with_token_endpoint(serving(&pages()), "/pages/of-members"),
        serving(&other),
        serving(&other.mounted_at("/plain").unwrap().insecure_over_http()),
    ]
}

/// Adds the routes for OAuth2 clients, of an issuer with this path.
pub(crate) fn with_token_endpoint<S>(routes: AuthRoutes<S>, path: &str) -> AuthRoutes<S> {
    let endpoint = TokenEndpoint::new(&format!("https://id.example{path}")).unwrap();
    routes.with_token_endpoint(endpoint.scopes(["notes:read", "notes:write"]).unwrap()).unwrap()
}

/// Returns the manager of the site, whose gate is installed.
#[must_use]
pub fn tokens() -> TokenManager {
    static TOKENS: LazyLock<TokenManager> = LazyLock::new(|| {
        let keys = KeyRing::verifying([partner_key().verifying_key().clone()]).unwrap();
        let partner = Issuer::new(PARTNER, keys).audience(AUDIENCE);
        let tokens = TokenManager::builder().key_ring(RING.clone()).accept(partner).build().unwrap();
        GateVault::new(tokens.clone()).install().unwrap();
        // While it lives, guards accept tokens without a pool, as the tests create them.
        std::mem::forget(OAuthHandler::with_users(tokens.clone(), Users));
        tokens
    });
    TOKENS.clone()
}

/// Creates another manager of the site's keys. Its revocation feed answered once and is stale now.
fn stale_tokens() -> TokenManager {
    // Installs the gate.
    drop(tokens());
    let tokens = TokenManager::builder().key_ring(RING.clone()).build().unwrap();
    let access = tokens.create_access_token(&User::member(1)).unwrap();
    let wait_until = |is_stale: bool| {
        while tokens.decode_access_token::<User>(&access).is_err() != is_stale {
            thread::sleep(Duration::from_millis(5));
        }
    };
    let shortest = Duration::from_millis(10);
    let feed = RevocationFeed::of(MemorySessions::new()).poll_interval(shortest).max_staleness(shortest);
    let feed = feed.when_stale(StalePolicy::Deny).follow(&tokens).unwrap();
    wait_until(false);
    drop(feed);
    wait_until(true);
    tokens
}

/// Creates an access token.
#[must_use]
pub fn mint(user: &User) -> String {
    tokens().create_access_token(user).unwrap()
}

/// Creates a refresh token that belongs to no session.
#[must_use]
pub fn mint_refresh(user: &User) -> String {
    tokens().create_refresh_token(user).unwrap()
}

/// Creates a purpose token for this user, of a session if it has one.
#[must_use]
pub fn mint_purpose(user: u64, session: Option<&str>) -> String {
    const TICKET: Purpose = Purpose::new("ticket", Duration::from_mins(1));
    let user = user.into();
    let subject = PurposeSubject::new(&user);
    let subject = session.map_or(subject, |session| subject.session(session));
    tokens().create_purpose_token(&TICKET, subject, "").unwrap()
}

/// Creates an access token that expired an hour ago.
#[must_use]
pub fn mint_expired(user: &User) -> String {
    testing::mint(&tokens()).expired_ago(Duration::from_hours(1)).token(user)
}

/// Creates a refresh token that expired an hour ago.
#[must_use]
pub fn mint_expired_refresh(user: &User) -> String {
    testing::mint(&tokens()).refresh().expired_ago(Duration::from_hours(1)).token(user)
}

/// Creates an access token of another issuer, which the site accepts. Its user ids may equal ids of the site.
#[must_use]
pub fn mint_foreign(user: &User) -> String {
    let partner = TokenManager::builder().key(partner_key()).issuer(PARTNER).audience(AUDIENCE);
    partner.subject_claim("sub").build().unwrap().create_access_token(user).unwrap()
}

/// Creates the guard of the routes below `/inside`: no guests, and the scope `notes:write`.
#[must_use]
pub fn insiders() -> RouteGuard<User> {
    let no_guests = RouteGuard::<User>::installed().require("no guests", |caller| caller.role != "guest");
    no_guests.scopes(&["notes:write"]).unwrap()
}

/// The URL in the challenges of [`own_denials`].
pub const METADATA: &str = "https://site.example/.well-known/oauth-protected-resource";

/// Returns settings of denials: a realm, metadata, and bodies that show all details.
#[must_use]
pub fn own_denials() -> Denials {
    let body = |denial: &DenialDetails| {
        let (error, description) = (denial.error().unwrap_or("none"), denial.description().unwrap_or("none"));
        let detail = denial.detail().unwrap_or("none");
        ("text/plain", format!("{} {error}: {description}; {detail}", denial.status()))
    };
    let denials = Denials::new().realm("the site").unwrap().resource_metadata(METADATA).unwrap();
    denials.on_denial(body)
}

/// Returns the settings of the site's pages.
fn pages() -> Pages {
    let pages = Pages::new("site").unwrap().mounted_at("/members/auth").unwrap();
    pages.login_page("/enter").unwrap().home("/members/hello").unwrap()
}

/// Creates the guard of the pages below `/members`.
#[must_use]
pub fn page_guard() -> RouteGuard<User> {
    RouteGuard::<User>::installed().for_pages(&pages())
}

fn partner_key() -> SigningKey {
    SigningKey::hs256("another secret of at least thirty-two bytes").unwrap().with_id("partner").unwrap()
}

const PARTNER: &str = "https://id.partner.example";
const AUDIENCE: &str = "site";

/// The keys of the site: one that signs, a former secret that still verifies and must never be published, and a key
/// pair that is over.
static RING: LazyLock<KeyRing> = LazyLock::new(|| {
    let ring = KeyRing::new(SigningKey::eddsa(PRIVATE_KEY).unwrap().with_id("site").unwrap());
    ring.add(VerifyingKey::hs256(SECRET).unwrap().with_id("former").unwrap()).unwrap();
    ring.add(SigningKey::eddsa(PRIVATE_KEY).unwrap().with_id("retired").unwrap()).unwrap();
    ring.retire("retired", SystemTime::now().checked_sub(Duration::from_hours(1)).unwrap()).unwrap();
    ring
});

/// The example key of RFC 8410 section 10.3.
pub const PRIVATE_KEY: &str = "-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC
-----END PRIVATE KEY-----
";
