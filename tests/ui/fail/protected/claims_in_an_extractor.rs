use gatevault::{Claims, GuardError, protected};

#[derive(Claims)]
struct User { user_id: u64, role: String }
struct Json<T>(T);

#[protected(require = user.role == "admin")]
fn delete_all(Json(user): Json<User>) -> Result<String, GuardError> {
    Ok(user.role)
}
fn main() {}
