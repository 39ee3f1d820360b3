use gatevault::Claims;

#[derive(Claims)]
enum User {
    Member { user_id: u64 },
}

fn main() {}
