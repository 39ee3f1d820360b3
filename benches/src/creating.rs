//! The creation of a token with a token id.

use std::time::SystemTime;

use jsonwebtoken::{EncodingKey, Header};
use serde::Serialize;
use uuid::Uuid;

use crate::peer::{self, BackEnd};
use crate::sample::{self, SECRET};
use crate::{Answer, Group, Length, Measure, Row};

/// Creates HS256 tokens with three strings in the claims.
pub(crate) const CREATING: Group = Group {
    name: "creating an HS256 token with its jti, three strings in the claims",
    length: Length::Short,
    rows,
};

const ANCHOR: &str = "jsonwebtoken::encode, aws_lc_rs, and Uuid::new_v4";

/// The claims that gatevault writes, for jsonwebtoken.
#[derive(Serialize)]
struct AllClaims<'c> {
    user_id: &'c str,
    exp: u64,
    iat: u64,
    #[serde(rename = "type")]
    kind: &'static str,
    jti: String,
    role: &'c str,
    org_id: &'c str,
}

/// Creates the rows.
fn rows() -> Answer<Vec<Row>> {
    let (ours, theirs, tokens) = (sample::user(), sample::user(), sample::tokens()?);
    let (header, key) = (Header::default(), EncodingKey::from_secret(SECRET)?);
    Ok(vec![
        peer::row(BackEnd::AwsLcRs, ANCHOR, move || {
            let now = SystemTime::UNIX_EPOCH.elapsed().map_or(0, |elapsed| elapsed.as_secs());
            let claims = AllClaims {
                user_id: &theirs.user_id,
                exp: now.saturating_add(900),
                iat: now,
                kind: "access",
                jti: Uuid::new_v4().to_string(),
                role: &theirs.role,
                org_id: &theirs.org_id,
            };
            jsonwebtoken::encode(&header, &claims, &key)
        })?,
        Row::new("create_access_token", move || tokens.create_access_token(&ours))?
            .with_goal(Measure::Instructions, ANCHOR, 0.50, 0.40)
            .with_goal(Measure::Allocations, "", 1.0, 1.0),
    ])
}
