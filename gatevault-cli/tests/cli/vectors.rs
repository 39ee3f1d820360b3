//! Tokens of other tools: the examples of RFC 7515 and of jwt.io. Their signatures are genuine, and their claims are not
//! those of this library.

use serde_json::json;

use crate::command::Folder;

/// The claims of RFC 7515 appendix A.
const CLAIMS: &str =
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";

const RFC_7515: [(&str, &str, &str); 2] = [
    (
        r#"{"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"}"#,
        "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9",
        "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
    ),
    (
        r#"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
            "y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0","d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"}"#,
        "eyJhbGciOiJFUzI1NiJ9",
        "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q",
    ),
];

#[test]
fn the_signatures_of_rfc_7515_are_genuine_and_the_claims_are_of_another_issuer() {
    let folder = Folder::new();
    for (key, header, signature) in RFC_7515 {
        folder.write("key", key);
        let alg: &[&str] = if key.contains("oct") { &["--alg", "HS256"] } else { &[] };
        let token = format!("{header}.{CLAIMS}.{signature}");
        let arguments = ["inspect", &token, "--key", "key", "--json"];
        let output = folder.run(&[&arguments, alg].concat());
        let verdict = output.json()["verdict"].clone();
        assert_eq!((output.code, &verdict["signature"]), (1, &json!("genuine")), "{verdict}");
        assert!(
            verdict["advice"].to_string().contains("--profile other")
                || verdict["reason"].to_string().contains("user_id"),
            "{verdict}"
        );
        let changed = token.replacen("RVVgd", "RVVge", 1).replace(&signature[..4], "AAAA");
        let output = folder.run(&[&["inspect", &changed, "--key", "key", "--json"], alg].concat());
        assert_eq!(output.json()["verdict"]["signature"], "wrong");
    }
}

#[test]
fn the_token_of_jwt_io_is_genuine_with_its_secret_and_refused_without_an_expiry() {
    let folder = Folder::new();
    folder.write("jwt.io", "your-256-bit-secret");
    let token = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.\
                 eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiaWF0IjoxNTE2MjM5MDIyfQ.\
                 SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c";
    let output = folder.run(&["inspect", token, "--secret-file", "jwt.io", "--json"]);
    let report = output.json();
    assert_eq!((output.code, &report["verdict"]["signature"]), (1, &json!("genuine")), "{report}");
    assert!(report["unusual"].to_string().contains("`exp` is missing"));
    assert_eq!(report["claims"]["name"], "John Doe");
    assert!(report["verdict"]["warnings"].to_string().contains("19 bytes"), "{report}");
}
