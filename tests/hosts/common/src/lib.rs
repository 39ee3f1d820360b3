//! The callers of every host: their claims, their tokens, and the gate that their program installed.

pub mod http;

use std::sync::OnceLock;
use std::time::{Duration, SystemTime};

use gatevault::testing::ManualClock;
use gatevault::{Claims, GateVault, TokenManager};

/// The claims of a caller.
#[derive(Debug, Clone, Claims)]
pub struct User {
    pub user_id: u64,
    #[claims(role)]
    pub role: String,
}

/// The tokens of the callers. A guest has none.
#[derive(Debug)]
pub struct Callers {
    /// User 7 with the role "admin".
    pub admin: String,
    /// User 8 with the role "member".
    pub member: String,
    /// User 7 with the role "admin", an hour after the token expired.
    pub expired: String,
}

impl Callers {
    /// Returns the callers of this process. The first call installs the gate.
    pub fn get() -> &'static Self {
        static CALLERS: OnceLock<Callers> = OnceLock::new();
        CALLERS.get_or_init(|| {
            let now = manager(ManualClock::default());
            GateVault::new(now.clone()).install().expect("the only gate of the process");
            let age = now.access_expiry() + Duration::from_secs(3600);
            let past = manager(ManualClock::at(SystemTime::now() - age));
            Self {
                admin: token(&now, 7, "admin"),
                member: token(&now, 8, "member"),
                expired: token(&past, 7, "admin"),
            }
        })
    }
}

fn manager(clock: ManualClock) -> TokenManager {
    TokenManager::builder().secret([7; 32]).clock(clock).build().expect("valid settings")
}

fn token(tokens: &TokenManager, user_id: u64, role: &str) -> String {
    tokens.create_access_token(&User { user_id, role: role.to_owned() }).expect("valid claims")
}
