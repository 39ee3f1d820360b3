use gatevault::protected;

#[protected]
struct Invoices;

fn main() {}
