use gatevault::Claims;

#[derive(Claims)]
struct User {
    #[claims(subject, scope)]
    id: String,
}

fn main() {}
