use gatevault::{GuardError, protected};

trait Invoices {
    #[protected]
    fn list(&self, id: u64) -> Result<(), GuardError>;
}

impl Invoices for u64 {
    fn list(&self, _token: impl gatevault::TokenSource, _id: u64) -> Result<(), GuardError> { Ok(()) }
}

fn main() {}
