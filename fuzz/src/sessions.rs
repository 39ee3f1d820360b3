//! Sequences of session operations: `MemorySessions` against the model, outcome by outcome. The crate `gatevault-session-model` has
//! the grammar of an input.

use std::sync::Arc;
use std::time::Duration;

use gatevault::{MemorySessions, SessionStore, StoreError, Timestamp};
use gatevault_session_model::{Checked, Model, Outcome, Request, Row, World, run as run_script};

use crate::ready::ready;

/// Runs the operations on a store and on the model.
pub fn run(input: &[u8]) {
    let mut memory = Memory(Arc::new(MemorySessions::new()));
    let outcome = ready(async { Ok::<_, StoreError>(run_script(&mut memory, input).await) });
    assert!(outcome.is_ok(), "{outcome:?}");
}

/// A store that uses the clocks of its callers. No other node follows it.
struct Memory(Arc<MemorySessions>);

impl World for Memory {
    fn store(&self) -> Arc<dyn SessionStore> {
        Arc::<MemorySessions>::clone(&self.0)
    }

    fn start(&self) -> Timestamp {
        Timestamp::from_seconds(1_767_225_600).expect("a year before 10000")
    }

    async fn advance(&mut self, _: Duration) -> Checked {
        Ok(())
    }

    async fn send_both(&mut self, one: Request, other: Request) -> Result<(Outcome, Outcome), StoreError> {
        Ok((one.send(&*self.0).await?, other.send(&*self.0).await?))
    }

    fn opened(&mut self, session: &Row) -> String {
        format!("token of {}", session.id)
    }

    async fn compare_guards(&mut self, _: &Model, _: Timestamp) -> Checked {
        Ok(())
    }
}
