#[derive(gatevault::Claims)]
struct User {
    user_id: u64,
    #[claims(role)] roles: Vec<String>,
}

#[gatevault::protected(role = 3)]
fn close(payload: User) -> Result<(), gatevault::GuardError> {
    Ok(())
}

fn main() {}
