use gatevault::{GateVault, GuardError, Payload, protected};

#[protected(handler, gate = state.gate)]
async fn profile(state: &'static App, user: Payload) -> Result<String, GuardError> {
    Ok(user.user_id().to_string())
}

struct App { gate: GateVault }

fn main() {}
