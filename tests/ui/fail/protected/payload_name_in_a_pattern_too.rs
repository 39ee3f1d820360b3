use gatevault::{GuardError, Payload, protected};

struct Json<T>(T);

#[protected(handler, require = user.user_id() == 1)]
fn update(Json(user): Json<String>, user: Payload) -> Result<String, GuardError> { Ok(String::new()) }

#[protected]
fn create(Json(payload): Json<String>, payload: Payload) -> Result<String, GuardError> { Ok(String::new()) }

fn main() {}
