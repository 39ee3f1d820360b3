use gatevault::Claims;

#[derive(Claims)]
struct User {
    user_id: f64,
}

fn main() {}
