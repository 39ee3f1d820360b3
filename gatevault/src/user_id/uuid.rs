//! UUIDs as the ids of users: strings in lower case with hyphens (RFC 9562 section 4).

use super::UserId;

impl From<uuid::Uuid> for UserId {
    fn from(id: uuid::Uuid) -> Self {
        Self::from(id.hyphenated().to_string())
    }
}
