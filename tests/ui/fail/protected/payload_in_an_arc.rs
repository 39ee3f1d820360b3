use gatevault::{Claims, GuardError, protected};

#[derive(Claims)]
struct User { user_id: u64 }

#[protected]
fn invoices(payload: std::sync::Arc<User>) -> Result<u64, GuardError> {
    Ok(payload.user_id)
}

fn main() {}
