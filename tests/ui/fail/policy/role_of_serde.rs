use gatevault::{GuardError, claims::Serde, protected};

#[derive(serde::Deserialize)]
struct User {
    role: String,
}

#[protected(role = "admin")]
fn invoices(payload: Serde<User>) -> Result<String, GuardError> {
    Ok(payload.into_inner().role)
}
fn main() {}
