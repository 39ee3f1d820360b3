//! An issuer without a network: what a fetch answers, when, and how often it was asked.

use std::sync::{Arc, Condvar, Mutex};

use gatevault::error::BoxError;

/// Clones are the same issuer.
#[derive(Clone)]
pub(crate) struct Script(Arc<(Mutex<State>, Condvar)>);

struct State {
    answer: Option<String>,
    is_held: bool,
    fetches: usize,
}

impl Script {
    pub(crate) fn answering(text: impl Into<String>) -> Self {
        let state = State { answer: Some(text.into()), is_held: false, fetches: 0 };
        Self(Arc::new((Mutex::new(state), Condvar::new())))
    }

    /// Answers so from now on.
    pub(crate) fn answer(&self, text: impl Into<String>) {
        self.0.0.lock().unwrap().answer = Some(text.into());
    }

    /// Is down from now on.
    pub(crate) fn fail(&self) {
        self.0.0.lock().unwrap().answer = None;
    }

    /// Lets every fetch wait from now on.
    pub(crate) fn hold(&self) {
        self.0.0.lock().unwrap().is_held = true;
    }

    /// Lets every fetch go on.
    pub(crate) fn release(&self) {
        self.0.0.lock().unwrap().is_held = false;
        self.0.1.notify_all();
    }

    /// How many fetches have begun.
    pub(crate) fn fetches(&self) -> usize {
        self.0.0.lock().unwrap().fetches
    }

    /// What to give to `fetch_with`.
    pub(crate) fn fetch(&self) -> impl FnMut(&str) -> Result<String, BoxError> + Send + 'static {
        let script = self.clone();
        move |_| {
            let (state, changed) = &*script.0;
            let mut state = state.lock().unwrap();
            state.fetches += 1;
            let state = changed.wait_while(state, |state| state.is_held).unwrap();
            state.answer.clone().ok_or_else(|| "the issuer is down".into())
        }
    }
}
