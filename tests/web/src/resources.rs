//! The protected resources whose metadata every edge publishes.

use gatevault::web::ProtectedResource;

/// Returns an MCP server with all members, and resources with a slash at the end, with a query, and of a whole host.
pub fn resources() -> [ProtectedResource; 4] {
    let resource = |url| ProtectedResource::new(url).unwrap();
    let notes = resource("https://site.example/mcp")
        .authorization_server("https://id.example/realms/shop")
        .unwrap()
        .authorization_server("https://id.example")
        .unwrap()
        .scopes(["notes:read", "notes:write"])
        .unwrap()
        .name("The \"site\"")
        .documentation("https://site.example/docs");
    [
        notes,
        resource("https://site.example/files/"),
        resource("https://site.example/v1.2/~a_b-c?tenant=a%20b"),
        resource("https://site.example"),
    ]
}
