//! An application that `Auth` serves, in each framework that has the handler form. No gate is installed for it.
//!
//! Besides the login routes below `/auth`, each framework serves these routes, which return `user {user_id}`:
//!
//! | route | is |
//! |---|---|
//! | `GET /token`, `/nested/deep/token` | `#[protected]` with `token: Bearer` |
//! | `GET /claims` | takes `Verified<User>` |
//! | `GET /group` | the same behind `RouteGuard::installed()` |
//! | `GET /visit` | `#[protected]` with `token: PageToken`, whose cookie the application names |
//! | `GET /argument` | `#[protected(gate = ..)]` with the gate of [`argument`] |
//! | `GET /inner/token`, `/inner/claims`, `/inner/handler` | in a scope with the gate of [`inner`]; not in Rocket, which has no scopes |
//! | any other path | `#[protected]`, the fallback |
//! | `GET /accounts/{id}` | `#[protected(handler)]` with a number in the path |
//! | `POST /notes` | the same with a JSON body |
//! | `GET /admin` | the same with `role = "admin"` |
//! | `GET /recent` | the same with `max_age = "5m"` |
//! | `GET /own` | the same as `/admin`, with an error of the application: its status is 418, and its body `own {status}` |
//! | `GET /opaque` | the same as `/admin`, by a function that hides its return type |
//! | `GET /scoped` | the same with `scopes("a:read", "b:read")` and `any_scope("b:read", "c:read")` |
//! | `GET /presented` | the same within `Denials`; not in Rocket, where those are managed |
//! | `GET /members/hello` | `#[protected(handler)]` behind `RouteGuard::installed().for_pages(..)` |

mod actix;
mod axum;
mod poem;
mod rocket;
mod salvo;

pub use self::actix::actix;
pub use self::axum::axum;
pub use self::poem::poem;
pub use self::rocket::{application, rocket};
pub use self::salvo::salvo;

use std::sync::LazyLock;
use std::time::{Duration, SystemTime};

use gatevault::testing::ManualClock;
use gatevault::web::{Pages, RouteGuard};
use gatevault::{Auth, AuthRoutes, GateVault, MemorySessions, OAuthHandler, TokenManager};
use gatevault_tests::quick_hasher;

use crate::{User, Users};

/// Returns the object that serves the applications, which share its users and sessions.
#[must_use]
pub fn auth() -> &'static Auth<Users> {
    static AUTH: LazyLock<Auth<Users>> = LazyLock::new(|| {
        let handler = OAuthHandler::with_users(manager(5), Users).session_store(MemorySessions::new());
        Auth::over(handler.hasher(quick_hasher())).unwrap()
    });
    &AUTH
}

/// Returns the manager of the gate that a scope of the applications sets.
#[must_use]
pub fn inner() -> TokenManager {
    manager(6)
}

/// Returns the manager of the gate in arguments.
#[must_use]
pub fn argument() -> TokenManager {
    manager(7)
}

/// Creates an access token of a login of ten minutes ago.
#[must_use]
pub fn old_token(user: &User) -> String {
    let past = SystemTime::now().checked_sub(Duration::from_mins(10)).unwrap();
    let tokens = TokenManager::builder().secret([5; 32]).clock(ManualClock::at(past)).build().unwrap();
    tokens.create_access_token(user).unwrap()
}

fn manager(secret: u8) -> TokenManager {
    TokenManager::new([secret; 32]).unwrap()
}

fn routes() -> AuthRoutes<Users> {
    auth().routes().mounted_at("/auth").unwrap()
}

fn inner_gate() -> GateVault {
    GateVault::new(inner())
}

fn pages() -> Pages {
    Pages::new("served").unwrap().insecure_over_http()
}

fn page_guard() -> RouteGuard<User> {
    RouteGuard::installed().for_pages(&pages())
}
