//! The examples of RFC 7515 appendix A, RFC 7520 section 4.3 and RFC 8037 appendix A.

use std::time::{Duration, SystemTime};

use gatevault::error::InvalidReason;
use gatevault::testing::ManualClock;
use gatevault::{Algorithm, KeyRing, Payload, SigningKey, TokenError, TokenManager, VerifyingKey};

use super::jwks::public_half;

struct Example {
    name: &'static str,
    algorithm: Algorithm,
    jwk: &'static str,
    header: &'static str,
    claims: &'static str,
    signature: &'static str,
}

/// The claims of RFC 7515's examples: an issuer, an expiry in 2011, and a private claim.
const CLAIMS: &str =
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";

const EXAMPLES: [Example; 5] = [
    Example {
        name: "RFC 7515 A.1",
        algorithm: Algorithm::HS256,
        jwk: r#"{"kty":"oct","alg":"HS256",
            "k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"}"#,
        header: "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9",
        claims: CLAIMS,
        signature: "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
    },
    Example {
        name: "RFC 7515 A.2",
        algorithm: Algorithm::RS256,
        jwk: include_str!("keys/rfc7515-a2.jwk.json"),
        header: "eyJhbGciOiJSUzI1NiJ9",
        claims: CLAIMS,
        signature: "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw",
    },
    Example {
        name: "RFC 7515 A.3",
        algorithm: Algorithm::ES256,
        jwk: r#"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
            "y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0","d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"}"#,
        header: "eyJhbGciOiJFUzI1NiJ9",
        claims: CLAIMS,
        signature: "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q",
    },
    Example {
        name: "RFC 7520 4.3",
        algorithm: Algorithm::ES512,
        jwk: r#"{"kty":"EC","kid":"bilbo.baggins@hobbiton.example","use":"sig","crv":"P-521",
            "x":"AHKZLLOsCOzz5cY97ewNUajB957y-C-U88c3v13nmGZx6sYl_oJXu9A5RkTKqjqvjyekWF-7ytDyRXYgCF5cj0Kt",
            "y":"AdymlHvOiLxXkEhayXQnNCvDX4h9htZaCJN34kfmC6pV5OhQHiraVySsUdaQkAgDPrwQrJmbnX9cwlGfP-HqHZR1",
            "d":"AAhRON2r9cqXX1hg-RoI6R1tX5p2rUAYdmpHZoC1XNM56KtscrX6zbKipQrCW9CGZH3T4ubpnoTKLDYJ_fF3_rJt"}"#,
        header: "eyJhbGciOiJFUzUxMiIsImtpZCI6ImJpbGJvLmJhZ2dpbnNAaG9iYml0b24uZXhhbXBsZSJ9",
        claims: "SXTigJlzIGEgZGFuZ2Vyb3VzIGJ1c2luZXNzLCBGcm9kbywgZ29pbmcgb3V0IHlvdXIgZG9vci4gWW91IHN0ZXAgb250byB0aGUgcm9hZCwgYW5kIGlmIHlvdSBkb24ndCBrZWVwIHlvdXIgZmVldCwgdGhlcmXigJlzIG5vIGtub3dpbmcgd2hlcmUgeW91IG1pZ2h0IGJlIHN3ZXB0IG9mZiB0by4",
        signature: "AE_R_YZCChjn4791jSQCrdPZCNYqHXCTZH0-JZGYNlaAjP2kqaluUIIUnC9qvbu9Plon7KRTzoNEuT4Va2cmL1eJAQy3mtPBu_u_sDDyYjnAMDxXPn7XrT0lw-kvAD890jl8e2puQens_IEKBpHABlsbEPX6sFY8OcGDqoRuBomu9xQ2",
    },
    Example {
        name: "RFC 8037 A.4",
        algorithm: Algorithm::EdDSA,
        jwk: r#"{"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
            "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#,
        header: "eyJhbGciOiJFZERTQSJ9",
        claims: "RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc",
        signature: "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg",
    },
];

fn reader(example: &Example) -> TokenManager {
    let key = VerifyingKey::from_jwk(&public_half(example.jwk)).unwrap();
    assert_eq!(key.algorithm(), example.algorithm, "{}", example.name);
    let clock = ManualClock::at(SystemTime::UNIX_EPOCH + Duration::from_secs(1_300_819_379));
    TokenManager::builder().key_ring(KeyRing::verifying([key]).unwrap()).clock(clock).build().unwrap()
}

/// These are not tokens of ours, so their claims are rejected. Since nothing is read before the signature is verified, that
/// proves the signature.
#[test]
fn the_signatures_of_the_examples_are_valid() {
    for example in &EXAMPLES {
        let Example { name, header, claims, signature, .. } = example;
        let tokens = reader(example);
        let verdict = |text: String| tokens.decode_token::<Payload>(&text).unwrap_err();
        let refused = TokenError::Invalid(InvalidReason::Signature);
        assert_ne!(verdict(format!("{header}.{claims}.{signature}")), refused, "{name}");
        assert_eq!(verdict(format!("{header}.{claims}A.{signature}")), refused, "{name}");
        assert_eq!(verdict(format!("{header}.{claims}.Z{}", &signature[1..])), refused, "{name}");
    }
}

#[test]
fn the_private_keys_of_the_examples_sign() {
    for example in &EXAMPLES {
        let key = SigningKey::from_jwk(example.jwk).unwrap();
        assert_eq!(key.algorithm(), example.algorithm, "{}", example.name);
        let token = TokenManager::builder().key(key).build().unwrap();
        let token = token.create_access_token(&Payload::new(42)).unwrap();
        let key = VerifyingKey::from_jwk(&public_half(example.jwk)).unwrap();
        let reader = TokenManager::builder().key_ring(KeyRing::verifying([key]).unwrap()).build().unwrap();
        assert!(reader.decode_access_token::<Payload>(&token).is_ok(), "{}", example.name);
    }
}
