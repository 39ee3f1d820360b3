//! A changed role: the access tokens of before are refused at once, and a refresh carries the new role.

mod clocks;
mod connections;
mod lookups;
mod races;

use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use gatevault::error::ConfigError;
use gatevault::login::{SyncLookup, TokenPair};
use gatevault::testing::ManualClock;
use gatevault::token::{Purpose, TokenManagerBuilder};
use gatevault::{
    AuthUser, Clock as _, GateVault, GuardError, Issuer, KeyRequest, KeyRing, MemorySessions, OAuthHandler,
    Payload, RefreshGrace, RevocationFeed, TokenManager, UserId, VerifyingKey, protected,
};
use gatevault_tests::{Account, SECRET, quick_hasher, timed};

/// A user with a role.
#[derive(Clone)]
struct Member {
    account: Account,
    role: &'static str,
}

impl AuthUser for Member {
    fn id(&self) -> UserId {
        self.account.id()
    }
    fn hashed_password(&self) -> Option<&str> {
        self.account.hashed_password()
    }
}

/// The users, as a database has them.
type Users = Arc<Mutex<Vec<Member>>>;

/// The users 1 and "1", who are admins.
fn users() -> Users {
    let member = |id: UserId| Member { account: Account::new(id, "correct horse"), role: "admin" };
    Arc::new(Mutex::new(vec![member(1.into()), member("1".into())]))
}

fn set_role(users: &Users, role: &'static str) {
    users.lock().unwrap()[0].role = role;
}

fn handler(tokens: &TokenManager, users: &Users) -> OAuthHandler<SyncLookup<Member>> {
    let (by_name, by_id) = (Arc::clone(users), Arc::clone(users));
    OAuthHandler::new(tokens.clone(), move |name: &str| {
        by_name.lock().unwrap().iter().find(|user| format!("{:?}", user.id()) == name).cloned()
    })
    .lookup_by_id(move |id: &UserId| by_id.lock().unwrap().iter().find(|user| user.id() == *id).cloned())
    .claims(|user: &Member| Payload::new(user.id()).with("role", user.role))
    .hasher(quick_hasher())
}

/// A process: a handler, its tokens and its clock.
struct Node {
    oauth: OAuthHandler<SyncLookup<Member>>,
    tokens: TokenManager,
    clock: ManualClock,
    store: MemorySessions,
}

impl Node {
    fn over(store: &MemorySessions, users: &Users) -> Self {
        Self::with(store, users, |builder| builder)
    }

    fn with(
        store: &MemorySessions,
        users: &Users,
        settings: impl FnOnce(TokenManagerBuilder) -> TokenManagerBuilder,
    ) -> Self {
        let (builder, clock) = timed();
        let tokens = settings(builder).build().unwrap();
        let oauth = handler(&tokens, users).session_store(store.clone());
        Self { oauth, tokens, clock, store: store.clone() }
    }

    fn follow(&self) -> RevocationFeed {
        follow(&self.store, &self.tokens)
    }

    fn login(&self) -> TokenPair {
        self.oauth.login(&format!("{:?}", UserId::from(1)), "correct horse").unwrap()
    }

    fn refresh(&self, pair: &TokenPair) -> TokenPair {
        self.oauth.refresh(&pair.refresh_token).unwrap()
    }

    fn demote(&self) {
        self.oauth.revoke_access_tokens(1).unwrap();
    }

    fn role(&self, access: &str) -> Option<String> {
        role(&self.tokens, access)
    }
}

fn follow(store: &MemorySessions, tokens: &TokenManager) -> RevocationFeed {
    RevocationFeed::of(store.clone()).poll_interval(Duration::from_millis(10)).follow(tokens).unwrap()
}

/// Returns the role in an access token that a guard accepts.
fn role(tokens: &TokenManager, access: &str) -> Option<String> {
    tokens.decode_access_token::<Payload>(access).ok()?.get::<String>("role")
}

fn wait_until_refused(tokens: &TokenManager, access: &str) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while role(tokens, access).is_some() {
        assert!(Instant::now() < deadline, "the feed brought nothing");
        thread::sleep(Duration::from_millis(5));
    }
}

#[protected(gate = gate, role = "admin")]
fn delete_user(gate: &GateVault, token: &str, payload: Payload) -> Result<UserId, GuardError> {
    Ok(payload.user_id().clone())
}

#[protected(gate = gate, role = "member")]
fn read_orders(gate: &GateVault, token: &str, payload: Payload) -> Result<UserId, GuardError> {
    Ok(payload.user_id().clone())
}

#[test]
fn a_demoted_admin_is_refused_at_once_refreshes_and_is_served_as_a_member() {
    let (store, users) = (MemorySessions::new(), users());
    let [here, there] = [(); 2].map(|()| Node::over(&store, &users));
    let _feed = there.follow();
    let gates = [&here, &there].map(|node| GateVault::new(node.tokens.clone()));
    let admin = here.login();
    for gate in &gates {
        assert!(delete_user(gate, &admin.access_token).is_ok());
    }
    set_role(&users, "member");
    here.demote();
    assert_eq!(delete_user(&gates[0], &admin.access_token).unwrap_err().status(), 401, "here, at once");
    wait_until_refused(&there.tokens, &admin.access_token);

    let member = there.refresh(&admin);
    for gate in &gates {
        assert_eq!(delete_user(gate, &member.access_token).unwrap_err().status(), 403);
        assert_eq!(read_orders(gate, &member.access_token).unwrap(), 1.into(), "in the same second");
    }
    assert_eq!(here.oauth.sessions(1).unwrap().len(), 1, "the session stays");
    let again = here.login();
    assert!(gates.iter().all(|gate| read_orders(gate, &again.access_token).is_ok()), "a login, too");
}

#[test]
fn a_removed_user_is_refused_at_once_and_gets_no_other_token() {
    let (store, users) = (MemorySessions::new(), users());
    let node = Node::over(&store, &users);
    let (pair, key) = (node.login(), node.oauth.create_key(1, KeyRequest::new("ci")).unwrap().key);
    users.lock().unwrap().remove(0);
    assert!(node.role(&pair.access_token).is_some(), "until the call");
    node.demote();
    assert_eq!(node.role(&pair.access_token), None);
    assert_eq!(node.oauth.refresh(&pair.refresh_token).unwrap_err().status(), 401);
    assert_eq!(node.oauth.exchange_key(&key).unwrap_err().status(), 401);
}

#[test]
fn only_the_access_tokens_of_this_user_and_pool_are_refused() {
    const CONFIRM: Purpose = Purpose::new("confirm-address", Duration::from_mins(10));
    let (store, users) = (MemorySessions::new(), users());
    let node = Node::over(&store, &users);
    let admins = handler(&node.tokens, &users).user_pool("admins").session_store(store);
    let pair = node.login();
    let namesakes = [
        node.oauth.login(&format!("{:?}", UserId::from("1")), "correct horse").unwrap(),
        admins.login(&format!("{:?}", UserId::from(1)), "correct horse").unwrap(),
    ];
    let key = node.oauth.create_key(1, KeyRequest::new("ci")).unwrap().key;
    let link = node.tokens.create_purpose_token(&CONFIRM, &UserId::from(1), "").unwrap();
    node.demote();
    assert_eq!(node.role(&pair.access_token), None);
    assert!(namesakes.iter().all(|pair| node.role(&pair.access_token).is_some()));
    assert!(node.tokens.decode_refresh_token::<Payload>(&pair.refresh_token).is_ok());
    assert!(node.tokens.decode_purpose_token(&CONFIRM, &link, "").is_ok());
    assert!(node.role(&node.oauth.exchange_key(&key).unwrap().access_token).is_some());
    admins.revoke_access_tokens(1).unwrap();
    assert_eq!(node.role(&namesakes[1].access_token), None);
    let next = admins.refresh(&namesakes[1].refresh_token).unwrap();
    assert!(node.role(&next.access_token).is_some());
}

#[test]
fn a_second_tab_within_the_grace_gets_the_new_role_too() {
    let (store, users) = (MemorySessions::new(), users());
    let grace = RefreshGrace::UntilSuccessorUsed { at_most: Duration::from_hours(1) };
    let mut node = Node::over(&store, &users);
    node.oauth = node.oauth.refresh_grace(grace);
    let admin = node.login();
    let before = node.refresh(&admin);
    set_role(&users, "member");
    node.demote();
    let tabs = [node.refresh(&admin), node.refresh(&admin), node.refresh(&before)];
    assert_eq!(node.role(&before.access_token), None);
    for tab in tabs {
        assert_eq!(node.role(&tab.access_token).as_deref(), Some("member"));
    }
}

#[test]
fn a_revocation_of_the_user_refuses_what_a_refresh_after_a_demotion_has_created() {
    let node = Node::over(&MemorySessions::new(), &users());
    let pair = node.login();
    node.demote();
    let next = node.refresh(&pair);
    assert!(node.role(&next.access_token).is_some());
    node.oauth.revoke_user(None, &1.into(), node.clock.now()).unwrap();
    assert_eq!(node.role(&next.access_token), None);
    assert_eq!(node.oauth.refresh(&next.refresh_token).unwrap_err().status(), 401);
}

/// Every service that shares the key knows the claim. A service that knows the login service as another issuer does not.
#[test]
fn services_without_logins_refuse_the_former_role_and_accept_the_next() {
    const NAME: &str = "https://id.example";
    let (store, users) = (MemorySessions::new(), users());
    let login = Node::with(&store, &users, |builder| builder.issuer(NAME).audience("shop"));
    let settings = || TokenManager::builder().secret(SECRET).audience("shop").clock(login.clock.clone());
    let nameless = settings().build().unwrap();
    let named = settings().issuer(NAME).build().unwrap();
    let keys = KeyRing::verifying([VerifyingKey::hs256(SECRET).unwrap()]).unwrap();
    let issuer = Issuer::new(NAME, keys).audience("shop").subject_claim("user_id");
    let accepting = TokenManager::builder().clock(login.clock.clone()).accept(issuer).build().unwrap();
    let services = [&nameless, &named, &accepting];
    let feeds = services.map(|tokens| follow(&store, tokens));
    let _feed = login.follow();
    let mut pair = login.login();
    for revokes in [0, 1, 2] {
        for tokens in services {
            assert!(role(tokens, &pair.access_token).is_some());
        }
        let issuer = if revokes == 2 { Some(NAME) } else { None };
        if revokes == 0 {
            login.demote();
        } else {
            feeds[revokes].revoker().revoke_access_tokens(issuer, &1.into()).unwrap();
        }
        for tokens in [&login.tokens, services[0], services[1], services[2]] {
            wait_until_refused(tokens, &pair.access_token);
        }
        pair = login.refresh(&pair);
        assert!(role(&nameless, &pair.access_token).is_some() && role(&named, &pair.access_token).is_some());
        assert!(role(&accepting, &pair.access_token).is_none(), "`claims_since` of another issuer");
        login.clock.advance(Duration::from_secs(41));
        pair = login.refresh(&pair);
    }
}

#[test]
fn tokens_created_by_hand_are_refused_until_the_clocks_allow_no_doubt() {
    let (builder, clock) = timed();
    let tokens = builder.build().unwrap();
    let create = || tokens.create_access_token(&Payload::new(1).with("role", "member")).unwrap();
    let before = create();
    tokens.revoke_access_tokens(None, &1.into(), clock.now()).unwrap();
    assert_eq!((role(&tokens, &before), role(&tokens, &create())), (None, None));
    clock.advance(Duration::from_secs(40));
    assert_eq!(
        role(&tokens, &create()),
        None,
        "30 s of clock skew, 10 s between the lookup and the signature"
    );
    clock.advance(Duration::from_secs(1));
    assert!(role(&tokens, &create()).is_some());
    assert_eq!(role(&tokens, &before), None);
}

#[test]
fn what_cannot_be_revoked_is_an_error() {
    let node = Node::over(&MemorySessions::new(), &users());
    let revoker = node.follow().revoker();
    let empty: UserId = "".into();
    assert!(matches!(revoker.revoke_access_tokens(None, &empty), Err(GuardError::Config(_))));
    let unknown =
        node.tokens.revoke_access_tokens(Some("https://other.example"), &1.into(), node.clock.now());
    assert!(matches!(unknown, Err(ConfigError::UnknownIssuer { .. })));
    let stateless = handler(&node.tokens, &users()).user_pool("stateless").stateless();
    assert!(matches!(stateless.revoke_access_tokens(1), Err(GuardError::Config(_))));
}
