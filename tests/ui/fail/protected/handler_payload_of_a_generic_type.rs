use gatevault::{Claims, GuardError, protected};

#[protected(handler)]
fn profile<C: Claims>(user: C) -> Result<String, GuardError> {
    Ok(String::new())
}

fn main() {}
