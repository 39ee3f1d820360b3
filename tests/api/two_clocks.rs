//! Two nodes whose clocks are 20 s apart: each accepts the tokens of the other, and a revocation on either refuses them.

use std::sync::Arc;
use std::time::Duration;

use gatevault::error::InvalidReason;
use gatevault::login::SyncLookup;
use gatevault::testing::ManualClock;
use gatevault::web::HttpRequest;
use gatevault::{
    ApiKeys, AuthRoutes, Clock as _, MemorySessions, OAuthHandler, Payload, TokenError, TokenManager,
};
use gatevault_tests::{Account, quick_hasher, timed};

/// A node, and its clock.
struct Node {
    tokens: TokenManager,
    clock: ManualClock,
}

impl Node {
    fn ahead(by: Duration) -> Self {
        let (builder, clock) = timed();
        clock.advance(by);
        Self { tokens: builder.build().unwrap(), clock }
    }

    fn access(&self) -> String {
        self.tokens.create_access_token(&Payload::new(1)).unwrap()
    }

    fn decode(&self, token: &str) -> Result<(), TokenError> {
        self.tokens.decode_access_token::<Payload>(token).map(drop)
    }

    fn stateless(&self) -> OAuthHandler<SyncLookup<Account>> {
        let account = Account::new(1, "correct horse");
        let again = account.clone();
        let handler = OAuthHandler::new(self.tokens.clone(), move |_: &str| Some(account.clone()));
        handler.lookup_by_id(move |_| Some(again.clone())).hasher(quick_hasher()).stateless()
    }
}

/// Returns a slow and a fast node, and the fast and the slow one.
fn both_directions() -> [[Node; 2]; 2] {
    let (slow, fast) = (Duration::ZERO, Duration::from_secs(20));
    [[slow, fast], [fast, slow]].map(|pair| pair.map(Node::ahead))
}

fn revoked() -> Result<(), TokenError> {
    Err(InvalidReason::Revoked.into())
}

/// The default of `clock_skew`.
const SKEW: Duration = Duration::from_secs(30);

#[test]
fn each_node_accepts_fresh_tokens_of_the_other() {
    for [here, there] in both_directions() {
        assert_eq!((here.decode(&there.access()), there.decode(&here.access())), (Ok(()), Ok(())));
    }
}

#[test]
fn a_user_revoked_on_either_node_is_refused_there_with_tokens_of_both() {
    for [here, there] in both_directions() {
        let before = [here.access(), there.access()];
        here.tokens.revoke_user(None, &1.into(), here.clock.now()).unwrap();
        for token in &before {
            assert_eq!(here.decode(token), revoked());
        }
        assert!(
            here.tokens.create_access_token(&Payload::new(2)).is_ok_and(|bob| here.decode(&bob) == Ok(()))
        );
    }
}

#[test]
fn a_stateless_logout_everywhere_on_either_node_refuses_tokens_of_both() {
    for [here, there] in both_directions() {
        let (at_home, elsewhere) = (here.stateless(), there.stateless());
        let pairs = [&at_home, &elsewhere].map(|oauth| oauth.login("ada", "correct horse").unwrap());
        for pair in &pairs {
            assert_eq!(here.decode(&pair.access_token), Ok(()));
        }
        at_home.logout_everywhere(1, ApiKeys::End).unwrap();
        for pair in &pairs {
            assert_eq!(here.decode(&pair.access_token), revoked());
            let denial = at_home.refresh(&pair.refresh_token).unwrap_err();
            assert_eq!(denial.status(), 401);
        }
    }
}

/// The price of the tolerance: a login within the skew after a revocation must be repeated.
#[test]
fn a_login_counts_as_earlier_than_a_revocation_until_the_skew_has_passed() {
    for [here, there] in both_directions() {
        let oauth = here.stateless();
        oauth.logout_everywhere(1, ApiKeys::End).unwrap();
        for node in [&here, &there] {
            node.clock.advance(SKEW);
        }
        let within = oauth.login("ada", "correct horse").unwrap();
        assert_eq!(here.decode(&within.access_token), revoked());
        here.clock.advance(Duration::from_secs(1));
        let after = oauth.login("ada", "correct horse").unwrap();
        assert_eq!(here.decode(&after.access_token), Ok(()));
        assert_eq!(here.decode(&within.access_token), revoked());
    }
}

#[test]
fn without_a_skew_only_the_second_of_the_revocation_is_refused() {
    let (builder, clock) = timed();
    let tokens = builder.clock_skew(Duration::ZERO).build().unwrap();
    let node = Node { tokens, clock };
    node.tokens.revoke_user(None, &1.into(), node.clock.now()).unwrap();
    assert_eq!(node.decode(&node.access()), revoked());
    node.clock.advance(Duration::from_secs(1));
    assert_eq!(node.decode(&node.access()), Ok(()));
}

#[test]
fn a_logout_with_a_token_of_a_node_that_is_too_far_ahead_never_reports_success() {
    let [here, there] = [Duration::ZERO, Duration::from_mins(2)].map(Node::ahead);
    let sessions = Arc::new(MemorySessions::new());
    let account = Account::new(1, "correct horse");
    let handler = |node: &Node| {
        let account = account.clone();
        let handler = OAuthHandler::new(node.tokens.clone(), move |_: &str| Some(account.clone()));
        Arc::new(handler.hasher(quick_hasher()).session_store(Arc::clone(&sessions)))
    };
    let oauth = handler(&here);
    let pair = handler(&there).login("1", "correct horse").unwrap();
    let routes = AuthRoutes::new(Arc::clone(&oauth));
    let bearer = format!("Bearer {}", pair.access_token);
    let cookie = format!("__Host-refresh_token={}", pair.refresh_token);
    let place = [("authorization", &bearer), ("cookie", &cookie)];
    for (name, value) in place {
        let request = HttpRequest::new("POST", "/logout").with_header(name, value.as_bytes());
        assert_eq!(routes.respond(&request, None).status, 401, "{name}");
        assert_eq!(oauth.sessions(1).unwrap().len(), 1, "{name}");
    }
    here.clock.advance(Duration::from_mins(2));
    let request = HttpRequest::new("POST", "/logout").with_header("authorization", bearer.as_bytes());
    assert_eq!(routes.respond(&request, None).status, 204);
    assert_eq!(oauth.sessions(1).unwrap().len(), 0);
}
