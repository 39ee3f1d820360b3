//! The keys that scripts access are declared, as clusters, proxies and other servers with this protocol require.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use gatevault::session::{
    FindSession, ListSessions, NewRevocation, NewSession, RefreshTicket, RemoveExpired, Revocation,
    RevocationCursor, RevokeSessions, RevokeTarget, Rotation, RotationOutcome, SessionDetails, SpendToken,
    StepUp,
};
use gatevault::{RedisAttempts, RedisSessions, SessionStore, Timestamp};
use gatevault_servers::RedisServer;
use gatevault_store_tests::{Fixture, shared};
use redis::aio::{ConnectionLike, ConnectionManager};
use redis::{Cmd, Pipeline, RedisFuture, Value, cmd};

/// A connection that puts a check in front of each script: a command with an undeclared key is an error.
#[derive(Clone)]
struct StrictConnection {
    inner: ConnectionManager,
    /// The digests of the checked scripts, by those of the scripts.
    digests: Arc<Mutex<HashMap<Vec<u8>, String>>>,
}

fn session(id: &str, now: Timestamp) -> NewSession {
    let ticket = RefreshTicket::new(format!("token of {id}"), now, later(now));
    let details = SessionDetails::new(now);
    NewSession::new(id.to_owned(), 1.into(), later(now), ticket, "stamp".to_owned(), details)
}

fn later(time: Timestamp) -> Timestamp {
    Timestamp::from_seconds(time.seconds() + 3600).unwrap()
}

/// Replaces `redis` in the script behind it.
const CHECK: &str = r"
local server, declared = redis, {}
for _, key in ipairs(KEYS) do declared[key] = true end
local function checked(call)
  return function(name, ...)
    local keys = { ... }
    local last = (name == 'EXISTS' or name == 'DEL') and #keys or 1
    for number = 1, name == 'TIME' and 0 or last do
      if not declared[keys[number]] then error('undeclared key ' .. keys[number]) end
    end
    return call(name, ...)
  end
end
local redis = { call = checked(server.call), pcall = checked(server.pcall) }
";

impl StrictConnection {
    async fn to(server: &RedisServer) -> Self {
        let client = redis::Client::open(server.url()).unwrap();
        Self { inner: client.get_connection_manager().await.unwrap(), digests: Arc::default() }
    }

    async fn send(&mut self, words: Vec<Vec<u8>>) -> redis::RedisResult<Value> {
        let mut words = words.into_iter().peekable();
        let name = String::from_utf8(words.next().unwrap()).unwrap();
        let mut command = cmd(&name);
        match name.as_str() {
            "SCRIPT" => return self.load(words.last().unwrap()).await,
            "EVALSHA" => {
                let digest = words.next().unwrap();
                // An unknown digest makes the store load the script.
                command.arg(self.digests.lock().unwrap().get(&digest).map_or("0", String::as_str));
            }
            _ => {}
        }
        command.arg(words.collect::<Vec<_>>()).query_async(&mut self.inner).await
    }

    async fn load(&mut self, source: Vec<u8>) -> redis::RedisResult<Value> {
        let source = String::from_utf8(source).unwrap();
        let load = |source: &str| cmd("SCRIPT").arg("LOAD").arg(source).clone();
        let digest: String = load(&source).query_async(&mut self.inner).await?;
        let checked: String = load(&format!("{CHECK}{source}")).query_async(&mut self.inner).await?;
        self.digests.lock().unwrap().insert(digest.clone().into_bytes(), checked);
        Ok(Value::BulkString(digest.into_bytes()))
    }
}

impl ConnectionLike for StrictConnection {
    fn req_packed_command<'a>(&'a mut self, command: &'a Cmd) -> RedisFuture<'a, Value> {
        let words = command.args_iter().map(|word| match word {
            redis::Arg::Simple(word) => word.to_vec(),
            _ => panic!("no command uses a cursor"),
        });
        let words = words.collect();
        Box::pin(self.send(words))
    }

    fn req_packed_commands<'a>(
        &'a mut self,
        _: &'a Pipeline,
        _: usize,
        _: usize,
    ) -> RedisFuture<'a, Vec<Value>> {
        panic!("the stores send one command at a time");
    }

    fn get_db(&self) -> i64 {
        0
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_connection_of_this_test_rejects_undeclared_keys() {
    let server = RedisServer::start();
    let mut connection = StrictConnection::to(&server).await;
    let script = redis::Script::new("return redis.call('SET', ARGV[1], '1')");
    let error = script.key("a").arg("b").invoke_async::<String>(&mut connection).await.unwrap_err();
    assert!(error.to_string().contains("undeclared key b"), "{error}");
    assert_eq!(script.key("a").arg("a").invoke_async::<String>(&mut connection).await.unwrap(), "OK");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_operation_of_the_sessions_declares_its_keys() {
    let server = RedisServer::start();
    let store = RedisSessions::new(StrictConnection::to(&server).await).unwrap();
    store.check().await.unwrap();
    every_operation_works(&shared(store)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_operations_that_declare_their_keys_have_the_same_results_without_a_check() {
    let server = RedisServer::start();
    every_operation_works(&shared(RedisSessions::connect(server.url()).await.unwrap())).await;
}

async fn every_operation_works(store: &Arc<dyn SessionStore>) {
    let now = Timestamp::from_seconds(1_900_000_000).unwrap();
    for number in 0..5 {
        let mut new = session(&number.to_string(), now);
        (new.limit, new.pool) = (Some(3), Some("admins".to_owned()));
        // Each login has another stamp, which all sessions get.
        new.previous_security_stamp = Some(format!("stamp {number}"));
        new.security_stamp = format!("stamp {}", number + 1);
        let ended = store.open(new).await.unwrap();
        assert_eq!(ended, if number < 3 { vec![] } else { vec![(number - 3).to_string()] });
    }
    let rotate = |id: &str, presented: &str, stamp: &str| {
        let successor = RefreshTicket::new(format!("next of {id}"), now, later(now));
        let (id, presented) = (id.to_owned(), presented.to_owned());
        let mut rotation =
            Rotation::new(id, presented, successor, stamp.to_owned(), std::time::Duration::ZERO, now);
        rotation.pool = Some("admins".to_owned());
        store.rotate(rotation)
    };
    assert!(matches!(rotate("2", "token of 2", "stamp 5").await.unwrap(), RotationOutcome::Rotated(_)));
    assert_eq!(rotate("2", "token of 2", "stamp 5").await.unwrap(), RotationOutcome::Reused);
    assert_eq!(rotate("2", "token of 2", "stamp 5").await.unwrap(), RotationOutcome::Revoked);
    let mut listed = ListSessions::new(1.into(), now);
    assert!(store.list(listed.clone()).await.unwrap().is_empty(), "another pool");
    listed.pool = Some("admins".to_owned());
    let mut ids: Vec<_> = store.list(listed).await.unwrap().into_iter().map(|session| session.id).collect();
    ids.sort_unstable();
    assert_eq!(ids, ["3", "4"]);
    let revoke = |target| {
        let mut request = RevokeSessions::new(1.into(), target, now);
        request.pool = Some("admins".to_owned());
        store.revoke(request)
    };
    let others = RevokeTarget::Others { kept: "4".to_owned(), security_stamp: "new".to_owned() };
    assert_eq!(revoke(others).await.unwrap(), ["3"]);
    assert_eq!(rotate("4", "token of 4", "stamp 5").await.unwrap(), RotationOutcome::Outdated);
    store.open(session("5", now)).await.unwrap();
    let successor = RefreshTicket::new("next of 5".to_owned(), now, later(now));
    for acr in [Some("class"), None] {
        let stamp = "stamp".to_owned();
        let mut request = StepUp::new("5".to_owned(), 1.into(), successor.clone(), stamp, now);
        request.acr = acr.map(str::to_owned);
        let outcome = store.step_up(request).await.unwrap();
        assert!(matches!(outcome, RotationOutcome::Rotated(_)), "{outcome:?}");
        let found = store.find(FindSession::new("5".to_owned(), now)).await.unwrap().unwrap();
        assert_eq!((found.ticket.id.as_str(), found.details.acr.as_deref()), ("next of 5", acr));
    }
    for is_first in [true, false] {
        let spend = SpendToken::new("jti".to_owned(), later(now), now);
        assert_eq!(store.spend(spend).await.unwrap(), is_first);
    }
    let all = store.revoke(RevokeSessions::new(1.into(), RevokeTarget::Logins, now)).await.unwrap();
    assert_eq!(all, ["5"]);
    let of_token = Revocation::of_token("jti", Timestamp::from_seconds(1).unwrap());
    store.record_revocation(NewRevocation::new(of_token.clone(), now)).await.unwrap();
    let everything = RevocationCursor::Position(0);
    let revoked = store.revocations_since(everything).await.unwrap().revocations;
    let of_sessions = ["0", "1", "2", "3", "4", "5"].map(Revocation::of_session);
    assert_eq!(revoked, [&of_sessions[..], &[of_token]].concat());
    store.remove_expired(RemoveExpired::new(now, std::time::Duration::ZERO)).await.unwrap();
    assert!(store.revocations_since(everything).await.unwrap().revocations.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_operation_of_the_attempts_declares_its_keys() {
    let server = RedisServer::start();
    let attempts = RedisAttempts::new(StrictConnection::to(&server).await).unwrap();
    attempts.check().await.unwrap();
    let store: Arc<dyn SessionStore> = shared(gatevault::MemorySessions::new());
    let fixture =
        Fixture::with_settings(&store, |oauth| oauth.throttle(gatevault::LoginThrottle::new(attempts)));
    let user = fixture.add(1);
    fixture.login(&user).await;
    let address = std::net::IpAddr::from(std::net::Ipv4Addr::LOCALHOST);
    for password in ["wrong", "correct horse"] {
        let name = format!("{user:?}");
        let request = gatevault::LoginRequest::new(&name, password).from_address(address);
        assert_eq!(fixture.oauth.async_login_with(request).await.is_ok(), password != "wrong");
    }
}
