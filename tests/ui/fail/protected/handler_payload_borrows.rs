use gatevault::{Claims, GuardError, protected};

#[derive(Claims)]
struct User<'a> { user_id: u64, name: &'a str }

#[protected(handler)]
fn profile(user: User<'_>) -> Result<String, GuardError> {
    Ok(user.name.to_owned())
}

fn main() {}
