use gatevault::{Claims, GuardError, protected};

#[derive(Claims)]
struct User { user_id: u64 }

#[protected(optional)]
fn invoices(payload: Option<&User>) -> Result<u64, GuardError> {
    Ok(payload.map_or(0, |user| user.user_id))
}

fn main() {}
