use gatevault::protected;

#[protected(require = 1 < 2)]
async fn invoices() -> Option<Vec<u64>> {
    None
}

fn main() {}
