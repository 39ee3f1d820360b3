use gatevault::protected;

#[protected]
fn invoices() -> impl Iterator<Item = u64> {
    [1, 2].into_iter()
}

fn main() {}
