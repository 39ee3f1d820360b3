//! One client at a server of its own, and the requests that the calls are made of.

use serde_json::{Value, json};

use super::client::Client;
use super::server::{PASSWORD, Server};

/// A client, and its server.
pub(crate) struct Column {
    client: Client,
    pub(crate) server: Server,
}

impl Column {
    /// Starts the server of a client.
    pub(crate) fn new(client: Client) -> Self {
        Self { client, server: Server::start() }
    }

    /// Returns the name of the client.
    pub(crate) fn name(&mut self) -> String {
        self.client.name()
    }

    /// Runs an operation of the client at the server.
    pub(crate) fn ask(&mut self, operation: &str, mut request: Value) -> Value {
        request["operation"] = operation.into();
        request["server"] = self.server.origin.clone().into();
        request["issuer"] = self.server.issuer.clone().into();
        if request["client_id"].is_null() {
            request["client_id"] = "script".into();
        }
        self.client.ask(&request)
    }

    /// Requests a token with the parameters of a grant.
    pub(crate) fn grant(&mut self, grant: &str, parameters: &Value) -> Value {
        self.ask("token", json!({"grant": grant, "parameters": parameters}))
    }

    /// Requests a token with the parameters of a grant, for a scope.
    pub(crate) fn grant_within(&mut self, grant: &str, parameters: &Value, scope: &str) -> Value {
        self.ask("token", json!({"grant": grant, "parameters": parameters, "scope": scope}))
    }

    /// Logs in at another path than that of the token endpoint.
    pub(crate) fn log_in_at(&mut self, endpoint: &str, parameters: &Value) -> Value {
        self.ask("token", json!({"grant": "password", "parameters": parameters, "endpoint": endpoint}))
    }

    /// Requests a token with an API key as the client secret.
    pub(crate) fn exchange(&mut self, key: &str, authentication: &str) -> Value {
        let request = json!({"grant": "client_credentials", "parameters": {}, "secret": key});
        self.ask("token", with(request, "authentication", authentication))
    }

    /// Requests a token with an API key as the client secret, for a scope.
    pub(crate) fn exchange_within(&mut self, key: &str, scope: &str) -> Value {
        let request = json!({"grant": "client_credentials", "parameters": {}, "secret": key, "scope": scope});
        self.ask("token", with(request, "authentication", "client_secret_basic"))
    }

    /// Logs `ada` in and returns the tokens.
    pub(crate) fn log_in(&mut self) -> Tokens {
        Tokens::of(&self.grant("password", &ada()))
    }

    /// Refreshes a session and returns the next tokens.
    pub(crate) fn refreshed(&mut self, tokens: &Tokens) -> Tokens {
        Tokens::of(&self.refresh(&tokens.refresh))
    }

    /// Exchanges a refresh token.
    pub(crate) fn refresh(&mut self, token: &str) -> Value {
        self.grant("refresh_token", &json!({"refresh_token": token}))
    }

    /// Revokes a token, with a hint.
    pub(crate) fn revoke(&mut self, token: &str, hint: &str) -> Value {
        self.ask("revoke", json!({"token": token, "hint": hint}))
    }

    /// Calls a guarded route.
    pub(crate) fn call(&mut self, path: &str, token: &str) -> Value {
        self.ask("call", json!({"path": path, "token": token}))
    }

    /// Calls a guarded route with tokens that the client knows to have expired.
    pub(crate) fn call_with_expired(&mut self, tokens: &Tokens) -> Value {
        let (access, refresh) = (&tokens.access, &tokens.refresh);
        let tokens = json!({"access_token": access, "refresh_token": refresh, "token_type": "bearer"});
        self.ask("call_with_expired", json!({"path": "/notes", "tokens": tokens}))
    }

    /// Runs `call` while the session store is down.
    pub(crate) fn while_down(&mut self, call: impl FnOnce(&mut Self) -> Value) -> Value {
        self.server.set_down(true);
        let response = call(self);
        self.server.set_down(false);
        response
    }
}

/// Returns the parameters of a login as `ada`.
pub(crate) fn ada() -> Value {
    of("ada", PASSWORD)
}

/// Returns the parameters of a login.
pub(crate) fn of(name: &str, password: &str) -> Value {
    json!({"username": name, "password": password})
}

/// Adds a member to a request.
pub(crate) fn with(mut request: Value, name: &str, value: &str) -> Value {
    request[name] = value.into();
    request
}

/// The tokens of a session.
pub(crate) struct Tokens {
    pub(crate) access: String,
    pub(crate) refresh: String,
}

impl Tokens {
    /// Reads the tokens that a client returned.
    pub(crate) fn of(response: &Value) -> Self {
        let token = |name: &str| {
            response["token"][name].as_str().unwrap_or_else(|| panic!("{name} in {response}")).to_owned()
        };
        Self { access: token("access_token"), refresh: token("refresh_token") }
    }
}
