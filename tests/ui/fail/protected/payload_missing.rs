use gatevault::{GuardError, Payload, protected};

#[protected(payload = user)]
fn invoices(usr: Payload) -> Result<(), GuardError> {
    println!("{}", user.user_id());
    Ok(())
}

fn main() {}
