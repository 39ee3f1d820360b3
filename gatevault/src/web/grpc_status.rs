//! Denials in gRPC, as HTTP says them: for `assert_denied!`.

use std::error::Error;

use tonic::{Code, Status};

/// Returns the status, the challenge and the message of a denial that became a [`Status`]. Returns `None` for other errors.
pub(crate) fn denial_of_status<'e>(
    error: &'e (dyn Error + 'static),
) -> Option<(u16, Option<&'e str>, &'e str)> {
    let status = error.downcast_ref::<Status>()?;
    let metadata = |name| status.metadata().get(name).and_then(|value| value.to_str().ok());
    let code = match status.code() {
        Code::Unauthenticated => 401,
        Code::PermissionDenied => 403,
        // A message that is too large has the code too.
        Code::ResourceExhausted if metadata("retry-after").is_some() => 429,
        Code::Unavailable => 503,
        _ => return None,
    };
    Some((code, metadata("www-authenticate"), status.message()))
}
