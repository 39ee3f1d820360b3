//! The arguments of `#[protected]`.

use std::future::ready;
use std::sync::{Arc, Mutex, MutexGuard};

use gatevault::guard::{AsGate, GateRef};
use gatevault::{GateVault, Payload, TokenManager, Verified, protected};

use crate::{Answer, Denied, FORBIDDEN, FORGED, UNAUTHENTICATED, User, access, refresh, tokens};

#[protected(refresh)]
fn refreshes(payload: Verified<User>) -> Answer {
    Ok(payload.user_id)
}

#[protected(optional)]
fn welcomes(payload: Option<User>) -> Answer<Option<u64>> {
    Ok(payload.map(|user| user.user_id))
}

#[protected(require = payload.org_id == Some(org_id))]
fn requires_one(org_id: u64, payload: User) -> Answer {
    Ok(payload.user_id)
}

#[protected(
    require(
        payload.user_id == 42,
        { let least = 5; org_id >= least },
        is_open(org_id)?,
        later(true).await,
    ),
)]
async fn requires_several(org_id: u64, payload: User) -> Answer {
    Ok(payload.user_id)
}

#[protected(payload = who, require = who.get("org_id") == Some(7))]
fn names_its_payload(payload: u64, who: Payload) -> Answer {
    Ok(who.get::<u64>("user_id").unwrap_or_default().wrapping_add(payload))
}

#[protected(gate = Locked(gates.lock().map_err(|_| Denied(500))?))]
async fn borrows_a_gate_briefly(gates: &Mutex<GateVault>, payload: User) -> Answer {
    ready(()).await;
    Ok(payload.user_id)
}

#[protected(crate = renamed::vault, gate = tokens)]
fn renames_the_crate(tokens: Arc<TokenManager>, payload: User) -> Answer {
    drop(tokens);
    Ok(payload.user_id)
}

mod renamed {
    pub(super) use gatevault as vault;
}

/// A gate behind a lock. The guard of the lock must not be held across an await.
struct Locked<'a>(MutexGuard<'a, GateVault>);

impl AsGate for Locked<'_> {
    fn as_gate(&self) -> GateRef<'_> {
        self.0.as_gate()
    }
}

fn is_open(org_id: u64) -> Result<bool, Denied> {
    if org_id == 9 { Err(Denied(503)) } else { Ok(org_id != 8) }
}

async fn later(answer: bool) -> bool {
    ready(answer).await
}

#[test]
fn refresh_accepts_refresh_tokens_only() {
    assert_eq!(refreshes(refresh()), Ok(42));
    assert_eq!(refreshes(access()), Err(UNAUTHENTICATED));
    assert_eq!(crate::functions::documented(refresh()), Err(UNAUTHENTICATED));
}

#[test]
fn optional_accepts_a_missing_token_but_no_invalid_one() {
    assert_eq!(welcomes(access()), Ok(Some(42)));
    assert_eq!(welcomes(""), Ok(None));
    assert_eq!(welcomes(None::<String>), Ok(None));
    assert_eq!(welcomes(FORGED), Err(UNAUTHENTICATED));
}

#[test]
fn a_required_condition_must_be_true() {
    assert_eq!(requires_one(access(), 7), Ok(42));
    assert_eq!(requires_one(access(), 8), Err(FORBIDDEN));
    assert_eq!(requires_one(FORGED, 7), Err(UNAUTHENTICATED));
}

#[test]
fn all_of_several_conditions_must_be_true() {
    let call = |token, org_id| pollster::block_on(requires_several(token, org_id));
    assert_eq!(call(access(), 7), Ok(42));
    assert_eq!(call(access(), 4), Err(FORBIDDEN), "the second fails");
    assert_eq!(call(access(), 8), Err(FORBIDDEN), "the third fails");
    assert_eq!(call(access(), 9), Err(Denied(503)), "the third returns");
    assert_eq!(call(FORGED.into(), 7), Err(UNAUTHENTICATED));
}

#[test]
fn the_payload_can_have_another_name() {
    assert_eq!(names_its_payload(access(), 1), Ok(43));
    assert_eq!(names_its_payload(FORGED, 1), Err(UNAUTHENTICATED));
}

#[test]
fn a_gate_can_be_borrowed_for_the_check_alone() {
    fn sent<F: Future + Send>(future: F) -> F {
        future
    }
    let gates = Mutex::new(GateVault::new(tokens().clone()));
    assert_eq!(pollster::block_on(sent(borrows_a_gate_briefly(&access(), &gates))), Ok(42));
    assert_eq!(pollster::block_on(borrows_a_gate_briefly(FORGED, &gates)), Err(UNAUTHENTICATED));
}

#[test]
fn the_crate_can_have_another_name() {
    let tokens = Arc::new(tokens().clone());
    assert_eq!(renames_the_crate(access(), Arc::clone(&tokens)), Ok(42));
    assert_eq!(renames_the_crate(FORGED, tokens), Err(UNAUTHENTICATED));
}

/// A framework passes the token as an owned string. The lints of this crate are silent about it.
#[protected]
fn owned(token: String, payload: User) -> Answer {
    Ok(payload.user_id)
}

#[test]
fn a_token_can_be_owned_by_a_function_that_only_guards_with_it() {
    assert_eq!(owned(access()), Ok(42));
    assert_eq!(owned(String::new()), Err(UNAUTHENTICATED));
}
