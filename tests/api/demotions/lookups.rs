//! Demotions while a user is looked up, and users that the application looked up before.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use gatevault::login::{SessionRequest, StepUpRequest, SyncLookup, TokenPair};
use gatevault::{
    AuthUser as _, Clock as _, GuardError, KeyRequest, MemorySessions, OAuthHandler, Payload, TokenManager,
    UserId,
};
use gatevault_tests::{Account, quick_hasher, timed};

use super::{Member, Node, Users, role, set_role, users};

/// Returns a handler that calls `during` in each lookup, after the user was read.
fn interrupted(
    tokens: &TokenManager,
    store: &MemorySessions,
    users: &Users,
    during: impl Fn() + Clone + Send + Sync + 'static,
) -> OAuthHandler<SyncLookup<Member>> {
    let member = users.lock().unwrap()[0].clone();
    let (by_name, by_id, also_during) = (member.clone(), member, during.clone());
    let find_by_name = move |_: &str| {
        during();
        Some(by_name.clone())
    };
    let find_by_id = move |_: &UserId| {
        also_during();
        Some(by_id.clone())
    };
    OAuthHandler::new(tokens.clone(), find_by_name)
        .lookup_by_id(find_by_id)
        .claims(|user: &Member| Payload::new(user.id()).with("role", user.role))
        .hasher(quick_hasher())
        .session_store(store.clone())
}

/// Returns the access tokens of every way to get one.
fn every_way(oauth: &OAuthHandler<SyncLookup<Member>>, first: &TokenPair, key: &str) -> Vec<String> {
    let logged_in = oauth.login("ada", "correct horse").unwrap();
    let refreshed = oauth.refresh(&first.refresh_token).unwrap();
    let second_tab = oauth.refresh(&first.refresh_token).unwrap();
    let pairs = [logged_in, refreshed, second_tab].map(|pair| pair.access_token);
    pairs.into_iter().chain([oauth.exchange_key(key).unwrap().access_token]).collect()
}

/// However often the user is looked up, each lookup is outdated when it returns.
#[test]
fn a_demotion_between_the_lookup_and_the_signature_leaves_the_token_refused() {
    let (builder, clock) = timed();
    let (tokens, store) = (builder.build().unwrap(), MemorySessions::new());
    let users = users();
    let calm = interrupted(&tokens, &store, &users, || {});
    let (first, key) = (calm.login("ada", "correct horse").unwrap(), KeyRequest::new("ci"));
    let key = calm.create_key(1, key).unwrap().key;
    drop(calm); // two handlers of one manager need a pool each
    let revoked = (tokens.clone(), clock.clone(), Arc::new(AtomicUsize::new(0)));
    let calls = Arc::clone(&revoked.2);
    let demoting = interrupted(&tokens, &store, &users, move || {
        let (tokens, clock, calls) = &revoked;
        tokens.revoke_access_tokens(None, &1.into(), clock.now()).unwrap();
        calls.fetch_add(1, Ordering::SeqCst);
    });
    for (way, access) in every_way(&demoting, &first, &key).iter().enumerate() {
        assert_eq!(role(&tokens, access), None, "{way}");
    }
    assert!(calls.load(Ordering::SeqCst) >= 4);
}

/// The node learns of nothing, and signs minutes after it has read the user.
#[test]
fn a_slow_lookup_makes_no_token_that_looks_newer_than_its_claims() {
    let (store, users) = (MemorySessions::new(), users());
    let here = Node::over(&store, &users);
    let (first, key) = (here.login(), here.oauth.create_key(1, KeyRequest::new("ci")).unwrap().key);
    let (builder, clock) = timed();
    let slow = builder.build().unwrap();
    let begins = clock.now();
    let time = clock.clone();
    let oauth = interrupted(&slow, &store, &users, move || time.advance(Duration::from_mins(3)));
    let mut ways = Vec::new();
    for login in [true, false] {
        clock.set(begins);
        let access = if login {
            oauth.login("ada", "correct horse").unwrap().access_token
        } else {
            oauth.refresh(&first.refresh_token).unwrap().access_token
        };
        ways.push(access);
    }
    clock.set(begins);
    ways.push(oauth.exchange_key(&key).unwrap().access_token);
    here.demote();
    here.clock.advance(Duration::from_mins(3));
    for (way, access) in ways.iter().enumerate() {
        assert_eq!(here.role(access), None, "{way}");
    }
}

#[test]
fn a_demotion_that_is_over_before_the_lookup_ends_gives_the_new_role_at_once() {
    let users = users();
    let node = Node::over(&MemorySessions::new(), &users);
    let pair = node.login();
    // The first lookup reads an admin, and the demotion follows: the user is looked up again.
    let (found, tokens, clock) = (Arc::clone(&users), node.tokens.clone(), node.clock.clone());
    let is_first = AtomicUsize::new(0);
    let oauth = OAuthHandler::new(node.tokens.clone(), |_: &str| None::<Member>)
        .lookup_by_id(move |_: &UserId| {
            let user = found.lock().unwrap()[0].clone();
            if is_first.fetch_add(1, Ordering::SeqCst) == 0 {
                set_role(&found, "member");
                tokens.revoke_access_tokens(None, &1.into(), clock.now()).unwrap();
            }
            Some(user)
        })
        .claims(|user: &Member| Payload::new(user.id()).with("role", user.role))
        .session_store(node.store.clone());
    drop(node.oauth);
    let next = oauth.refresh(&pair.refresh_token).unwrap();
    assert_eq!(role(oauth.tokens(), &next.access_token).as_deref(), Some("member"));
}

#[test]
fn a_user_whom_the_application_looked_up_before_the_demotion_gets_the_new_role() {
    let users = users();
    let node = Node::over(&MemorySessions::new(), &users);
    let admin = users.lock().unwrap()[0].clone();
    let pair = node.login();
    set_role(&users, "member");
    node.demote();
    let begun = node.oauth.begin_session(&admin, SessionRequest::new()).unwrap();
    assert_eq!(node.role(&begun.access_token).as_deref(), Some("member"));
    let denied = node.oauth.step_up(&admin, &pair.access_token, StepUpRequest::new().amr(["otp"]));
    assert_eq!(denied.unwrap_err().status(), 401, "with a token of before");
    let raised = node.oauth.step_up(&admin, &begun.access_token, StepUpRequest::new().amr(["otp"])).unwrap();
    assert_eq!(node.role(&raised.access_token).as_deref(), Some("member"));

    users.lock().unwrap().remove(0);
    node.demote();
    let gone = node.oauth.begin_session(&admin, SessionRequest::new());
    assert!(matches!(gone, Err(GuardError::InvalidCredentials(_))));
    // Closures that cannot look the user up again.
    let blind = OAuthHandler::new(node.tokens.clone(), |_: &str| None::<Member>).user_pool("blind");
    assert!(blind.begin_session(&admin, SessionRequest::new()).is_ok());
    blind.revoke_access_tokens(1).unwrap();
    assert!(matches!(blind.begin_session(&admin, SessionRequest::new()), Err(GuardError::Config(_))));
}

#[test]
fn only_the_tokens_of_a_demoted_user_carry_the_additional_claim_and_only_for_a_time() {
    let node = Node::over(&MemorySessions::new(), &users());
    let pair = node.login();
    node.demote();
    let next = node.refresh(&pair);
    let added = next.access_token.len() - pair.access_token.len();
    assert!((1..=36).contains(&added), "{added}");
    assert_eq!(next.refresh_token.len(), pair.refresh_token.len());
    node.clock.advance(Duration::from_hours(8 * 24));
    let expired = node.login();
    node.tokens.revoke_session(None, "another entry removes what has expired").unwrap();
    assert_eq!(node.login().access_token.len(), pair.access_token.len());
    drop(expired);
}

#[test]
fn the_lifetime_that_a_key_exchange_reports_ends_with_the_token_though_the_lookup_is_slow() {
    let (builder, clock) = timed();
    let tokens = builder.build().unwrap();
    let (account, time) = (Account::new(1, "correct horse"), clock.clone());
    let oauth = OAuthHandler::new(tokens.clone(), |_: &str| None::<Account>)
        .lookup_by_id(move |_: &UserId| {
            time.advance(Duration::from_mins(3));
            Some(account.clone())
        })
        .session_store(MemorySessions::new());
    let key = oauth.create_key(1, KeyRequest::new("ci")).unwrap().key;
    let exchanged = oauth.exchange_key(&key).unwrap();
    let verified = tokens.decode_access_token::<Payload>(&exchanged.access_token).unwrap();
    assert!(clock.now() + exchanged.expires_in <= verified.expires_at());
}
