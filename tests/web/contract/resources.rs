//! The metadata of protected resources (RFC 9728).

use std::net::SocketAddr;

use gatevault::web::{HttpRequest, ProtectedResource};
use gatevault::{ConfigError, guarded};
use gatevault_web_tests::{Reply, Request, resources};

const NOTES: &str = "/.well-known/oauth-protected-resource/mcp";
const ALLOWED: &str = "GET, HEAD, OPTIONS";

fn target(url: &str) -> &str {
    url.strip_prefix("https://site.example").unwrap()
}

fn assert_published(reply: &Reply, body: &str) {
    assert_eq!((reply.status, reply.body.as_str()), (200, body), "{reply:?}");
    assert_eq!(reply.header("content-type"), "application/json");
    assert_eq!(reply.header("cache-control"), "public, max-age=300");
    assert_eq!((reply.cookies(), reply.header("www-authenticate")), (vec![], ""));
}

pub(crate) fn the_metadata_of_a_resource_is_public(server: SocketAddr) {
    let body = concat!(
        r#"{"resource":"https://site.example/mcp","#,
        r#""authorization_servers":["https://id.example/realms/shop","https://id.example"],"#,
        r#""scopes_supported":["notes:read","notes:write"],"bearer_methods_supported":["header"],"#,
        r#""resource_name":"The \"site\"","resource_documentation":"https://site.example/docs"}"#
    );
    assert_published(&Request::get(NOTES).send(server), body);
    assert_published(&Request::get(&format!("{NOTES}?fresh=1")).send(server), body);
    // No credential is read.
    let with_others = Request::get(NOTES).bearer("not a token").header("Cookie", "__Host-refresh_token=x");
    assert_published(&with_others.header("Origin", "https://evil.example").send(server), body);
}

pub(crate) fn each_resource_has_its_metadata_at_its_own_url(server: SocketAddr) {
    for resource in resources() {
        let reply = Request::get(target(resource.metadata_url())).send(server);
        assert_eq!(
            (reply.status, &reply.json()["resource"]),
            (200, &resource.resource().into()),
            "{reply:?}"
        );
    }
    // Members without a value are left out.
    let reply = Request::get("/.well-known/oauth-protected-resource").send(server);
    assert_published(&reply, r#"{"resource":"https://site.example","bearer_methods_supported":["header"]}"#);
}

pub(crate) fn another_path_or_query_has_no_metadata(server: SocketAddr) {
    for path in [
        "/.well-known/oauth-protected-resource/",
        "/.well-known/oauth-protected-resource/mcp/",
        "/.well-known/oauth-protected-resource/MCP",
        "/.well-known/oauth-protected-resource/mcp/a",
        "/.well-known/oauth-protected-resource/files",
        "/.well-known/oauth-protected-resource/v1.2/~a_b-c",
        "/.well-known/oauth-protected-resource/v1.2/~a_b-c?tenant=b",
        "/.well-known/oauth-protected-resource/v1x2/~a_b-c?tenant=a%20b",
        "/mcp/.well-known/oauth-protected-resource",
        "/api/.well-known/oauth-protected-resource/mcp",
    ] {
        let reply = Request::get(path).send(server);
        assert_eq!((reply.status, reply.body.contains("site.example")), (404, false), "{path}: {reply:?}");
    }
}

pub(crate) fn the_metadata_is_read_only(server: SocketAddr) {
    let head = Request::new("HEAD", NOTES).send(server);
    assert_eq!((head.status, head.body.as_str()), (200, ""));
    assert_eq!(head.header("content-type"), "application/json");
    assert_eq!(head.header("cache-control"), "public, max-age=300");
    let options = Request::new("OPTIONS", NOTES).send(server);
    assert_eq!((options.status, options.header("allow"), options.body.as_str()), (204, ALLOWED, ""));
    for method in ["POST", "PUT", "PATCH", "DELETE"] {
        let reply = Request::new(method, NOTES).body("{}").send(server);
        assert_eq!((reply.status, reply.header("allow")), (405, ALLOWED), "{method}: {reply:?}");
    }
}

#[guarded(scope = "notes:read")]
mod notes {
    use gatevault::{GuardError, Payload, protected};

    #[public(reason = "has no demand, although the block has one")]
    pub(super) fn health() {}

    #[protected]
    pub(super) fn list(payload: Payload) -> Result<Payload, GuardError> {
        Ok(payload)
    }

    #[protected(scopes("notes:write", "files:read"))]
    pub(super) fn attach(payload: Payload) -> Result<Payload, GuardError> {
        Ok(payload)
    }
}

#[guarded]
mod files {
    use gatevault::{GuardError, Payload, protected};

    #[protected(any_scope("files:read", "files:admin"), role = "clerk")]
    pub(super) fn open(payload: Payload) -> Result<Payload, GuardError> {
        Ok(payload)
    }

    #[protected]
    pub(super) fn count(payload: Payload) -> Result<Payload, GuardError> {
        Ok(payload)
    }
}

/// Returns the document.
fn document(resource: &ProtectedResource) -> String {
    let path = resource.metadata_url().strip_prefix("https://site.example").unwrap();
    resource.respond(&HttpRequest::new("GET", path)).unwrap().body
}

#[test]
fn every_scope_that_a_guard_demands_is_published_once_and_in_order() {
    notes::health();
    for guarded in [notes::list, notes::attach, files::open, files::count] {
        assert_eq!(guarded("").unwrap_err().status(), 401);
    }
    let bare = || ProtectedResource::new("https://site.example/api").unwrap();
    let resource = bare().scopes(["files:admin"]).unwrap().guards(notes::GUARDS).guards(files::GUARDS);
    let expected = r#""scopes_supported":["files:admin","notes:read","notes:write","files:read"],"#;
    assert!(document(&resource).contains(expected), "{}", document(&resource));

    let joined = notes::GUARDS.iter().chain(files::GUARDS);
    let expected = r#""scopes_supported":["notes:read","notes:write","files:read","files:admin"],"#;
    assert!(document(&bare().guards(joined)).contains(expected));

    let open = files::GUARDS.iter().filter(|guard| guard.name == "count");
    assert_eq!(document(&bare().guards(open)), document(&bare()), "no scope is demanded");
}

#[test]
fn a_setting_that_no_client_could_use_is_an_error_that_says_what_to_write() {
    let error = ProtectedResource::new("http://notes.example/mcp").unwrap_err().to_string();
    assert_eq!(
        error,
        "`ProtectedResource::new` was given \"http://notes.example/mcp\": write `https`; plain `http` is for hosts of this \
         machine, such as `http://127.0.0.1:8080/mcp`"
    );
    let resource = || ProtectedResource::new("https://notes.example/mcp").unwrap();
    let error = resource().authorization_server("https://id.example?tenant=a").unwrap_err().to_string();
    assert_eq!(
        error,
        "`ProtectedResource::authorization_server` was given \"https://id.example?tenant=a\": write the `issuer` of the \
         server's own metadata, which has no query (RFC 8414 section 2)"
    );
    for scope in ["", "a b", "a\"", "a\\", "é", "a\n"] {
        let found = scope.to_owned();
        assert_eq!(resource().scopes(["a", scope]).unwrap_err(), ConfigError::InvalidScope { found });
    }
}

#[test]
fn empty_members_are_left_out_and_repeated_values_are_published_once() {
    let resource = ProtectedResource::new("https://site.example/api").unwrap();
    let plain = document(&resource);
    assert_eq!(plain, r#"{"resource":"https://site.example/api","bearer_methods_supported":["header"]}"#);
    assert_eq!(document(&resource.clone().scopes([""; 0]).unwrap().name("").documentation("")), plain);
    let id = "https://id.example";
    let twice = resource.authorization_server(id).unwrap().authorization_server(id).unwrap();
    assert!(document(&twice.scopes(["a", "b", "a"]).unwrap()).starts_with(
        r#"{"resource":"https://site.example/api","authorization_servers":["https://id.example"],"scopes_supported":["a","b"],"#
    ));
}
