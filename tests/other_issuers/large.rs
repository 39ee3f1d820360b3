//! Forged tokens of the largest size: they are refused, and cost no stack.

use gatevault::token::TokenManagerBuilder;
use gatevault::{Issuer, TokenManager};
use gatevault_tests::{SECRET, START, timed};

use super::service::decode;
use super::signer::{Signer, of_each_kind};

fn name(number: usize) -> String {
    format!("https://{number}.example")
}

fn repeated(part: &str, count: usize) -> String {
    vec![part; count].join(",")
}

/// Returns claims of nearly 700 KB, which base64url makes nearly 1 MiB.
fn large_members() -> [(&'static str, String); 9] {
    let members: Vec<_> = (0..50_000).map(|number| format!(r#""m{number}":"""#)).collect();
    let others: Vec<_> = (0..60_000).map(|number| format!(r#""{number}":1"#)).collect();
    let object: Vec<_> = (0..60_000).map(|number| format!(r#""{number}":1"#)).collect();
    [
        ("strings", members.join(",")),
        ("others", others.join(",")),
        ("an object", format!(r#""a":{{{}}}"#, object.join(","))),
        ("lists", format!(r#""a":[{}]"#, repeated("[]", 230_000))),
        ("numbers", format!(r#""a":[{}]"#, repeated("1", 340_000))),
        ("audiences", format!(r#""aud":[{}]"#, repeated(r#""x""#, 170_000))),
        ("a deep list", format!(r#""a":{}{}"#, "[".repeat(340_000), "]".repeat(340_000))),
        ("a deep object", format!(r#""a":{}1{}"#, r#"{"a":"#.repeat(110_000), "}".repeat(110_000))),
        ("a long number", format!(r#""a":{}"#, "9".repeat(690_000))),
    ]
}

fn manager() -> TokenManager {
    let keys = Signer::hs256(SECRET);
    let builder = timed().0.max_token_bytes(1024 * 1024);
    let issuers = (0..100).map(|number| Issuer::new(name(number), keys.ring()).audience("orders"));
    issuers.fold(builder, TokenManagerBuilder::accept).build().unwrap()
}

#[test]
fn a_forged_token_of_the_largest_size_is_refused() {
    let tokens = manager();
    let [(stranger, _), _] = of_each_kind();
    for (form, members) in large_members() {
        let claims = format!(r#"{{{members},"sub":"ada","exp":{},"iss":"{}"}}"#, START + 300, name(99));
        let token = stranger.sign_raw(&stranger.header().to_string(), &claims);
        assert!(token.len() <= 1024 * 1024, "{form}: {}", token.len());
        assert!(decode(&tokens, &token).is_err(), "{form}");
    }
}

#[test]
fn an_error_about_a_large_token_is_short() {
    let tokens = manager();
    let signer = Signer::hs256(SECRET);
    for (form, members) in large_members() {
        let claims = format!(r#"{{{members},"sub":"ada","exp":{},"iss":"{}"}}"#, START + 300, name(99));
        let token = signer.sign_raw(r#"{"alg":"HS256"}"#, &claims);
        let error = decode(&tokens, &token).unwrap_err();
        let text = super::service::logged(&error);
        assert!(text.len() < 2000, "{form}: {} bytes", text.len());
    }
}
