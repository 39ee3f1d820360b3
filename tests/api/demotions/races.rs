//! Demotions while hashes are replaced, while threads refresh and log in, and while many connections are open.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use gatevault::login::HashUpdate;
use gatevault::{AuthUser as _, Clock as _, MemorySessions, OAuthHandler, PasswordHasher, Payload, UserId};
use gatevault_tests::{Account, Waiting, quick_hasher, timed};

use super::{Member, Node, follow, role, set_role, users};

/// A login whose hash is replaced by a slow database.
#[test]
fn a_demotion_while_an_outdated_hash_is_replaced_leaves_the_token_refused() {
    for knows in [true, false] {
        let users = users();
        let here = Node::over(&MemorySessions::new(), &users);
        let (builder, clock) = timed();
        let slow = builder.build().unwrap();
        let (found, also_found) = (Arc::clone(&users), Arc::clone(&users));
        let (time, demoting, in_db) = (clock.clone(), knows.then(|| slow.clone()), Arc::clone(&users));
        let oauth = OAuthHandler::new(slow.clone(), move |_: &str| Some(found.lock().unwrap()[0].clone()))
            .lookup_by_id(move |_: &UserId| Some(also_found.lock().unwrap()[0].clone()))
            .on_outdated_hash(move |update: HashUpdate| {
                set_role(&in_db, "member");
                if let Some(tokens) = &demoting {
                    tokens.revoke_access_tokens(None, &1.into(), time.now()).unwrap();
                }
                time.advance(Duration::from_mins(3));
                in_db.lock().unwrap()[0].account.hash = update.replacement;
                true
            })
            .claims(|user: &Member| Payload::new(user.id()).with("role", user.role))
            .hasher(PasswordHasher::builder().cost(5).build().unwrap());
        let pair = oauth.login("ada", "correct horse").unwrap();
        if knows {
            assert_eq!(role(&slow, &pair.access_token).as_deref(), Some("member"), "the user is read again");
        } else {
            assert_eq!(role(&slow, &pair.access_token).as_deref(), Some("admin"));
            here.demote();
            here.clock.set(clock.now());
            assert_eq!(here.role(&pair.access_token), None);
        }
    }
}

/// Once a demotion has returned, no accepted token has an earlier version of the user.
#[test]
fn of_threads_that_refresh_log_in_and_demote_none_opens_with_an_earlier_version() {
    let store = MemorySessions::new();
    let version = Arc::new(AtomicU64::new(0));
    let node = || {
        let (builder, clock) = timed();
        let tokens = builder.build().unwrap();
        let (account, current) = (Account::new(1, "correct horse"), Arc::clone(&version));
        let also = account.clone();
        let oauth = OAuthHandler::new(tokens.clone(), move |_: &str| Some(account.clone()))
            .lookup_by_id(move |_: &UserId| Some(also.clone()))
            .claims(move |user: &Account| {
                let version = current.load(Ordering::SeqCst);
                thread::sleep(Duration::from_micros(50));
                Payload::new(user.id()).with("version", version)
            })
            .hasher(quick_hasher())
            .session_store(store.clone())
            .without_session_limit();
        (oauth, tokens, clock)
    };
    let nodes = [node(), node()];
    nodes[1].2.advance(Duration::from_secs(25));
    let _feeds = [0, 1].map(|index: usize| follow(&store, &nodes[index].1));
    let known = [AtomicU64::new(0), AtomicU64::new(0)];
    let stops = AtomicBool::new(false);
    let opened = AtomicU64::new(0);
    thread::scope(|scope| {
        for index in [0, 0, 1, 1] {
            let oauth = &nodes[index].0;
            let (known, stops, opened) = (&known, &stops, &opened);
            let nodes = &nodes;
            scope.spawn(move || {
                let mut pair = oauth.login("ada", "correct horse").unwrap();
                let mut round = 0_u64;
                while !stops.load(Ordering::SeqCst) {
                    round += 1;
                    pair = if round.is_multiple_of(5) {
                        oauth.login("ada", "correct horse").unwrap()
                    } else {
                        oauth.refresh(&pair.refresh_token).unwrap()
                    };
                    for (guard, (_, tokens, _)) in nodes.iter().enumerate() {
                        let least = known[guard].load(Ordering::SeqCst);
                        if let Ok(open) = tokens.decode_access_token::<Payload>(&pair.access_token) {
                            let found = open.get::<u64>("version").unwrap();
                            assert!(found >= least, "{found} < {least} at {guard}");
                            opened.fetch_add(1, Ordering::SeqCst);
                        }
                    }
                }
            });
        }
        for round in 0..400 {
            let index = usize::from(round % 3 == 0);
            let version = version.fetch_add(1, Ordering::SeqCst) + 1;
            nodes[index].0.revoke_access_tokens(1).unwrap();
            known[index].fetch_max(version, Ordering::SeqCst);
            thread::sleep(Duration::from_millis(3));
        }
        stops.store(true, Ordering::SeqCst);
    });
    assert!(opened.load(Ordering::SeqCst) > 100);
}

#[test]
fn ten_thousand_connections_each_end_once() {
    let (store, users) = (MemorySessions::new(), users());
    let node = Node::over(&store, &users);
    let pair = node.login();
    let caller = node.tokens.decode_access_token::<Payload>(&pair.access_token).unwrap();
    let mut waiting: Vec<_> = (0..10_000).map(|_| Waiting::new(node.tokens.invalidated(&caller))).collect();
    for waiting in &mut waiting {
        assert_eq!(waiting.poll(), None);
    }
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| node.demote());
        }
    });
    let next = node.refresh(&pair);
    let caller = node.tokens.decode_access_token::<Payload>(&next.access_token).unwrap();
    let mut later = Waiting::new(node.tokens.invalidated(&caller));
    assert_eq!(later.poll(), None);
    for waiting in &mut waiting {
        assert_eq!(waiting.woken(), 1);
        assert!(waiting.poll().is_some());
    }
    assert_eq!(later.poll(), None);
}
