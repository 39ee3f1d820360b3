//! API keys, which the layer of the server exchanges before any interceptor and method.

use gatevault_web_tests::{end_key, lookups, new_key, set_down, unknown_key};
use tonic::Code;

use super::{INVALID, NOT_ALLOWED, bearing, inside, note, seen, site, text};

#[tokio::test]
async fn a_key_opens_methods_and_services_and_is_looked_up_once() {
    let created = new_key(&[]);
    let (mut site, mut inside) = (site().await, inside().await);
    assert_eq!(text(site.profile(bearing(&created.key, note("hi"))).await), r#"user 1 says "hi""#);
    assert_eq!(text(site.greeting(bearing(&created.key, note(""))).await), "hello user 1");
    assert_eq!(text(inside.hello(bearing(&created.key, note(""))).await), "hello member 1");
    assert_eq!(lookups(&created.id), 1);
}

#[tokio::test]
async fn a_key_opens_no_more_than_its_scopes() {
    let created = new_key(&["invoices:read"]);
    assert!(site().await.profile(bearing(&created.key, note(""))).await.is_ok());
    let denial = inside().await.hello(bearing(&created.key, note(""))).await.unwrap_err();
    assert_eq!((denial.code(), denial.message()), (NOT_ALLOWED.0, NOT_ALLOWED.1));
}

#[tokio::test]
async fn a_key_that_is_unknown_or_has_ended_is_refused_with_a_status() {
    let created = new_key(&[]);
    let mut site = site().await;
    assert!(site.profile(bearing(&created.key, note(""))).await.is_ok());
    end_key(&created.id);
    for key in [&created.key, &unknown_key()] {
        let denials = [
            site.profile(bearing(key, note(""))).await.unwrap_err(),
            site.greeting(bearing(key, note(""))).await.unwrap_err(),
            inside().await.hello(bearing(key, note(""))).await.unwrap_err(),
        ];
        for denial in denials {
            assert_eq!(seen(&denial), INVALID);
        }
    }
}

#[tokio::test]
async fn while_the_store_is_down_a_key_is_answered_with_unavailable_and_then_again() {
    let created = new_key(&[]);
    set_down(&created.id, true);
    let denial = site().await.profile(bearing(&created.key, note(""))).await.unwrap_err();
    assert_eq!(denial.code(), Code::Unavailable);
    set_down(&created.id, false);
    assert!(site().await.profile(bearing(&created.key, note(""))).await.is_ok());
}
