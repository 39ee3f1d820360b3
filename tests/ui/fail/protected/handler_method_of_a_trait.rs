use gatevault::{GuardError, Payload, protected};

trait Orders { fn list(&self, user: Payload) -> Result<String, GuardError>; }

impl Orders for () {
    #[protected(handler)]
    fn list(&self, user: Payload) -> Result<String, GuardError> { Ok(user.user_id().to_string()) }
}

fn main() {}
