//! The guard that a program would write with jsonwebtoken: a prepared key, one decode, then its own conditions.

use std::sync::Arc;

use actix_web::FromRequest;
use actix_web::dev::Payload;
use actix_web::error::ErrorUnauthorized;
use actix_web::web::Data;
use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use jsonwebtoken::{DecodingKey, Validation};
use serde::Deserialize;

use crate::BenchResult;
use crate::handlers::SECRET;

/// The prepared key and the conditions of every token.
pub(crate) struct HandGuard {
    key: DecodingKey,
    validation: Validation,
}

impl HandGuard {
    pub(crate) fn new() -> BenchResult<Self> {
        // Another bench of the workspace enables a second back end, between which jsonwebtoken does not choose. An error means
        // that the provider is there already.
        let _ = jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER.install_default();
        let mut validation = Validation::new(jsonwebtoken::Algorithm::HS256);
        validation.leeway = 0;
        Ok(Self { key: DecodingKey::from_secret(SECRET.as_bytes())?, validation })
    }

    /// Verifies the value of an `Authorization` header, and the role.
    fn verify(&self, header: Option<&str>) -> Option<HandUser> {
        let token = header?.strip_prefix("Bearer ")?;
        let user = jsonwebtoken::decode::<HandUser>(token, &self.key, &self.validation).ok()?.claims;
        (user.kind == "access" && user.role == "admin").then_some(user)
    }
}

#[derive(Deserialize)]
pub(crate) struct HandUser {
    user_id: u64,
    role: String,
    #[serde(rename = "type")]
    kind: String,
}

impl<S: Sync> FromRequestParts<S> for HandUser {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, StatusCode> {
        let header = parts.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        let guard = parts.extensions.get::<Arc<HandGuard>>().ok_or(StatusCode::INTERNAL_SERVER_ERROR)?;
        guard.verify(header).ok_or(StatusCode::UNAUTHORIZED)
    }
}

impl FromRequest for HandUser {
    type Error = actix_web::Error;
    type Future = std::future::Ready<Result<Self, actix_web::Error>>;

    fn from_request(request: &actix_web::HttpRequest, _: &mut Payload) -> Self::Future {
        let header = request.headers().get("authorization").and_then(|value| value.to_str().ok());
        let guard = request.app_data::<Data<HandGuard>>();
        let user = guard.and_then(|guard| guard.verify(header));
        std::future::ready(user.ok_or_else(|| ErrorUnauthorized("not logged in")))
    }
}

pub(crate) async fn by_hand(user: HandUser) -> String {
    user.user_id.to_string()
}

/// The token of a request, which is not verified: the cost of an extractor alone.
pub(crate) struct CopiedToken(String);

impl CopiedToken {
    fn of(header: Option<&str>) -> Self {
        Self(header.and_then(|header| header.strip_prefix("Bearer ")).unwrap_or_default().to_owned())
    }
}

impl<S: Sync> FromRequestParts<S> for CopiedToken {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, StatusCode> {
        Ok(Self::of(parts.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok())))
    }
}

impl FromRequest for CopiedToken {
    type Error = actix_web::Error;
    type Future = std::future::Ready<Result<Self, actix_web::Error>>;

    fn from_request(request: &actix_web::HttpRequest, _: &mut Payload) -> Self::Future {
        let header = request.headers().get("authorization").and_then(|value| value.to_str().ok());
        std::future::ready(Ok(Self::of(header)))
    }
}

pub(crate) async fn copied(token: CopiedToken) -> String {
    std::hint::black_box(token.0);
    42.to_string()
}
