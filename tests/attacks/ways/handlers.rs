//! The functions of a handler that take a token: those that step a session up, and those that redeem a purpose token.

use std::time::Duration;

use gatevault::error::InvalidReason;
use gatevault::login::{SessionRequest, StepUpRequest};
use gatevault::testing::{self, TestUser, Users};
use gatevault::token::{Purpose, VerifiedPurpose};
use gatevault::{GuardError, MemorySessions, OAuthHandler, Payload, TokenError, TokenPair, UserId};
use gatevault_attack_tests::{Members, signed_by_every_key, tokens};
use gatevault_tests::Outline;
use serde_json::json;

use crate::functions::LIMIT;
use crate::target::separate;
use crate::watch::{Meter, watched};

pub(crate) const WAYS: usize = STEP_UPS.len() + PURPOSES.len();

type Handler = OAuthHandler<Users>;
type StepUp = fn(&Handler, &TestUser, &str, StepUpRequest) -> Result<TokenPair, GuardError>;

const STEP_UPS: [(&str, StepUp); 2] = [
    ("OAuthHandler::step_up", |handler, user, token, request| handler.step_up(user, token, request)),
    ("OAuthHandler::async_step_up", |handler, user, token, request| {
        pollster::block_on(handler.async_step_up(user, token, request))
    }),
];

type Redeem = fn(&Handler, &str) -> Result<VerifiedPurpose, GuardError>;

/// Ways in that take a purpose token. The first does not use it up.
const PURPOSES: [(&str, Redeem); 3] = [
    ("TokenManager::decode_purpose_token", |handler, token| {
        Ok(handler.tokens().decode_purpose_token(&TICKET, token, "")?)
    }),
    ("OAuthHandler::redeem_purpose_token", |handler, token| handler.redeem_purpose_token(&TICKET, token, "")),
    ("OAuthHandler::async_redeem_purpose_token", |handler, token| {
        pollster::block_on(handler.async_redeem_purpose_token(&TICKET, token, ""))
    }),
];

const TICKET: Purpose = Purpose::new("ticket", Duration::from_mins(1)).once();

/// Creates a handler of the user whom the tokens name.
fn handler() -> (Handler, TestUser) {
    let user = TestUser::new(USER, "ada");
    let handler = OAuthHandler::with_sync_users(separate(), Users::<Payload>::new([user.clone()]));
    (handler.hasher(testing::hasher()).session_store(MemorySessions::new()), user)
}

const USER: u64 = 42;

#[test]
fn a_session_is_stepped_up_by_good_tokens_and_refuses_every_hostile_one_for_its_reason() {
    watched(|| {
        let (handler, user) = handler();
        let login = handler.begin_session(&user, SessionRequest::new().amr(["pwd"])).unwrap();
        let decoded = |token: &str| handler.tokens().decode_access_token::<Payload>(token).unwrap();
        let session = decoded(&login.access_token).session_id().unwrap().to_owned();
        let request = || StepUpRequest::new().amr(["otp"]);
        for (way, step_up) in STEP_UPS {
            let mut meter = Meter::new(way, LIMIT);
            for attack in tokens() {
                meter.call(attack, &format!("{:?}", attack.refusal), || {
                    match step_up(&handler, &user, &attack.token, request()) {
                        Ok(_) => "stepped up".to_owned(),
                        Err(GuardError::Token(error)) => format!("{:?}", Outline::from(error)),
                        Err(error) => format!("{error:?}"),
                    }
                });
            }
            meter.finish(0);
        }
        let refreshed = handler.refresh(&login.refresh_token).unwrap();
        assert_eq!(
            decoded(&refreshed.access_token).get("amr"),
            Some(json!(["pwd"])),
            "the session as it began"
        );
        let claims = Members::claims().with("sid", &format!("\"{session}\""));
        for (way, step_up) in STEP_UPS {
            for (algorithm, token) in signed_by_every_key(&claims) {
                let next = step_up(&handler, &user, &token, request()).unwrap();
                let next = decoded(&next.access_token);
                let found = (next.session_id(), next.get("amr"));
                assert_eq!(found, (Some(&*session), Some(json!(["otp"]))), "{way}, {algorithm}");
            }
        }
    });
}

/// A hostile access token is no purpose token, and with the header of one it has no signature of one.
#[test]
fn no_hostile_token_is_a_purpose_token_and_none_uses_one_up() {
    watched(|| {
        let (handler, _) = handler();
        let user = UserId::from(USER);
        let links = PURPOSES.map(|_| handler.tokens().create_purpose_token(&TICKET, &user, "").unwrap());
        let header = links[0].split('.').next().unwrap();
        for ((way, redeem), link) in PURPOSES.into_iter().zip(&links) {
            let mut meter = Meter::new(way, LIMIT);
            let mut renamed = Meter::new(format!("{way}, the header of a purpose token"), LIMIT);
            for attack in tokens() {
                meter.call(attack, "refused", || {
                    verdict(&redeem(&handler, &attack.token), |reason| {
                        matches!(reason, InvalidReason::NotPurpose { .. } | InvalidReason::Extension(_))
                    })
                });
                let rest = attack.token.split_once('.').map_or("", |(_, rest)| rest);
                let token = format!("{header}.{rest}");
                renamed.call(attack, "refused", || {
                    verdict(&redeem(&handler, &token), |reason| {
                        matches!(reason, InvalidReason::PurposeSignature { .. })
                    })
                });
            }
            meter.finish(0);
            renamed.finish(0);
            assert_eq!(redeem(&handler, link).unwrap().user_id(), &user, "{way}");
            let again = redeem(&handler, link).is_ok();
            assert_eq!(again, way == PURPOSES[0].0, "{way}, a second time");
        }
    });
}

/// Returns `refused` for a string that is no token, one that is too long, and an expected reason. Returns any other outcome as it is.
fn verdict(
    result: &Result<VerifiedPurpose, GuardError>,
    is_expected: impl Fn(&InvalidReason) -> bool,
) -> String {
    let is_refusal = match result {
        Err(GuardError::Token(
            TokenError::Decode(_) | TokenError::Invalid(InvalidReason::TooLong { .. }),
        )) => true,
        Err(GuardError::Token(TokenError::Invalid(reason))) => is_expected(reason),
        _ => false,
    };
    if is_refusal { "refused".to_owned() } else { format!("{result:?}") }
}
