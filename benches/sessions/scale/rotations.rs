//! Rotations of sessions that are spread over a store, so that a large store cannot answer from the processor's cache.

use std::time::{Duration, Instant};

use super::{Scale, Stage};
use crate::BenchResult;
use crate::clients::{Work, run};
use crate::figures::Figures;
use crate::operations::{HeldSession, Store};

/// Rotates the tokens of its sessions, one after the other.
pub(super) struct Rotating {
    pub(super) sessions: Vec<HeldSession>,
    next: usize,
}

impl Rotating {
    pub(super) fn new(sessions: Vec<HeldSession>) -> Self {
        Self { sessions, next: 0 }
    }

    /// Rotates the token of the next session. Returns the time that the store took.
    async fn rotate(&mut self, store: &Store) -> BenchResult<Duration> {
        let next = self.next.checked_rem(self.sessions.len()).unwrap_or_default();
        self.next = next.saturating_add(1);
        let session = self.sessions.get_mut(next).ok_or("no session to rotate")?;
        let rotation = session.to_rotate()?;
        let start = Instant::now();
        let outcome = store.rotate(rotation).await?;
        let time = start.elapsed();
        session.accept(outcome)?;
        Ok(time)
    }
}

impl Work for Rotating {
    async fn next(&mut self, store: &Store) -> BenchResult<bool> {
        self.rotate(store).await.map(|_| true)
    }
}

/// Rotates with one client. The stores take turns, so that all of them meet the same moods of the machine.
pub(super) async fn by_one(stages: &mut [Stage], scale: Scale) -> BenchResult<Vec<Figures>> {
    let mut times: Vec<_> = stages.iter().map(|_| Vec::new()).collect();
    for turn in 0..scale.turns {
        for (stage, times) in stages.iter_mut().zip(&mut times) {
            let start = Instant::now();
            while start.elapsed() < scale.turn {
                let time = stage.rotating.rotate(&stage.store).await?;
                // The first turn warms up.
                times.extend((turn > 0 || scale.turns == 1).then_some(time));
            }
        }
    }
    Ok(times.into_iter().map(Figures::of).collect())
}

/// Rotates with many clients, each with sessions of its own.
pub(super) async fn by_many(stage: &mut Stage, scale: Scale) -> BenchResult<Figures> {
    let sessions = std::mem::take(&mut stage.rotating.sessions);
    let each = sessions.len().div_ceil(CLIENTS);
    let clients = sessions.chunks(each).map(|sessions| Rotating::new(sessions.to_vec())).collect();
    run(&stage.store, clients, scale.turn.saturating_mul(scale.turns)).await
}

/// The clients that rotate in parallel.
pub(super) const CLIENTS: usize = 16;
