//! A connection that was opened with a ticket ends with the session for which the ticket was created.

use std::time::{Duration, SystemTime};

use gatevault::login::{SessionRequest, SyncLookup};
use gatevault::testing::ManualClock;
use gatevault::token::{Invalidated, Purpose, PurposeSubject, VerifiedPurpose};
use gatevault::{
    Clock as _, MemorySessions, OAuthHandler, Payload, RevocationFeed, TokenManager, UserId, Verified,
};
use gatevault_tests::{Account, SECRET, Waiting, timed};

const TICKET: Purpose = Purpose::new("socket-ticket", Duration::from_secs(30)).once();
const SECOND: Duration = Duration::from_secs(1);

struct Service {
    tokens: TokenManager,
    oauth: OAuthHandler<SyncLookup<Account>>,
    clock: ManualClock,
}

impl Service {
    fn new() -> Self {
        let (builder, clock) = timed();
        let tokens = builder.build().unwrap();
        let oauth = OAuthHandler::new(tokens.clone(), |_: &str| None::<Account>);
        Self { tokens, oauth, clock }
    }

    /// Returns the caller of a session, and the refresh token.
    fn begin_session(&self) -> (Verified<Payload>, String) {
        let ada = Account { id: 1.into(), hash: String::new() };
        let pair = self.oauth.begin_session(&ada, SessionRequest::new()).unwrap();
        (self.tokens.decode_access_token(&pair.access_token).unwrap(), pair.refresh_token)
    }

    fn redeem<'s>(&self, subject: impl Into<PurposeSubject<'s>>) -> VerifiedPurpose {
        let ticket = self.tokens.create_purpose_token(&TICKET, subject, "").unwrap();
        let redeemed = self.oauth.redeem_purpose_token(&TICKET, &ticket, "").unwrap();
        assert_eq!(self.oauth.redeem_purpose_token(&TICKET, &ticket, "").unwrap_err().status(), 401);
        redeemed
    }

    /// Returns a connection that waits.
    fn connect(&self, redeemed: &VerifiedPurpose) -> Waiting {
        let mut waiting = Waiting::new(self.tokens.invalidated_purpose(redeemed));
        assert_eq!(waiting.poll(), None);
        waiting
    }

    /// Asserts that a connection ends at the time `end` and not a second earlier.
    fn assert_ends_at(&self, waiting: &mut Waiting, end: Duration, reason: Invalidated) {
        let start = self.clock.now();
        self.clock.set(start + end - SECOND);
        assert_eq!(waiting.poll(), None);
        self.clock.set(start + end);
        assert_eq!(waiting.wait(), reason);
        self.clock.set(start);
    }
}

#[test]
fn a_connection_by_ticket_outlives_ticket_and_token_and_ends_with_the_session() {
    let service = Service::new();
    let (caller, refresh) = service.begin_session();
    let redeemed = service.redeem(&caller);
    let mut by_time = service.connect(&redeemed);
    service.assert_ends_at(&mut by_time, service.tokens.refresh_expiry(), Invalidated::SessionEnded);
    let mut by_logout = service.connect(&redeemed);
    service.clock.advance(Duration::from_hours(24));
    assert_eq!(by_logout.poll(), None);
    service.oauth.logout(&refresh).unwrap();
    assert_eq!(by_logout.wait(), Invalidated::SessionEnded);
}

#[test]
fn a_connection_by_ticket_ends_with_the_revocation_of_its_user_and_of_no_other() {
    let service = Service::new();
    let redeemed = service.redeem(&service.begin_session().0);
    let mut waiting = service.connect(&redeemed);
    service.tokens.revoke_user(None, &2.into(), service.clock.now()).unwrap();
    service.tokens.revoke_session(None, service.begin_session().0.session_id().unwrap()).unwrap();
    assert_eq!((waiting.poll(), waiting.woken()), (None, 0));
    service.tokens.revoke_user(None, &1.into(), service.clock.now()).unwrap();
    assert_eq!(waiting.wait(), Invalidated::Revoked);
    let late = service.tokens.invalidated_purpose(&redeemed);
    assert_eq!(Waiting::new(late).wait(), Invalidated::Revoked);
}

#[test]
fn a_ticket_without_a_session_opens_a_connection_until_its_access_token_expires() {
    let service = Service::new();
    let access = service.tokens.create_access_token(&Payload::new(1)).unwrap();
    let caller: Verified<Payload> = service.tokens.decode_access_token(&access).unwrap();
    service.clock.advance(20 * SECOND);
    let mut waiting = service.connect(&service.redeem(&caller));
    let rest = service.tokens.access_expiry() - 20 * SECOND;
    service.assert_ends_at(&mut waiting, rest, Invalidated::Expired);
}

#[test]
fn a_ticket_that_was_not_created_from_a_token_opens_a_connection_until_it_expires() {
    let service = Service::new();
    let user = UserId::from(1);
    let session = PurposeSubject::new(&user).session("a session");
    for subject in [PurposeSubject::new(&user), session] {
        let ticket = service.tokens.create_purpose_token(&TICKET, subject, "").unwrap();
        let decoded = service.tokens.decode_purpose_token(&TICKET, &ticket, "").unwrap();
        let mut waiting = service.connect(&decoded);
        service.assert_ends_at(&mut waiting, TICKET.lifetime(), Invalidated::Expired);
    }
}

#[test]
fn a_ticket_and_its_connection_end_when_the_named_service_that_signed_with_our_key_revokes_the_user() {
    let name = "https://id.example";
    let id = TokenManager::builder().secret(SECRET).issuer(name).build().unwrap();
    let nameless = TokenManager::builder().secret(SECRET).build().unwrap();
    let store = MemorySessions::new();
    let feed = RevocationFeed::of(store.clone()).poll_interval(Duration::from_millis(10)).follow(&nameless);
    let access = id.create_access_token(&Payload::new(1)).unwrap();
    let caller: Verified<Payload> = nameless.decode_access_token(&access).unwrap();
    let ticket = nameless.create_purpose_token(&TICKET, &caller, "").unwrap();
    let redeemed = nameless.decode_purpose_token(&TICKET, &ticket, "").unwrap();
    let [mut by_token, mut by_ticket] =
        [nameless.invalidated(&caller), nameless.invalidated_purpose(&redeemed)].map(Waiting::new);
    assert_eq!((by_token.poll(), by_ticket.poll()), (None, None));
    let revoker = RevocationFeed::of(store).follow(&id).unwrap().revoker();
    revoker.revoke_user(None, &1.into(), SystemTime::now()).unwrap();
    assert_eq!(by_token.wait(), Invalidated::Revoked);
    assert_eq!(by_ticket.poll(), Some(Invalidated::Revoked));
    assert!(nameless.decode_purpose_token(&TICKET, &ticket, "").is_err());
    drop(feed);
}
