//! The URLs in the metadata of a protected resource: resource identifiers (RFC 9728 section 1.2) and issuer identifiers
//! (RFC 8414 section 2).

use super::public_url::{PublicUrl, validate_path};

/// A resource identifier, and the URL of its metadata.
#[derive(Debug, Clone)]
pub(super) struct ResourceUrl {
    /// The identifier, as it was given.
    pub(super) resource: String,
    /// The URL of the metadata.
    pub(super) metadata: String,
    /// The path of that URL.
    pub(super) path: String,
    /// The query of that URL, which is that of the identifier.
    pub(super) query: Option<String>,
}

impl ResourceUrl {
    /// Parses a resource identifier. The error is the expected form.
    ///
    /// Clients compare identifiers byte by byte and normalize URLs first, so an identifier that they would change is refused.
    pub(super) fn parse(resource: &str) -> Result<Self, &'static str> {
        let parts = PublicUrl::of(resource)?;
        let origin = parts.origin.to_string();
        if resource.get(..origin.len()) != Some(&origin) || parts.path_start != origin.len() {
            return Err(
                "the scheme and the host in lower case, an IPv6 address in its shortest form, and no \
                        default port, because clients change it so before they compare it",
            );
        }
        validate_path(parts.path)?;
        // A slash behind the host is removed, one behind a longer path stays (RFC 9728 section 3.1).
        let path = format!("{WELL_KNOWN}{}", if parts.path == "/" { "" } else { parts.path });
        let query = parts.query.map(str::to_owned);
        let metadata = format!(
            "{origin}{path}{}{}",
            if query.is_some() { "?" } else { "" },
            parts.query.unwrap_or_default()
        );
        Ok(Self { resource: resource.to_owned(), metadata, path, query })
    }
}

/// Validates an issuer identifier. The error is the expected form.
pub(super) fn validate_issuer(issuer: &str) -> Result<(), &'static str> {
    match PublicUrl::of(issuer)?.query {
        None => Ok(()),
        Some(_) => Err("the `issuer` of the server's own metadata, which has no query (RFC 8414 section 2)"),
    }
}

/// The path of the metadata of a host. Well-known paths are at the root (RFC 8615 section 3).
const WELL_KNOWN: &str = "/.well-known/oauth-protected-resource";

#[cfg(test)]
mod tests {
    use super::*;

    fn metadata(resource: &str) -> String {
        ResourceUrl::parse(resource).unwrap().metadata
    }

    #[test]
    fn the_metadata_is_between_the_host_and_the_path() {
        for (resource, expected) in [
            ("https://notes.example", "https://notes.example/.well-known/oauth-protected-resource"),
            ("https://notes.example/", "https://notes.example/.well-known/oauth-protected-resource"),
            ("https://notes.example/mcp", "https://notes.example/.well-known/oauth-protected-resource/mcp"),
            ("https://notes.example/mcp/", "https://notes.example/.well-known/oauth-protected-resource/mcp/"),
            (
                "https://notes.example/a/b.c_d~e-f",
                "https://notes.example/.well-known/oauth-protected-resource/a/b.c_d~e-f",
            ),
            ("https://notes.example/MCP", "https://notes.example/.well-known/oauth-protected-resource/MCP"),
            (
                "https://notes.example:8443/mcp",
                "https://notes.example:8443/.well-known/oauth-protected-resource/mcp",
            ),
            (
                "https://notes.example/mcp?a=b/c%20d",
                "https://notes.example/.well-known/oauth-protected-resource/mcp?a=b/c%20d",
            ),
            ("https://notes.example/?a", "https://notes.example/.well-known/oauth-protected-resource?a"),
            ("https://notes.example?a", "https://notes.example/.well-known/oauth-protected-resource?a"),
            ("https://192.0.2.1/mcp", "https://192.0.2.1/.well-known/oauth-protected-resource/mcp"),
            (
                "https://[2001:db8::1]:8443/mcp",
                "https://[2001:db8::1]:8443/.well-known/oauth-protected-resource/mcp",
            ),
        ] {
            assert_eq!(metadata(resource), expected);
        }
    }

    #[test]
    fn plain_http_is_for_hosts_of_this_machine() {
        for origin in [
            "http://localhost:3000",
            "http://app.localhost",
            "http://127.0.0.1:3000",
            "http://127.8.8.8",
            "http://[::1]:8080",
        ] {
            let expected = format!("{origin}/.well-known/oauth-protected-resource/mcp");
            assert_eq!(metadata(&format!("{origin}/mcp")), expected);
        }
        for host in
            ["notes.example", "192.168.0.7", "localhost.example", "[::2]", "127.0.0.1.example", "0.0.0.0"]
        {
            let fault = ResourceUrl::parse(&format!("http://{host}/mcp")).unwrap_err();
            assert!(fault.starts_with("`https`"), "{host}: {fault}");
            assert_eq!(validate_issuer(&format!("http://{host}")), Err(fault), "{host}");
        }
    }

    #[test]
    fn a_url_that_clients_would_change_or_routers_would_misread_is_refused() {
        for (resource, expected) in [
            ("https://Notes.example/mcp", "the scheme and the host in lower case"),
            ("HTTPS://notes.example/mcp", "the scheme and the host in lower case"),
            ("https://notes.example:443/mcp", "the scheme and the host in lower case"),
            ("http://127.0.0.1:80/mcp", "the scheme and the host in lower case"),
            ("https://[2001:DB8::1]/mcp", "the scheme and the host in lower case"),
            ("https://[0:0::1]/mcp", "the scheme and the host in lower case"),
            ("https://notes.example/a//b", "a path of letters"),
            ("https://notes.example//", "a path of letters"),
            ("https://notes.example/a/../b", "a path of letters"),
            ("https://notes.example/./b", "a path of letters"),
            ("https://notes.example/:id", "a path of letters"),
            ("https://notes.example/a*", "a path of letters"),
            ("https://notes.example/caf%C3%A9", "a path of letters"),
        ] {
            let fault = ResourceUrl::parse(resource).unwrap_err();
            assert!(fault.starts_with(expected), "{resource}: {fault}");
        }
    }

    #[test]
    fn what_is_no_public_url_is_no_identifier() {
        for (url, expected) in [
            ("", "a URL"),
            ("notes.example/mcp", "a URL"),
            ("/mcp", "a URL"),
            ("https:notes.example", "a URL"),
            ("urn:example:notes", "a URL"),
            ("ftp://notes.example/mcp", "a URL"),
            ("capacitor://localhost/mcp", "a URL"),
            (" https://notes.example", "a URL"),
            ("https://notes.example/mcp#a", "the URL without its fragment"),
            ("https://notes.example#", "the URL without its fragment"),
            ("https://ada:secret@notes.example/mcp", "the URL without a user"),
            ("https://ada@notes.example", "the URL without a user"),
            ("https://", "a host"),
            ("https:///mcp", "a host"),
            ("https://?a", "a host"),
            ("https://*/mcp", "a host"),
            ("https://notes.example:/mcp", "a host"),
            ("https://notes.example:65536/mcp", "a host"),
            ("https://notes.example\\@evil.example", "the URL without a user"),
            ("https://notes.example\\mcp", "a host"),
            ("https://bücher.example/mcp", "a host"),
            ("https://notes.example /mcp", "a host"),
            ("https://notes.example/m cp", "`%` and two"),
            ("https://notes.example/\"mcp\"", "`%` and two"),
            ("https://notes.example/{mcp}", "`%` and two"),
            ("https://notes.example/mcp\r\n", "`%` and two"),
            ("https://notes.example/mcp\\", "`%` and two"),
            ("https://notes.example/a%2", "`%` and two"),
            ("https://notes.example/a%zz", "`%` and two"),
            ("https://notes.example/é", "`%` and two"),
        ] {
            let fault = ResourceUrl::parse(url).unwrap_err();
            assert!(fault.starts_with(expected), "{url:?}: {fault}");
            assert_eq!(validate_issuer(url), Err(fault), "{url:?}");
        }
    }

    #[test]
    fn an_issuer_is_any_url_without_a_query() {
        for issuer in [
            "https://id.example",
            "https://id.example/",
            "https://ID.example:443/realms/a%20b",
            "https://id.example/a:b@c/",
            "http://localhost:8080/realms/shop",
            "http://[::1]:8080",
        ] {
            assert_eq!(validate_issuer(issuer), Ok(()), "{issuer}");
        }
        for issuer in ["https://id.example?", "https://id.example/realms?a=b"] {
            assert!(validate_issuer(issuer).unwrap_err().starts_with("the `issuer`"), "{issuer}");
        }
    }
}
