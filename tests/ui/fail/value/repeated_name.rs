use gatevault::ClaimValue;

#[derive(ClaimValue)]
enum Role {
    Admin,
    #[claims(rename = "Admin")]
    Root,
}

fn main() {}
