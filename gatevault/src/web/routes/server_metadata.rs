//! The metadata of the authorization server (RFC 8414).

use std::borrow::Cow;

use serde_json::json;

use super::AuthRoutes;
use super::paths::KEYS;
use super::token_endpoint::TokenEndpoint;
use crate::web::HttpResponse;
use crate::web::denial::Denial;

impl<S> AuthRoutes<S> {
    /// Handles `GET /.well-known/oauth-authorization-server`.
    pub(super) fn server_metadata(&self) -> Result<HttpResponse, Denial> {
        let endpoint = self.token_endpoint.as_ref().ok_or(Denial::NotFound)?;
        let base = endpoint.base_url_at(&self.prefix);
        let keys_are_clients = self.handler.keeps_sessions()?;
        let grants =
            [("password", self.has_login), ("refresh_token", true), ("client_credentials", keys_are_clients)];
        let grants = grants.into_iter().filter_map(|(grant, is_there)| is_there.then_some(grant));
        let methods: &[&str] =
            if keys_are_clients { &["none", "client_secret_basic", "client_secret_post"] } else { &["none"] };
        let mut metadata = json!({
            "issuer": endpoint.issuer.given,
            "token_endpoint": format!("{base}/token"),
            "token_endpoint_auth_methods_supported": methods,
            "revocation_endpoint": format!("{base}/revoke"),
            "revocation_endpoint_auth_methods_supported": ["none"],
            "response_types_supported": [],
            "grant_types_supported": grants.collect::<Vec<_>>(),
        });
        let keys = self.key_set.as_ref().map(|_| {
            let root = base.strip_suffix(&self.prefix).unwrap_or_else(|| endpoint.issuer.origin());
            format!("{root}{KEYS}").into()
        });
        let scopes = endpoint.scopes.as_ref().map(|scopes| json!(scopes));
        if let Some(members) = metadata.as_object_mut() {
            for (name, value) in [("jwks_uri", keys), ("scopes_supported", scopes)] {
                members.extend(value.map(|value| (name.to_owned(), value)));
            }
        }
        Ok(HttpResponse::cacheable("application/json", metadata.to_string()))
    }
}

impl TokenEndpoint {
    /// Returns the path of the metadata: the well-known string is between the host and the path of the issuer (RFC 8414 section 3.1).
    pub(super) fn metadata_path(&self) -> String {
        format!("{WELL_KNOWN}{}", self.issuer.path())
    }

    /// Returns whether a path is that of the metadata.
    pub(super) fn has_metadata_at(&self, path: &str) -> bool {
        path.strip_prefix(WELL_KNOWN) == Some(self.issuer.path())
    }

    /// Returns the URL of the routes at a prefix, without a slash at its end.
    fn base_url_at(&self, prefix: &str) -> Cow<'_, str> {
        match &self.base {
            Some(base) => base.without_slash().into(),
            None => format!("{}{prefix}", self.issuer.origin()).into(),
        }
    }
}

const WELL_KNOWN: &str = "/.well-known/oauth-authorization-server";
