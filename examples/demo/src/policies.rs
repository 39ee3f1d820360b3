//! The guarded functions. The page shows this source as it is.

use gatevault::{ClaimValue, Claims, GuardError, guarded};

use crate::accounts::Account;

/// The claims of an access token.
#[derive(Debug, Clone, Claims)]
pub struct User {
    /// The subject.
    pub user_id: i64,
    /// The name of the account.
    pub name: String,
    /// The user's team.
    pub team: String,
    /// The user's role.
    #[claims(role)]
    pub role: Role,
    /// The granted scopes, separated by spaces.
    #[claims(scope)]
    pub scope: String,
}

/// Roles in ascending order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ClaimValue)]
#[claims(rename_all = "lowercase")]
pub enum Role {
    /// May call what is open to every user.
    Member,
    /// May invite others and export reports.
    Admin,
}

impl From<&Account> for User {
    fn from(account: &Account) -> Self {
        let (role, scope) = if account.is_admin {
            (Role::Admin, "reports:read reports:export")
        } else {
            (Role::Member, "reports:read")
        };
        let (name, team) = (account.name.clone(), account.team.clone());
        Self { user_id: account.id, name, team, role, scope: scope.to_owned() }
    }
}

/// The result of each function.
pub type Answer = Result<String, GuardError>;

/// The functions of the page. `#[guarded]` lists them, and a function without a guard does not compile.
#[guarded]
pub mod functions {
    use gatevault::protected;

    use super::{Answer, Role, User};

    /// Any user who is logged in.
    #[protected]
    pub fn profile(payload: User) -> Answer {
        Ok(format!("You are {}, user {} of team {}.", payload.name, payload.user_id, payload.team))
    }

    /// Any caller, with or without a token. A bad token is still denied.
    #[protected(optional)]
    pub fn welcome(payload: Option<User>) -> Answer {
        Ok(payload.map_or("Welcome, stranger.".to_owned(), |user| format!("Welcome back, {}.", user.name)))
    }

    /// Members of the team that is asked for.
    #[protected(require = payload.team == team)]
    pub fn roadmap(team: &str, payload: User) -> Answer {
        Ok(format!("The roadmap of team {team}, for {}.", payload.name))
    }

    /// Admins.
    #[protected(require = payload.role >= Role::Admin)]
    pub fn invite(payload: User) -> Answer {
        Ok(format!("An invitation, signed by {}.", payload.name))
    }

    /// Tokens with the scope `reports:read`, which all users and the API keys of this page have.
    #[protected(scope = "reports:read")]
    pub fn report(payload: User) -> Answer {
        Ok(format!("The report of team {}, for {}.", payload.team, payload.name))
    }

    /// Tokens with the scope `reports:export`, which admins have. The denial names the scope.
    #[protected(scope = "reports:export")]
    pub fn export(payload: User) -> Answer {
        Ok(format!("All reports, for {}.", payload.name))
    }

    /// Users who logged in within the last 30 seconds.
    #[protected(max_age = "30s")]
    pub fn close_account(payload: User) -> Answer {
        Ok(format!("The account of {} would be closed now.", payload.name))
    }

    /// Users who logged in with a passkey.
    #[protected(acr = "phr")]
    pub fn approve(payload: User) -> Answer {
        Ok(format!("Approved by {}, with a passkey.", payload.name))
    }
}
