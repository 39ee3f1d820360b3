//! Tokens of a service whose users are in a pool.

use gatevault::{AuthUser, OAuthHandler, Payload, TokenManager, UserId};
use serde_json::json;

use crate::command::{Folder, SECRET};

struct Account(String);

impl AuthUser for Account {
    fn id(&self) -> UserId {
        42.into()
    }

    fn hashed_password(&self) -> Option<&str> {
        Some(&self.0)
    }
}

impl From<&Account> for Payload {
    fn from(account: &Account) -> Self {
        Self::new(account.id())
    }
}

#[test]
fn a_token_of_a_pool_is_valid_where_the_pool_is_named_and_the_advice_names_the_option() {
    let folder = Folder::new();
    let hasher = gatevault::PasswordHasher::builder().cost(4).build().unwrap();
    let hash = hasher.hash("correct horse").unwrap();
    let handler =
        OAuthHandler::new(TokenManager::new(SECRET).unwrap(), move |_: &str| Some(Account(hash.clone())));
    let pair = handler.user_pool("staff").login("ada", "correct horse").unwrap();
    for token in [pair.access_token, pair.refresh_token] {
        let inspect = |arguments: &[&str]| {
            folder.run(&[&["inspect", &token, "--secret-file", "secret", "--json"], arguments].concat())
        };
        assert_eq!(inspect(&["--user-pool", "staff"]).code, 0);
        assert_eq!(inspect(&["--user-pool", "customers", "--user-pool", "staff"]).code, 0);
        for arguments in [&[][..], &["--user-pool", "customers"]] {
            let output = inspect(arguments);
            let verdict = output.json()["verdict"].clone();
            assert_eq!((output.code, &verdict["signature"]), (1, &json!("genuine")), "{verdict}");
            assert!(verdict["advice"].to_string().contains("--user-pool"), "{verdict}");
        }
    }
}
