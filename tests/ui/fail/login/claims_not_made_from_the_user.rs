use gatevault::{AuthUser, Payload, SyncUserStore, UserId, error::BoxError};
struct Row;
impl AuthUser for Row {
    fn id(&self) -> UserId { 1.into() }
    fn hashed_password(&self) -> Option<&str> { None }
}
impl SyncUserStore for Row {
    type User = Row;
    type Claims = Payload;
    fn find_by_name(&self, _: &str) -> Result<Option<Row>, BoxError> { Ok(None) }
    fn find_by_id(&self, _: &UserId) -> Result<Option<Row>, BoxError> { Ok(None) }
} fn main() {}
