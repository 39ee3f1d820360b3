use gatevault::Claims;

#[derive(Claims)]
struct User {
    #[claims(subject)]
    id: u64,
    #[claims(subject)]
    name: String,
}

fn main() {}
