#[derive(gatevault::ClaimValue)]
enum Role { Admin }

#[derive(gatevault::Claims)]
struct User { user_id: u64, #[claims(role)] role: Role }

#[gatevault::protected(role = Role::Admin)]
fn close(payload: User) -> Result<(), gatevault::GuardError> {
    Ok(())
}

fn main() {}
