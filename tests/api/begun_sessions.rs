//! Sessions for users whom something else than a password has authenticated.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use gatevault::error::{BoxError, ConfigError};
use gatevault::login::{SessionRequest, StepUpRequest};
use gatevault::session::SessionDetails;
use gatevault::testing::ManualClock;
use gatevault::{
    AuthUser, GuardError, LoginRequest, MemorySessions, OAuthHandler, Payload, RefreshGrace, SyncUserStore,
    TokenError, TokenManager, TokenPair, UserId, Verified,
};
use gatevault_tests::{quick_hasher, timed, tokens};

/// An account that may have no password, and may have a stamp of its own.
#[derive(Debug, Clone, Default)]
pub(super) struct Member {
    pub(super) id: u64,
    pub(super) hash: Option<String>,
    pub(super) stamp: Option<String>,
}

impl AuthUser for Member {
    fn id(&self) -> UserId {
        self.id.into()
    }
    fn hashed_password(&self) -> Option<&str> {
        self.hash.as_deref()
    }
    fn security_stamp(&self) -> String {
        self.stamp.clone().unwrap_or_else(|| PasswordStamp(self.hash.as_deref()).security_stamp())
    }
}

/// An account with the provided stamp.
struct PasswordStamp<'h>(Option<&'h str>);

impl AuthUser for PasswordStamp<'_> {
    fn id(&self) -> UserId {
        1.into()
    }
    fn hashed_password(&self) -> Option<&str> {
        self.0
    }
}

impl From<&Member> for Payload {
    fn from(member: &Member) -> Self {
        Self::new(member.id)
    }
}

/// The accounts, by their ids: the member 1 is `ada`.
#[derive(Debug, Clone, Default)]
pub(super) struct Members(Arc<Mutex<Vec<Member>>>);

impl Members {
    pub(super) fn of(members: impl Into<Vec<Member>>) -> Self {
        Self(Arc::new(Mutex::new(members.into())))
    }

    pub(super) fn change(&self, change: impl FnOnce(&mut Vec<Member>)) {
        change(&mut self.0.lock().unwrap());
    }

    pub(super) fn get(&self, id: u64) -> Member {
        self.0.lock().unwrap().iter().find(|member| member.id == id).unwrap().clone()
    }
}

impl SyncUserStore for Members {
    type User = Member;
    type Claims = Payload;

    fn find_by_name(&self, name: &str) -> Result<Option<Member>, BoxError> {
        Ok((name == "ada").then(|| self.get(1)))
    }

    fn find_by_id(&self, id: &UserId) -> Result<Option<Member>, BoxError> {
        Ok(self.0.lock().unwrap().iter().find(|member| member.id() == *id).cloned())
    }

    fn session_claims(&self, user: &Member, details: &SessionDetails) -> Payload {
        Payload::from(user).with("persistent", details.is_persistent)
    }
}

pub(super) fn handler(tokens: &TokenManager, members: &Members) -> OAuthHandler<Members> {
    OAuthHandler::with_sync_users(tokens.clone(), members.clone()).hasher(quick_hasher())
}

pub(super) struct Fixture {
    pub(super) tokens: TokenManager,
    pub(super) clock: ManualClock,
    pub(super) members: Members,
    pub(super) oauth: OAuthHandler<Members>,
}

impl Fixture {
    /// Creates a handler of two members without passwords.
    pub(super) fn new() -> Self {
        let (builder, clock) = timed();
        let tokens = builder.build().unwrap();
        let members = Members::of([1, 2].map(|id| Member { id, ..Member::default() }));
        let oauth = handler(&tokens, &members);
        Self { tokens, clock, members, oauth }
    }

    pub(super) fn begin(&self, request: SessionRequest<'_>) -> TokenPair {
        self.oauth.begin_session(&self.members.get(1), request).unwrap()
    }

    pub(super) fn access(&self, pair: &TokenPair) -> Verified<Payload> {
        self.tokens.decode_access_token(&pair.access_token).unwrap()
    }
}

fn is_revoked(refused: &Result<TokenPair, GuardError>) -> bool {
    matches!(refused, Err(GuardError::Token(TokenError::Invalid(_))))
}

#[test]
fn a_begun_session_is_refreshed_listed_and_revoked_as_that_of_a_login() {
    let fixture = Fixture::new();
    let first = fixture.begin(SessionRequest::new().label("Firefox\u{7} on Linux"));
    let next = fixture.oauth.refresh(&first.refresh_token).unwrap();
    let [session] = &*fixture.oauth.sessions(1).unwrap() else { panic!("one session") };
    assert_eq!(session.label.as_deref(), Some("Firefox on Linux"));
    assert_eq!(Some(&*session.id), fixture.access(&next).session_id());
    assert!(fixture.oauth.revoke(1, &session.id).unwrap());
    assert!(fixture.tokens.decode_access_token::<Payload>(&next.access_token).is_err());
    assert!(is_revoked(&fixture.oauth.refresh(&next.refresh_token)));

    let stolen = fixture.begin(SessionRequest::new());
    let second = fixture.oauth.refresh(&stolen.refresh_token).unwrap();
    let third = fixture.oauth.refresh(&second.refresh_token).unwrap();
    assert!(is_revoked(&fixture.oauth.refresh(&stolen.refresh_token)), "reused");
    assert!(is_revoked(&fixture.oauth.refresh(&third.refresh_token)), "ended by the reuse");
}

#[test]
fn the_authentication_is_in_every_token_of_the_session() {
    let fixture = Fixture::new();
    let mut pair = fixture.begin(SessionRequest::new().amr(["hwk", "user"]).acr("phr"));
    let begun = fixture.access(&pair).authenticated_at();
    for _ in 0..3 {
        let access = fixture.access(&pair);
        assert_eq!(access.acr(), Some("phr"));
        assert_eq!(access.amr().collect::<Vec<_>>(), ["hwk", "user"]);
        assert_eq!(access.authenticated_at(), begun);
        fixture.clock.advance(Duration::from_mins(20));
        pair = fixture.oauth.refresh(&pair.refresh_token).unwrap();
    }
    let plain = fixture.begin(SessionRequest::new());
    assert_eq!((fixture.access(&plain).acr(), fixture.access(&plain).amr().count()), (None, 0));
}

#[test]
fn a_session_has_its_own_lifetime_and_nothing_outlives_it() {
    let fixture = Fixture::new();
    let mut pair = fixture.begin(SessionRequest::new().lifetime(Duration::from_mins(40)));
    for remaining in [30, 20, 10] {
        fixture.clock.advance(Duration::from_mins(10));
        pair = fixture.oauth.refresh(&pair.refresh_token).unwrap();
        assert_eq!(pair.expires_in, Duration::from_mins(remaining.min(15)));
    }
    fixture.clock.advance(Duration::from_mins(10));
    assert_eq!(fixture.oauth.refresh(&pair.refresh_token).unwrap_err().status(), 401);
    assert!(fixture.tokens.decode_access_token::<Payload>(&pair.access_token).is_err());

    let mut pair = fixture.begin(SessionRequest::new().lifetime(Duration::from_hours(90 * 24)));
    for _ in 0..14 {
        fixture.clock.advance(Duration::from_hours(6 * 24));
        pair = fixture.oauth.refresh(&pair.refresh_token).unwrap();
    }
    fixture.clock.advance(Duration::from_hours(6 * 24));
    assert!(fixture.oauth.refresh(&pair.refresh_token).is_err(), "after 90 days");
}

#[test]
fn a_session_ends_if_it_is_idle_for_longer_than_it_asked_for() {
    let fixture = Fixture::new();
    let request = SessionRequest::new().idle_timeout(Duration::from_mins(30));
    let mut pair = fixture.begin(request.clone());
    for _ in 0..5 {
        fixture.clock.advance(Duration::from_mins(29));
        pair = fixture.oauth.refresh(&pair.refresh_token).unwrap();
    }
    fixture.clock.advance(Duration::from_mins(30));
    assert!(matches!(
        fixture.oauth.refresh(&pair.refresh_token),
        Err(GuardError::Token(TokenError::Expired))
    ));
    assert_eq!(fixture.oauth.sessions(1).unwrap(), []);
}

#[test]
fn a_session_has_its_own_grace() {
    let fixture = Fixture::new();
    let request = SessionRequest::new();
    let patient = RefreshGrace::UntilSuccessorUsed { at_most: Duration::from_hours(1) };
    let pairs = [request.clone().refresh_grace(patient), request].map(|request| fixture.begin(request));
    let lost = pairs.map(|pair| {
        fixture.oauth.refresh(&pair.refresh_token).unwrap();
        pair
    });
    fixture.clock.advance(Duration::from_mins(30));
    assert!(fixture.oauth.refresh(&lost[0].refresh_token).is_ok());
    assert!(is_revoked(&fixture.oauth.refresh(&lost[1].refresh_token)), "the grace of the handler");
}

#[test]
fn settings_of_a_request_out_of_their_bounds_begin_no_session() {
    let fixture = Fixture::new();
    let week = fixture.tokens.refresh_expiry();
    let second = Duration::from_secs(1);
    for request in [
        SessionRequest::new().lifetime(Duration::ZERO),
        SessionRequest::new().lifetime(Duration::MAX),
        SessionRequest::new().idle_timeout(Duration::ZERO),
        SessionRequest::new().idle_timeout(week + second),
        SessionRequest::new().refresh_grace(RefreshGrace::Window(Duration::from_mins(2))),
        SessionRequest::new().acr(""),
        SessionRequest::new().amr(["pwd", ""]),
    ] {
        let refused = fixture.oauth.begin_session(&fixture.members.get(1), request.clone());
        assert!(matches!(refused, Err(GuardError::Config(_))), "{request:?}");
    }
    assert_eq!(fixture.oauth.sessions(1).unwrap(), []);
    fixture.begin(SessionRequest::new().idle_timeout(week).lifetime(second));
}

#[test]
fn a_stateless_handler_refuses_what_only_a_stored_session_can_have() {
    let members = Members::of([Member { id: 1, ..Member::default() }]);
    let tokens = tokens();
    let oauth = handler(&tokens, &members).stateless();
    let ada = members.get(1);
    let hour = Duration::from_hours(1);
    for request in [
        SessionRequest::new().lifetime(hour),
        SessionRequest::new().idle_timeout(hour),
        SessionRequest::new().until_browser_closes(),
        SessionRequest::new().refresh_grace(RefreshGrace::default()),
    ] {
        let refused = oauth.begin_session(&ada, request);
        let missing = ConfigError::Missing { setting: "session_store", needed_for: "" };
        let Err(GuardError::Config(error)) = refused else { panic!("{refused:?}") };
        assert_eq!(std::mem::discriminant(&error), std::mem::discriminant(&missing));
    }
    let pair = oauth.begin_session(&ada, SessionRequest::new().amr(["hwk"]).acr("phr")).unwrap();
    let next = oauth.refresh(&pair.refresh_token).unwrap();
    let access = tokens.decode_access_token::<Payload>(&next.access_token).unwrap();
    assert_eq!((access.acr(), access.amr().next()), (Some("phr"), Some("hwk")));
    assert!(oauth.step_up(&ada, &next.access_token, StepUpRequest::new()).is_err());
}

#[test]
fn the_first_password_of_an_account_ends_its_other_sessions_and_the_callers_stays() {
    let fixture = Fixture::new();
    let [elsewhere, here] = [(); 2].map(|()| fixture.begin(SessionRequest::new()));
    let kept = fixture.access(&here).session_id().unwrap().to_owned();
    fixture.members.change(|members| members[0].hash = Some(quick_hasher().hash("correct horse").unwrap()));
    assert_eq!(fixture.oauth.logout_others(1, &kept).unwrap(), 1);
    assert!(fixture.oauth.refresh(&here.refresh_token).is_ok());
    assert!(is_revoked(&fixture.oauth.refresh(&elsewhere.refresh_token)));

    let fixture = Fixture::new();
    let forgotten = fixture.begin(SessionRequest::new());
    fixture.members.change(|members| members[0].hash = Some(quick_hasher().hash("correct horse").unwrap()));
    assert!(is_revoked(&fixture.oauth.refresh(&forgotten.refresh_token)), "without `logout_others`");
}

#[test]
fn a_new_stamp_of_the_account_ends_its_sessions_and_a_new_password_does_not() {
    let fixture = Fixture::new();
    fixture.members.change(|members| members[0].stamp = Some("1".to_owned()));
    let pair = fixture.begin(SessionRequest::new());
    let other = fixture.oauth.begin_session(&fixture.members.get(2), SessionRequest::new()).unwrap();
    fixture.members.change(|members| members[0].hash = Some(quick_hasher().hash("correct horse").unwrap()));
    let pair = fixture.oauth.refresh(&pair.refresh_token).unwrap();
    fixture.members.change(|members| members[0].stamp = Some("2".to_owned()));
    assert!(is_revoked(&fixture.oauth.refresh(&pair.refresh_token)));
    assert!(fixture.oauth.refresh(&other.refresh_token).is_ok(), "another account");
}

#[test]
fn a_rehash_at_a_login_leaves_a_stamp_of_the_account_unchanged() {
    struct Rehashing(Members);
    impl SyncUserStore for Rehashing {
        type User = Member;
        type Claims = Payload;
        fn find_by_name(&self, name: &str) -> Result<Option<Member>, BoxError> {
            self.0.find_by_name(name)
        }
        fn find_by_id(&self, id: &UserId) -> Result<Option<Member>, BoxError> {
            self.0.find_by_id(id)
        }
        fn replace_hash(&self, update: gatevault::login::HashUpdate) -> Result<bool, BoxError> {
            self.0.change(|members| members[0].hash = Some(update.replacement.clone()));
            Ok(true)
        }
    }
    let hash = Some(quick_hasher().hash("correct horse").unwrap());
    let members = Members::of([Member { id: 1, hash, stamp: Some("stamp".to_owned()) }]);
    let hasher = gatevault::PasswordHasher::builder().cost(5).build().unwrap();
    let oauth = OAuthHandler::with_sync_users(tokens(), Rehashing(members.clone())).hasher(hasher);
    let elsewhere = oauth.begin_session(&members.get(1), SessionRequest::new()).unwrap();
    let here = oauth.login("ada", "correct horse").unwrap();
    assert!(members.get(1).hash.unwrap().starts_with("$2b$05$"));
    assert!(oauth.refresh(&here.refresh_token).is_ok());
    assert!(oauth.refresh(&elsewhere.refresh_token).is_ok());
}

#[test]
fn a_deleted_user_is_refused_at_the_next_refresh() {
    let fixture = Fixture::new();
    let pair = fixture.begin(SessionRequest::new());
    fixture.members.change(Vec::clear);
    assert_eq!(fixture.oauth.refresh(&pair.refresh_token).unwrap_err().status(), 401);
}

#[test]
fn the_limit_of_sessions_counts_begun_ones() {
    let fixture = Fixture::new();
    let oauth = handler(&fixture.tokens, &fixture.members).user_pool("limited").session_limit(2);
    let ada = fixture.members.get(1);
    let pairs = [(); 3].map(|()| {
        fixture.clock.advance(Duration::from_secs(1));
        oauth.begin_session(&ada, SessionRequest::new()).unwrap()
    });
    assert_eq!(pairs.map(|pair| oauth.refresh(&pair.refresh_token).is_ok()), [false, true, true]);
}

#[test]
fn a_password_is_checked_without_a_session() {
    let fixture = Fixture::new();
    fixture.members.change(|members| members[0].hash = Some(quick_hasher().hash("correct horse").unwrap()));
    let user = fixture.oauth.authenticate(LoginRequest::new("ada", "correct horse")).unwrap();
    assert_eq!(user.id, 1);
    for (name, password) in [("ada", "wrong"), ("bob", "correct horse"), ("ada", "")] {
        let refused = fixture.oauth.authenticate(LoginRequest::new(name, password));
        assert!(matches!(refused, Err(GuardError::InvalidCredentials(_))), "{name}");
    }
    assert_eq!(fixture.oauth.sessions(1).unwrap(), []);
}

#[test]
fn claims_see_the_session_at_every_issue_of_tokens() {
    let fixture = Fixture::new();
    let pair = fixture.begin(SessionRequest::new().until_browser_closes());
    let next = fixture.oauth.refresh(&pair.refresh_token).unwrap();
    for pair in [&pair, &next] {
        assert_eq!(fixture.access(pair)["persistent"], false);
    }
    let pair = fixture.begin(SessionRequest::new());
    let next = fixture.oauth.refresh(&pair.refresh_token).unwrap();
    assert_eq!(fixture.access(&next)["persistent"], true);
}

#[test]
fn closures_choose_claims_from_the_user_or_from_the_session_and_not_from_both() {
    let tokens = tokens();
    let ada = Member { id: 1, ..Member::default() };
    let found = ada.clone();
    let closures = || {
        let found = found.clone();
        OAuthHandler::new(tokens.clone(), |_| None::<Member>).lookup_by_id(move |_| Some(found.clone()))
    };
    let of_session = |user: &Member, details: &SessionDetails| {
        Payload::new(user.id).with("methods", details.amr.join(" "))
    };
    let of_user = |user: &Member| Payload::new(user.id).with("methods", "unknown");
    {
        let oauth = closures().session_claims(of_session);
        let pair = oauth.begin_session(&ada, SessionRequest::new().amr(["hwk", "user"])).unwrap();
        let pair = oauth.refresh(&pair.refresh_token).unwrap();
        let access = tokens.decode_access_token::<Payload>(&pair.access_token).unwrap();
        assert_eq!(access["methods"], "hwk user");
    }
    for both in [
        closures().claims(of_user).session_claims(of_session),
        closures().session_claims(of_session).claims(of_user),
    ] {
        assert!(matches!(both.validate(), Err(ConfigError::Conflict { .. })));
        assert!(both.begin_session(&ada, SessionRequest::new()).is_err());
    }
    assert!(closures().claims(of_user).claims(of_user).validate().is_ok(), "the last one holds");
}

#[test]
fn a_handler_refuses_the_sessions_of_another_pool() {
    let tokens = tokens();
    let members = Members::of([Member { id: 1, ..Member::default() }]);
    let store = MemorySessions::new();
    let [staff, guests] = ["staff", "guests"]
        .map(|pool| handler(&tokens, &members).user_pool(pool).session_store(store.clone()));
    let pair = staff.begin_session(&members.get(1), SessionRequest::new()).unwrap();
    assert_eq!(guests.refresh(&pair.refresh_token).unwrap_err().status(), 401);
    assert_eq!(guests.sessions(1).unwrap(), []);
    assert!(guests.step_up(&members.get(1), &pair.access_token, StepUpRequest::new()).is_err());
    assert!(staff.refresh(&pair.refresh_token).is_ok());
}
