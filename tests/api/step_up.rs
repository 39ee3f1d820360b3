//! Sessions that are stepped up.

use std::time::Duration;

use gatevault::login::{SessionRequest, StepUpRequest};
use gatevault::{GateVault, GuardError, Payload, TokenError, TokenPair, protected};

use crate::begun_sessions::{Fixture, Member, Members, handler};

#[protected(gate = gate, acr = "phr", max_age = "5m")]
fn transfer(gate: &GateVault, payload: Payload) -> Result<u64, GuardError> {
    payload.user_id().as_u64().ok_or(GuardError::MissingToken)
}

impl Fixture {
    fn step_up(&self, pair: &TokenPair, request: StepUpRequest) -> Result<TokenPair, GuardError> {
        self.oauth.step_up(&self.members.get(1), &pair.access_token, request)
    }
}

fn strong() -> StepUpRequest {
    StepUpRequest::new().amr(["hwk", "user"]).acr("phr")
}

#[test]
fn guards_that_demand_an_authentication_open_after_a_step_up_of_the_same_session() {
    let fixture = Fixture::new();
    let gate = GateVault::new(fixture.tokens.clone());
    let weak = fixture.begin(SessionRequest::new().amr(["pwd"]));
    fixture.clock.advance(Duration::from_mins(10));
    let weak = fixture.oauth.refresh(&weak.refresh_token).unwrap();
    assert!(transfer(&weak.access_token, &gate).is_err());

    let raised = fixture.step_up(&weak, strong()).unwrap();
    assert_eq!(transfer(&raised.access_token, &gate).unwrap(), 1);
    assert_eq!(fixture.access(&raised).session_id(), fixture.access(&weak).session_id());
    assert_eq!(fixture.oauth.sessions(1).unwrap().len(), 1);

    fixture.clock.advance(Duration::from_mins(4));
    let refreshed = fixture.oauth.refresh(&raised.refresh_token).unwrap();
    assert_eq!(transfer(&refreshed.access_token, &gate).unwrap(), 1, "after a refresh");
    fixture.clock.advance(Duration::from_mins(2));
    assert!(transfer(&refreshed.access_token, &gate).is_err(), "the authentication grows old");
}

#[test]
fn a_refresh_beside_a_step_up_gets_the_authentication_of_the_store() {
    let fixture = Fixture::new();
    let weak = fixture.begin(SessionRequest::new().amr(["pwd"]));
    fixture.clock.advance(Duration::from_secs(1));
    let raised = fixture.step_up(&weak, strong()).unwrap();
    let other_tab = fixture.oauth.refresh(&weak.refresh_token).unwrap();
    assert_eq!(other_tab.refresh_token, raised.refresh_token, "one successor");
    let access = fixture.access(&other_tab);
    assert_eq!((access.acr(), access.amr().next()), (Some("phr"), Some("hwk")));
    assert_eq!(access.authenticated_at(), fixture.access(&raised).authenticated_at());
}

#[test]
fn what_a_step_up_leaves_out_the_session_loses() {
    let fixture = Fixture::new();
    let strong = fixture.begin(SessionRequest::new().amr(["hwk"]).acr("phr"));
    fixture.clock.advance(Duration::from_mins(10));
    let weak = fixture.step_up(&strong, StepUpRequest::new().amr(["pwd"])).unwrap();
    let next = fixture.oauth.refresh(&weak.refresh_token).unwrap();
    for pair in [&weak, &next] {
        let access = fixture.access(pair);
        assert_eq!((access.acr(), access.amr().collect::<Vec<_>>()), (None, vec!["pwd"]));
    }
}

#[test]
fn a_step_up_needs_an_access_token_of_the_same_user_and_of_an_active_session() {
    let fixture = Fixture::new();
    let pair = fixture.begin(SessionRequest::new());
    let other = fixture.members.get(2);
    let refused = |result: Result<TokenPair, GuardError>| assert_eq!(result.unwrap_err().status(), 401);
    refused(fixture.oauth.step_up(&other, &pair.access_token, strong()));
    let ada = fixture.members.get(1);
    refused(fixture.oauth.step_up(&ada, &pair.refresh_token, strong()));
    refused(fixture.oauth.step_up(&ada, None::<&str>, strong()));
    refused(fixture.oauth.step_up(&ada, "", strong()));
    refused(fixture.oauth.step_up(
        &ada,
        fixture.tokens.create_access_token(&Payload::new(1)).unwrap(),
        strong(),
    ));
    assert!(fixture.oauth.refresh(&pair.refresh_token).is_ok(), "nothing has changed");

    fixture.oauth.logout(&pair.refresh_token).unwrap();
    refused(fixture.step_up(&pair, strong()));
    assert_eq!(fixture.oauth.sessions(1).unwrap(), [], "not revived");
}

#[test]
fn a_step_up_prolongs_no_session() {
    let fixture = Fixture::new();
    let pair = fixture.begin(SessionRequest::new().lifetime(Duration::from_mins(20)));
    fixture.clock.advance(Duration::from_mins(14));
    let raised = fixture.step_up(&pair, strong()).unwrap();
    assert_eq!(raised.expires_in, Duration::from_mins(6));
    fixture.clock.advance(Duration::from_mins(6));
    assert!(matches!(
        fixture.oauth.refresh(&raised.refresh_token),
        Err(GuardError::Token(TokenError::Expired))
    ));
    assert!(fixture.step_up(&raised, strong()).is_err());

    let idle = fixture.begin(SessionRequest::new().idle_timeout(Duration::from_mins(5)));
    assert_eq!(idle.expires_in, Duration::from_mins(5));
    let raised = fixture.step_up(&idle, strong()).unwrap();
    assert_eq!(raised.expires_in, Duration::from_mins(5), "the idle timeout stays");
}

#[test]
fn a_step_up_after_a_change_of_the_password_ends_the_session() {
    let fixture = Fixture::new();
    let pair = fixture.begin(SessionRequest::new());
    fixture.members.change(|members| members[0].stamp = Some("changed".to_owned()));
    assert_eq!(fixture.step_up(&pair, strong()).unwrap_err().status(), 401);
    assert!(fixture.tokens.decode_access_token::<Payload>(&pair.access_token).is_err());
}

#[test]
fn a_stateless_handler_steps_no_session_up() {
    let tokens = gatevault_tests::tokens();
    let members = Members::of([Member { id: 1, ..Member::default() }]);
    let oauth = handler(&tokens, &members).stateless();
    let access = tokens.create_access_token(&Payload::new(1)).unwrap();
    let refused = oauth.step_up(&members.get(1), &access, strong());
    assert!(matches!(refused, Err(GuardError::Config(_))));
}
