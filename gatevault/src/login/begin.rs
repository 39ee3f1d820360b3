//! The steps that begin a session and step it up, written once for both forms of the handler.

use std::error::Error as _;

use super::authenticator::Mode;
use super::claims_age::ClaimsAge;
use super::issued::{LoginFacts, TokenPair};
use super::issuer::new_id;
use super::misconfigured::misconfigured;
use super::user::{SecurityStamps, security_stamp};
use super::{AuthUser, OAuthHandler, SessionRequest, StepUpRequest};
use crate::claims::{Payload, TokenKind, Verified};
use crate::clock::Timestamp;
use crate::error::{ConfigError, GuardError, InvalidReason, TokenError};
use crate::event::{Decision, Event, KeptCaller};
use crate::guard::TokenSource;
use crate::session::{NewSession, SessionDetails, StepUp};

impl<S> OAuthHandler<S> {
    /// Begins a session for a user whom the application has authenticated.
    pub(super) async fn begin<M: Mode<S>>(
        &self,
        user: &M::User,
        request: SessionRequest<'_>,
    ) -> Result<TokenPair, GuardError> {
        self.ready()?;
        let (reloaded, age) = self.reload_outdated::<M>(user).await?;
        let current = reloaded.as_ref().unwrap_or(user);
        let stamps = SecurityStamps::of(user);
        let (pair, session) = self.open_session::<M>(current, age, stamps, &request).await?;
        let amr = request.authentication.amr.clone();
        let event = self.event(Decision::SessionBegun { amr }).of_user(user.id()).at_address(request.address);
        Event { session_id: session, ..event.with_token_id(&*pair.access_token_id) }.emit();
        Ok(pair)
    }

    /// Issues the tokens of a new session, then stores it: claims that cannot be written leave no session. Returns the id of the
    /// session too, if sessions are kept.
    pub(super) async fn open_session<M: Mode<S>>(
        &self,
        user: &M::User,
        age: ClaimsAge,
        stamps: SecurityStamps,
        request: &SessionRequest<'_>,
    ) -> Result<(TokenPair, Option<String>), GuardError> {
        let now = self.issuer.tokens.now()?;
        let end = self.sessions.session_end(now, request.lifetime)?;
        let details = self.details_of(request, end.is_some(), now)?;
        let session = end.map(|_| new_id()).transpose()?;
        let end = end.unwrap_or(Timestamp::LAST_SECOND);
        let ticket = details.successor(self.issuer.new_ticket(now, end)?, end);
        let login =
            LoginFacts { requested: request.scopes.cloned(), ..LoginFacts::new(session.clone(), details) };
        let access = self.access_token::<M>(user, age, &login, &ticket, now)?;
        let pair = self.issuer.pair(access, user.id(), now)?;
        if let Some(id) = login.session {
            let new = NewSession {
                pool: self.pool(),
                label: request.kept_label(),
                previous_security_stamp: stamps.previous,
                limit: self.sessions.limit,
                ..NewSession::new(id, user.id(), end, ticket, stamps.current, login.details)
            };
            self.sessions.open(new).await?;
        }
        Ok((pair, session))
    }

    /// Returns the details of the session that a request describes.
    fn details_of(
        &self,
        request: &SessionRequest<'_>,
        is_stored: bool,
        now: Timestamp,
    ) -> Result<SessionDetails, GuardError> {
        if request.needs_store() && !is_stored {
            return Err(misconfigured(ConfigError::Missing {
                setting: "session_store",
                needed_for: "a `SessionRequest` with a lifetime, an idle timeout, a grace, or an end with the browser needs a stored \
                             session, and the handler is `stateless()`",
            }));
        }
        request.details(now, self.issuer.tokens.refresh_expiry()).map_err(misconfigured)
    }

    /// Verifies the access token of a user whose session is stepped up.
    pub(super) fn verify_for_step_up(
        &self,
        user: &impl AuthUser,
        access_token: &impl TokenSource,
    ) -> Result<SteppingUp, GuardError> {
        self.ready()?.required_store()?;
        let mut caller = KeptCaller::default();
        let verified = self.decode_for_step_up(user, access_token, &mut caller);
        match verified {
            Ok(token) => Ok(SteppingUp { token, caller }),
            Err(denial) => {
                self.step_up_refused(&denial, user, &caller);
                Err(denial)
            }
        }
    }

    fn decode_for_step_up(
        &self,
        user: &impl AuthUser,
        access_token: &impl TokenSource,
        caller: &mut KeptCaller,
    ) -> Result<Verified<Payload>, GuardError> {
        let token = access_token.token().ok_or(GuardError::MissingToken)?;
        let verified = self.issuer.tokens.decode_presented(&token, TokenKind::Access, caller)?;
        let reason = if verified.foreign_issuer().is_some() || verified.user_pool() != self.pool().as_deref()
        {
            "the access token is not that of a user of this handler"
        } else if *verified.user_id() != user.id() {
            "the access token belongs to another user than the one who was authenticated"
        } else if verified.session_id().is_none() {
            "the access token belongs to no session"
        } else {
            return Ok(verified);
        };
        Err(TokenError::from(InvalidReason::Session(reason)).into())
    }

    /// Emits the event of a step-up that is refused: with the user who was authenticated, and the token that was presented.
    fn step_up_refused(&self, denial: &GuardError, user: &impl AuthUser, caller: &KeptCaller) {
        let reason = denial.source().map(ToString::to_string);
        let event = self.event(Decision::StepUpRefused { denial: denial.to_string(), reason });
        event.of_caller(caller.claims()).of_user(user.id()).emit();
    }

    /// Writes a new authentication into the session of a verified access token.
    pub(super) async fn raise<M: Mode<S>>(
        &self,
        user: &M::User,
        presented: SteppingUp,
        request: StepUpRequest,
    ) -> Result<TokenPair, GuardError> {
        let SteppingUp { token, caller } = presented;
        let (reloaded, age) = self.reload_outdated::<M>(user).await?;
        let current = reloaded.as_ref().unwrap_or(user);
        let now = self.issuer.tokens.now()?;
        let details = request.details(now).map_err(misconfigured)?;
        let session = token.session_id().map(str::to_owned);
        let login = LoginFacts::new(session, details);
        let successor = self.issuer.new_ticket(now, Timestamp::LAST_SECOND)?;
        let access = self.access_token::<M>(current, age, &login, &successor, now)?;
        let LoginFacts { session, details, .. } = login;
        let step_up = StepUp {
            pool: self.pool(),
            acr: details.acr,
            amr: details.amr,
            ..StepUp::new(
                session.clone().unwrap_or_default(),
                user.id(),
                successor,
                security_stamp(user),
                now,
            )
        };
        let active = self.sessions.step_up(step_up, &caller).await?;
        // The store takes time, in which the user may have been logged out everywhere.
        let (id, pool) = (user.id(), self.issuer.membership.pool());
        let issued_at = token.issued().unwrap_or(Timestamp::FIRST_SECOND);
        let token_id = token.token_id().unwrap_or_default();
        let revoked = self.issuer.tokens.validate_not_revoked(pool, &id, token_id, issued_at);
        revoked
            .map_err(GuardError::from)
            .inspect_err(|denial| self.step_up_refused(denial, user, &caller))?;
        let access = self.up_to_date::<M>(access, current, session, active, now)?;
        let pair = self.issuer.pair(access, id, now)?;
        self.event(Decision::SteppedUp).of_caller(caller.claims()).emit();
        Ok(pair)
    }
}

/// A verified access token whose session is stepped up.
pub(super) struct SteppingUp {
    token: Verified<Payload>,
    /// Whom it names.
    caller: KeptCaller,
}
