use gatevault::Claims;

#[derive(Claims)]
#[claims(rename_all = "camel_case")]
struct User {
    user_id: u64,
}

fn main() {}
