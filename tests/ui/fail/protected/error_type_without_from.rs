use gatevault::protected;

struct AppError;

#[protected(require(1 < 2, 2 < 3))]
fn invoices() -> Result<Vec<u64>, AppError> {
    Ok(Vec::new())
}

fn main() {}
