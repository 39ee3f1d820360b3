//! Operations on one session by its id, and the spending of tokens.

use redis::from_redis_value;

use super::backend::RedisBackend;
use super::keys::{Owner, pool_json};
use super::operations::{SLACK, milliseconds};
use super::rows::{Row, RowReply, active, active_session, authentication, json};
use super::scripts::{FIND, SPEND, STEP_UP};
use crate::error::StoreError;
use crate::session::{EvaluateSession as _, FindSession, RotationOutcome, SpendToken, StepUp, StoredSession};
use crate::store::executor::Executor;

impl RedisBackend {
    /// Replaces the authentication of an active login within the script. Any other session is evaluated here.
    pub(super) async fn step_up(
        self,
        request: StepUp,
        executor: Executor,
    ) -> Result<RotationOutcome, StoreError> {
        let owner = Owner::new(request.pool.as_ref(), &request.user);
        let mut call = STEP_UP.prepare_invoke();
        call.key(self.keys.session(&request.session))
            .arg(owner.pool())
            .arg(&owner.user)
            .arg(json(&request.security_stamp)?)
            .arg(request.now.seconds())
            .arg(json(&request.successor.id)?)
            .arg(request.successor.issued_at.seconds())
            .arg(request.successor.expires_at.seconds())
            .arg(milliseconds(SLACK))
            .arg(authentication(request.acr.as_deref(), &request.amr)?);
        let (row, expires_in) = match RowReply::parse(self.connection.call(call).await?)? {
            None => return Ok(RotationOutcome::Unknown),
            Some(RowReply::Changed(lasting)) => {
                return Ok(RotationOutcome::Rotated(active(&lasting, &request.successor)?));
            }
            Some(RowReply::Unchanged(row, expires_in)) => (row, expires_in),
        };
        let row = Row::parse(&row)?;
        if row.pool() != owner.pool.as_deref() || row.lasting.user != owner.user {
            return Ok(RotationOutcome::Unknown);
        }
        let verdict = row.record(expires_in)?.evaluate_step_up(&request);
        self.apply(verdict, owner, request.session, executor).await
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
