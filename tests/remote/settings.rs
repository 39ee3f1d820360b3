//! Invalid settings.

use std::time::Duration;

use gatevault::key::RemoteKeysBuilder;
use gatevault::{ConfigError, RemoteKeys};

fn keys() -> RemoteKeysBuilder {
    RemoteKeys::jwks("https://id.example/jwks").fetch_with(|_| Err("not fetched in this test".into()))
}

fn refusal(builder: RemoteKeysBuilder) -> ConfigError {
    builder.build().expect_err("a setting that cannot work")
}

#[test]
fn plain_http_is_rejected_unless_it_is_allowed() {
    for builder in [RemoteKeys::jwks("http://127.0.0.1:1/jwks"), RemoteKeys::discover("http://127.0.0.1:1")] {
        let text = refusal(builder).to_string();
        assert!(text.contains("`allow_plain_http()`"), "{text}");
    }
    assert!(RemoteKeys::jwks("http://127.0.0.1:1/jwks").allow_plain_http().build().is_ok());
}

#[test]
fn plain_http_from_this_machine_is_allowed_apart_from_that_of_others() {
    for url in ["http://127.0.0.1:1", "http://localhost:1", "http://[::1]:1", "https://id.example"] {
        assert!(RemoteKeys::discover(url).allow_loopback_http().build().is_ok(), "{url}");
    }
    for url in ["http://id.example", "http://127.0.0.1.id.example", "http://10.0.0.1"] {
        for builder in [RemoteKeys::jwks(url), RemoteKeys::discover(url)] {
            let text = refusal(builder.allow_loopback_http()).to_string();
            assert!(text.contains("`http` from another machine"), "{url}: {text}");
        }
    }
}

#[test]
fn a_url_that_is_not_safe_to_fetch_keys_from_is_rejected() {
    for url in [
        "",
        "id.example",
        "/jwks",
        "https://",
        "https:///jwks",
        "https://id example",
        "file:///etc/passwd",
        "ftp://id.example",
        "https://user:password@id.example/jwks",
    ] {
        for builder in [RemoteKeys::jwks(url), RemoteKeys::discover(url)] {
            let error = refusal(builder.allow_plain_http());
            assert!(matches!(error, ConfigError::Url { .. }), "{url}: {error}");
            assert!(!error.to_string().contains("password"), "{error}");
        }
    }
}

#[test]
fn input_that_is_not_a_certificate_is_rejected() {
    let damaged = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    for pem in ["", "junk", damaged, "-----BEGIN CERTIFICATE-----\n"] {
        assert_eq!(refusal(keys().trust_only(pem)), ConfigError::NotCertificates, "{pem}");
    }
}

#[test]
fn durations_have_bounds() {
    let day = Duration::from_hours(24);
    for (builder, name) in [
        (keys().refresh_interval(day), "max_stale"),
        (keys().refresh_interval(Duration::ZERO), "refresh_interval"),
        (keys().refresh_interval(Duration::MAX), "refresh_interval"),
        (keys().min_refetch_interval(Duration::ZERO), "min_refetch_interval"),
        (keys().max_stale(Duration::from_mins(1)), "max_stale"),
        (keys().max_stale(31 * day), "max_stale"),
        (keys().timeout(Duration::ZERO), "timeout"),
        (keys().timeout(day), "timeout"),
    ] {
        let error = refusal(builder);
        assert!(
            matches!(error, ConfigError::DurationOutOfBounds { setting, .. } if setting == name),
            "{error}"
        );
    }
}
