//! The host of a request as each framework reports it where there is no header `Host`: the `:authority` of HTTP/2.

use gatevault::web::HttpRequest;

const TARGET: &str = "http://app.example:8080/login?x";

fn assert_host(request: &HttpRequest) {
    assert_eq!((request.host(), request.path()), (Some("app.example:8080"), "/login"));
}

#[test]
fn the_authority_is_the_host_in_types_of_the_http_crate() {
    let (parts, ()) = axum::http::Request::post(TARGET).body(()).unwrap().into_parts();
    assert_host(&HttpRequest::from(&parts));
}

#[test]
fn the_authority_is_the_host_in_actix() {
    let request = actix_web::test::TestRequest::post().uri(TARGET).to_http_request();
    assert_host(&HttpRequest::from(&request));
}

#[test]
fn the_authority_is_the_host_in_poem() {
    let request = poem::Request::builder().uri(TARGET.parse().unwrap()).finish();
    assert_host(&HttpRequest::from(&request));
}

#[test]
fn the_authority_is_the_host_in_salvo() {
    let mut request = salvo::Request::new();
    request.set_uri(TARGET.parse().unwrap());
    assert_host(&HttpRequest::from(&request));
}

#[test]
fn the_authority_is_the_host_in_rocket() {
    let client = rocket::local::blocking::Client::untracked(rocket::build()).unwrap();
    let mut request = client.post("/login?x");
    request.inner_mut().set_host(rocket::http::uri::Host::new(rocket::uri!("app.example:8080")));
    assert_host(&HttpRequest::from(request.inner()));
}

#[test]
fn the_authority_replaces_the_header_and_several_headers_are_none() {
    let request = HttpRequest::new("POST", "/login").with_header("Host", b"other.example");
    assert_eq!(request.host(), Some("other.example"));
    assert_host(&request.clone().with_authority("app.example:8080"));
    assert_eq!(request.with_header("Host", b"other.example").host(), None);
}
