use gatevault::{GuardError, protected};

struct NewUser { admin: bool }

#[protected(handler, require = user.admin)]
fn register((user, name): (NewUser, String)) -> Result<String, GuardError> {
    Ok(name)
}

fn main() {}
