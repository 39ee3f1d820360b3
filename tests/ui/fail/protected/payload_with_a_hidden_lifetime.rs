use gatevault::{Claims, GuardError, protected};

#[derive(Claims)]
struct User<'a> { user_id: &'a str }

#[protected]
fn invoices(payload: User) -> Result<usize, GuardError> {
    Ok(payload.user_id.len())
}

fn main() {}
