//! A public claims type may have private fields, the role among them.
#![deny(warnings, private_bounds, private_interfaces)]

pub mod staff {
    use gatevault::{ClaimValue, Claims, GuardError, protected};

    #[derive(ClaimValue, PartialEq)]
    enum Role {
        Clerk,
    }

    #[derive(Claims)]
    pub struct Member {
        pub user_id: u64,
        #[claims(role)]
        role: Role,
        #[claims(scope)]
        scope: Option<String>,
        #[claims(flatten)]
        rest: std::collections::BTreeMap<String, Role>,
    }

    #[protected(role = Role::Clerk, scope = "write")]
    pub fn write(payload: Member) -> Result<u64, GuardError> {
        Ok(payload.user_id)
    }
}

fn main() {
    assert!(staff::write("").is_err());
}
