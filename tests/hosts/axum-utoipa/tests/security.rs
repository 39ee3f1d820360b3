//! The security of operations whose parameters utoipa reads from the handler (feature `axum_extras`), below the prefix of a router.

use axum::extract::Path;
use axum::{Json, Router};
use gatevault::guarded;
use gatevault::web::openapi::ApiSecurity;
use hosts_common::Callers;
use hosts_common::http::{Server, get};
use serde_json::{Value, json};
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

#[guarded(role = "admin")]
mod reports {
    use gatevault::{Bearer, GuardError, protected};
    use hosts_common::User;

    use super::{Json, Path};

    #[utoipa::path(get, path = "/above/{year}", responses((status = 200, body = String)))]
    #[protected(handler)]
    pub(crate) async fn above(Path(year): Path<u16>, user: User) -> Result<String, GuardError> {
        Ok(format!("{year} for user {}", user.user_id))
    }

    #[protected(handler)]
    #[utoipa::path(put, path = "/below/{year}", responses((status = 200, body = String)))]
    pub(crate) async fn below(
        Path(year): Path<u16>,
        user: User,
        Json(text): Json<String>,
    ) -> Result<String, GuardError> {
        Ok(format!("{text} of {year} for user {}", user.user_id))
    }

    #[protected(scope = "reports")]
    #[utoipa::path(get, path = "/", responses((status = 200, body = String)))]
    pub(crate) async fn root(token: Bearer) -> Result<String, GuardError> {
        Ok(String::new())
    }
}

fn app() -> (Router, OpenApi) {
    let reports = OpenApiRouter::new()
        .routes(routes!(reports::above))
        .routes(routes!(reports::below))
        .routes(routes!(reports::root));
    let (router, mut document) = OpenApiRouter::new().nest("/reports", reports).split_for_parts();
    ApiSecurity::new([reports::GUARDS]).secure(&mut document).expect("each operation has a guard");
    (router, document)
}

#[test]
fn each_operation_below_a_prefix_has_the_security_of_its_guard() {
    let document = serde_json::to_value(app().1).expect("JSON");
    let security = |method: &str, path: &str| document["paths"][path][method]["security"].clone();
    assert_eq!(security("get", "/reports/above/{year}"), json!([{"bearerAuth": []}]));
    assert_eq!(security("put", "/reports/below/{year}"), json!([{"bearerAuth": []}]));
    assert_eq!(security("get", "/reports"), json!([{"bearerAuth": ["reports"]}]));
}

#[test]
fn the_parameters_are_those_of_the_path_and_the_body() {
    let document = serde_json::to_value(app().1).expect("JSON");
    for (method, path, body) in [
        ("get", "/reports/above/{year}", Value::Null),
        ("put", "/reports/below/{year}", json!({"type": "string"})),
    ] {
        let operation = &document["paths"][path][method];
        let parameters = operation["parameters"].as_array().expect("parameters");
        let names: Vec<_> = parameters.iter().map(|parameter| parameter["name"].clone()).collect();
        assert_eq!(names, ["year"], "{method} {path}");
        let content = operation["requestBody"]["content"].as_object().into_iter().flatten().next();
        assert_eq!(content.map_or(Value::Null, |(_, content)| content["schema"].clone()), body, "{method} {path}");
    }
}

#[test]
fn only_the_role_is_served() {
    let callers = Callers::get();
    let server = Server::start(|listener| axum::serve(listener, app().0).into_future());
    let path = "/reports/above/2026";
    assert_eq!(get(&server, path, None).status, 401);
    assert_eq!(get(&server, path, Some(&callers.member)).status, 403);
    assert_eq!(get(&server, path, Some(&callers.admin)).body, "2026 for user 7");
}
