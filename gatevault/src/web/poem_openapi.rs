//! poem-openapi 5: extractors that appear in the API document as a security scheme, and denials among its responses.
//!
//! | parameter of an operation | is |
//! |---|---|
//! | [`ApiVerified<C>`](ApiVerified) | the claims of the caller |
//! | [`ApiOptional<C>`](ApiOptional) | the claims of the caller, or `None` without a token |
//! | [`ApiBearer`] | the `token` of an operation under `#[protected]`, or of a guarded function that it calls |
//!
//! They are newtypes, because poem-openapi accepts poem's own extractors but does not document them. The scheme is called
//! `bearerAuth`. An operation that returns `Result<_, GuardError>` lists the denials in the document.

use std::borrow::Cow;
use std::ops::Deref;

use poem::{Request, RequestBody};
use poem_openapi::registry::{
    MetaHeader, MetaMediaType, MetaResponse, MetaResponses, MetaSchema, MetaSchemaRef, MetaSecurityScheme,
    Registry,
};
use poem_openapi::types::Type as _;
use poem_openapi::{ApiExtractor, ApiExtractorType, ApiResponse, ExtractParamOptions};

use super::Bearer;
use super::cloned_claims::ClonedClaims;
use super::poem::{bearer, verified_caller};
use crate::claims::{Claims, Verified};
use crate::error::GuardError;
use crate::guard::{GateRef, TokenSource};

/// The parts of an `ApiExtractor` that document the security scheme.
macro_rules! security_scheme {
    () => {
        const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::SecurityScheme];
        type ParamType = ();
        type ParamRawType = ();

        fn register(registry: &mut Registry) {
            register_scheme(registry);
        }

        fn security_schemes() -> Vec<&'static str> {
            vec![SCHEME]
        }
    };
}

/// The unverified token of an operation's caller.
///
/// Pass it to the guarded function that the operation calls, or use it as the `token` of a `#[protected]` operation without
/// a payload.
#[derive(Debug, Clone)]
pub struct ApiBearer(pub Bearer);

impl TokenSource for ApiBearer {
    fn token(&self) -> Option<Cow<'_, str>> {
        self.0.token()
    }

    fn gate(&self) -> Option<GateRef<'_>> {
        self.0.gate()
    }
}

impl<'r> ApiExtractor<'r> for ApiBearer {
    security_scheme!();

    async fn from_request(
        request: &'r Request,
        _: &mut RequestBody,
        _: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        Ok(Self(bearer(request)))
    }
}

/// The verified claims of an operation's caller, found as poem's extractor [`Verified`] finds them.
///
/// Put it first to authenticate before the body is read. In an `enum` of several security schemes put it last, because
/// poem-openapi responds with the refusal of the last one.
///
/// # Examples
///
/// ```
/// use gatevault::{Claims, GuardError, web::poem_openapi::ApiVerified};
/// use poem_openapi::{OpenApi, OpenApiService, payload::PlainText};
///
/// #[derive(Debug, Clone, Claims)]
/// struct User { user_id: u64 }
///
/// struct Api;
///
/// #[OpenApi]
/// impl Api {
///     #[oai(path = "/profile", method = "get")]
///     async fn profile(&self, caller: ApiVerified<User>) -> Result<PlainText<String>, GuardError> {
///         Ok(PlainText(format!("user {}", caller.user_id)))
///     }
/// }
///
/// let document = OpenApiService::new(Api, "An API", "1.0").spec();
/// assert!(document.contains(r#""bearerFormat": "JWT""#));
/// ```
#[derive(Debug, Clone)]
pub struct ApiVerified<C>(pub Verified<C>);

impl<C> Deref for ApiVerified<C> {
    type Target = Verified<C>;

    fn deref(&self) -> &Verified<C> {
        &self.0
    }
}

impl<'r, C: Claims + ClonedClaims + Send + Sync + 'static> ApiExtractor<'r> for ApiVerified<C> {
    security_scheme!();

    async fn from_request(
        request: &'r Request,
        _: &mut RequestBody,
        _: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        Ok(Self(verified_caller(request)?))
    }
}

/// The verified claims of an operation's caller, or `None` without a token. An invalid token is refused.
///
/// The document shows the security scheme as optional.
#[derive(Debug, Clone)]
pub struct ApiOptional<C>(pub Option<Verified<C>>);

impl<'r, C: Claims + ClonedClaims + Send + Sync + 'static> ApiExtractor<'r> for ApiOptional<C> {
    security_scheme!();

    fn has_security_fallback() -> bool {
        true
    }

    async fn from_request(
        request: &'r Request,
        _: &mut RequestBody,
        _: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        let is_anonymous = request.token().is_none() && request.data::<Verified<C>>().is_none();
        Ok(Self(if is_anonymous { None } else { Some(verified_caller(request)?) }))
    }
}

/// The name of the security scheme in the document.
const SCHEME: &str = "bearerAuth";

fn register_scheme(registry: &mut Registry) {
    let scheme = MetaSecurityScheme {
        ty: "http",
        description: None,
        name: None,
        key_in: None,
        scheme: Some("bearer"),
        bearer_format: Some("JWT"),
        flows: None,
        openid_connect_url: None,
    };
    registry.create_security_scheme(SCHEME, scheme);
}

/// The denials in the document of an operation that returns `Result<_, GuardError>`.
impl ApiResponse for GuardError {
    fn meta() -> MetaResponses {
        let responses = vec![
            denial(401, "The token is missing or not valid", vec![challenge()]),
            denial(403, "Not allowed", Vec::new()),
            denial(503, "Temporarily unavailable", Vec::new()),
        ];
        MetaResponses { responses }
    }

    fn register(_: &mut Registry) {}
}

fn denial(status: u16, description: &'static str, headers: Vec<MetaHeader>) -> MetaResponse {
    let problem = MetaMediaType { content_type: "application/problem+json", schema: problem() };
    MetaResponse { description, status: Some(status), status_range: None, content: vec![problem], headers }
}

/// Returns the schema of a problem document (RFC 9457), with the members that a denial has.
fn problem() -> MetaSchemaRef {
    let schema = MetaSchema {
        required: vec!["type", "title", "status"],
        properties: vec![
            ("type", String::schema_ref()),
            ("title", String::schema_ref()),
            ("status", u16::schema_ref()),
            ("error", String::schema_ref()),
            ("error_description", String::schema_ref()),
        ],
        ..MetaSchema::new("object")
    };
    MetaSchemaRef::Inline(Box::new(schema))
}

fn challenge() -> MetaHeader {
    MetaHeader {
        name: "WWW-Authenticate".to_owned(),
        description: None,
        required: true,
        deprecated: false,
        schema: String::schema_ref(),
    }
}
