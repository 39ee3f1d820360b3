//! Operations on one session by its id, and the spending of tokens.

use redis::from_redis_value;

use super::backend::RedisBackend;
use super::keys::{Owner, pool_json};
use super::operations::{SLACK, milliseconds};
use super::rows::{RotateReply, active_session};
use super::scripts::{FIND, SPEND, STEP_UP};
use crate::error::StoreError;
use crate::session::{FindSession, RotationOutcome, SpendToken, StepUp, StoredSession};

impl RedisBackend {
    /// Replaces the authentication of an active login within the script. Any other session is evaluated here.
    pub(super) async fn step_up(self, request: StepUp) -> Result<RotationOutcome, StoreError> {
        let owner = Owner::new(request.pool.as_ref(), &request.user);
        let mut call = STEP_UP.prepare_invoke();
        call.key(self.keys.session(&request.session))
            .arg(owner.pool())
            .arg(&owner.user)
            .arg(&request.security_stamp)
            .arg(request.now.seconds())
            .arg(&request.successor.id)
            .arg(request.successor.issued_at.seconds())
            .arg(request.successor.expires_at.seconds())
            .arg(milliseconds(SLACK))
            .arg(serde_json::to_string(&request.amr)?)
            .arg(request.acr.as_deref().unwrap_or_default())
            .arg(u8::from(request.acr.is_some()));
        let Some(reply) = RotateReply::parse(self.connection.call(call).await?)? else {
            return Ok(RotationOutcome::Unknown);
        };
        if reply.has_rotated {
            return Ok(RotationOutcome::Rotated(reply.record.stepped_up(&request)));
        }
        let verdict = reply.record.evaluate_step_up(&request);
        self.apply(verdict, &owner, request.session).await
    }

    pub(super) async fn find(self, request: FindSession) -> Result<Option<StoredSession>, StoreError> {
        let pool = pool_json(request.pool.as_ref());
        let mut call = FIND.prepare_invoke();
        call.key(self.keys.session(&request.session));
        active_session(self.connection.call(call).await?, pool.as_deref(), request.now)
    }

    pub(super) async fn spend(self, request: SpendToken) -> Result<bool, StoreError> {
        let mut call = SPEND.prepare_invoke();
        call.key(self.keys.spent(&request.id))
            .arg(request.now.seconds())
            .arg(request.expires_at.after(SpendToken::KEPT_FOR).seconds());
        Ok(from_redis_value(self.connection.call(call).await?)?)
    }
}
