//! Discovery: the issuer's configuration, which names the URL of its key set.

use serde_json::{Map, Value};

use super::failure::FetchFailure;
use super::transport::Transport;
use super::url::{self, SchemePolicy};
use crate::error::quoted;

/// Finds the URL of an issuer's key set: in the configuration of `OpenID` Connect Discovery 1.0, or else in the metadata
/// of RFC 8414.
pub(super) fn key_set_url(
    issuer: &str,
    schemes: SchemePolicy,
    transport: &mut Transport,
) -> Result<String, FetchFailure> {
    let (url, configuration) = configuration(issuer, transport)?;
    let checked = jwks_uri(issuer, &configuration).and_then(|jwks_uri| {
        url::validate("jwks_uri", &jwks_uri, schemes).map_err(|error| error.to_string())?;
        Ok(jwks_uri)
    });
    checked.map_err(|reason| FetchFailure::new(&url, reason))
}

/// Fetches the configuration, from the second URL if there is none at the first. Returns it with its URL.
fn configuration(
    issuer: &str,
    transport: &mut Transport,
) -> Result<(String, Map<String, Value>), FetchFailure> {
    let [first, second] = [openid_url(issuer), oauth_url(issuer)];
    match document(&first, transport) {
        Ok(found) => Ok((first, found)),
        Err(failure) if failure.is_absent => match document(&second, transport) {
            Ok(found) => Ok((second, found)),
            Err(another) => Err(failure.both(&another)),
        },
        Err(failure) => Err(failure),
    }
}

/// Fetches a JSON object. A page of a web application, which some servers send for every path, is no configuration.
fn document(url: &str, transport: &mut Transport) -> Result<Map<String, Value>, FetchFailure> {
    let text = transport.get(url)?;
    // Some servers write a byte order mark (RFC 8259 section 8.1 allows ignoring it).
    let json = text.trim_start_matches('\u{feff}');
    serde_json::from_str(json).map_err(|_| FetchFailure::absent(url, "the response is not a JSON object"))
}

/// Returns the URL of the issuer's `OpenID` configuration: appended to the issuer, whose slash at the end is not doubled
/// (`OpenID` Connect Discovery 1.0 section 4.1).
fn openid_url(issuer: &str) -> String {
    format!("{}/.well-known/openid-configuration", issuer.strip_suffix('/').unwrap_or(issuer))
}

/// Returns the URL of the issuer's authorization server metadata: inserted between the host and the path of the issuer,
/// whose slash at the end is dropped (RFC 8414 section 3.1).
fn oauth_url(issuer: &str) -> String {
    const WELL_KNOWN: &str = "/.well-known/oauth-authorization-server";
    let issuer = issuer.strip_suffix('/').unwrap_or(issuer);
    let host = issuer.find("://").and_then(|scheme| scheme.checked_add(3)).unwrap_or_default();
    let path = issuer.get(host..).and_then(|rest| rest.find('/')).and_then(|path| path.checked_add(host));
    let (origin, path) = issuer.split_at_checked(path.unwrap_or(issuer.len())).unwrap_or((issuer, ""));
    format!("{origin}{WELL_KNOWN}{path}")
}

/// Reads the URL of the key set from the issuer's configuration. The configuration must name exactly this issuer:
/// otherwise another issuer could sign tokens in its name (`OpenID` Connect Discovery 1.0 section 4.3, RFC 8414 section
/// 3.3).
fn jwks_uri(issuer: &str, configuration: &Map<String, Value>) -> Result<String, String> {
    let member = |name: &str| {
        let value = configuration.get(name).and_then(Value::as_str);
        value.ok_or_else(|| format!("the configuration has no string `{name}`"))
    };
    match (member("issuer")?, member("jwks_uri")) {
        (found, url) if found == issuer => url.map(str::to_owned),
        (found, url) if found.contains('{') => Err(several_tenants(found, url.ok())),
        (found, _) => Err(format!(
            "the `issuer` in the configuration is {}, but `discover` was given {}: if that issuer is meant, \
             write it exactly so in `discover(..)` and in `Issuer::new(..)`",
            quoted(found),
            quoted(issuer)
        )),
    }
}

/// Describes a configuration whose issuer is a template, such as Entra's `https://login.microsoftonline.com/{tenantid}/v2.0`.
fn several_tenants(template: &str, jwks_uri: Option<&str>) -> String {
    format!(
        "the `issuer` in the configuration is {}, which names no single issuer: use \
         `RemoteKeys::jwks({})` with `Issuer::multi_tenant({}, ..)`, or `discover(..)` with the issuer of one \
         tenant",
        quoted(template),
        jwks_uri.map_or_else(|| "..".to_owned(), quoted),
        quoted(&template.replace("{tenantid}", "{tid}"))
    )
}
