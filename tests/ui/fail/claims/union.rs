use gatevault::Claims;

#[derive(Claims)]
union User {
    user_id: u64,
}

fn main() {}
