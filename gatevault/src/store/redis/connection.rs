//! The way to a server: a connection of the application's, or one of our own.

use redis::aio::ConnectionLike;
use redis::{Client, RedisFuture, ScriptInvocation, Value};

/// What scripts are called over.
pub(super) trait Connection: Send + Sync {
    /// Calls the script, which is loaded first where the server does not know it.
    fn call(&self, script: ScriptInvocation<'static>) -> RedisFuture<'_, Value>;

    /// What further connections to the same server can be made with.
    fn client(&self) -> Option<&Client> {
        None
    }
}

/// A connection that somebody else keeps alive.
pub(super) struct GivenConnection<C>(pub(super) C);

impl<C: ConnectionLike + Clone + Send + Sync> Connection for GivenConnection<C> {
    fn call(&self, script: ScriptInvocation<'static>) -> RedisFuture<'_, Value> {
        let mut connection = self.0.clone();
        Box::pin(async move { script.invoke_async(&mut connection).await })
    }
}
