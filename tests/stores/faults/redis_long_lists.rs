//! Users with more sessions in Redis than one script may cover, and lists that change while a script waits for them.

use std::sync::Arc;
use std::time::Duration;

use gatevault::error::StoreError;
use gatevault::session::{
    ListSessions, NewSession, RefreshTicket, RevocationCursor, RevokeSessions, RevokeTarget, Rotation,
    RotationOutcome, SessionDetails, SessionKind,
};
use gatevault::{RedisSessions, SessionStore, Timestamp};
use gatevault_servers::RedisServer;
use gatevault_store_tests::shared;
use tokio::task::JoinSet;

const NOW: u64 = 1_900_000_000;
/// More than two calls cover.
const MANY: u64 = 2500;

fn time(seconds: u64) -> Timestamp {
    Timestamp::from_seconds(seconds).unwrap()
}

/// A session whose login was so many seconds after the first one.
fn session(number: u64) -> NewSession {
    let later = time(NOW + 100_000);
    let ticket = RefreshTicket::new(format!("token {number}"), time(NOW), later);
    let details = SessionDetails::new(time(NOW + number));
    NewSession::new(number.to_string(), 1.into(), later, ticket, "old".to_owned(), details)
}

/// Opens a session, in a task of its own.
fn open(
    store: &Arc<dyn SessionStore>,
    session: NewSession,
) -> impl Future<Output = Result<Vec<String>, StoreError>> + Send + 'static {
    let store = Arc::clone(store);
    async move { store.open(session).await }
}

async fn store_with(sessions: u64) -> (RedisServer, Arc<dyn SessionStore>) {
    let server = RedisServer::start();
    let store =
        shared(RedisSessions::connect(server.url()).await.unwrap().time_limit(Duration::from_mins(1)));
    let mut logins = JoinSet::new();
    for number in 0..sessions {
        logins.spawn(open(&store, session(number)));
    }
    for ended in logins.join_all().await {
        assert!(ended.unwrap().is_empty());
    }
    (server, store)
}

async fn listed(store: &Arc<dyn SessionStore>) -> Vec<String> {
    let sessions = store.list(ListSessions::new(1.into(), time(NOW))).await.unwrap();
    sessions.into_iter().map(|session| session.id).collect()
}

async fn stamp_matches(store: &Arc<dyn SessionStore>, number: u64, stamp: &str) -> bool {
    let successor = RefreshTicket::new("next".to_owned(), time(NOW), time(NOW + 1000));
    let presented = format!("token {number}");
    let (session, stamp) = (number.to_string(), stamp.to_owned());
    let rotation = Rotation::new(session, presented, successor, stamp, Duration::ZERO, time(NOW));
    matches!(store.rotate(rotation).await.unwrap(), RotationOutcome::Rotated(_))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_sessions_of_a_long_list_are_listed_and_revoked() {
    let (_server, store) = store_with(MANY).await;
    let ids = listed(&store).await;
    assert!(ids.iter().eq((0..MANY).rev().map(|number| number.to_string()).collect::<Vec<_>>().iter()));
    let target = RevokeTarget::Others { kept: "7".to_owned(), security_stamp: "new".to_owned() };
    let revoked = store.revoke(RevokeSessions::new(1.into(), target, time(NOW))).await.unwrap();
    assert_eq!(revoked.len(), 2499);
    assert_eq!(listed(&store).await, ["7"]);
    assert!(stamp_matches(&store, 7, "new").await);
    let known = store.revocations_since(RevocationCursor::Position(0)).await.unwrap();
    assert_eq!(known.revocations.len(), 2499);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_login_changes_the_stamps_of_a_long_list_and_ends_its_oldest_logins() {
    let (_server, store) = store_with(MANY).await;
    let mut key = session(MANY);
    key.details.kind = SessionKind::Key;
    key.details.authenticated_at = time(NOW - 1);
    store.open(key).await.unwrap();
    let mut new = session(MANY + 1);
    (new.security_stamp, new.previous_security_stamp) = ("new".to_owned(), Some("old".to_owned()));
    new.limit = Some(3);
    let ended = store.open(new).await.unwrap();
    assert_eq!(ended.len(), 2498);
    let kept = [MANY + 1, MANY - 1, MANY - 2, MANY].map(|number| number.to_string());
    assert_eq!(listed(&store).await, kept);
    for (number, stamp) in [(MANY - 2, "new"), (MANY - 1, "new"), (MANY, "old"), (MANY + 1, "new")] {
        assert!(stamp_matches(&store, number, stamp).await, "{number}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_in_a_long_list_survive_the_end_of_all_logins() {
    let (_server, store) = store_with(MANY).await;
    for number in [MANY, MANY + 1] {
        let mut key = session(number);
        key.details.kind = SessionKind::Key;
        store.open(key).await.unwrap();
    }
    let kept = RevokeTarget::Others { kept: "1".to_owned(), security_stamp: "new".to_owned() };
    for (target, ended) in [(kept, MANY - 1), (RevokeTarget::Logins, 1), (RevokeTarget::All, 2)] {
        let revoked = store.revoke(RevokeSessions::new(1.into(), target, time(NOW))).await.unwrap();
        assert_eq!(revoked.len(), usize::try_from(ended).unwrap());
    }
}

/// Each login changes the list that the others have read.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn logins_at_once_keep_the_limit_and_their_stamps() {
    let (_server, store) = store_with(5).await;
    let mut logins = JoinSet::new();
    for number in 5..45 {
        let mut new = session(number);
        (new.security_stamp, new.previous_security_stamp) = ("new".to_owned(), Some("old".to_owned()));
        new.limit = Some(5);
        logins.spawn(open(&store, new));
    }
    let mut ended = 0;
    for outcome in logins.join_all().await {
        ended += outcome.unwrap().len();
    }
    assert_eq!(ended, 40);
    let kept = listed(&store).await;
    assert_eq!(kept.len(), 5);
    for number in kept {
        assert!(stamp_matches(&store, number.parse().unwrap(), "new").await, "{number}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sessions_that_ended_leave_the_list_of_their_user() {
    let (server, store) = store_with(4).await;
    for target in [RevokeTarget::One("0".to_owned()), RevokeTarget::One("1".to_owned()), RevokeTarget::All] {
        store.revoke(RevokeSessions::new(1.into(), target, time(NOW))).await.unwrap();
    }
    let client = redis::Client::open(server.url()).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    let key = "{gatevault}:user:1";
    assert!(!redis::cmd("EXISTS").arg(key).query_async::<bool>(&mut connection).await.unwrap());
}
