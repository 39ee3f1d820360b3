//! The security schemes of a document: how a client gets and sends a token.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::document::Document;
use super::error::ApiSecurityProblem;
use crate::guard::GuardRecord;

/// The schemes that the application chose.
pub(super) struct Schemes<'s> {
    /// The name of the scheme for access tokens.
    pub(super) bearer: &'s str,
    /// The URL of the token endpoint.
    pub(super) password_flow: Option<&'s str>,
    /// The URL of a discovery document.
    pub(super) open_id_connect: Option<&'s str>,
    /// The descriptions of scopes.
    pub(super) scopes: &'s [(String, String)],
}

impl<'s> Schemes<'s> {
    /// Returns the names of the schemes by which a caller may get a token for a guard.
    pub(super) fn names_for(&self, guard: &GuardRecord) -> Vec<&'s str> {
        if guard.refresh {
            return vec![REFRESH];
        }
        let oauth2 = self.password_flow.map(|_| OAUTH2);
        let open_id_connect = self.open_id_connect.map(|_| OPEN_ID_CONNECT);
        [Some(self.bearer), oauth2, open_id_connect].into_iter().flatten().collect()
    }

    /// Writes the schemes that the guards of a document use.
    pub(super) fn write(
        &self,
        document: &mut Document,
        guards: &[&GuardRecord],
        problems: &mut Vec<ApiSecurityProblem>,
    ) -> Result<(), serde_json::Error> {
        let guards = || guards.iter().filter(|guard| guard.public.is_none());
        let used: BTreeSet<_> = guards().flat_map(|guard| self.names_for(guard)).collect();
        if used.is_empty() {
            return Ok(());
        }
        let scopes = guards().flat_map(|guard| guard.scopes.iter().copied().flatten().copied());
        let mut written = document.components("securitySchemes")?;
        for name in used {
            let scheme = self.scheme(name, scopes.clone());
            match written.read::<Value>(name)? {
                Some(found) if !is_of_kind(&found, &scheme, name == self.bearer) => {
                    problems.push(ApiSecurityProblem::SchemeExists { scheme: name.to_owned() });
                }
                Some(_) => {}
                None => written.set(name, &scheme)?,
            }
        }
        document.set_components("securitySchemes", &written)
    }

    /// Returns a scheme.
    fn scheme<'g>(&self, name: &str, scopes: impl Iterator<Item = &'g str>) -> Value {
        match name {
            OAUTH2 => {
                let scopes = scopes.map(|scope| (scope.to_owned(), json!("")));
                let described = self.scopes.iter().map(|(scope, text)| (scope.clone(), json!(text)));
                let scopes: Map<_, _> = scopes.chain(described).collect();
                let url = self.password_flow;
                let flow = json!({"tokenUrl": url, "refreshUrl": url, "scopes": scopes});
                json!({"type": "oauth2", "flows": {"password": flow}})
            }
            OPEN_ID_CONNECT => json!({"type": "openIdConnect", "openIdConnectUrl": self.open_id_connect}),
            REFRESH => json!({
                "type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": "A refresh token",
            }),
            _ => json!({"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}),
        }
    }
}

/// Returns whether a scheme of the document may stay: the same one, or another form of the bearer scheme.
fn is_of_kind(found: &Value, expected: &Value, is_bearer: bool) -> bool {
    let is_http_bearer = || {
        let scheme = found.get("scheme").and_then(Value::as_str);
        found.get("type") == expected.get("type")
            && scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case("bearer"))
    };
    found == expected || is_bearer && is_http_bearer()
}

/// Validates the name of the bearer scheme. The error is the expected form.
pub(super) fn validate_name(name: &str) -> Result<(), &'static str> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    let is_taken = [OAUTH2, OPEN_ID_CONNECT, REFRESH].contains(&name);
    (!name.is_empty() && !is_taken && name.bytes().all(is_plain))
        .then_some(())
        .ok_or("letters, digits and `-._`, except `oauth2`, `openIdConnect` and `refreshAuth`")
}

const OAUTH2: &str = "oauth2";
const OPEN_ID_CONNECT: &str = "openIdConnect";

/// The scheme of refresh tokens.
pub(in crate::web) const REFRESH: &str = "refreshAuth";

/// The scheme of access tokens, unless the application chooses another name.
pub(in crate::web) const BEARER: &str = "bearerAuth";
