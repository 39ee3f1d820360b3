use gatevault::Claims;

#[derive(Claims)]
struct User {
    #[claims(subject)]
    id: Option<u64>,
}

fn main() {}
