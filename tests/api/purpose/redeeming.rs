//! Redeeming through the handler: the pool, the session, and tokens that may be used once.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};
use std::thread;
use std::time::Duration;

use gatevault::error::{ConfigError, InvalidReason};
use gatevault::login::{AsyncLookup, SyncLookup};
use gatevault::session::{
    FindSession, ListSessions, NewSession, RemoveExpired, RevocationBatch, RevocationCursor, RevokeSessions,
    Rotation, RotationOutcome, SpendToken, StoreError, StoreFuture, StoredSession,
};
use gatevault::token::{Purpose, PurposeSubject, VerifiedPurpose};
use gatevault::{
    ApiKeys, Clock as _, GuardError, MemorySessions, OAuthHandler, Payload, Session, SessionStore,
    TokenError, TokenManager,
};
use gatevault_tests::{Account, Recorder, quick_hasher, timed, tokens};
use tracing::Level;

use super::{HASH, LINK, RESET, TICKET, ada, reset};

type Handler = OAuthHandler<SyncLookup<Account>>;

fn account() -> Account {
    static ADA: LazyLock<Account> = LazyLock::new(|| Account::new(42, "correct horse"));
    ADA.clone()
}

fn handler(tokens: &TokenManager) -> Handler {
    OAuthHandler::new(tokens.clone(), |name: &str| (name == "ada").then(account))
        .lookup_by_id(|id| (*id == ada()).then(account))
        .hasher(quick_hasher())
}

fn async_handler(tokens: &TokenManager) -> OAuthHandler<AsyncLookup<Account>> {
    OAuthHandler::new_async(tokens.clone(), async |_: &str| Some(account())).hasher(quick_hasher())
}

fn link(tokens: &TokenManager) -> String {
    tokens.create_purpose_token(&LINK, &ada(), "").unwrap()
}

/// Returns the reason for which the token was refused.
fn refused(redeemed: Result<VerifiedPurpose, GuardError>) -> InvalidReason {
    match redeemed.unwrap_err() {
        GuardError::Token(TokenError::Invalid(reason)) => reason,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_token_that_may_be_used_once_is_redeemed_once() {
    let tokens = tokens();
    let oauth = handler(&tokens);
    let (first, second) = (link(&tokens), link(&tokens));
    let redeemed = oauth.redeem_purpose_token(&LINK, &first, "").unwrap();
    assert_eq!(redeemed.user_id(), &ada());
    for _ in 0..3 {
        let again = oauth.redeem_purpose_token(&LINK, &first, "");
        assert_eq!(refused(again), InvalidReason::Spent);
    }
    assert!(oauth.redeem_purpose_token(&LINK, &second, "").is_ok(), "another token of the same user");
}

#[test]
fn the_manager_alone_does_not_use_a_token_up() {
    let tokens = tokens();
    let oauth = handler(&tokens);
    let token = link(&tokens);
    assert!(tokens.decode_purpose_token(&LINK, &token, "").is_ok());
    assert!(tokens.decode_purpose_token(&LINK, &token, "").is_ok());
    assert!(oauth.redeem_purpose_token(&LINK, &token, "").is_ok());
    assert!(tokens.decode_purpose_token(&LINK, &token, "").is_ok(), "it is good until it expires");
}

#[test]
fn a_token_bound_to_state_may_be_redeemed_until_its_state_changes() {
    let tokens = tokens();
    let oauth = handler(&tokens);
    let token = reset(&tokens);
    for _ in 0..2 {
        assert!(oauth.redeem_purpose_token(&RESET, &token, HASH).is_ok());
    }
    assert!(matches!(
        refused(oauth.redeem_purpose_token(&RESET, &token, "another")),
        InvalidReason::PurposeSignature { .. }
    ));
    let stateless = handler(&gatevault_tests::tokens()).stateless();
    assert!(stateless.redeem_purpose_token(&RESET, &token, HASH).is_ok());
}

/// Both kinds of handler, over one store, in a race.
#[test]
fn of_many_concurrent_calls_in_two_processes_one_redeems_the_token() {
    let runtime = tokio::runtime::Builder::new_multi_thread().build().unwrap();
    let store = MemorySessions::new();
    let (here, there) = (tokens(), tokens());
    let sync = handler(&here).session_store(store.clone());
    let awaited = async_handler(&there).session_store(store);
    for _ in 0..100 {
        let (token, won) = (link(&here), AtomicUsize::new(0));
        thread::scope(|scope| {
            for number in 0..8 {
                let (sync, awaited, runtime) = (&sync, &awaited, &runtime);
                let (token, won) = (&token, &won);
                scope.spawn(move || {
                    let redeemed = match number % 2 {
                        0 => sync.redeem_purpose_token(&LINK, token, ""),
                        _ => runtime.block_on(awaited.async_redeem_purpose_token(&LINK, token, "")),
                    };
                    match redeemed {
                        Ok(_) => drop(won.fetch_add(1, Ordering::SeqCst)),
                        Err(_) => assert_eq!(refused(redeemed), InvalidReason::Spent),
                    }
                });
            }
        });
        assert_eq!(won.into_inner(), 1);
    }
}

#[test]
fn an_awaited_redemption_can_be_sent_to_another_thread() {
    fn assert_send(_: impl Future + Send) {}
    let oauth = async_handler(&tokens());
    assert_send(oauth.async_redeem_purpose_token(&LINK, "", String::new()));
}

#[test]
fn a_stateless_handler_says_that_a_token_that_may_be_used_once_needs_a_store() {
    let tokens = tokens();
    let oauth = handler(&tokens).stateless();
    for token in [link(&tokens).as_str(), "junk"] {
        let error = oauth.redeem_purpose_token(&LINK, token, "").unwrap_err();
        let GuardError::Config(config) = &error else { panic!("{error:?}") };
        assert!(matches!(config, ConfigError::Missing { setting: "session_store", .. }), "{config:?}");
        assert_eq!(error.status(), 500);
    }
}

#[test]
fn a_token_of_a_session_needs_a_handler_that_keeps_sessions() {
    let (tokens, user) = (tokens(), ada());
    let subject = PurposeSubject::new(&user).session("one");
    let token = tokens.create_purpose_token(&RESET, subject, HASH).unwrap();
    let redeemed = handler(&tokens).stateless().redeem_purpose_token(&RESET, &token, HASH);
    assert!(matches!(refused(redeemed), InvalidReason::Session(_)));
}

#[test]
fn a_handler_redeems_the_tokens_of_its_own_pool_only() {
    let (tokens, user) = (tokens(), ada());
    let unpooled = handler(&tokens);
    let customers = handler(&tokens).user_pool("customers");
    let admins = handler(&tokens).user_pool("admins");
    let subject = PurposeSubject::new(&user);
    let subjects = [subject, subject.pool("customers"), subject.pool("admins")];
    for (number, subject) in subjects.into_iter().enumerate() {
        for purpose in [&RESET, &LINK] {
            let token = tokens.create_purpose_token(purpose, subject, "").unwrap();
            for (other, oauth) in [&unpooled, &customers, &admins].into_iter().enumerate() {
                let redeemed = oauth.redeem_purpose_token(purpose, &token, "");
                match redeemed {
                    Ok(_) => assert_eq!(number, other),
                    Err(_) => {
                        assert!(matches!(refused(redeemed), InvalidReason::Pool(_)), "{number} {other}");
                    }
                }
            }
            // The other handlers did not use it up.
            let own = [&unpooled, &customers, &admins][number];
            assert_eq!(own.redeem_purpose_token(purpose, &token, "").is_ok(), !purpose.is_once());
        }
    }
}

#[test]
fn the_pool_of_a_handler_is_accepted_though_guards_do_not_accept_its_users() {
    let (builder, _) = timed();
    let tokens = builder.user_pools(["customers"]).build().unwrap();
    let admins = handler(&tokens).user_pool("admins");
    let user = ada();
    let token = tokens.create_purpose_token(&LINK, PurposeSubject::new(&user).pool("admins"), "").unwrap();
    assert!(admins.redeem_purpose_token(&LINK, &token, "").is_ok());
}

/// Creates a ticket from the payload of a guarded function.
fn ticket(tokens: &TokenManager, access: &str) -> String {
    let verified = tokens.decode_access_token::<Payload>(access).unwrap();
    tokens.create_purpose_token(&TICKET, &verified, "").unwrap()
}

#[test]
fn a_ticket_carries_the_session_and_the_pool_of_the_payload_and_opens_once() {
    let tokens = tokens();
    let oauth = handler(&tokens).user_pool("customers");
    let pair = oauth.login("ada", "correct horse").unwrap();
    let access = tokens.decode_access_token::<Payload>(&pair.access_token).unwrap();
    let ticket = ticket(&tokens, &pair.access_token);
    let redeemed = oauth.redeem_purpose_token(&TICKET, &ticket, "").unwrap();
    assert_eq!(redeemed.session_id(), access.session_id());
    assert!(redeemed.session_id().is_some());
    assert_eq!((redeemed.user_id(), redeemed.user_pool()), (&ada(), Some("customers")));
    assert_eq!(refused(oauth.redeem_purpose_token(&TICKET, &ticket, "")), InvalidReason::Spent);
}

#[test]
fn a_logout_ends_the_tickets_of_the_session_here_and_in_the_manager() {
    let tokens = tokens();
    let oauth = handler(&tokens);
    let one = || oauth.revoke(42, &oauth.sessions(42).unwrap()[0].id).unwrap();
    let ends: [&dyn Fn(&str); 3] = [
        &|refresh| oauth.logout(refresh).unwrap(),
        &|_| assert_eq!(oauth.logout_everywhere(42, ApiKeys::End).unwrap(), 1),
        &|_| assert!(one()),
    ];
    for end in ends {
        let pair = oauth.login("ada", "correct horse").unwrap();
        let ticket = ticket(&tokens, &pair.access_token);
        end(&pair.refresh_token);
        assert_eq!(refused(oauth.redeem_purpose_token(&TICKET, &ticket, "")), InvalidReason::Revoked);
        assert!(tokens.decode_purpose_token(&TICKET, &ticket, "").is_err());
    }
}

/// The other process has no feed, as with a store in memory: the store itself says that the session has ended.
#[test]
fn a_session_that_another_process_ended_is_found_ended_in_the_store() {
    let store = MemorySessions::new();
    let (here, there) = (tokens(), tokens());
    let (login, other) =
        (handler(&here).session_store(store.clone()), handler(&there).session_store(store.clone()));
    let pair = login.login("ada", "correct horse").unwrap();
    let (first, second) = (ticket(&here, &pair.access_token), ticket(&here, &pair.access_token));
    assert!(other.redeem_purpose_token(&TICKET, &first, "").is_ok());
    login.logout(&pair.refresh_token).unwrap();
    assert!(there.decode_purpose_token(&TICKET, &second, "").is_ok(), "this manager does not know it");
    assert_eq!(refused(other.redeem_purpose_token(&TICKET, &second, "")), InvalidReason::Revoked);
}

#[test]
fn a_session_that_is_over_ends_its_tickets_without_a_revocation() {
    let (builder, clock) = timed();
    let tokens = builder.build().unwrap();
    let oauth = handler(&tokens).session_lifetime(Duration::from_mins(10));
    let pair = oauth.login("ada", "correct horse").unwrap();
    let hour = Purpose::new("download", Duration::from_hours(1));
    let verified = tokens.decode_access_token::<Payload>(&pair.access_token).unwrap();
    let token = tokens.create_purpose_token(&hour, &verified, "").unwrap();
    assert!(oauth.redeem_purpose_token(&hour, &token, "").is_ok());
    clock.advance(Duration::from_mins(10));
    assert_eq!(refused(oauth.redeem_purpose_token(&hour, &token, "")), InvalidReason::Revoked);
}

#[test]
fn a_ticket_with_the_session_of_another_user_is_refused() {
    let (tokens, other) = (tokens(), 43.into());
    let oauth = handler(&tokens);
    let pair = oauth.login("ada", "correct horse").unwrap();
    let verified = tokens.decode_access_token::<Payload>(&pair.access_token).unwrap();
    for session in [verified.session_id().unwrap(), "unknown"] {
        let subject = PurposeSubject::new(&other).session(session);
        let token = tokens.create_purpose_token(&TICKET, subject, "").unwrap();
        assert_eq!(refused(oauth.redeem_purpose_token(&TICKET, &token, "")), InvalidReason::Revoked);
    }
}

#[test]
fn a_user_whose_tokens_were_revoked_redeems_none() {
    let (builder, clock) = timed();
    let tokens = builder.build().unwrap();
    let oauth = handler(&tokens);
    let token = link(&tokens);
    oauth.revoke_user(None, &ada(), clock.now()).unwrap();
    assert_eq!(refused(oauth.redeem_purpose_token(&LINK, &token, "")), InvalidReason::Revoked);
}

/// A store in which other things happen while it spends a token: a logout everywhere, in this process.
struct Slow {
    sessions: MemorySessions,
    tokens: TokenManager,
    spent: Arc<AtomicUsize>,
}

macro_rules! forward {
    ($($method:ident($request:ty) -> $output:ty;)+) => {
        $(fn $method(&self, request: $request) -> StoreFuture<'_, $output> {
            self.sessions.$method(request)
        })+
    };
}

impl SessionStore for Slow {
    forward! {
        open(NewSession) -> Vec<String>;
        rotate(Rotation) -> RotationOutcome;
        find(FindSession) -> Option<StoredSession>;
        revoke(RevokeSessions) -> Vec<String>;
        list(ListSessions) -> Vec<Session>;
        revocations_since(RevocationCursor) -> RevocationBatch;
        remove_expired(RemoveExpired) -> u64;
    }
    fn spend(&self, request: SpendToken) -> StoreFuture<'_, bool> {
        self.spent.fetch_add(1, Ordering::SeqCst);
        self.tokens.revoke_user(None, &ada(), std::time::SystemTime::now()).unwrap();
        self.sessions.spend(request)
    }
    fn is_shared(&self) -> bool {
        false
    }
}

#[test]
fn a_revocation_while_the_token_is_used_up_wins() {
    let (tokens, spent) = (tokens(), Arc::new(AtomicUsize::new(0)));
    let store = Slow { sessions: MemorySessions::new(), tokens: tokens.clone(), spent: Arc::clone(&spent) };
    let oauth = handler(&tokens).session_store(store);
    assert_eq!(refused(oauth.redeem_purpose_token(&LINK, &link(&tokens), "")), InvalidReason::Revoked);
    assert_eq!(spent.load(Ordering::SeqCst), 1);
}

#[test]
fn a_token_is_used_up_only_after_all_other_checks() {
    let (tokens, spent) = (tokens(), Arc::new(AtomicUsize::new(0)));
    let store = Slow { sessions: MemorySessions::new(), tokens: tokens.clone(), spent: Arc::clone(&spent) };
    let oauth = handler(&tokens).session_store(store);
    let user = ada();
    let of_session = PurposeSubject::new(&user).session("unknown");
    let token = link(&tokens);
    for (token, state) in [
        (token.as_str(), "another state"),
        (&format!("{token}A"), ""),
        (&reset(&tokens), HASH),
        (&tokens.create_purpose_token(&LINK, of_session, "").unwrap(), ""),
    ] {
        assert_eq!(oauth.redeem_purpose_token(&LINK, token, state).unwrap_err().status(), 401);
    }
    assert_eq!(spent.load(Ordering::SeqCst), 0);
}

/// A store that cannot be reached.
#[derive(Clone, Copy)]
pub(super) struct Unreachable;

macro_rules! fail {
    ($($method:ident($request:ty) -> $output:ty;)+) => {
        $(fn $method(&self, _: $request) -> StoreFuture<'_, $output> {
            Box::pin(async { Err(StoreError::from("connection refused".to_owned())) })
        })+
    };
}

impl SessionStore for Unreachable {
    fail! {
        open(NewSession) -> Vec<String>;
        rotate(Rotation) -> RotationOutcome;
        find(FindSession) -> Option<StoredSession>;
        spend(SpendToken) -> bool;
        revoke(RevokeSessions) -> Vec<String>;
        list(ListSessions) -> Vec<Session>;
        revocations_since(RevocationCursor) -> RevocationBatch;
        remove_expired(RemoveExpired) -> u64;
    }
    fn is_shared(&self) -> bool {
        false
    }
}

#[test]
fn a_store_that_cannot_be_reached_redeems_nothing_and_is_no_fault_of_the_token() {
    let (tokens, user) = (tokens(), ada());
    let oauth = handler(&tokens).session_store(Unreachable);
    let ticket = tokens.create_purpose_token(&TICKET, PurposeSubject::new(&user).session("one"), "").unwrap();
    for (purpose, token) in [(&LINK, link(&tokens)), (&TICKET, ticket)] {
        let error = oauth.redeem_purpose_token(purpose, &token, "").unwrap_err();
        assert_eq!(error.status(), 503, "{error:?}");
    }
    // Nothing asks the store for a token that is only bound to state.
    assert!(oauth.redeem_purpose_token(&RESET, &reset(&tokens), HASH).is_ok());
}

/// A store of an older version has no such methods: the error names the one to implement.
#[test]
fn a_store_that_does_not_record_the_use_of_tokens_fails_closed() {
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
    let tokens = tokens();
    let oauth = handler(&tokens).session_store(Older(MemorySessions::new()));
    // The first time registers the event, which a recorder on another thread could miss.
    assert!(oauth.redeem_purpose_token(&LINK, &link(&tokens), "").is_err());
    let recorder = Recorder::default();
    let error = tracing::subscriber::with_default(recorder.clone(), || {
        oauth.redeem_purpose_token(&LINK, &link(&tokens), "").unwrap_err()
    });
    assert_eq!(error.status(), 503);
    let warning = recorder.lines().into_iter().find(|(level, _)| *level == Level::WARN).unwrap().1;
    assert!(warning.contains("implement `spend`"), "{warning}");
}

#[test]
fn each_redemption_is_one_event_without_the_token() {
    let tokens = tokens();
    let oauth = handler(&tokens);
    let token = link(&tokens);
    // The first time registers the events, which a recorder on another thread could miss.
    let first = link(&tokens);
    assert!(oauth.redeem_purpose_token(&LINK, &first, "").is_ok());
    assert!(oauth.redeem_purpose_token(&LINK, &first, "").is_err());
    let recorder = Recorder::default();
    tracing::subscriber::with_default(recorder.clone(), || {
        assert!(oauth.redeem_purpose_token(&LINK, &token, "").is_ok());
        let denial = oauth.redeem_purpose_token(&LINK, &token, "").unwrap_err();
        assert_eq!((denial.to_string().as_str(), denial.status()), ("the token is not valid", 401));
    });
    let lines = recorder.lines();
    let [(Level::INFO, redeemed), (Level::INFO, denied)] = lines.as_slice() else { panic!("{lines:?}") };
    assert!(redeemed.contains("purpose token redeemed") && redeemed.contains("user=42"), "{redeemed}");
    assert!(denied.contains("purpose token refused") && denied.contains("used before"), "{denied}");
    for line in [redeemed, denied] {
        assert!(line.contains("purpose=\"magic-link\"") && !line.contains(&token), "{line}");
    }
}

#[test]
fn a_handler_with_an_invalid_setting_redeems_nothing() {
    let tokens = tokens();
    let oauth = handler(&tokens).session_limit(0);
    let error = oauth.redeem_purpose_token(&RESET, &reset(&tokens), HASH).unwrap_err();
    assert!(matches!(error, GuardError::Config(_)), "{error:?}");
}
