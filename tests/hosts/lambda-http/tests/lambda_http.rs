//! Functions of AWS Lambda, run in process with events as the services send them.

use gatevault::error::GuardError;
use gatevault::{OnDenied as _, protected};
use hosts_common::{Callers, User};
use lambda_http::aws_lambda_events::apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse};
use lambda_http::http::header::{HeaderValue, WWW_AUTHENTICATE};
use lambda_http::request::LambdaRequest;
use lambda_http::{Adapter, Body, Context, Error, LambdaEvent, Request, Response, Service as _, service_fn};
use serde::Deserialize;
use serde_json::{Value, json};

// The error of a function on Lambda is a failure of the function, so a denial is a response.
#[protected(token = request, payload = who: User, role = "admin", denied = |denial| Ok(Response::on_denied(denial)))]
async fn request_of_lambda_http(request: Request) -> Result<Response<Body>, Error> {
    Ok(Response::new(format!("{} for user {}", request.uri().path(), who.user_id).into()))
}

/// The event of API Gateway itself.
#[protected(token = event.payload.headers, payload = who: User, role = "admin", denied = refused)]
async fn event_of_the_gateway(
    event: LambdaEvent<ApiGatewayV2httpRequest>,
) -> Result<ApiGatewayV2httpResponse, Error> {
    let body = format!("{} for user {}", event.payload.raw_path.unwrap_or_default(), who.user_id);
    Ok(response(200, body))
}

fn response(status_code: i64, body: String) -> ApiGatewayV2httpResponse {
    let mut response = ApiGatewayV2httpResponse::default();
    response.status_code = status_code;
    response.body = Some(Body::Text(body));
    response
}

fn refused(denial: GuardError) -> Result<ApiGatewayV2httpResponse, Error> {
    let mut response = response(denial.status().into(), denial.to_string());
    if let Some(challenge) = denial.challenge() {
        response.headers.insert(WWW_AUTHENTICATE, HeaderValue::try_from(challenge)?);
    }
    Ok(response)
}

/// An event from another function, which hands on the token of its caller.
#[derive(Debug, Deserialize)]
struct Order {
    token: Option<String>,
    id: u64,
}

#[protected(token = event.payload.token, payload = who: User, role = "admin")]
async fn event_with_a_token(event: LambdaEvent<Order>) -> Result<String, Error> {
    Ok(format!("order {} for user {}", event.payload.id, who.user_id))
}

/// Returns an event as API Gateway sends it.
fn event<T: for<'de> Deserialize<'de>>(token: &str) -> LambdaEvent<T> {
    let mut event = json!({
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": "/orders",
        "rawQueryString": "",
        "headers": { "host": "example.com" },
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "api",
            "domainName": "example.com",
            "http": { "method": "GET", "path": "/orders", "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1" },
            "stage": "$default",
            "timeEpoch": 1_588_804_615_616_u64,
        },
        "isBase64Encoded": false,
    });
    if !token.is_empty() {
        event["headers"]["authorization"] = format!("Bearer {token}").into();
    }
    LambdaEvent::new(serde_json::from_str(&event.to_string()).unwrap(), Context::default())
}

/// Returns status, challenge and body of a response to API Gateway.
fn parts(response: &Value) -> (u64, &str, &str) {
    let challenge = &response["multiValueHeaders"]["www-authenticate"][0];
    let challenge =
        challenge.as_str().or(response["headers"]["www-authenticate"].as_str()).unwrap_or_default();
    (response["statusCode"].as_u64().unwrap(), challenge, response["body"].as_str().unwrap())
}

#[tokio::test]
async fn a_function_serves_the_right_role_only() {
    let callers = Callers::get();
    let expired = r#"Bearer error="invalid_token", error_description="the token has expired""#;
    let expected = [
        ("", 401, "Bearer"),
        (&callers.expired, 401, expired),
        (&callers.member, 403, ""),
        (&callers.admin, 200, ""),
    ];
    for (token, status, challenge) in expected {
        let answer =
            Adapter::from(service_fn(request_of_lambda_http)).call(event::<LambdaRequest>(token)).await;
        let through_http = serde_json::to_value(answer.unwrap()).unwrap();
        let answer = service_fn(event_of_the_gateway).call(event(token)).await;
        let directly = serde_json::to_value(answer.unwrap()).unwrap();
        for answer in [&through_http, &directly] {
            let (actual, actual_challenge, body) = parts(answer);
            assert_eq!((actual, actual_challenge), (status, challenge), "{answer}");
            assert_eq!(body == "/orders for user 7", status == 200, "{answer}");
        }
    }
}

#[tokio::test]
async fn the_error_type_of_lambda_carries_a_denial() {
    let callers = Callers::get();
    let mut function = service_fn(event_with_a_token);
    let mut order = |token: Option<&str>| {
        function.call(LambdaEvent::new(Order { token: token.map(str::to_owned), id: 3 }, Context::default()))
    };
    for (token, status) in [(None, 401), (Some(&*callers.expired), 401), (Some(&*callers.member), 403)] {
        let error = order(token).await.unwrap_err();
        assert_eq!(error.downcast_ref::<GuardError>().unwrap().status(), status);
    }
    assert_eq!(order(Some(&callers.admin)).await.unwrap(), "order 3 for user 7");
}
