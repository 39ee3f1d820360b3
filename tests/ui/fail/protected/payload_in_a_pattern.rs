use gatevault::{GuardError, Payload, protected};

struct Json<T>(T);

#[protected(payload = user)]
fn invoices(Json(user): Json<Payload>) -> Result<(), GuardError> {
    Ok(drop(user))
}

fn main() {}
