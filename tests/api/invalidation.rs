//! A connection ends with its token: which revocations end it, which leave it open, and none is missed.

use std::future::ready;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use gatevault::login::SyncLookup;
use gatevault::session::{
    ListSessions, NewRevocation, NewSession, RemoveExpired, Revocation, RevocationBatch, RevocationCursor,
    RevokeSessions, Rotation, RotationOutcome, StalePolicy, StoreFuture,
};
use gatevault::token::Invalidated;
use gatevault::{
    Claims, Issuer, KeyRing, MemorySessions, OAuthHandler, Payload, RevocationFeed, Session, SessionStore,
    Timestamp, TokenManager, TokenPair, Verified, VerifyingKey, claims,
};
use gatevault_tests::{Account, SECRET, Waiting, quick_hasher, tokens};

type Handler = OAuthHandler<SyncLookup<Account>>;

fn handler(tokens: &TokenManager) -> Handler {
    let accounts: Arc<[Account]> = [1, 2].map(|id| Account::new(id, "correct horse")).into();
    let by_id = Arc::clone(&accounts);
    let by_name = move |name: &str| accounts.iter().find(|account| account.id.to_string() == name).cloned();
    OAuthHandler::new(tokens.clone(), by_name)
        .lookup_by_id(move |id| by_id.iter().find(|account| account.id == *id).cloned())
        .hasher(quick_hasher())
}

fn verified(tokens: &TokenManager, access: &str) -> Verified<Payload> {
    tokens.decode_access_token(access).unwrap()
}

/// Returns the connection of a caller, which waits.
fn connect(tokens: &TokenManager, access: &str) -> Waiting {
    let mut waiting = Waiting::new(tokens.invalidated(&verified(tokens, access)));
    assert_eq!(waiting.poll(), None);
    waiting
}

fn access(tokens: &TokenManager, id: u64) -> String {
    tokens.create_access_token(&Payload::new(id)).unwrap()
}

fn revoke_token(tokens: &TokenManager, access: &str) {
    let token = verified(tokens, access);
    tokens.revoke_token(None, token.token_id().unwrap(), token.expires_at()).unwrap();
}

fn assert_open(waiting: &mut Waiting, after: &str) {
    assert_eq!((waiting.poll(), waiting.woken()), (None, 0), "after {after}");
}

#[test]
fn the_revocation_of_a_user_without_a_pool_leaves_the_connections_of_a_pool_open() {
    let tokens = tokens();
    let customers = handler(&tokens).user_pool("customers");
    let pair = customers.login("1", "correct horse").unwrap();
    let mut waiting = connect(&tokens, &pair.access_token);
    tokens.revoke_user(None, &1.into(), SystemTime::now()).unwrap();
    tokens.revoke_access_tokens(None, &1.into(), SystemTime::now()).unwrap();
    assert_open(&mut waiting, "the revocation of the user without a pool");
    assert!(tokens.decode_access_token::<Payload>(&pair.access_token).is_ok());

    let mut late = connect(&tokens, &pair.access_token);
    assert_open(&mut late, "a connection that begins after it");
    customers.revoke_user(None, &1.into(), SystemTime::now()).unwrap();
    assert_eq!((waiting.wait(), late.wait()), (Invalidated::Revoked, Invalidated::Revoked));
}

#[test]
fn the_revocation_of_the_token_its_user_or_its_session_ends_a_connection_with_the_reason() {
    let tokens = tokens();
    let one = access(&tokens, 1);
    let mut waiting = connect(&tokens, &one);
    revoke_token(&tokens.clone(), &one);
    assert_eq!((waiting.woken(), waiting.wait()), (1, Invalidated::Revoked), "the token, through a clone");
    assert_eq!(waiting.poll(), Some(Invalidated::Revoked), "again");

    let mut waiting = connect(&tokens, &access(&tokens, 2));
    tokens.revoke_user(None, &2.into(), SystemTime::now()).unwrap();
    assert_eq!((waiting.woken(), waiting.wait()), (1, Invalidated::Revoked), "the user");

    let pair = handler(&tokens).login("1", "correct horse").unwrap();
    let mut waiting = connect(&tokens, &pair.access_token);
    let session = verified(&tokens, &pair.access_token).session_id().unwrap().to_owned();
    tokens.revoke_session(None, &session).unwrap();
    assert_eq!((waiting.woken(), waiting.wait()), (1, Invalidated::SessionEnded), "the session");
}

#[test]
fn a_logout_ends_the_connections_of_its_session_and_of_no_other() {
    let tokens = tokens();
    let oauth = handler(&tokens);
    let [first, second]: [TokenPair; 2] = [(); 2].map(|()| oauth.login("1", "correct horse").unwrap());
    let other = oauth.login("2", "correct horse").unwrap();
    let [mut tab, mut other_tab] = [(); 2].map(|()| connect(&tokens, &first.access_token));
    let mut phone = connect(&tokens, &second.access_token);
    let mut of_other = connect(&tokens, &other.access_token);

    oauth.logout(&first.refresh_token).unwrap();
    assert_eq!([tab.wait(), other_tab.wait()], [Invalidated::SessionEnded; 2]);
    assert_open(&mut phone, "the logout of another session");
    oauth.logout(&second.refresh_token).unwrap();
    assert_eq!(phone.wait(), Invalidated::SessionEnded);
    assert_open(&mut of_other, "the logout of another user");
}

#[test]
fn a_refresh_the_revocation_of_another_token_and_that_of_another_user_leave_a_connection_open() {
    let tokens = tokens();
    let oauth = handler(&tokens);
    let pair = oauth.login("1", "correct horse").unwrap();
    let mut waiting = connect(&tokens, &pair.access_token);
    let next = oauth.refresh(&pair.refresh_token).unwrap();
    assert_open(&mut waiting, "a refresh");
    revoke_token(&tokens, &next.access_token);
    assert_open(&mut waiting, "the revocation of another token of the session");
    tokens.revoke_user(None, &2.into(), SystemTime::now()).unwrap();
    tokens.revoke_user(None, &"1".into(), SystemTime::now()).unwrap();
    assert_open(&mut waiting, "the revocation of another user");
    let yesterday = SystemTime::now() - Duration::from_hours(24);
    tokens.revoke_user(None, &1.into(), yesterday).unwrap();
    assert_open(&mut waiting, "the revocation of the user's tokens of yesterday");
    tokens.revoke_session(None, "another").unwrap();
    assert_open(&mut waiting, "the revocation of another session");
    tokens.revoke_user(None, &1.into(), SystemTime::now()).unwrap();
    assert_eq!(waiting.wait(), Invalidated::Revoked);
}

#[test]
fn a_revocation_before_the_first_poll_is_not_missed() {
    let tokens = tokens();
    let [one, two] = [1, 2].map(|id| access(&tokens, id));
    let [caller, other] = [&one, &two].map(|access| verified(&tokens, access));
    let mut created_before = Waiting::new(tokens.invalidated(&caller));
    let mut of_other = Waiting::new(tokens.invalidated(&other));
    revoke_token(&tokens, &one);
    let mut created_after = Waiting::new(tokens.invalidated(&caller));
    let polled = [created_before.poll(), created_after.poll(), of_other.poll()];
    assert_eq!(polled, [Some(Invalidated::Revoked), Some(Invalidated::Revoked), None]);
}

#[test]
fn a_revocation_wakes_the_connections_that_it_concerns_and_no_other() {
    let tokens = tokens();
    let all: Vec<_> = (0..1000).map(|id| access(&tokens, id)).collect();
    let mut waiting: Vec<_> = all.iter().map(|access| connect(&tokens, access)).collect();
    revoke_token(&tokens, &all[7]);
    tokens.revoke_user(None, &9.into(), SystemTime::now()).unwrap();
    for (id, waiting) in waiting.iter_mut().enumerate() {
        let expected = [7, 9].contains(&id).then_some(Invalidated::Revoked);
        assert_eq!((waiting.woken(), waiting.poll()), (usize::from(expected.is_some()), expected), "{id}");
    }
}

#[test]
fn no_revocation_is_missed_while_connections_begin_and_are_dropped_on_other_threads() {
    let tokens = tokens();
    let barrier = Arc::new(Barrier::new(2));
    let all: Arc<[_]> = (0..2000).map(|id| access(&tokens, id)).collect();
    let revoking = thread::spawn({
        let (tokens, barrier, all) = (tokens.clone(), Arc::clone(&barrier), Arc::clone(&all));
        move || {
            let all: Vec<_> = all.iter().map(|access| verified(&tokens, access)).collect();
            for token in all {
                barrier.wait();
                tokens.revoke_token(None, token.token_id().unwrap(), token.expires_at()).unwrap();
            }
        }
    });
    for access in all.iter() {
        let caller = verified(&tokens, access);
        barrier.wait();
        drop(tokens.invalidated(&caller));
        assert_eq!(Waiting::new(tokens.invalidated(&caller)).wait(), Invalidated::Revoked);
    }
    revoking.join().unwrap();
}

#[test]
fn a_connection_follows_the_user_that_each_claims_type_has() {
    #[derive(Claims)]
    struct User {
        user_id: u64,
        name: String,
    }
    #[derive(serde::Serialize, serde::Deserialize)]
    struct Foreign {
        iss: String,
        name: String,
    }
    let tokens = TokenManager::builder().secret(SECRET).issuer("https://id.example").build().unwrap();
    let token = tokens.create_access_token(&User { user_id: 42, name: "Ada".to_owned() }).unwrap();
    let derived = tokens.decode_access_token::<User>(&token).unwrap();
    assert_eq!((derived.user_id, &*derived.name), (42, "Ada"));
    let of_serde = tokens.decode_access_token::<claims::Serde<Foreign>>(&token).unwrap();
    let payload = tokens.decode_access_token::<Payload>(&token).unwrap();
    let futures = [tokens.invalidated(&derived), tokens.invalidated(&of_serde), tokens.invalidated(&payload)];
    let mut waiting = futures.map(Waiting::new);
    for waiting in &mut waiting {
        assert_eq!(waiting.poll(), None);
    }
    tokens.revoke_user(None, &42.into(), SystemTime::now()).unwrap();
    for waiting in &mut waiting {
        assert_eq!(waiting.wait(), Invalidated::Revoked);
    }
}

#[test]
fn a_token_of_another_issuer_ends_by_the_revocations_of_that_issuer() {
    let id =
        TokenManager::builder().secret(SECRET).issuer("https://id.example").audience("shop").build().unwrap();
    let keys = || KeyRing::verifying([VerifyingKey::hs256(SECRET).unwrap()]).unwrap();
    let issuer = Issuer::new("https://id.example", keys()).audience("shop").subject_claim("user_id");
    let shop =
        TokenManager::builder().secret("another secret of thirty-two bytes.").accept(issuer).build().unwrap();
    let token = access(&id, 1);
    let mut waiting = connect(&shop, &token);
    let caller = verified(&shop, &token);
    let revoke = |issuer| shop.revoke_token(issuer, caller.token_id().unwrap(), caller.expires_at()).unwrap();
    revoke(None);
    shop.revoke_user(None, &1.into(), SystemTime::now()).unwrap();
    assert_open(&mut waiting, "revocations of our own tokens");
    revoke(Some("https://id.example"));
    assert_eq!(waiting.wait(), Invalidated::Revoked);
    let unknown = tokens().invalidated(&caller);
    assert_eq!(Waiting::new(unknown).wait(), Invalidated::Revoked, "of a manager that accepts no such token");
}

#[test]
fn a_token_that_a_named_service_signed_with_our_key_ends_by_revocations_under_that_name() {
    let name = "https://id.example";
    let id = TokenManager::builder().secret(SECRET).issuer(name).build().unwrap();
    let nameless = tokens();
    let store = MemorySessions::new();
    let feed =
        RevocationFeed::of(store.clone()).poll_interval(Duration::from_millis(10)).follow(&nameless).unwrap();
    let record = |user: u64, issuer: &str| {
        let now = Timestamp::from_seconds(UNIX_EPOCH.elapsed().unwrap().as_secs()).unwrap();
        let revocation = Revocation::of_user(&user.into(), now).with_issuer(Some(issuer.to_owned()));
        pollster::block_on(store.record_revocation(NewRevocation::new(revocation, now))).unwrap();
    };
    let [mut one, mut two] = [1, 2].map(|user| connect(&nameless, &access(&id, user)));
    record(1, "https://other.example");
    record(2, name);
    assert_eq!(two.wait(), Invalidated::Revoked);
    assert_open(&mut one, "the revocation of the user of another service");
    record(1, name);
    assert_eq!(one.wait(), Invalidated::Revoked);
    drop(feed);
}

#[test]
fn a_logout_in_another_process_ends_a_connection_here_through_a_feed() {
    let store = MemorySessions::new();
    let (there, here) = (tokens(), tokens());
    let oauth = handler(&there).session_store(store.clone());
    let feed = RevocationFeed::of(store).poll_interval(Duration::from_millis(10)).follow(&here).unwrap();
    let pair = oauth.login("1", "correct horse").unwrap();
    let other = oauth.login("1", "correct horse").unwrap();
    let [mut ending, mut staying] = [&pair, &other].map(|pair| connect(&here, &pair.access_token));
    oauth.logout(&pair.refresh_token).unwrap();
    assert_eq!(ending.wait(), Invalidated::SessionEnded);
    assert_open(&mut staying, "the logout of another session");
    drop(feed);
}

/// A store that can become unreachable.
#[derive(Clone, Default)]
pub(crate) struct Reachable {
    sessions: MemorySessions,
    pub(crate) is_lost: Arc<AtomicBool>,
}

impl SessionStore for Reachable {
    fn open(&self, session: NewSession) -> StoreFuture<'_, Vec<String>> {
        self.sessions.open(session)
    }
    fn rotate(&self, rotation: Rotation) -> StoreFuture<'_, RotationOutcome> {
        self.sessions.rotate(rotation)
    }
    fn revoke(&self, request: RevokeSessions) -> StoreFuture<'_, Vec<String>> {
        self.sessions.revoke(request)
    }
    fn list(&self, request: ListSessions) -> StoreFuture<'_, Vec<Session>> {
        self.sessions.list(request)
    }
    fn revocations_since(&self, cursor: RevocationCursor) -> StoreFuture<'_, RevocationBatch> {
        if self.is_lost.load(Ordering::SeqCst) {
            return Box::pin(ready(Err("the store is unreachable".into())));
        }
        self.sessions.revocations_since(cursor)
    }
    fn remove_expired(&self, request: RemoveExpired) -> StoreFuture<'_, u64> {
        self.sessions.remove_expired(request)
    }
    fn is_shared(&self) -> bool {
        true
    }
}

#[test]
fn a_stale_feed_ends_connections_if_guards_deny_tokens_meanwhile() {
    for (policy, ends) in [(StalePolicy::Deny, true), (StalePolicy::Allow, false)] {
        let (tokens, store) = (tokens(), Reachable::default());
        let token = access(&tokens, 1);
        let feed = RevocationFeed::of(store.clone()).poll_interval(Duration::from_millis(10));
        let feed = feed.max_staleness(Duration::from_secs(2)).when_stale(policy).follow(&tokens).unwrap();
        while tokens.decode_access_token::<Payload>(&token).is_err() {
            thread::sleep(Duration::from_millis(1));
        }
        let mut waiting = connect(&tokens, &token);
        store.is_lost.store(true, Ordering::SeqCst);
        if ends {
            assert_eq!(waiting.wait(), Invalidated::Revoked);
        } else {
            thread::sleep(Duration::from_secs(4));
            assert_open(&mut waiting, "the store was lost");
        }
        drop(feed);
    }
}
