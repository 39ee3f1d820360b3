//! User pools: the users of two handlers that share a manager, a store or a key never meet.

use std::error::Error as _;
use std::sync::LazyLock;
use std::time::{Duration, SystemTime};

use gatevault::error::{ConfigError, InvalidReason};
use gatevault::login::SyncLookup;
use gatevault::web::HttpRequest;
use gatevault::{
    ApiKeys, AuthRoutes, GateVault, GuardError, Issuer, KeyRing, MemorySessions, OAuthHandler, Payload,
    RevocationFeed, TokenError, TokenManager, TokenPair, VerifyingKey,
};
use gatevault_tests::{Account, SECRET, quick_hasher, timed, tokens};

type Handler = OAuthHandler<SyncLookup<Account>>;

/// A handler whose only user has the id 1, as that of every other handler here.
fn handler(tokens: &TokenManager) -> Handler {
    static ADA: LazyLock<Account> = LazyLock::new(|| Account::new(1, "correct horse"));
    OAuthHandler::new(tokens.clone(), |_: &str| Some(ADA.clone()))
        .lookup_by_id(|_| Some(ADA.clone()))
        .hasher(quick_hasher())
}

fn login(oauth: &Handler) -> TokenPair {
    oauth.login("ada", "correct horse").unwrap()
}

fn opens(tokens: &TokenManager, pair: &TokenPair) -> bool {
    tokens.decode_access_token::<Payload>(&pair.access_token).is_ok()
}

fn is_wrong_pool(outcome: Result<impl Sized, GuardError>) -> bool {
    let reason = outcome.err();
    matches!(
        reason,
        Some(GuardError::Token(TokenError::Invalid(InvalidReason::Session(_) | InvalidReason::Pool(_))))
    )
}

#[test]
fn handlers_of_two_pools_never_take_list_or_end_each_others_sessions() {
    let tokens = tokens();
    let store = MemorySessions::new();
    let over = |oauth: Handler| oauth.session_store(store.clone());
    let unpooled = over(handler(&tokens));
    let customers = over(handler(&tokens)).user_pool("customers");
    let admins = over(handler(&tokens)).user_pool("admins");
    let handlers = [&unpooled, &customers, &admins];
    let pairs = handlers.map(login);
    let session = |pair: &TokenPair| {
        let verified = tokens.decode_access_token::<Payload>(&pair.access_token).unwrap();
        verified.session_id().unwrap().to_owned()
    };
    for (number, oauth) in handlers.iter().enumerate() {
        let listed = oauth.sessions(1).unwrap();
        assert_eq!(
            listed.iter().map(|listed| listed.id.clone()).collect::<Vec<_>>(),
            [session(&pairs[number])]
        );
        for (_, pair) in pairs.iter().enumerate().filter(|(other, _)| *other != number) {
            assert!(is_wrong_pool(oauth.refresh(&pair.refresh_token)));
            assert!(is_wrong_pool(oauth.logout(&pair.refresh_token)));
            assert!(!oauth.revoke(1, &session(pair)).unwrap());
            assert_eq!(oauth.logout_others(1, &session(&pairs[number])).unwrap(), 0);
        }
    }
    assert_eq!(admins.logout_everywhere(1, ApiKeys::End).unwrap(), 1);
    assert!(!opens(&tokens, &pairs[2]));
    for number in [0, 1] {
        assert!(opens(&tokens, &pairs[number]));
        assert!(handlers[number].refresh(&pairs[number].refresh_token).is_ok());
    }
}

#[test]
fn a_session_of_another_pool_is_unknown_though_its_token_is_signed() {
    let (customers, admins) = (tokens(), tokens());
    let store = MemorySessions::new();
    let of_customers = handler(&customers).session_store(store.clone()).user_pool("customers");
    let of_admins = handler(&admins).session_store(store).user_pool("admins");
    let pair = login(&of_customers);
    assert!(of_admins.sessions(1).unwrap().is_empty());
    assert!(is_wrong_pool(of_admins.refresh(&pair.refresh_token)));
    assert!(!opens(&admins, &pair), "a manager accepts the pools of its own handlers");
    assert!(of_customers.refresh(&pair.refresh_token).is_ok());
}

#[test]
fn the_tokens_of_a_pool_name_it_and_others_do_not() {
    let tokens = tokens();
    let (plain, admins) = (handler(&tokens), handler(&tokens).user_pool("admins \"and\" \u{1}"));
    let pool = |token: &str| tokens.decode_token::<Payload>(token).unwrap().user_pool().map(str::to_owned);
    for (oauth, expected) in [(&plain, None), (&admins, Some("admins \"and\" \u{1}".to_owned()))] {
        let pair = login(oauth);
        let next = oauth.refresh(&pair.refresh_token).unwrap();
        for token in [&pair.access_token, &pair.refresh_token, &next.access_token, &next.refresh_token] {
            assert_eq!(pool(token), expected);
        }
    }
}

#[test]
fn two_handlers_of_a_manager_without_a_pool_are_a_configuration_error_of_the_second() {
    let tokens = tokens();
    let (first, second) = (handler(&tokens), handler(&tokens));
    assert_eq!(first.validate(), Ok(()));
    assert_eq!(second.validate(), Err(ConfigError::SharedManager));
    let pair = login(&first);
    let is_refused = |outcome: Result<(), GuardError>| {
        assert!(matches!(outcome, Err(GuardError::Config(ConfigError::SharedManager))), "{outcome:?}");
    };
    is_refused(second.login("ada", "correct horse").map(drop));
    is_refused(second.refresh(&pair.refresh_token).map(drop));
    is_refused(second.logout(&pair.refresh_token));
    is_refused(second.logout_everywhere(1, ApiKeys::End).map(drop));
    is_refused(second.logout_others(1, "session").map(drop));
    is_refused(second.revoke(1, "session").map(drop));
    is_refused(second.sessions(1).map(drop));
    is_refused(second.revoke_user(None, &1.into(), SystemTime::now()));
    assert!(first.refresh(&pair.refresh_token).is_ok());

    let second = second.user_pool("admins");
    assert_eq!(second.validate(), Ok(()));
    login(&second);
}

#[test]
fn a_handler_that_is_gone_conflicts_with_none() {
    let tokens = tokens();
    drop(handler(&tokens));
    let only = handler(&tokens);
    assert_eq!(only.validate(), Ok(()));
}

#[test]
fn several_handlers_may_share_a_pool_by_its_name() {
    let (tokens, store) = (tokens(), MemorySessions::new());
    let one = handler(&tokens).session_store(store.clone()).user_pool("customers");
    let other = handler(&tokens).session_store(store).user_pool("customers");
    let next = other.refresh(&login(&one).refresh_token).unwrap();
    assert_eq!(one.sessions(1).unwrap().len(), 1);
    other.logout(&next.refresh_token).unwrap();
    assert!(one.sessions(1).unwrap().is_empty());
}

#[test]
fn guards_accept_the_pools_of_the_handlers_that_exist() {
    let tokens = tokens();
    let unpooled = tokens.create_access_token(&Payload::new(1)).unwrap();
    let accepts_unpooled = || GateVault::new(tokens.clone()).verify::<Payload>(&unpooled).is_ok();
    assert!(accepts_unpooled(), "without a handler");
    let admins = handler(&tokens).user_pool("admins");
    let pair = login(&admins);
    assert!(opens(&tokens, &pair) && !accepts_unpooled());
    let plain = handler(&tokens);
    assert!(opens(&tokens, &pair) && accepts_unpooled());
    drop((admins, plain));
    assert!(!opens(&tokens, &pair) && accepts_unpooled(), "after the handlers");
}

#[test]
fn a_service_that_only_guards_names_the_pools_that_it_accepts() {
    let login_service = tokens();
    let (customers, admins) =
        (handler(&login_service).user_pool("customers"), handler(&login_service).user_pool("admins"));
    let [customer, admin] = [login(&customers), login(&admins)];
    let build = |pools: &[&str]| {
        let builder = TokenManager::builder().secret(SECRET);
        if pools.is_empty() { builder.build() } else { builder.user_pools(pools.to_vec()).build() }
    };
    for (pools, expected) in [
        (&[][..], [false, false]),
        (&["customers"], [true, false]),
        (&["admins"], [false, true]),
        (&["customers", "admins"], [true, true]),
    ] {
        let guarding = build(pools).unwrap();
        assert_eq!([opens(&guarding, &customer), opens(&guarding, &admin)], expected, "{pools:?}");
        let unpooled = guarding.create_access_token(&Payload::new(1)).unwrap();
        assert_eq!(guarding.decode_access_token::<Payload>(&unpooled).is_ok(), pools.is_empty());
    }
    let refused = build(&["customers"]).unwrap().decode_access_token::<Payload>(&admin.access_token);
    let reason = refused.unwrap_err().source().unwrap().to_string();
    for part in ["`pool`", "\"admins\"", "\"customers\"", "user_pools"] {
        assert!(reason.contains(part), "{part}: {reason}");
    }
}

#[test]
fn pools_without_a_name_are_a_configuration_error() {
    let builder = || TokenManager::builder().secret(SECRET);
    for pools in [&[][..], &[""], &["customers", ""]] {
        let error = builder().user_pools(pools.to_vec()).build().unwrap_err();
        assert_eq!(error, ConfigError::EmptyText { setting: "user_pools" });
    }
    let nameless = handler(&tokens()).user_pool("");
    assert_eq!(nameless.validate(), Err(ConfigError::EmptyText { setting: "user_pool" }));
    assert!(matches!(nameless.login("ada", "correct horse"), Err(GuardError::Config(_))));
}

#[test]
fn a_token_of_the_wrong_pool_that_has_expired_too_is_not_called_expired() {
    let (builder, clock) = timed();
    let login_service = builder.build().unwrap();
    let pair = login(&handler(&login_service).user_pool("admins"));
    let guarding = TokenManager::builder().secret(SECRET).clock(clock.clone()).build().unwrap();
    clock.advance(Duration::from_hours(1));
    let refused = guarding.decode_access_token::<Payload>(&pair.access_token).unwrap_err();
    assert!(matches!(refused, TokenError::Invalid(InvalidReason::Pool(_))), "{refused:?}");
}

#[test]
fn a_service_that_accepts_the_login_service_as_an_issuer_can_name_the_pools() {
    let login_service = TokenManager::builder()
        .secret(SECRET)
        .issuer("https://auth.example")
        .audience("shop")
        .build()
        .unwrap();
    let handlers = ["customers", "admins"].map(|pool| handler(&login_service).user_pool(pool));
    let [customer, admin] = handlers.each_ref().map(login);
    let keys = KeyRing::verifying([VerifyingKey::hs256(SECRET).unwrap()]).unwrap();
    let issuer = || {
        let issuer = Issuer::new("https://auth.example", keys.clone()).audience("shop");
        TokenManager::builder().accept(issuer.subject_claim("user_id"))
    };
    let (any, named) = (issuer().build().unwrap(), issuer().user_pools(["customers"]).build().unwrap());
    assert!(opens(&any, &customer) && opens(&any, &admin));
    let verified = any.decode_access_token::<Payload>(&admin.access_token).unwrap();
    assert_eq!(verified.user_pool(), Some("admins"));
    assert!(opens(&named, &customer) && !opens(&named, &admin));
}

#[test]
fn without_sessions_logging_a_user_out_everywhere_leaves_the_same_id_of_another_pool_alone() {
    let tokens = tokens();
    let handlers = [None, Some("customers"), Some("admins")].map(|pool| {
        let oauth = handler(&tokens).stateless();
        pool.map_or_else(|| handler(&tokens).stateless(), |pool| oauth.user_pool(pool))
    });
    for (number, oauth) in handlers.iter().enumerate() {
        let pairs = handlers.each_ref().map(login);
        oauth.logout_everywhere(1, ApiKeys::End).unwrap();
        for (other, pair) in pairs.iter().enumerate() {
            // Those of the handlers before were logged out by them, within the clock skew.
            assert_eq!(opens(&tokens, pair), other > number, "{number}, {other}");
            assert_eq!(handlers[other].refresh(&pair.refresh_token).is_ok(), other > number);
        }
    }
}

#[test]
fn a_revoked_user_of_one_pool_is_not_one_of_another_here_and_for_followers() {
    let store = MemorySessions::new();
    let login_service = tokens();
    let customers = handler(&login_service).session_store(store.clone()).user_pool("customers");
    let admins = handler(&login_service).session_store(store.clone()).user_pool("admins");
    let [customer, admin] = [login(&customers), login(&admins)];
    let guarding =
        TokenManager::builder().secret(SECRET).user_pools(["customers", "admins"]).build().unwrap();
    let _feed = RevocationFeed::of(store).poll_interval(Duration::from_millis(10)).follow(&guarding).unwrap();
    admins.revoke_user(None, &1.into(), SystemTime::now()).unwrap();
    let deadline = std::time::Instant::now() + Duration::from_secs(30);
    while opens(&guarding, &admin) {
        assert!(std::time::Instant::now() < deadline, "the feed brought nothing");
        std::thread::sleep(Duration::from_millis(5));
    }
    for tokens in [&login_service, &guarding] {
        assert!(opens(tokens, &customer) && !opens(tokens, &admin));
    }
    assert!(admins.refresh(&admin.refresh_token).is_err());
    assert!(customers.refresh(&customer.refresh_token).is_ok());
}

/// The routes of two handlers over one manager, whose guards accept the tokens of both.
#[test]
fn the_routes_of_one_pool_neither_list_nor_end_the_sessions_of_another() {
    let tokens = tokens();
    let (customers, admins) = (handler(&tokens).user_pool("customers"), handler(&tokens).user_pool("admins"));
    let [customer, admin] = [login(&customers), login(&admins)];
    let session = tokens.decode_access_token::<Payload>(&customer.access_token).unwrap();
    let session = session.session_id().unwrap().to_owned();
    let (customers, admins) = (AuthRoutes::new(customers), AuthRoutes::new(admins));
    let ask = |routes: &AuthRoutes<SyncLookup<Account>>, method: &str, path: &str, access: &str| {
        let bearer = format!("Bearer {access}");
        let request = HttpRequest::new(method, path).with_header("authorization", bearer.as_bytes());
        routes.respond(&request, None).status
    };
    let of_session = format!("/sessions/{session}");
    for (method, path, expected) in
        [("GET", "/sessions", [200, 403]), ("DELETE", of_session.as_str(), [404, 403])]
    {
        let answers = [&admin, &customer].map(|pair| ask(&admins, method, path, &pair.access_token));
        assert_eq!(answers, expected, "{method}");
    }
    assert_eq!(ask(&admins, "POST", "/logout", &customer.access_token), 204);
    assert!(opens(&tokens, &customer), "its bearer token names no session of these routes");
    assert_eq!(ask(&customers, "DELETE", &of_session, &customer.access_token), 204);
    assert!(!opens(&tokens, &customer));
}
