//! The stages of a verification, each by a well-kept crate alone: what a stage of ours is compared with in the bench `stages`.

use std::hint::black_box;
use std::time::SystemTime;

use base64::Engine;
use base64::engine::Simd;
use base64::engine::general_purpose::{NO_PAD, URL_SAFE_NO_PAD};

use crate::floor::{Floor, FloorClaims};
use crate::sample::{self, SECRET};
use crate::{Answer, Group, Length, Row};

/// The stages of the verification of a token with three strings.
pub(crate) const ALTERNATIVES: Group = Group {
    name: "the stages of a verification, by well-kept crates alone (the token with three strings)",
    length: Length::Short,
    rows,
};

/// Creates the rows.
fn rows() -> Answer<Vec<Row>> {
    let json: &'static str = sample::strings().leak();
    let token = sample::token(json)?;
    let (signed, signature) = token.rsplit_once('.').ok_or("no signature")?;
    let (_, claims) = signed.split_once('.').ok_or("no claims")?;
    let floor = Floor::new(SECRET)?;
    let tag = floor.tag(signed);
    let simd = Simd::url_safe(NO_PAD);
    let simd_of_claims = Simd::url_safe(NO_PAD);
    Ok(vec![
        Row::new("HMAC: hmac 0.13, clone of a prepared key", move || {
            floor.verify_tag(black_box(signed), &tag)
        })?,
        Row::new("signature: base64 0.23, GeneralPurpose", move || {
            URL_SAFE_NO_PAD.decode_slice(black_box(signature), &mut [0; 32])
        })?,
        Row::new("signature: base64 0.23, Simd", move || {
            simd.decode_slice(black_box(signature), &mut [0; 32])
        })?,
        Row::new("claims: base64 0.23, GeneralPurpose", move || {
            URL_SAFE_NO_PAD.decode_slice(black_box(claims), &mut [0; 512])
        })?,
        Row::new("claims: base64 0.23, Simd", move || {
            simd_of_claims.decode_slice(black_box(claims), &mut [0; 512])
        })?,
        Row::new("UTF-8: std::str::from_utf8", move || {
            str::from_utf8(black_box(json.as_bytes())).map(str::len)
        })?,
        Row::new("reading: serde_json::from_str, owned", move || {
            serde_json::from_str::<FloorClaims<'_, String, String>>(black_box(json))
                .map(|claims| (claims.user_id, claims.role, claims.org_id))
        })?,
        Row::new("reading: serde_json::from_str, borrowed", move || {
            serde_json::from_str::<FloorClaims<'_, &str, &str>>(black_box(json))
                .map(|claims| claims.jti.len())
        })?,
        Row::new("clock: SystemTime::elapsed", || {
            SystemTime::UNIX_EPOCH.elapsed().map(|time| time.as_secs())
        })?,
    ])
}
