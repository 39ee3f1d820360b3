//! An issuer without a network, which controls the results of fetches and counts them.

use std::sync::{Arc, Condvar, Mutex};

use gatevault::error::BoxError;

/// An issuer. Clones share its state.
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

    /// Sets the response from now on.
    pub(crate) fn answer(&self, text: impl Into<String>) {
        self.0.0.lock().unwrap().answer = Some(text.into());
    }

    /// Makes every fetch fail from now on.
    pub(crate) fn fail(&self) {
        self.0.0.lock().unwrap().answer = None;
    }

    /// Makes every fetch wait from now on.
    pub(crate) fn hold(&self) {
        self.0.0.lock().unwrap().is_held = true;
    }

    /// Lets every waiting fetch continue.
    pub(crate) fn release(&self) {
        self.0.0.lock().unwrap().is_held = false;
        self.0.1.notify_all();
    }

    /// Returns the number of fetches that have begun.
    pub(crate) fn fetches(&self) -> usize {
        self.0.0.lock().unwrap().fetches
    }

    /// Returns the function to pass to `fetch_with`.
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
