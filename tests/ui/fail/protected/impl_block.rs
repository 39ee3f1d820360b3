use gatevault::protected;

struct Invoices;

#[protected]
impl Invoices {
    pub fn list() {}
}

fn main() {}
