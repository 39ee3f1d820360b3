//! Registration and password change over user stores that fail, lose a race, or have accounts of other kinds.

use std::collections::VecDeque;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};

use gatevault::error::{BoxError, StoreError};
use gatevault::login::HashUpdate;
use gatevault::session::{
    FindSession, ListSessions, NewRevocation, NewSession, RemoveExpired, RevocationBatch, RevocationCursor,
    RevokeSessions, Rotation, RotationOutcome, StoreFuture, StoredSession,
};
use gatevault::web::{HttpRequest, HttpResponse};
use gatevault::{
    AuthRoutes, AuthUser, ChangePasswords, LoginThrottle, MemoryAttempts, MemorySessions, OAuthHandler,
    Payload, RegisterUsers, Session, SessionStore, SyncUserStore, TokenManager, UserId,
};
use gatevault_tests::{Recorder, SECRET, quick_hasher};
use gatevault_web_tests::PASSWORD;
use serde_json::{Value, json};

use crate::browser::credentials;

const NEW: &str = "another battery & staple";

#[derive(Debug, Clone)]
struct Account {
    name: String,
    hash: Option<String>,
}

impl AuthUser for Account {
    fn id(&self) -> UserId {
        self.name.as_str().into()
    }
    fn hashed_password(&self) -> Option<&str> {
        self.hash.as_deref()
    }
}

impl From<&Account> for Payload {
    fn from(account: &Account) -> Self {
        Self::new(account.id())
    }
}

/// What the store does with one addition or one change.
#[derive(Debug, Clone, Copy)]
enum Step {
    Store,
    Fail,
    /// Answers true and stores nothing.
    Lose,
    /// Another change comes first: the same password, hashed again, or another password.
    ComeSecond(&'static str),
    /// Calls the provided `replace_hash`.
    Forward,
}

/// A store over a list, whose lookup ignores the case of names. Its additions do not.
#[derive(Debug, Default)]
struct Accounts {
    accounts: Mutex<Vec<Account>>,
    steps: Mutex<VecDeque<Step>>,
}

impl Accounts {
    fn new(accounts: &[(&str, Option<&str>)], steps: impl IntoIterator<Item = Step>) -> Arc<Self> {
        let account = |(name, password): &(&str, Option<&str>)| Account {
            name: (*name).to_owned(),
            hash: password.map(|password| quick_hasher().hash(password).unwrap()),
        };
        let accounts = Mutex::new(accounts.iter().map(account).collect());
        Arc::new(Self { accounts, steps: Mutex::new(steps.into_iter().collect()) })
    }

    fn step(&self) -> Step {
        self.steps.lock().unwrap().pop_front().unwrap_or(Step::Store)
    }

    fn replace(&self, update: &HashUpdate) -> bool {
        let mut accounts = self.accounts.lock().unwrap();
        let is_current = |account: &&mut Account| {
            account.id() == update.user && account.hash.as_ref() == Some(&update.outdated)
        };
        let found = accounts.iter_mut().find(is_current);
        found.map(|account| account.hash = Some(update.replacement.clone())).is_some()
    }
}

impl SyncUserStore for Accounts {
    type User = Account;
    type Claims = Payload;

    fn find_by_name(&self, name: &str) -> Result<Option<Account>, BoxError> {
        let accounts = self.accounts.lock().unwrap();
        Ok(accounts.iter().find(|account| account.name.eq_ignore_ascii_case(name)).cloned())
    }
    fn find_by_id(&self, id: &UserId) -> Result<Option<Account>, BoxError> {
        Ok(self.accounts.lock().unwrap().iter().find(|account| account.id() == *id).cloned())
    }
}

impl RegisterUsers for Accounts {
    async fn add(&self, name: &str, hash: &str) -> Result<bool, BoxError> {
        match self.step() {
            Step::Fail => return Err("the database is down".into()),
            Step::Lose => return Ok(true),
            _ => {}
        }
        let mut accounts = self.accounts.lock().unwrap();
        if accounts.iter().any(|account| account.name == name) {
            return Ok(false);
        }
        accounts.push(Account { name: name.to_owned(), hash: Some(hash.to_owned()) });
        Ok(true)
    }
}

impl ChangePasswords for Accounts {
    async fn change_password(&self, update: HashUpdate) -> Result<bool, BoxError> {
        match self.step() {
            Step::Fail => return Err("the database is down".into()),
            Step::ComeSecond(password) => {
                let mut first = update.clone();
                first.replacement = quick_hasher().hash(password)?;
                self.replace(&first);
            }
            Step::Forward => return self.replace_hash(update),
            Step::Store | Step::Lose => {}
        }
        Ok(self.replace(&update))
    }
}

/// A session store that can be down.
#[derive(Default)]
struct Sessions {
    inner: MemorySessions,
    down: Mutex<Down>,
}

/// The operations of a session store that fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Down {
    #[default]
    Nothing,
    Everything,
    Revocations,
}

macro_rules! forwarded {
    ($($method:ident($argument:ty) -> $output:ty;)+) => {
        $(fn $method(&self, argument: $argument) -> StoreFuture<'_, $output> {
            let down = *self.down.lock().unwrap();
            if down == Down::Everything || (down == Down::Revocations && stringify!($method) == "revoke") {
                return Box::pin(async { Err(StoreError::from("the store is down")) });
            }
            self.inner.$method(argument)
        })+
    };
}

impl SessionStore for Sessions {
    forwarded! {
        find(FindSession) -> Option<StoredSession>;
        open(NewSession) -> Vec<String>;
        rotate(Rotation) -> RotationOutcome;
        revoke(RevokeSessions) -> Vec<String>;
        list(ListSessions) -> Vec<Session>;
        record_revocation(NewRevocation) -> ();
        revocations_since(RevocationCursor) -> RevocationBatch;
        remove_expired(RemoveExpired) -> u64;
    }
    fn is_shared(&self) -> bool {
        false
    }
}

type Routes = AuthRoutes<Arc<Accounts>>;
type Handler = OAuthHandler<Arc<Accounts>>;

fn handler(users: &Arc<Accounts>) -> Handler {
    let tokens = TokenManager::new(SECRET).unwrap();
    OAuthHandler::with_sync_users(tokens, Arc::clone(users)).hasher(quick_hasher())
}

fn routes(handler: Handler) -> Routes {
    AuthRoutes::new(handler.session_store(MemorySessions::new())).with_register().with_password_change()
}

fn post(routes: &Routes, path: &str, access: Option<&str>, body: &Value) -> HttpResponse {
    let request = HttpRequest::new("POST", path).with_header("content-type", b"application/json");
    let request = access.into_iter().fold(request, |request, access| {
        request.with_header("authorization", format!("Bearer {access}").as_bytes())
    });
    routes.respond(&request, Some(body.to_string().as_bytes()))
}

fn register(routes: &Routes, name: &str) -> HttpResponse {
    post(routes, "/register", None, &credentials(name, PASSWORD))
}

fn log_in(routes: &Routes, name: &str, password: &str) -> HttpResponse {
    post(routes, "/login", None, &credentials(name, password))
}

fn access(response: &HttpResponse) -> String {
    let body: Value = serde_json::from_str(&response.body).unwrap();
    body["access_token"].as_str().unwrap_or_else(|| panic!("{response:?} {body}")).to_owned()
}

fn change(routes: &Routes, access: &str) -> HttpResponse {
    let body = json!({ "current_password": PASSWORD, "new_password": NEW });
    post(routes, "/password", Some(access), &body)
}

#[test]
fn a_registration_whose_user_is_not_found_or_not_stored_is_503() {
    for step in [Step::Lose, Step::Fail] {
        let routes = routes(handler(&Accounts::new(&[], [step])));
        let response = register(&routes, "ada");
        assert_eq!((response.status, response.header("set-cookie")), (503, None), "{step:?}");
        assert_eq!(register(&routes, "ada").status, 201);
    }
}

/// A name that no column holds would otherwise cost a hash each time, and no limit would count it.
#[test]
fn registrations_that_the_store_fails_to_add_have_to_wait_like_all_others() {
    let users = Accounts::new(&[], [Step::Fail; 20]);
    let handler = handler(&users).throttle(LoginThrottle::new(MemoryAttempts::new()));
    let routes = routes(handler);
    let statuses: Vec<_> = (0..21)
        .map(|number| {
            let body = credentials(&format!("user {number}"), PASSWORD).to_string();
            let request = HttpRequest::new("POST", "/register")
                .with_header("content-type", b"application/json")
                .from_address(IpAddr::from([203, 0, 113, 9]));
            routes.respond(&request, Some(body.as_bytes())).status
        })
        .collect();
    assert_eq!((statuses.iter().filter(|status| **status == 503).count(), statuses.last()), (20, Some(&429)));
}

#[test]
fn a_form_that_can_be_read_in_two_ways_registers_no_user() {
    let routes = routes(handler(&Accounts::new(&[], [])));
    for form in [
        "username=ada&username=bob&password=correct+horse",
        "username=ada&password=correct+horse&passw%6Frd=battery+staple",
        "\u{feff}username=ada&password=correct+horse",
        "username=ada;password=correct+horse",
        "username=ada&password=correct+horse%",
        "username=ada&password=correct+horse%ff",
        "username=ada&label=one&label=two&password=correct+horse",
    ] {
        let request = HttpRequest::new("POST", "/register")
            .with_header("content-type", b"application/x-www-form-urlencoded");
        let response = routes.respond(&request, Some(form.as_bytes()));
        assert_eq!((response.status, response.header("set-cookie")), (400, None), "{form}");
    }
}

/// The stamp of an account without its own depends on the password.
#[test]
fn a_change_whose_sessions_could_not_be_ended_ends_all_of_them_at_their_next_refresh() {
    let sessions = Arc::new(Sessions::default());
    let users = Accounts::new(&[("ada", Some(PASSWORD))], []);
    let handler = handler(&users).session_store(Arc::clone(&sessions));
    let tokens = handler.tokens().clone();
    let routes = AuthRoutes::new(handler).with_password_change().without_cookies();
    let log_in = || -> Value { serde_json::from_str(&log_in(&routes, "ada", PASSWORD).body).unwrap() };
    let [own, other, stolen] = [log_in(), log_in(), log_in()];
    let own_access = own["access_token"].as_str().unwrap();
    *sessions.down.lock().unwrap() = Down::Revocations;
    assert_eq!(change(&routes, own_access).status, 503);
    assert_eq!(self::log_in(&routes, "ada", NEW).status, 200, "the password is changed");
    *sessions.down.lock().unwrap() = Down::Nothing;
    let refresh = |pair: &Value| {
        post(&routes, "/refresh", None, &json!({ "refresh_token": pair["refresh_token"] })).status
    };
    assert_eq!(refresh(&stolen), 401);
    let end_others = HttpRequest::new("DELETE", "/sessions").with_target("/sessions?others");
    let end_others = end_others.with_header("authorization", format!("Bearer {own_access}").as_bytes());
    assert_eq!(routes.respond(&end_others, None).status, 204);
    assert!(tokens.decode_access_token::<Payload>(other["access_token"].as_str().unwrap()).is_err());
    assert_eq!(refresh(&own), 401);
}

/// A thief whose session a new password ends must not keep it by ending the user's own sessions.
#[test]
fn the_end_of_the_other_sessions_does_not_revive_one_that_a_new_password_has_ended() {
    let users = Accounts::new(&[("ada", Some(PASSWORD))], []);
    let routes = AuthRoutes::new(handler(&users).session_store(MemorySessions::new())).without_cookies();
    let log_in = || -> Value { serde_json::from_str(&log_in(&routes, "ada", PASSWORD).body).unwrap() };
    let refresh = |pair: &Value| {
        post(&routes, "/refresh", None, &json!({ "refresh_token": pair["refresh_token"] })).status
    };
    let end_others = |pair: &Value| {
        let request = HttpRequest::new("DELETE", "/sessions").with_target("/sessions?others");
        let access = format!("Bearer {}", pair["access_token"].as_str().unwrap());
        routes.respond(&request.with_header("authorization", access.as_bytes()), None).status
    };
    let (current, other) = (log_in(), log_in());
    assert_eq!((end_others(&current), refresh(&other), refresh(&current)), (204, 401, 200));
    let stolen = log_in();
    users.accounts.lock().unwrap()[0].hash = Some(quick_hasher().hash(NEW).unwrap());
    assert_eq!((end_others(&stolen), refresh(&stolen)), (204, 401));
}

#[test]
fn nothing_but_no_query_ends_all_sessions() {
    let users = Accounts::new(&[("ada", Some(PASSWORD))], []);
    let routes = routes(handler(&users));
    let (own, other) = (access(&log_in(&routes, "ada", PASSWORD)), access(&log_in(&routes, "ada", PASSWORD)));
    let delete = |path: &str, target: &str, access: &str| {
        let request = HttpRequest::new("DELETE", path).with_target(target);
        let request = request.with_header("authorization", format!("Bearer {access}").as_bytes());
        routes.respond(&request, None).status
    };
    for query in [
        "others&x",
        "x",
        "Others",
        "others=1",
        "other",
        "others&others",
        "all",
        "others;x",
        "%",
        "&",
        "?",
        "=",
    ] {
        assert_eq!(delete("/sessions", &format!("/sessions?{query}"), &own), 400, "{query}");
    }
    for path in
        ["/sessions?others", "/sessions;others", "/sessions%3Fothers", "/sessions#others", "/sessions/"]
    {
        assert_eq!(delete(path, path, &own), 404, "{path}");
    }
    assert_eq!(delete("/sessions", "/sessions?o%74hers", &own), 204);
    assert_eq!(delete("/sessions", "/sessions?others", &own), 204, "again");
    assert_ne!(delete("/sessions", "/sessions?others", &other), 204);
    assert_eq!(delete("/sessions", "/sessions", &own), 204);
}

/// The lookup of this store takes two names for equal that its unique constraint distinguishes.
#[test]
fn a_registration_never_logs_in_to_another_account_that_the_lookup_finds() {
    let users = Accounts::new(&[("ada", Some("the password of ada"))], []);
    let routes = routes(handler(&users));
    let response = register(&routes, "ADA");
    assert_eq!((response.status, response.header("set-cookie")), (503, None), "{response:?}");
    // Not with the same password either.
    let users = Accounts::new(&[("ada", Some(PASSWORD))], []);
    assert_eq!(register(&self::routes(handler(&users)), "ADA").status, 503);
}

#[test]
fn a_user_who_was_added_while_the_session_store_is_down_logs_in_later() {
    let sessions = Arc::new(Sessions::default());
    let handler = handler(&Accounts::new(&[], [])).session_store(Arc::clone(&sessions));
    let routes = AuthRoutes::new(handler).with_register();
    *sessions.down.lock().unwrap() = Down::Everything;
    assert_eq!(register(&routes, "ada").status, 503);
    *sessions.down.lock().unwrap() = Down::Nothing;
    assert_eq!(register(&routes, "ada").status, 409);
    assert_eq!(log_in(&routes, "ada", PASSWORD).status, 200);
}

#[test]
fn a_change_that_comes_second_verifies_the_password_again_once() {
    use Step::{ComeSecond, Fail, Forward, Store};
    for (steps, status, password) in [
        (vec![ComeSecond(PASSWORD), Store], 204, NEW),
        (vec![ComeSecond("of another tab")], 403, "of another tab"),
        (vec![ComeSecond(PASSWORD), ComeSecond(PASSWORD)], 503, PASSWORD),
        (vec![Fail], 503, PASSWORD),
        (vec![Forward], 500, PASSWORD),
    ] {
        let routes = routes(handler(&Accounts::new(&[("ada", Some(PASSWORD))], steps.clone())));
        let access = access(&log_in(&routes, "ada", PASSWORD));
        assert_eq!(change(&routes, &access).status, status, "{steps:?}");
        assert_eq!(log_in(&routes, "ada", password).status, 200, "{steps:?}");
    }
}

#[test]
fn an_account_without_a_password_changes_none_and_a_user_who_is_gone_is_not_authenticated() {
    let users = Accounts::new(&[("ada", Some(PASSWORD))], []);
    let routes = routes(handler(&users));
    let access = access(&log_in(&routes, "ada", PASSWORD));
    users.accounts.lock().unwrap()[0].hash = None;
    let response = change(&routes, &access);
    assert_eq!(response.status, 403);
    assert!(response.body.contains("the account has no password"), "{response:?} {}", response.body);
    users.accounts.lock().unwrap().clear();
    assert_eq!(change(&routes, &access).status, 401);
}

#[test]
fn without_sessions_a_change_and_the_end_of_all_sessions_revoke_every_token_of_the_user() {
    let delete = |routes: &Routes, path: &str, access: &str| {
        let request = HttpRequest::new("DELETE", "/sessions")
            .with_target(path)
            .with_header("authorization", format!("Bearer {access}").as_bytes());
        routes.respond(&request, None).status
    };
    let users = Accounts::new(&[("ada", Some(PASSWORD)), ("bob", Some(PASSWORD))], []);
    let handler = handler(&users).stateless();
    let tokens = handler.tokens().clone();
    let routes = AuthRoutes::new(handler).with_password_change();
    let [ada, bob] = ["ada", "bob"].map(|name| access(&log_in(&routes, name, PASSWORD)));
    assert_eq!(delete(&routes, "/sessions?others", &bob), 403);
    assert_eq!(change(&routes, &ada).status, 204);
    assert!(tokens.decode_access_token::<Payload>(&ada).is_err());
    assert!(tokens.decode_access_token::<Payload>(&bob).is_ok());
    assert_eq!(delete(&routes, "/sessions", &bob), 204);
    assert!(tokens.decode_access_token::<Payload>(&bob).is_err());
}

#[test]
fn a_token_without_a_session_ends_all_sessions_and_not_the_others() {
    let users = Accounts::new(&[("ada", Some(PASSWORD))], []);
    let handler = handler(&users);
    let tokens = handler.tokens().clone();
    let routes = routes(handler);
    let login = access(&log_in(&routes, "ada", PASSWORD));
    let own = tokens.create_access_token(&Payload::new("ada")).unwrap();
    let delete = |path: &str| {
        let request = HttpRequest::new("DELETE", "/sessions").with_target(path);
        let request = request.with_header("authorization", format!("Bearer {own}").as_bytes());
        routes.respond(&request, None).status
    };
    assert_eq!(delete("/sessions?others"), 403);
    assert!(tokens.decode_access_token::<Payload>(&login).is_ok());
    assert_eq!(delete("/sessions"), 204);
    assert!(tokens.decode_access_token::<Payload>(&login).is_err());
}

#[test]
fn users_of_one_pool_change_no_password_and_end_no_session_of_another() {
    let tokens = TokenManager::new(SECRET).unwrap();
    let pooled = |name: &str| {
        let users = Accounts::new(&[("ada", Some(PASSWORD))], []);
        let handler = OAuthHandler::with_sync_users(tokens.clone(), users).hasher(quick_hasher());
        routes(handler.user_pool(name))
    };
    let (customers, admins) = (pooled("customers"), pooled("admins"));
    let [customer, admin] = [&customers, &admins].map(|routes| access(&log_in(routes, "ada", PASSWORD)));
    assert_eq!(change(&admins, &customer).status, 403);
    for path in ["/sessions?others", "/sessions"] {
        let request = HttpRequest::new("DELETE", "/sessions")
            .with_target(path)
            .with_header("authorization", format!("Bearer {customer}").as_bytes());
        assert_eq!(admins.respond(&request, None).status, 403);
        assert_eq!(customers.respond(&request, None).status, 204);
    }
    assert!(tokens.decode_access_token::<Payload>(&customer).is_err());
    assert!(tokens.decode_access_token::<Payload>(&admin).is_ok());
    assert_eq!(change(&admins, &admin).status, 204);
    assert_eq!(log_in(&customers, "ada", PASSWORD).status, 200);
}

#[test]
fn the_routes_are_there_if_they_were_asked_for_with_or_without_a_login() {
    let routes = || AuthRoutes::new(handler(&Accounts::new(&[], [])).session_store(MemorySessions::new()));
    for path in ["/register", "/password"] {
        assert!(!routes().has(path), "{path}");
    }
    let both = routes().with_register().with_password_change().without_login().mounted_at("/auth").unwrap();
    let paths = both.paths("{id}");
    assert_eq!(paths.last(), Some(&"/auth/password".to_owned()));
    assert!(
        paths.contains(&"/auth/register".to_owned()) && !both.has("/auth/login") && !both.has("/register")
    );
    assert_eq!(post(&both, "/auth/register", None, &credentials("ada", PASSWORD)).status, 201);
}

#[test]
fn the_minimum_length_is_a_setting_of_new_passwords_and_of_no_login() {
    let users = Accounts::new(&[("ada", Some("short"))], []);
    let routes = routes(handler(&users).minimum_password_length(PASSWORD.len() + 1));
    let response = register(&routes, "bob");
    assert_eq!(response.status, 422);
    assert!(response.body.contains("needs at least 24"), "{}", response.body);
    let access = access(&log_in(&routes, "ada", "short"));
    let body = json!({ "current_password": "short", "new_password": PASSWORD });
    assert_eq!(post(&routes, "/password", Some(&access), &body).status, 422);
    let body = json!({ "current_password": "short", "new_password": format!("{PASSWORD}!") });
    assert_eq!(post(&routes, "/password", Some(&access), &body).status, 204);
}

#[test]
fn every_registration_and_every_change_is_one_event_without_a_name_or_a_password() {
    let events = |run: &dyn Fn(&Routes)| -> Vec<String> {
        let recorder = Recorder::default();
        let users = Accounts::new(&[("taken", Some(PASSWORD))], []);
        tracing::subscriber::with_default(recorder.clone(), || run(&routes(handler(&users))));
        let lines: Vec<_> = recorder.lines().into_iter().map(|(_, line)| line).collect();
        assert!(lines.iter().all(|line| !line.contains("battery") && !line.contains("typed")), "{lines:?}");
        let usual = ["logged in", "sessions ended"];
        lines.into_iter().filter(|line| !usual.iter().any(|usual| line.contains(usual))).collect()
    };
    // Again if there is none: another thread may be registering the event, and it is lost meanwhile.
    let only = |run: &dyn Fn(&Routes)| {
        let seen = (0..100).map(|_| events(run)).find(|seen| !seen.is_empty());
        match seen.as_deref() {
            Some([only]) => only.clone(),
            seen => panic!("{seen:?}"),
        }
    };
    assert!(only(&|routes| drop(register(routes, "ada"))).contains("user registered"));
    let changed = only(&|routes| drop(change(routes, &access(&log_in(routes, "taken", PASSWORD)))));
    assert!(changed.contains("password changed"), "{changed}");
    let refused = |body: Value| {
        only(&|routes| {
            let access = access(&log_in(routes, "taken", PASSWORD));
            drop(post(routes, "/password", Some(&access), &body));
        })
    };
    let wrong = refused(json!({ "current_password": "typed", "new_password": NEW }));
    assert!(wrong.contains("password change refused: wrong password"), "{wrong}");
    let short = refused(json!({ "current_password": PASSWORD, "new_password": "typed" }));
    assert!(short.contains("new password refused") && short.contains("at least 8"), "{short}");
    for (body, event) in [
        (credentials("taken", PASSWORD), "registration refused: name taken"),
        (credentials("ada", "typed"), "new password refused"),
        (credentials("", PASSWORD), "malformed body"),
    ] {
        assert!(only(&|routes| drop(post(routes, "/register", None, &body))).contains(event), "{event}");
    }
}
