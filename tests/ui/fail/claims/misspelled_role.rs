#[derive(gatevault::Claims)]
struct User { user_id: u64, #[claims(rolle)] role: String }

#[gatevault::protected(role = "admin")]
fn close(payload: User) -> Result<(), gatevault::GuardError> {
    Ok(())
}

fn main() {}
