//! Logout tokens (`OpenID` Connect Back-Channel Logout 1.0): a session that ends at the provider ends here.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::SystemTime;

use gatevault::error::InvalidReason;
use gatevault::{Issuer, KeyRing, RemoteKeys, TokenError};
use gatevault_issuers::{Provider, UserAgent, resource, segment, service_token};
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{DecodingKey, Validation};
use serde_json::{Value, json};

use crate::{PATIENCE, accepting_issuer, accepting_with, es256, keys_of, refusal, status};

#[test]
fn a_logout_token_names_the_session_whose_access_tokens_are_then_revoked() {
    let (provider, received) = provider_with_logout();
    let keys = keys_of(provider.issuer());
    let tokens = accepting_with(&provider, keys.clone());
    let (mut here, mut there) = (UserAgent::new(&provider), UserAgent::new(&provider));
    let ended = here.sign_in("web-ES256", &resource("ES256"));
    let other = there.sign_in("web-ES256", &resource("ES256"));
    assert_eq!((status(&tokens, &ended.access), status(&tokens, &other.access)), (200, 200));

    here.sign_out(&ended.id);
    let logout = verified(&received.recv_timeout(PATIENCE).unwrap(), &keys, "web-ES256");
    let session = logout["sid"].as_str().unwrap();
    assert_eq!(segment(&ended.access, 1)["sid"], session);
    // Signed by this issuer, a session of our own with the same id is another one.
    tokens.revoke_session(None, session).unwrap();
    assert_eq!(status(&tokens, &ended.access), 200);
    tokens.revoke_session(Some("https://id.example"), session).unwrap_err();
    tokens.revoke_session(Some(provider.issuer()), session).unwrap();
    assert_eq!((status(&tokens, &ended.access), status(&tokens, &other.access)), (401, 200));
    assert_eq!(refusal(&tokens, &ended.access), TokenError::Invalid(InvalidReason::Revoked));
}

#[test]
fn a_logout_token_without_a_session_names_the_user_whose_access_tokens_are_then_revoked() {
    let (provider, received) = provider_with_logout();
    let keys = keys_of(provider.issuer());
    let tokens = accepting_with(&provider, keys.clone());
    let mut agent = UserAgent::new(&provider);
    let login = agent.sign_in("web-without-sid", &resource("ES256"));
    assert_eq!(segment(&login.access, 1)["sid"], Value::Null);
    let service = service_token(&provider, &resource("ES256"));

    agent.sign_out(&login.id);
    let logout = verified(&received.recv_timeout(PATIENCE).unwrap(), &keys, "web-without-sid");
    assert_eq!((&logout["sub"], &logout["sid"]), (&json!("alice"), &Value::Null));
    let user = logout["sub"].as_str().unwrap().into();
    tokens.revoke_user(Some(provider.issuer()), &user, SystemTime::now()).unwrap();
    assert_eq!((status(&tokens, &login.access), status(&tokens, &service)), (401, 200));
    assert_eq!(refusal(&tokens, &login.access), TokenError::Invalid(InvalidReason::Revoked));
}

#[test]
fn a_logout_token_opens_no_guard_of_any_issuer() {
    let (provider, received) = provider_with_logout();
    for client in ["web-ES256", "web-without-sid"] {
        let mut agent = UserAgent::new(&provider);
        let login = agent.sign_in(client, &resource("ES256"));
        agent.sign_out(&login.id);
        let logout = received.recv_timeout(PATIENCE).unwrap();
        let issuer = Issuer::new(provider.issuer(), keys_of(provider.issuer())).audience(client);
        for issuer in [issuer.clone(), issuer.clone().any_kind(), issuer.any_kind().accept_bound()] {
            let tokens = accepting_issuer(issuer);
            assert_eq!(refusal(&tokens, &logout), TokenError::Invalid(InvalidReason::Type), "{client}");
        }
    }
}

/// Starts a provider whose clients receive logout tokens.
fn provider_with_logout() -> (Provider, Receiver<String>) {
    let (url, received) = logout_endpoint();
    (Provider::with(&[es256("1")], json!({"logout_uri": url})), received)
}

/// Starts an endpoint of the client, and returns its URL with the logout tokens that it receives.
fn logout_endpoint() -> (String, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/logout", listener.local_addr().unwrap());
    let (sender, received) = channel();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let token = read_logout_token(&stream);
            (&stream)
                .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
                .unwrap();
            if sender.send(token).is_err() {
                return; // the test is over
            }
        }
    });
    (url, received)
}

/// Reads a request with the form field `logout_token` (section 2.5).
fn read_logout_token(stream: &TcpStream) -> String {
    let mut reader = BufReader::new(stream);
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        if line.trim().is_empty() {
            break;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    String::from_utf8(body).unwrap().strip_prefix("logout_token=").unwrap().to_owned()
}

/// Verifies a logout token for a client with the fetched keys (section 2.6), and returns its claims.
fn verified(token: &str, keys: &RemoteKeys, client: &str) -> Value {
    let _installed_already = jsonwebtoken::crypto::rust_crypto::DEFAULT_PROVIDER.install_default();
    let header = jsonwebtoken::decode_header(token).unwrap();
    assert_eq!(header.typ.as_deref(), Some("logout+jwt"));
    let ring = KeyRing::from(keys.clone());
    let keys = ring.verifying_keys();
    let key = keys.iter().find(|key| key.id() == header.kid.as_deref()).unwrap();
    let mut validation = Validation::new(header.alg);
    validation.set_audience(&[client]);
    let key = DecodingKey::from_jwk(&Jwk::try_from(key).unwrap()).unwrap();
    let claims = jsonwebtoken::decode::<Value>(token, &key, &validation).unwrap().claims;
    assert!(claims["events"]["http://schemas.openid.net/event/backchannel-logout"].is_object());
    claims
}
