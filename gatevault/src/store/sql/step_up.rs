//! The step-up of a session: its statement, and the decision if that changes nothing.

use super::dialect::{Dialect, Parameter};
use super::rows::{active_session, json};
use super::sessions::{MAX_ROTATION_ATTEMPTS, SqlSessions, conflicting_updates};
use super::transaction::run;
use crate::error::StoreError;
use crate::session::{EvaluateSession as _, RotationOutcome, StepUp};

impl<D: Dialect> SqlSessions<D> {
    /// Replaces the authentication of a session with one conditional update. If it changes nothing, reads and evaluates the session.
    pub(super) async fn step_up(self, request: StepUp) -> Result<RotationOutcome, StoreError> {
        let (user, pool) = (json(&request.user)?, json(&request.pool)?);
        let parameters = parameters(&request, user.clone(), pool.clone())?;
        for _ in 0..MAX_ROTATION_ATTEMPTS {
            let rows = run(&self.pool, D::STATEMENTS.step_up, &parameters).await?;
            if let Some(row) = rows.first() {
                return Ok(RotationOutcome::Rotated(active_session(row, &request.successor)?));
            }
            let (session, now) = (&request.session, request.now);
            let found = self.read(session, now, &pool).await?;
            let Some((_, record)) = found.filter(|(owner, _)| *owner == user) else {
                return Ok(RotationOutcome::Unknown);
            };
            let verdict = record.evaluate_step_up(&request);
            if let Some(outcome) = self.apply(verdict, session, user.clone(), &pool, now).await? {
                return Ok(outcome);
            }
        }
        Err(conflicting_updates())
    }
}

fn parameters(request: &StepUp, user: Parameter, pool: Parameter) -> Result<[Parameter; 10], StoreError> {
    let successor = &request.successor;
    Ok([
        request.session.clone().into(),
        user,
        request.security_stamp.clone().into(),
        request.now.into(),
        successor.id.clone().into(),
        successor.issued_at.into(),
        successor.expires_at.into(),
        pool,
        request.acr.clone().into(),
        json(&request.amr)?,
    ])
}
