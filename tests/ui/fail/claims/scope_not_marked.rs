#[derive(gatevault::Claims)]
struct User {
    user_id: u64,
    scope: String,
}

#[gatevault::protected(scope = "write")]
fn close(payload: User) -> Result<(), gatevault::GuardError> {
    Ok(())
}

fn main() {}
