#[derive(gatevault::Claims)]
struct User {
    user_id: u64,
    role: String,
}

#[gatevault::protected(role = "admin")]
fn close(payload: User) -> Result<(), gatevault::GuardError> {
    Ok(())
}

fn main() {}
