//! Claims of a token whose signature is right.

use std::time::Duration;

use gatevault::error::InvalidReason;
use gatevault::{Algorithm, TokenError};
use gatevault_tests::{Outline, START};

use crate::attack::{Attacks, Category};
use crate::forge::with_claims;

const TIMES: Category = Category {
    name: "expired, not yet valid, without an end, too long-lived, or with times that are none",
    source: "RFC 7519 sections 4.1.4 to 4.1.6",
};
const KINDS: Category =
    Category { name: "another kind of token, or none", source: "RFC 8725 section 3.12, RFC 9068 section 4" };
const IDENTITIES: Category =
    Category { name: "no user, no token id, or one of another type", source: "RFC 7519 section 4.1.2" };
const ISSUERS: Category = Category {
    name: "an issuer or an audience that is missing, not ours or almost ours",
    source: "RFC 8725 sections 3.8 and 3.9, CVE-2024-53861",
};

const UNEXPECTED: Category = Category {
    name: "an audience, at a manager that has none",
    source: "RFC 7519 section 4.1.3, RFC 8725 section 3.9",
};

/// Adds tokens for a manager without an audience.
pub(super) fn audiences(attacks: &mut Attacks) {
    for value in [r#""api""#, r#""""#, r#""*""#, "[]", r#"["api"]"#, r#"["api","web"]"#, r#"[""]"#] {
        claiming(attacks, UNEXPECTED, "aud", value, Outline::AUDIENCE);
    }
    for value in ["1", "null", "true", "{}", "[1]", r#"["api",null]"#] {
        claiming(attacks, UNEXPECTED, "aud", value, InvalidReason::MistypedClaim("aud".into()));
    }
}

fn claiming(attacks: &mut Attacks, category: Category, name: &str, value: &str, refusal: impl Into<Outline>) {
    let refusal = refusal.into();
    for key in [Algorithm::HS256, Algorithm::RS256] {
        let token = with_claims(key, attacks.claims().with(name, value).json());
        attacks.add(category, format!("{key}, {name}: {value}"), token, refusal.clone());
    }
}

fn lacking(attacks: &mut Attacks, category: Category, name: &'static str) {
    for key in [Algorithm::HS256, Algorithm::RS256] {
        let token = with_claims(key, attacks.claims().without(name).json());
        let refusal = InvalidReason::MissingClaim(name.into());
        attacks.add(category, format!("{key}, no {name}"), token, refusal);
    }
}

pub(super) fn times(attacks: &mut Attacks) {
    for value in [START.to_string(), (START - 1).to_string(), "0".to_owned()] {
        claiming(attacks, TIMES, "exp", &value, TokenError::Expired);
    }
    for value in [r#""1767226500""#, "null", "true", "[]", "{}", "-1", "1e400"] {
        let refusal = if value == "1e400" {
            Outline::DECODE
        } else {
            InvalidReason::MistypedClaim("exp".into()).into()
        };
        claiming(attacks, TIMES, "exp", value, refusal);
    }
    lacking(attacks, TIMES, "exp");
    for value in [
        "253402300800",
        "9223372036854775807",
        "9223372036854775808",
        "18446744073709551615",
        "18446744073709551616",
        "1e18",
        "1e308",
        "-1e308",
        "-0.5",
    ] {
        claiming(attacks, TIMES, "exp", value, InvalidReason::MistypedClaim("exp".into()));
    }
    for (name, value) in ["exp", "nbf", "iat"]
        .into_iter()
        .flat_map(|name| ["NaN", "nan", "Infinity", "-Infinity"].map(|value| (name, value)))
    {
        claiming(attacks, TIMES, name, value, Outline::DECODE);
    }
    for name in ["nbf", "iat"] {
        claiming(attacks, TIMES, name, &(START + 31).to_string(), Outline::not_yet(name));
        for value in [r#""0""#, "null", "true", "[]"] {
            let refusal = InvalidReason::MistypedClaim(name.into());
            claiming(attacks, TIMES, name, value, refusal);
        }
    }
}

/// Adds access tokens that end with the next day, the year 2099, and the last year of a time.
pub(super) fn lifetimes(attacks: &mut Attacks) {
    for end in [START + 2 * 86_400, 4_102_444_799, 253_402_300_799] {
        let refusal = InvalidReason::TooLongLived {
            lifetime: Duration::from_secs(end - START),
            limit: Duration::from_hours(24),
        };
        claiming(attacks, TIMES, "exp", &end.to_string(), refusal);
    }
}

pub(super) fn kinds(attacks: &mut Attacks) {
    lacking(attacks, KINDS, "type");
    for value in [
        r#""Access""#,
        r#""access ""#,
        r#""access\u0000""#,
        r#""""#,
        r#""id""#,
        r#"["access"]"#,
        "null",
        "true",
    ] {
        claiming(attacks, KINDS, "type", value, InvalidReason::MistypedClaim("type".into()));
    }
}

pub(super) fn identities(attacks: &mut Attacks) {
    for name in ["user_id", "jti"] {
        lacking(attacks, IDENTITIES, name);
        for value in ["null", "true", "[]", "{}"] {
            claiming(attacks, IDENTITIES, name, value, InvalidReason::MistypedClaim(name.into()));
        }
    }
    for value in ["1.5", "1e3", "18446744073709551616", r#""""#] {
        claiming(attacks, IDENTITIES, "user_id", value, InvalidReason::MistypedClaim("user_id".into()));
    }
    for value in ["42", r#""""#] {
        claiming(attacks, IDENTITIES, "jti", value, InvalidReason::MistypedClaim("jti".into()));
    }
    for value in ["1", r#""""#, "null"] {
        claiming(attacks, IDENTITIES, "sid", value, InvalidReason::MistypedClaim("sid".into()));
    }
}

pub(super) fn issuers(attacks: &mut Attacks) {
    for (name, refusal) in [("aud", Outline::AUDIENCE), ("iss", Outline::ISSUER)] {
        for key in [Algorithm::HS256, Algorithm::RS256] {
            let token = with_claims(key, attacks.claims().without(name).json());
            attacks.add(ISSUERS, format!("{key}, no {name}"), token, refusal.clone());
        }
    }
    for value in [r#""web""#, r#""API""#, r#""ap""#, r#""api ""#, "[]", r#"["web"]"#, r#"["apis","web"]"#] {
        claiming(attacks, ISSUERS, "aud", value, Outline::AUDIENCE);
    }
    for value in ["1", "null", "{}", "[1]", r#"["api",null]"#] {
        claiming(attacks, ISSUERS, "aud", value, InvalidReason::MistypedClaim("aud".into()));
    }
    for value in [
        r#""""#,
        r#""https://id.ours.example/""#,
        r#""https://id.ours""#,
        r#""https://id.ours.example.evil""#,
        r#""HTTPS://ID.OURS.EXAMPLE""#,
        r#""https://id.ours.example\u0000""#,
        "1",
        "null",
        r#"["https://id.ours.example"]"#,
    ] {
        claiming(attacks, ISSUERS, "iss", value, Outline::ISSUER);
    }
    claiming(attacks, ISSUERS, "iss", r#""https://id.partner.example""#, InvalidReason::KeyId);
}
