//! poem-openapi 5, over the edge of poem: extractors that the document of an API names as its security scheme, and denials
//! among its responses.
//!
//! They are types of their own, for poem-openapi takes whatever poem extracts for nothing that a document tells of.

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
use super::poem::caller;
use crate::claims::{Claims, Verified};
use crate::error::GuardError;
use crate::guard::TokenSource;

/// What the document tells of an extractor that the scheme stands for.
macro_rules! needs_the_scheme {
    () => {
        const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::SecurityScheme];
        type ParamType = ();
        type ParamRawType = ();

        fn register(registry: &mut Registry) {
            describe_scheme(registry);
        }

        fn security_schemes() -> Vec<&'static str> {
            vec![SCHEME]
        }
    };
}

/// The token of an operation, whatever it is worth: for the guarded function that the operation calls, or as the `token` of a
/// `#[protected]` operation without a payload.
#[derive(Debug, Clone)]
pub struct ApiBearer(pub Bearer);

impl TokenSource for ApiBearer {
    fn token(&self) -> Option<Cow<'_, str>> {
        self.0.token()
    }
}

impl<'r> ApiExtractor<'r> for ApiBearer {
    needs_the_scheme!();

    async fn from_request(
        request: &'r Request,
        _: &mut RequestBody,
        _: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        Ok(Self(Bearer::from(request.headers())))
    }
}

/// The claims of an operation's caller, as poem extracts [`Verified`] ones.
///
/// It is the first parameter where nobody's body is to be read before their token is known to be good.
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
///     async fn profile(&self, who: ApiVerified<User>) -> Result<PlainText<String>, GuardError> {
///         Ok(PlainText(format!("user {}", who.user_id)))
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

impl<'r, C: Claims + Clone + Send + Sync + 'static> ApiExtractor<'r> for ApiVerified<C> {
    needs_the_scheme!();

    async fn from_request(
        request: &'r Request,
        _: &mut RequestBody,
        _: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        Ok(Self(caller(request)?))
    }
}

/// The claims of an operation's caller, or `None` of one who has no token; a bad one is refused. The document says that either is
/// fine.
#[derive(Debug, Clone)]
pub struct ApiOptional<C>(pub Option<Verified<C>>);

impl<'r, C: Claims + Clone + Send + Sync + 'static> ApiExtractor<'r> for ApiOptional<C> {
    needs_the_scheme!();

    fn has_security_fallback() -> bool {
        true
    }

    async fn from_request(
        request: &'r Request,
        _: &mut RequestBody,
        _: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        let is_nobody = request.token().is_none() && request.data::<Verified<C>>().is_none();
        Ok(Self(if is_nobody { None } else { Some(caller(request)?) }))
    }
}

/// What the document calls it.
const SCHEME: &str = "bearerAuth";

fn describe_scheme(registry: &mut Registry) {
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

/// The denials of an operation that returns `Result<_, GuardError>`, as the document tells of them.
impl ApiResponse for GuardError {
    fn meta() -> MetaResponses {
        let responses = vec![
            denial(401, "A token is required, or the one that came is not good", vec![challenge()]),
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

/// RFC 9457, as far as a denial says anything.
fn problem() -> MetaSchemaRef {
    let schema = MetaSchema {
        required: vec!["type", "title", "status"],
        properties: vec![
            ("type", String::schema_ref()),
            ("title", String::schema_ref()),
            ("status", u16::schema_ref()),
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
