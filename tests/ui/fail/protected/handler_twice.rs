use gatevault::{GuardError, Payload, protected};

#[protected(handler)]
#[protected(role = "admin")]
fn profile(user: Payload) -> Result<String, GuardError> { Ok(user.user_id().to_string()) }

#[protected(role = "admin")]
#[protected(handler)]
fn orders(user: Payload) -> Result<String, GuardError> { Ok(user.user_id().to_string()) }

fn main() {}
