//! A handler of any framework that hashes a new password with `?` answers 422, and says what is wrong with the password.

use gatevault::web::HttpResponse;
use gatevault::{GuardError, HashingError};
use gatevault_tests::quick_hasher;

fn denials() -> impl Iterator<Item = (GuardError, &'static str)> {
    let long = quick_hasher().hash(&"x".repeat(73)).unwrap_err();
    let nul = quick_hasher().hash("correct\0horse").unwrap_err();
    let short = HashingError::TooShort { characters: 7, minimum: 8 };
    [
        (short, "the password has 7 characters and needs at least 8"),
        (long, "the password has 73 bytes and may have 72 at most"),
        (nul, "the password contains a NUL character"),
    ]
    .into_iter()
    .map(|(error, detail)| (error.into(), detail))
}

fn body(detail: &str) -> String {
    let error = format!(r#""error":"invalid_request","error_description":"{detail}""#);
    let problem = r#""status":422,"title":"Unprocessable Content","type":"about:blank""#;
    format!(r#"{{"detail":"{detail}",{error},{problem}}}"#)
}

const PROBLEM: &str = "application/problem+json";

#[test]
fn without_a_framework() {
    for (denial, detail) in denials() {
        let response = HttpResponse::from(&denial);
        assert_eq!((response.status, response.header("content-type")), (422, Some(PROBLEM)));
        assert_eq!((response.body, response.headers.len()), (body(detail), 2));
    }
    // A failure of the machine says nothing.
    for error in [HashingError::Busy, HashingError::PoolUnavailable] {
        let response = HttpResponse::from(GuardError::from(error));
        assert_eq!((response.status, response.body.contains("detail")), (503, false));
    }
}

#[test]
fn tiny_http() {
    for (denial, detail) in denials() {
        let response = tiny_http::Response::<std::io::Cursor<Vec<u8>>>::from(denial);
        assert_eq!(response.status_code().0, 422);
        let mut read = String::new();
        std::io::Read::read_to_string(&mut response.into_reader(), &mut read).unwrap();
        assert_eq!(read, body(detail));
    }
}

#[tokio::test]
async fn axum() {
    use axum::response::IntoResponse as _;
    for (denial, detail) in denials() {
        let response = denial.into_response();
        assert_eq!(
            (response.status().as_u16(), &response.headers()["content-type"]),
            (422, &PROBLEM.parse().unwrap())
        );
        let read = axum::body::to_bytes(response.into_body(), 1_000).await.unwrap();
        assert_eq!(read, body(detail).as_bytes());
    }
}

#[actix_web::test]
async fn actix() {
    use actix_web::ResponseError as _;
    for (denial, detail) in denials() {
        let response = denial.error_response();
        assert_eq!((denial.status_code().as_u16(), response.status().as_u16()), (422, 422));
        let read = actix_web::body::to_bytes(response.into_body()).await.unwrap();
        assert_eq!(read, body(detail).as_bytes());
    }
}

#[tokio::test]
async fn poem() {
    use poem::error::ResponseError as _;
    for (denial, detail) in denials() {
        let response = denial.as_response();
        assert_eq!((denial.status(), response.status().as_u16()), (422, 422));
        assert_eq!(response.into_body().into_string().await.unwrap(), body(detail));
    }
}

#[test]
fn warp() {
    use warp::Reply as _;
    for (denial, _) in denials() {
        let response = denial.into_response();
        let media_type = response.headers()["content-type"].to_str().unwrap();
        assert_eq!((response.status().as_u16(), media_type), (422, PROBLEM));
    }
}

#[test]
fn salvo() {
    for (denial, detail) in denials() {
        let mut response = salvo::Response::from(denial);
        assert_eq!(response.status_code.map(|status| status.as_u16()), Some(422));
        let salvo::http::ResBody::Once(read) = response.take_body() else { panic!("{response:?}") };
        assert_eq!(read, body(detail).as_bytes());
    }
}

#[test]
fn tonic() {
    for (denial, _) in denials() {
        let text = denial.to_string();
        let status = tonic::Status::from(denial);
        assert_eq!((status.code(), status.message()), (tonic::Code::InvalidArgument, text.as_str()));
    }
}

#[test]
fn rocket() {
    #[rocket::get("/<number>")]
    fn refuse(number: usize) -> GuardError {
        denials().nth(number).unwrap().0
    }
    let site = rocket::build().mount("/", rocket::routes![refuse]);
    let client = rocket::local::blocking::Client::untracked(site).unwrap();
    for (number, (_, detail)) in denials().enumerate() {
        let response = client.get(format!("/{number}")).dispatch();
        assert_eq!((response.status().code, response.into_string()), (422, Some(body(detail))));
    }
}
