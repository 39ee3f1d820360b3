//! The guarded functions, whose text the page shows as it stands here.

use gatevault::{ClaimValue, Claims, GuardError, protected};

use crate::accounts::Account;

/// What an access token says of its user.
#[derive(Debug, Clone, Claims)]
pub struct User {
    /// Who it is.
    pub user_id: i64,
    /// As they registered.
    pub name: String,
    /// The team that they belong to.
    pub team: String,
    /// What they may do.
    #[claims(role)]
    pub role: Role,
    /// With spaces between them.
    #[claims(scope)]
    pub scope: String,
}

/// In this order: an admin is more than a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ClaimValue)]
#[claims(rename_all = "lowercase")]
pub enum Role {
    /// Everybody, at first.
    Member,
    /// Who invites others.
    Admin,
}

impl User {
    pub(crate) fn of(account: &Account) -> Self {
        let (role, scope) = if account.is_admin {
            (Role::Admin, "reports:read reports:export")
        } else {
            (Role::Member, "reports:read")
        };
        let (name, team) = (account.name.clone(), account.team.clone());
        Self { user_id: account.id, name, team, role, scope: scope.to_owned() }
    }
}

type Answer = Result<String, GuardError>;

/// Anybody who is logged in.
#[protected]
pub fn profile(payload: User) -> Answer {
    Ok(format!("You are {}, user {} of team {}.", payload.name, payload.user_id, payload.team))
}

/// Anybody; but a bad token is refused all the same.
#[protected(optional)]
pub fn welcome(payload: Option<User>) -> Answer {
    Ok(payload.map_or("Welcome, stranger.".to_owned(), |user| format!("Welcome back, {}.", user.name)))
}

/// The team's own people.
#[protected(require = payload.team == team)]
pub fn roadmap(team: &str, payload: User) -> Answer {
    Ok(format!("The roadmap of team {team}, for {}.", payload.name))
}

/// Admins.
#[protected(require = payload.role >= Role::Admin)]
pub fn invite(payload: User) -> Answer {
    Ok(format!("An invitation, signed by {}.", payload.name))
}

/// Whoever holds the scope, which the refusal names.
#[protected(scope = "reports:export")]
pub fn export(payload: User) -> Answer {
    Ok(format!("A report for {}.", payload.name))
}

/// Whoever typed their password within the last half minute.
#[protected(max_age = "30s")]
pub fn close_account(payload: User) -> Answer {
    Ok(format!("The account of {} would be closed now.", payload.name))
}
