use gatevault::{Claims, TokenManager, Verified};

#[derive(Claims)]
struct User(u64);

fn main() {
    let tokens = TokenManager::new("secret").unwrap();
    let user: Verified<User> = tokens.decode_token("token").unwrap();
    let _ = tokens.create_access_token(&user.into_claims());
}
