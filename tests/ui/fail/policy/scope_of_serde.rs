use gatevault::{GuardError, claims::Serde, protected};

#[derive(serde::Deserialize)]
struct User {
    scope: String,
}

#[protected(scope = "invoices:read")]
fn invoices(payload: Serde<User>) -> Result<String, GuardError> {
    Ok(payload.into_inner().scope)
}
fn main() {}
