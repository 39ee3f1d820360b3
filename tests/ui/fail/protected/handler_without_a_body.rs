use gatevault::{GuardError, Payload, protected};

trait Orders {
    #[protected(handler)]
    fn list(user: Payload) -> Result<String, GuardError>;
}

fn main() {}
