use gatevault::{GuardError, protected};

trait Invoices { fn list(&self, token: &str) -> Result<(), GuardError>; }

struct Shop;

impl Invoices for Shop {
    #[protected]
    fn list(&self) -> Result<(), GuardError> { Ok(()) }
}

fn main() {}
