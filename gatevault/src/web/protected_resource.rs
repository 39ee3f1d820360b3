//! The metadata of a protected resource (RFC 9728): the settings, the document and its route.

use serde_json::Value;

use super::denial::Denial;
use super::public_url::invalid;
use super::resource_url::{ResourceUrl, validate_issuer};
use super::{HttpRequest, HttpResponse};
use crate::claims::is_scope;
use crate::error::ConfigError;
use crate::guard::GuardRecord;

/// The metadata of a protected resource, such as an API or an MCP server, published as a route (RFC 9728).
///
/// A client that is denied without a token reads this document. It names the resource, for which the client requests a token
/// (RFC 8707), the authorization servers that issue one, and the scopes that it may need. The document is public: the route
/// needs no token and sets no cookie.
///
/// Give [`metadata_url`](Self::metadata_url) to the challenges of the guards, so that a client finds the document, and the
/// identifier of the resource to [`Issuer::audience`](crate::Issuer::audience), so that a token for another resource is refused.
///
/// | framework | the route |
/// |---|---|
/// | actix-web | `App::service(resource)` |
/// | axum, tonic | `Router::merge(resource.into_router())` |
/// | poem | `resource.add_to(route)` |
/// | Rocket | `Rocket::mount("/", resource)` |
/// | Salvo | `Router::push(resource.into())` |
/// | `tiny_http` | `resource.respond_to(&request)` |
/// | warp | `filter.or(resource.into_filter())` |
/// | a server of your own | [`respond`](Self::respond) |
///
/// The path of the route begins at the root of the host (RFC 8615): do not nest it.
///
/// # Examples
///
/// ```
/// use gatevault::web::{HttpRequest, ProtectedResource};
///
/// let resource = ProtectedResource::new("https://notes.example/mcp")?
///     .authorization_server("https://id.example")?
///     .scopes(["notes:read", "notes:write"])?
///     .name("Notes");
/// let metadata = "https://notes.example/.well-known/oauth-protected-resource/mcp";
/// assert_eq!(resource.metadata_url(), metadata);
///
/// let request = HttpRequest::new("GET", "/.well-known/oauth-protected-resource/mcp");
/// let response = resource.respond(&request).ok_or("another path")?;
/// assert_eq!(
///     response.body,
///     r#"{"resource":"https://notes.example/mcp","authorization_servers":["https://id.example"],"scopes_supported":["notes:read","notes:write"],"bearer_methods_supported":["header"],"resource_name":"Notes"}"#
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct ProtectedResource {
    url: ResourceUrl,
    authorization_servers: Vec<String>,
    scopes: Vec<String>,
    name: Option<String>,
    documentation: Option<String>,
}

impl ProtectedResource {
    /// Creates the metadata of a resource from its identifier, which clients compare byte by byte.
    ///
    /// Give the identifier a path: many clients add a slash to a URL without one, and then request a token for another resource.
    ///
    /// # Errors
    ///
    /// [`ConfigError::InvalidText`] unless it is an `https` URL without a fragment (RFC 9728 section 1.2), or an `http` URL
    /// of the machine itself, in the form that clients normalize it to.
    pub fn new(resource: impl AsRef<str>) -> Result<Self, ConfigError> {
        let resource = resource.as_ref();
        let url = ResourceUrl::parse(resource).map_err(invalid("ProtectedResource::new", resource))?;
        Ok(Self {
            url,
            authorization_servers: Vec::new(),
            scopes: Vec::new(),
            name: None,
            documentation: None,
        })
    }

    /// Adds an authorization server by its issuer identifier (RFC 8414 section 2): the name of an
    /// [`Issuer`](crate::Issuer) whose tokens the resource accepts. Clients choose one of them.
    ///
    /// # Errors
    ///
    /// [`ConfigError::InvalidText`] unless it is an `https` URL without a query and a fragment, or an `http` URL of the
    /// machine itself.
    pub fn authorization_server(mut self, issuer: impl AsRef<str>) -> Result<Self, ConfigError> {
        let issuer = issuer.as_ref();
        validate_issuer(issuer).map_err(invalid("ProtectedResource::authorization_server", issuer))?;
        add(&mut self.authorization_servers, issuer);
        Ok(self)
    }

    /// Adds scopes that a client may request for this resource, besides those added before.
    ///
    /// # Errors
    ///
    /// [`ConfigError::InvalidScope`] for a malformed scope (RFC 6749 section 3.3).
    pub fn scopes<T: AsRef<str>>(mut self, scopes: impl IntoIterator<Item = T>) -> Result<Self, ConfigError> {
        for scope in scopes {
            let scope = scope.as_ref();
            if !is_scope(scope) {
                return Err(ConfigError::InvalidScope { found: scope.to_owned() });
            }
            add(&mut self.scopes, scope);
        }
        Ok(self)
    }

    /// Adds every scope that these guards demand, each once. Public functions add none.
    ///
    /// # Examples
    ///
    /// ```
    /// # #[cfg(feature = "macros")] {
    /// use gatevault::{guarded, web::ProtectedResource};
    ///
    /// #[guarded]
    /// mod notes {
    ///     use gatevault::{GuardError, Payload, protected};
    ///
    ///     #[protected(scope = "notes:read")]
    ///     pub fn list(payload: Payload) -> Result<String, GuardError> {
    ///         Ok(format!("the notes of user {}", payload.user_id()))
    ///     }
    /// }
    ///
    /// let resource = ProtectedResource::new("https://notes.example/mcp")?.guards(notes::GUARDS);
    /// # }
    /// # Ok::<(), gatevault::ConfigError>(())
    /// ```
    pub fn guards<'g>(mut self, guards: impl IntoIterator<Item = &'g GuardRecord>) -> Self {
        let protected = guards.into_iter().filter(|guard| guard.public.is_none());
        for scope in protected.flat_map(|guard| guard.scopes.iter().copied().flatten()) {
            add(&mut self.scopes, scope);
        }
        self
    }

    /// Sets the name that a client shows to its user.
    pub fn name(self, name: impl Into<String>) -> Self {
        Self { name: Some(name.into()), ..self }
    }

    /// Sets the URL of a page for developers of clients.
    pub fn documentation(self, url: impl Into<String>) -> Self {
        Self { documentation: Some(url.into()), ..self }
    }

    /// Returns the identifier of the resource.
    #[must_use]
    pub fn resource(&self) -> &str {
        &self.url.resource
    }

    /// Returns the URL of the metadata, for the parameter `resource_metadata` of challenges: the well-known path is between
    /// the host and the path of the resource (RFC 9728 section 3.1).
    #[must_use]
    pub fn metadata_url(&self) -> &str {
        &self.url.metadata
    }

    /// Responds to a request for the metadata, or returns `None` if the request has another path, or another query than that of
    /// the resource. As for every response to `HEAD`, a server sends the headers without the body.
    #[must_use]
    pub fn respond(&self, request: &HttpRequest) -> Option<HttpResponse> {
        let has_query = |query: &String| request.query() == query;
        if request.path() != self.path() || !self.url.query.as_ref().is_none_or(has_query) {
            return None;
        }
        Some(match request.method() {
            "GET" | "HEAD" => HttpResponse::cacheable("application/json", self.document()),
            "OPTIONS" => HttpResponse::new(204).with_header("allow", METHODS),
            _ => Denial::Method(METHODS).into(),
        })
    }

    /// Returns the path of the route.
    pub(super) fn path(&self) -> &str {
        &self.url.path
    }

    /// Writes the document. A member without a value is left out (RFC 9728 section 3.2).
    fn document(&self) -> String {
        let list = |values: &[String]| (!values.is_empty()).then(|| Value::from(values));
        let text =
            |value: &Option<String>| value.as_deref().filter(|value| !value.is_empty()).map(Value::from);
        let members = [
            ("resource", Some(Value::from(self.resource()))),
            ("authorization_servers", list(&self.authorization_servers)),
            ("scopes_supported", list(&self.scopes)),
            // Guards read no token in a query or a form (RFC 9700 section 4.3.2).
            ("bearer_methods_supported", Some(Value::from(["header"]))),
            ("resource_name", text(&self.name)),
            ("resource_documentation", text(&self.documentation)),
        ];
        // Formatted here, because the order of members in `serde_json` depends on the features of other crates.
        let members = members.into_iter().filter_map(|(name, value)| Some(format!(r#""{name}":{}"#, value?)));
        format!("{{{}}}", members.collect::<Vec<_>>().join(","))
    }
}

/// Adds a value that is not there yet.
fn add(values: &mut Vec<String>, value: &str) {
    if !values.iter().any(|other| other == value) {
        values.push(value.to_owned());
    }
}

const METHODS: &str = "GET, HEAD, OPTIONS";
