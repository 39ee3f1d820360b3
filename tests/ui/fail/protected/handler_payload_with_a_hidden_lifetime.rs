use gatevault::{Claims, GuardError, protected};

#[derive(Claims)]
struct User<'a> { user_id: &'a str }

#[protected(handler)]
fn profile(user: User) -> Result<String, GuardError> {
    Ok(user.user_id.to_owned())
}

fn main() {}
