use gatevault::{GuardError, protected};

#[protected]
fn numbers() -> Result<impl Iterator<Item = u8> + use<>, GuardError> {
    Ok([1].into_iter())
}

fn main() {}
