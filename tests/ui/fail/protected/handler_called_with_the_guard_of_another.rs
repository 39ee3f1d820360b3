use gatevault::guard::HandlerGuard;
use gatevault::{GuardError, protected};

#[protected(handler)]
fn open() -> Result<(), GuardError> { Ok(()) }

#[protected(handler, role = "admin")]
fn admin() -> Result<(), GuardError> { Ok(()) }

fn main() { if let Ok(guard) = HandlerGuard::verify("token") { open(guard); admin(guard); } }
