//! A connection to a server: the application's, or one of the store's own.

use redis::aio::ConnectionLike;
use redis::{Cmd, RedisFuture, ScriptInvocation, Value};

use super::endpoint::Endpoint;

/// Runs scripts on a server.
pub(super) trait Connection: Send + Sync {
    /// Runs the script. Loads it first if the server does not have it.
    fn call(&self, script: ScriptInvocation<'static>) -> RedisFuture<'_, Value>;

    /// Sends a command.
    fn send(&self, command: Cmd) -> RedisFuture<'_, Value>;

    /// Returns whether a call holds nothing that others wait for. A caller that stops polling such a call delays no other.
    fn is_independent(&self) -> bool {
        false
    }

    /// Returns the endpoint for further connections, unless the application opened this one.
    fn endpoint(&self) -> Option<&Endpoint> {
        None
    }
}

/// A connection that the application keeps alive. It may hold anything during a call.
pub(super) struct ExternalConnection<C>(pub(super) C);

impl<C: ConnectionLike + Clone + Send + Sync> Connection for ExternalConnection<C> {
    fn call(&self, script: ScriptInvocation<'static>) -> RedisFuture<'_, Value> {
        let mut connection = self.0.clone();
        Box::pin(async move { script.invoke_async(&mut connection).await })
    }

    fn send(&self, command: Cmd) -> RedisFuture<'_, Value> {
        let mut connection = self.0.clone();
        Box::pin(async move { command.query_async(&mut connection).await })
    }
}
