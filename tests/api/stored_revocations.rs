//! Revocations of tokens and users that the session store keeps, so that they outlive the process and reach others.

use std::error::Error;
use std::time::{Duration, Instant, SystemTime};

use gatevault::error::ConfigError;
use gatevault::login::SyncLookup;
use gatevault::session::{
    ListSessions, NewSession, RemoveExpired, RevocationBatch, RevocationCursor, RevokeSessions, Rotation,
    RotationOutcome, StoreFuture,
};
use gatevault::{
    GuardError, Issuer, KeyRing, MemorySessions, OAuthHandler, Payload, RevocationFeed, Session,
    SessionStore, TokenManager, UserId, VerifyingKey,
};
use gatevault_tests::{Account, SECRET, quick_hasher, tokens};

const NAME: &str = "https://auth.example";

fn handler(tokens: &TokenManager, store: impl SessionStore) -> OAuthHandler<SyncLookup<Account>> {
    let account = Account::new(1, "correct horse");
    let found = account.clone();
    OAuthHandler::new(tokens.clone(), move |_: &str| Some(found.clone()))
        .lookup_by_id(move |_| Some(account.clone()))
        .hasher(quick_hasher())
        .session_store(store)
}

fn follow(store: &MemorySessions, tokens: &TokenManager) -> RevocationFeed {
    RevocationFeed::of(store.clone()).poll_interval(Duration::from_millis(10)).follow(tokens).unwrap()
}

fn opens(tokens: &TokenManager, access: &str) -> bool {
    tokens.decode_access_token::<Payload>(access).is_ok()
}

fn wait_until_refused(tokens: &TokenManager, access: &str) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while opens(tokens, access) {
        assert!(Instant::now() < deadline, "the feed brought nothing");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// The manager of a service that accepts the login service as an issuer.
fn accepting() -> TokenManager {
    let keys = KeyRing::verifying([VerifyingKey::hs256(SECRET).unwrap()]).unwrap();
    let issuer = Issuer::new(NAME, keys).audience("shop").subject_claim("user_id");
    TokenManager::builder().accept(issuer).build().unwrap()
}

fn named() -> TokenManager {
    TokenManager::builder().secret(SECRET).issuer(NAME).audience("shop").build().unwrap()
}

#[test]
fn a_revoked_token_is_refused_here_by_followers_and_after_a_restart() {
    for (login, guarding) in [(tokens(), tokens()), (named(), named()), (named(), accepting())] {
        let store = MemorySessions::new();
        let oauth = handler(&login, store.clone());
        let [gone, kept] = [(); 2].map(|()| login.create_access_token(&Payload::new(1)).unwrap());
        let verified = login.decode_access_token::<Payload>(&gone).unwrap();
        let _feed = follow(&store, &guarding);
        oauth.revoke_token(None, verified.token_id().unwrap(), verified.expires_at()).unwrap();
        assert!(!opens(&login, &gone) && opens(&login, &kept));
        wait_until_refused(&guarding, &gone);
        assert!(opens(&guarding, &kept));
        // The same service after a restart, with an empty list.
        let again = accepting_or_own(&guarding);
        let _feed = follow(&store, &again);
        wait_until_refused(&again, &gone);
        assert!(opens(&again, &kept));
    }
}

/// Returns a fresh manager of the same kind, with an empty list.
fn accepting_or_own(like: &TokenManager) -> TokenManager {
    let can_sign = like.create_access_token(&Payload::new(1));
    match can_sign {
        Err(_) => accepting(),
        Ok(token) if tokens().decode_access_token::<Payload>(&token).is_ok() => tokens(),
        Ok(_) => named(),
    }
}

#[test]
fn a_revoked_user_is_refused_by_followers_and_a_user_of_the_same_id_elsewhere_is_not() {
    let (login, guarding, store) = (named(), accepting(), MemorySessions::new());
    let oauth = handler(&login, store.clone());
    let user = login.create_access_token(&Payload::new(1)).unwrap();
    let namesake = login.create_access_token(&Payload::new("1")).unwrap();
    let _feed = follow(&store, &guarding);
    oauth.revoke_user(None, &UserId::from(1), SystemTime::now()).unwrap();
    wait_until_refused(&guarding, &user);
    for tokens in [&login, &guarding] {
        assert!(!opens(tokens, &user) && opens(tokens, &namesake), "1 and \"1\" are two users");
    }
    assert!(oauth.login("ada", "correct horse").is_ok(), "a later login");
}

#[test]
fn a_service_without_logins_revokes_the_tokens_and_sessions_of_an_issuer_for_all_followers() {
    let (one, other, store) = (accepting(), accepting(), MemorySessions::new());
    let feed = follow(&store, &one);
    let _other = follow(&store, &other);
    let login = named();
    let pair = handler(&login, MemorySessions::new()).login("ada", "correct horse").unwrap();
    let session = one.decode_access_token::<Payload>(&pair.access_token).unwrap();
    feed.revoker().revoke_session(NAME, session.session_id().unwrap()).unwrap();
    assert!(!opens(&one, &pair.access_token));
    wait_until_refused(&other, &pair.access_token);
    assert!(opens(&login, &pair.access_token), "the issuer does not follow this store");

    let access = login.create_access_token(&Payload::new(7)).unwrap();
    let token = one.decode_access_token::<Payload>(&access).unwrap();
    feed.revoker().revoke_token(Some(NAME), token.token_id().unwrap(), token.expires_at()).unwrap();
    assert!(!opens(&one, &access));
    wait_until_refused(&other, &access);
    let access = login.create_access_token(&Payload::new(8)).unwrap();
    feed.revoker().revoke_user(Some(NAME), &8.into(), SystemTime::now()).unwrap();
    wait_until_refused(&other, &access);
}

/// Returns a manager with the key of the login service, which leaves the issuer open.
fn nameless() -> TokenManager {
    TokenManager::builder().secret(SECRET).audience("shop").build().unwrap()
}

#[test]
fn a_follower_without_a_name_refuses_what_a_named_service_has_revoked() {
    let (login, guarding, store) = (named(), nameless(), MemorySessions::new());
    let oauth = handler(&login, store.clone());
    let pair = oauth.login("ada", "correct horse").unwrap();
    let ids: [UserId; 4] = [5.into(), 2.into(), 3.into(), "2".into()];
    let [token, user, kept, namesake] = ids.map(|id| login.create_access_token(&Payload::new(id)).unwrap());
    for access in [&pair.access_token, &token, &user, &kept, &namesake] {
        assert!(opens(&guarding, access));
    }
    let feed = follow(&store, &guarding);
    let verified = login.decode_access_token::<Payload>(&token).unwrap();
    oauth.revoke_token(None, verified.token_id().unwrap(), verified.expires_at()).unwrap();
    wait_until_refused(&guarding, &token);
    oauth.revoke_user(None, &1.into(), SystemTime::now()).unwrap();
    wait_until_refused(&guarding, &pair.access_token);
    feed.revoker().revoke_user(None, &2.into(), SystemTime::now()).unwrap();
    assert!(!opens(&guarding, &user));
    for access in [&kept, &namesake] {
        assert!(opens(&guarding, access));
    }
}

#[test]
fn a_follower_without_a_name_keeps_pools_apart() {
    let (login, store) = (named(), MemorySessions::new());
    let pools = ["admins", "customers"];
    let guarding = TokenManager::builder().secret(SECRET).audience("shop").user_pools(pools).build().unwrap();
    let [admins, customers] = pools.map(|pool| handler(&login, store.clone()).user_pool(pool));
    let unpooled = handler(&login, store.clone());
    let [admin, customer] =
        [&admins, &customers].map(|oauth| oauth.login("ada", "correct horse").unwrap().access_token);
    let _feed = follow(&store, &guarding);
    unpooled.revoke_user(None, &1.into(), SystemTime::now()).unwrap();
    admins.revoke_user(None, &1.into(), SystemTime::now()).unwrap();
    wait_until_refused(&guarding, &admin);
    for tokens in [&login, &guarding] {
        assert!(!opens(tokens, &admin) && opens(tokens, &customer));
    }
}

#[test]
fn a_revoker_for_a_pool_revokes_the_user_of_that_pool_under_each_name_of_the_issuer() {
    for issuer in [None, Some(NAME)] {
        let (login, store) = (named(), MemorySessions::new());
        let [admins, customers] =
            ["admins", "customers"].map(|pool| handler(&login, store.clone()).user_pool(pool));
        let [admin, customer] =
            [&admins, &customers].map(|oauth| oauth.login("ada", "correct horse").unwrap().access_token);
        let feed = follow(&store, &login);
        let revoker = feed.revoker().for_pool(Some("admins".to_owned()));
        revoker.revoke_user(issuer, &1.into(), SystemTime::now()).unwrap();
        assert!(!opens(&login, &admin), "{issuer:?}");
        assert!(opens(&login, &customer), "{issuer:?}");
        customers.revoke_user(issuer, &1.into(), SystemTime::now()).unwrap();
        assert!(!opens(&login, &customer), "{issuer:?}");
    }
}

#[test]
fn a_follower_revokes_the_user_of_a_pool_of_another_issuer_for_that_issuer_as_well() {
    let (login, guarding, store) = (named(), accepting(), MemorySessions::new());
    let oauth = handler(&login, store.clone()).user_pool("admins");
    let access = oauth.login("ada", "correct horse").unwrap().access_token;
    assert!(opens(&guarding, &access));
    let (feed, _login_feed) = (follow(&store, &guarding), follow(&store, &login));
    let revoker = feed.revoker().for_pool(Some("admins".to_owned()));
    revoker.revoke_user(Some(NAME), &1.into(), SystemTime::now()).unwrap();
    assert!(!opens(&guarding, &access));
    wait_until_refused(&login, &access);
}

/// Users whose ids are easily damaged on the way into a store and back.
#[test]
fn odd_users_are_revoked_each_alone() {
    let odd = "x".repeat(5000);
    let users: Vec<UserId> = vec![
        u64::MAX.into(),
        0.into(),
        "42".into(),
        42.into(),
        "a\"b\\'\u{2028}\0".into(),
        odd.as_str().into(),
    ];
    let create = |login: &TokenManager| -> Vec<String> {
        users.iter().map(|user| login.create_access_token(&Payload::new(user.clone())).unwrap()).collect()
    };
    let long = || TokenManager::builder().secret(SECRET).max_token_bytes(20_000);
    for number in 0..users.len() {
        let (login, guarding, store) =
            (long().build().unwrap(), long().build().unwrap(), MemorySessions::new());
        let oauth = handler(&login, store.clone());
        let created = create(&login);
        let _feed = follow(&store, &guarding);
        oauth.revoke_user(None, &users[number], SystemTime::now()).unwrap();
        wait_until_refused(&guarding, &created[number]);
        for (other, access) in created.iter().enumerate() {
            assert_eq!(opens(&guarding, access), other != number, "{other} after {number}");
        }
    }
}

#[test]
fn a_revocation_of_an_issuer_that_is_not_accepted_concerns_no_token_of_ours() {
    let store = MemorySessions::new();
    let (login, stranger) = (tokens(), tokens());
    let access = stranger.create_access_token(&Payload::new(1)).unwrap();
    let feed = follow(&store, &accepting());
    feed.revoker().revoke_user(Some(NAME), &1.into(), SystemTime::now()).unwrap();
    let _feed = follow(&store, &login);
    std::thread::sleep(Duration::from_millis(200));
    assert!(opens(&login, &access));
}

#[test]
fn an_empty_id_and_an_unknown_issuer_are_errors_and_nothing_is_written() {
    let (tokens, store) = (tokens(), MemorySessions::new());
    let oauth = handler(&tokens, store.clone());
    let now = SystemTime::now();
    let revoker = follow(&store, &tokens).revoker();
    for refused in [
        oauth.revoke_token(None, "", now),
        oauth.revoke_user(None, &"".into(), now),
        oauth.revoke_token(Some("https://elsewhere.example"), "id", now),
        revoker.revoke_session("https://elsewhere.example", "id"),
    ] {
        assert!(matches!(
            refused,
            Err(GuardError::Config(ConfigError::EmptyId { .. } | ConfigError::UnknownIssuer { .. }))
        ));
    }
    let batch = pollster::block_on(store.revocations_since(RevocationCursor::Position(0))).unwrap();
    assert!(batch.revocations.is_empty());
    assert_eq!(tokens.revoked(), 0);
}

#[test]
fn without_a_store_there_is_nothing_to_keep_a_revocation_in() {
    let tokens = tokens();
    let oauth = handler(&tokens, MemorySessions::new()).stateless();
    let refused = oauth.revoke_token(None, "id", SystemTime::now());
    assert!(matches!(refused, Err(GuardError::Config(ConfigError::Missing { .. }))), "{refused:?}");
}

/// A store from before revocations of tokens: it has only the methods that a store must have.
struct Older(MemorySessions);

impl SessionStore for Older {
    fn open(&self, session: NewSession) -> StoreFuture<'_, Vec<String>> {
        self.0.open(session)
    }
    fn rotate(&self, rotation: Rotation) -> StoreFuture<'_, RotationOutcome> {
        self.0.rotate(rotation)
    }
    fn revoke(&self, request: RevokeSessions) -> StoreFuture<'_, Vec<String>> {
        self.0.revoke(request)
    }
    fn list(&self, request: ListSessions) -> StoreFuture<'_, Vec<Session>> {
        self.0.list(request)
    }
    fn revocations_since(&self, cursor: RevocationCursor) -> StoreFuture<'_, RevocationBatch> {
        self.0.revocations_since(cursor)
    }
    fn remove_expired(&self, request: RemoveExpired) -> StoreFuture<'_, u64> {
        self.0.remove_expired(request)
    }
    fn is_shared(&self) -> bool {
        false
    }
}

#[test]
fn a_store_that_keeps_no_such_revocation_says_so_and_the_token_stays_valid() {
    let tokens = tokens();
    let oauth = handler(&tokens, Older(MemorySessions::new()));
    let access = tokens.create_access_token(&Payload::new(1)).unwrap();
    let refused = oauth.revoke_user(None, &1.into(), SystemTime::now()).unwrap_err();
    assert_eq!(refused.status(), 503);
    assert!(refused.source().unwrap().to_string().contains("record_revocation"));
    assert!(opens(&tokens, &access), "the store comes first, and the list after it");
}
