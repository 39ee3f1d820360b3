use gatevault::ClaimValue;

#[derive(ClaimValue)]
enum Role {
    #[claims(default)]
    Admin,
}

fn main() {}
