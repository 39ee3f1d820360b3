//! `ApiSecurity`: settings, and the steps over a document.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::document::{Document, Place};
use super::error::{ApiSecurityError, ApiSecurityProblem as Problem};
use super::matching::{Choices, Matching};
use super::requirements::{Requirements, agrees, requirements};
use super::responses::{add_denials, write_components};
use super::schemes::{BEARER, Schemes, validate_name};
use crate::error::ConfigError;
use crate::guard::GuardRecord;
use crate::web::public_url::{PublicUrl, invalid, validate_path};

/// Writes into an `OpenAPI` document what guards each operation: its `security` with scopes, the security schemes, and the
/// responses of a denied call.
///
/// It reads the lists `GUARDS` of `#[guarded]`, and works on a document of any library: utoipa, poem-openapi, or another that
/// writes JSON. An operation belongs to the function whose attribute describes it: `#[utoipa::path(..)]`, or `#[oai(..)]` of
/// poem-openapi. The page [`openapi`](crate::guide::openapi) of the guide has the rules and an example for each library.
///
/// | guard | `security` |
/// |---|---|
/// | `#[protected]`, or a parameter `Verified<_>` | `[{"bearerAuth": []}]` |
/// | with `scopes("a", "b")` | `[{"bearerAuth": ["a", "b"]}]` |
/// | with `any_scope("a", "b")` | `[{"bearerAuth": ["a"]}, {"bearerAuth": ["b"]}]` |
/// | with `optional` | `[{}, {"bearerAuth": []}]` |
/// | with `refresh` | `[{"refreshAuth": []}]` |
/// | `#[public(reason = "..")]` | `[]` |
///
/// # Security
///
/// A document is never changed in part. If an operation cannot be matched with one guard, [`secure`](Self::secure) fails and
/// lists every problem. Call it at startup, or in a test.
///
/// Roles and conditions are not in the document, because a denied client does not learn them either.
///
/// # Examples
///
/// ```
/// use gatevault::guarded;
/// use gatevault::web::openapi::ApiSecurity;
/// use utoipa::OpenApi;
///
/// #[guarded]
/// mod notes {
///     use gatevault::{Bearer, GuardError, Payload, protected};
///
///     #[utoipa::path(get, path = "/notes", responses((status = 200, body = str)))]
///     #[protected(scope = "notes:read")]
///     pub async fn list(token: Bearer, payload: Payload) -> Result<String, GuardError> {
///         Ok(format!("the notes of user {}", payload.user_id()))
///     }
/// }
///
/// #[derive(OpenApi)]
/// #[openapi(paths(notes::list))]
/// struct Api;
///
/// let mut document = Api::openapi();
/// ApiSecurity::new([notes::GUARDS]).secure(&mut document)?;
///
/// let json = serde_json::to_value(&document)?;
/// assert_eq!(json["paths"]["/notes"]["get"]["security"], serde_json::json!([{"bearerAuth": ["notes:read"]}]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
#[must_use = "`secure` or `secure_json` writes into a document"]
pub struct ApiSecurity {
    guards: Vec<GuardRecord>,
    choices: Choices,
    bearer: String,
    password_flow: Option<String>,
    open_id_connect: Option<String>,
    scopes: Vec<(String, String)>,
    denials: Denials,
}

/// The choice to write the responses of denied calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Denials {
    Written,
    LeftOut,
}

impl ApiSecurity {
    /// Creates the security of the functions in these lists: `[notes::GUARDS, users::GUARDS]`.
    pub fn new(lists: impl IntoIterator<Item = &'static [GuardRecord]>) -> Self {
        let mut guards: Vec<GuardRecord> = Vec::new();
        for guard in lists.into_iter().flatten() {
            // A list that is passed twice is no second function.
            if !guards.contains(guard) {
                guards.push(*guard);
            }
        }
        Self {
            guards,
            choices: Choices::default(),
            bearer: BEARER.to_owned(),
            password_flow: None,
            open_id_connect: None,
            scopes: Vec::new(),
            denials: Denials::Written,
        }
    }

    /// Sets the name of the security scheme of access tokens in the `Authorization` header. The default is `bearerAuth`.
    ///
    /// If the document has an HTTP bearer scheme of this name, it stays as it is.
    ///
    /// # Errors
    ///
    /// [`ConfigError::InvalidText`] for a name that no component can have, and for the name of another scheme that is written here.
    pub fn bearer_scheme(self, name: &str) -> Result<Self, ConfigError> {
        validate_name(name).map_err(invalid("ApiSecurity::bearer_scheme", name))?;
        Ok(Self { bearer: name.to_owned(), ..self })
    }

    /// Adds the security scheme `oauth2`: the password flow at a token endpoint, such as the one of
    /// [`AuthRoutes::with_token_endpoint`](crate::AuthRoutes::with_token_endpoint). `url` is its URL, or its path on this server:
    /// `/token`, or `/auth/token` for routes that are mounted at `/auth`.
    ///
    /// # Errors
    ///
    /// [`ConfigError::InvalidText`] for another string.
    pub fn password_flow(self, url: &str) -> Result<Self, ConfigError> {
        let validated = if url.starts_with('/') { validate_path(url) } else { PublicUrl::of(url).map(drop) };
        validated.map_err(invalid("ApiSecurity::password_flow", url))?;
        Ok(Self { password_flow: Some(url.to_owned()), ..self })
    }

    /// Adds the security scheme `openIdConnect`, for tokens of another [`Issuer`](crate::Issuer): the URL of its discovery document,
    /// which ends with `/.well-known/openid-configuration`.
    ///
    /// # Errors
    ///
    /// [`ConfigError::InvalidText`] for another string.
    pub fn open_id_connect(self, url: &str) -> Result<Self, ConfigError> {
        PublicUrl::of(url).map_err(invalid("ApiSecurity::open_id_connect", url))?;
        Ok(Self { open_id_connect: Some(url.to_owned()), ..self })
    }

    /// Describes a scope in the flow of [`password_flow`](Self::password_flow), which lists the scopes of all guards.
    pub fn scope(mut self, name: impl Into<String>, description: impl Into<String>) -> Self {
        self.scopes.push((name.into(), description.into()));
        self
    }

    /// Skips an operation, because no guard of the lists belongs to it. `operation` is its `operationId`, or
    /// `"GET /path"`.
    pub fn outside(mut self, operation: impl Into<String>) -> Self {
        self.choices.outside.push(operation.into());
        self
    }

    /// Sets the guard of an operation: the last part of the path of its function, such as `notes::list`. `operation` is its
    /// `operationId`, or `"GET /path"`.
    ///
    /// For operations whose attribute is not on the guarded function, and for a function that serves several paths.
    pub fn guarded_by(mut self, operation: impl Into<String>, guard: impl Into<String>) -> Self {
        self.choices.guarded_by.push((operation.into(), guard.into()));
        self
    }

    /// Allows the document to leave out the operation of a guard, such as `admin::reset`.
    pub fn undocumented(mut self, guard: impl Into<String>) -> Self {
        self.choices.undocumented.push(guard.into());
        self
    }

    /// Skips the responses of denied calls: 401, 403 and 503.
    pub fn without_denials(self) -> Self {
        Self { denials: Denials::LeftOut, ..self }
    }

    /// Writes into a document: the `OpenApi` of utoipa or aide, a `serde_json::Value`, or another type that serde reads and writes.
    ///
    /// # Errors
    ///
    /// [`ApiSecurityError`]. The document is unchanged then.
    pub fn secure<D: Serialize + DeserializeOwned>(&self, document: &mut D) -> Result<(), ApiSecurityError> {
        let written = self.secure_json(&serde_json::to_string(document)?)?;
        let read: D = serde_json::from_str(&written)?;
        let kept: Value = serde_json::to_value(&read)?;
        if kept != serde_json::from_str::<Value>(&written)? {
            return Err(ApiSecurityError::NotKept);
        }
        *document = read;
        Ok(())
    }

    /// Returns a document in JSON with the security written into it. Everything else stays as it is, in its order.
    ///
    /// # Errors
    ///
    /// [`ApiSecurityError`].
    pub fn secure_json(&self, document: &str) -> Result<String, ApiSecurityError> {
        let mut document = Document::parse(document)?;
        let references = document.references()?;
        let mut problems: Vec<_> = references.into_iter().map(|path| Problem::Reference { path }).collect();
        let places = places(&mut document)?;
        let matching = Matching { guards: &self.guards, choices: &self.choices, places: &places };
        let found = matching.find(&mut problems);
        self.write_operations(&mut document, &found, &mut problems)?;
        let guards: Vec<_> = found.into_iter().flatten().collect();
        self.schemes().write(&mut document, &guards, &mut problems)?;
        if self.denials == Denials::Written {
            write_components(&mut document, &guards)?;
        }
        if !problems.is_empty() {
            return Err(ApiSecurityError::Problems(problems));
        }
        Ok(document.into_json()?)
    }

    /// Writes the security and the denials of each operation that has a guard.
    fn write_operations(
        &self,
        document: &mut Document,
        found: &[Option<&GuardRecord>],
        problems: &mut Vec<Problem>,
    ) -> Result<(), serde_json::Error> {
        let schemes = self.schemes();
        let mut found = found.iter();
        document.edit_operations(|place, operation| {
            let Some(guard) = found.next().copied().flatten() else { return Ok(()) };
            let Some(expected) = requirements(guard, &schemes) else {
                let guard = guard.path.to_owned();
                problems.push(Problem::TooManyAlternatives { guard });
                return Ok(());
            };
            let own: Option<Requirements> = operation.read("security")?;
            if own.is_some_and(|own| !agrees(&own, &expected, &schemes)) {
                let (operation, guard) = (place.to_string(), guard.path.to_owned());
                problems.push(Problem::Contradicts {
                    operation,
                    guard,
                    expected: serde_json::to_string(&expected)?,
                });
            }
            operation.set("security", &expected)?;
            match self.denials {
                Denials::Written => add_denials(operation, guard),
                Denials::LeftOut => Ok(()),
            }
        })
    }

    fn schemes(&self) -> Schemes<'_> {
        Schemes {
            bearer: &self.bearer,
            password_flow: self.password_flow.as_deref(),
            open_id_connect: self.open_id_connect.as_deref(),
            scopes: &self.scopes,
        }
    }
}

/// Returns the operations of a document.
fn places(document: &mut Document) -> Result<Vec<Place>, serde_json::Error> {
    let mut places = Vec::new();
    document.edit_operations(|place, _| {
        places.push(place.clone());
        Ok(())
    })?;
    Ok(places)
}
