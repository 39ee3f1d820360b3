//! Issuers whose ID tokens are sent to APIs by design. Google: "OpenID Connect", "ID token payload". Firebase: "Verify ID
//! Tokens". Apple: "Authenticating users with Sign in with Apple". Supabase: "JWT Claims Reference".

use gatevault::{Issuer, KeyRing};
use gatevault_tests::START;
use serde_json::{Value, json};

use super::super::signer::with;
use super::Product;

const APPLE: &str = "https://appleid.apple.com";
const FIREBASE: &str = "https://securetoken.google.com/shop-1234";
const GOOGLE: &str = "https://accounts.google.com";
const SUPABASE: &str = "https://abcdefghijklmnop.supabase.co/auth/v1";

fn google(keys: KeyRing) -> Issuer {
    Issuer::new(GOOGLE, keys).audience("1234987819200.apps.googleusercontent.com")
}

fn apple(keys: KeyRing) -> Issuer {
    Issuer::new(APPLE, keys).audience("com.example.shop")
}

fn google_id_token() -> Value {
    json!({
        "iss": GOOGLE, "azp": "1234987819200.apps.googleusercontent.com", "aud": "1234987819200.apps.googleusercontent.com",
        "sub": "10769150350006150715113082367", "at_hash": "HK6E_P6Dh8Y93mRNtsDB1Q", "hd": "shop.example",
        "email": "ada@shop.example", "email_verified": true, "iat": START, "exp": START + 3600, "nonce": "0394852-3190485",
    })
}

#[test]
fn id_tokens_of_google_and_apple_need_any_kind() {
    Product::new(google).needs_any_kind(&google_id_token(), "1234987819200.apps.googleusercontent.com");
    let apple_id_token = json!({
        "iss": APPLE, "aud": "com.example.shop", "exp": START + 86_400, "iat": START, "sub": "001999.aa", "at_hash": "LkvZ",
        "email": "x@privaterelay.appleid.com", "email_verified": "true", "is_private_email": "true", "auth_time": START - 4,
        "nonce_supported": true,
    });
    Product::new(apple).needs_any_kind(&apple_id_token, "com.example.shop");
}

/// Google signs tokens of service accounts without a `nonce` or a hash: nothing distinguishes them from access tokens.
#[test]
fn an_identity_token_of_a_google_service_account_opens_a_guard_for_its_audience() {
    let cloud_run = Product::new(|keys| Issuer::new(GOOGLE, keys).audience("https://orders.example"));
    cloud_run.opens(
        &json!({}),
        &json!({
            "iss": GOOGLE, "aud": "https://orders.example", "azp": "1130", "sub": "1130", "email": "web@shop.iam.gserviceaccount.com",
            "email_verified": true, "iat": START, "exp": START + 3600,
        }),
    );
}

#[test]
fn tokens_of_firebase_and_supabase_open_a_guard_as_they_are() {
    let firebase = Product::new(|keys| Issuer::new(FIREBASE, keys).audience("shop-1234"));
    firebase.opens(
        &json!({}),
        &json!({
            "iss": FIREBASE, "aud": "shop-1234", "auth_time": START - 9, "user_id": "GQp", "sub": "GQp", "iat": START,
            "exp": START + 3600, "email": "ada@shop.example", "email_verified": false,
            "firebase": { "identities": { "email": ["ada@shop.example"] }, "sign_in_provider": "password" },
        }),
    );
    let supabase = || Product::new(|keys| Issuer::new(SUPABASE, keys).audience("authenticated"));
    let session = json!({
        "iss": SUPABASE, "sub": "123e4567-e89b-12d3-a456-426614174000", "aud": "authenticated", "exp": START + 3600,
        "iat": START, "email": "ada@shop.example", "phone": "", "app_metadata": { "provider": "email", "providers": ["email"] },
        "user_metadata": {}, "role": "authenticated", "aal": "aal1", "session_id": "f1e2", "is_anonymous": false,
        "amr": [{ "method": "password", "timestamp": START - 9 }],
    });
    supabase().opens(&json!({}), &session);
    // The public key of a project is a token, too, and names no user.
    supabase().refuses(&json!({ "iss": "supabase", "ref": "abcdefghijklmnop", "role": "anon", "iat": START, "exp": START + 3600 }));
    supabase().refuses(&with(session, json!({ "aud": "anon" })));
}
