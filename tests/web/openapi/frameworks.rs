//! Handlers of each framework that extracts parameters, described by utoipa: its attribute above and below the guard.

use gatevault::guard::GuardRecord;
use gatevault::web::openapi::ApiSecurity;
use serde_json::json;
use utoipa::openapi::OpenApi as Document;

/// Defines two handlers of a framework, mounts them, and tests their document.
macro_rules! framework {
    ($name:ident, [$($get:meta)?], [$($post:meta)?], [$($writer:path)?], $mount:item) => {
        mod $name {
            use utoipa::OpenApi;

            use super::assert_secured;

            #[gatevault::guarded(scope = "notes")]
            mod handlers {
                use gatevault::{GuardError, Payload, protected};
                $(use $writer;)?

                #[utoipa::path(get, path = "/above", responses((status = 200)))]
                #[protected(handler, scope = "read")]
                $(#[$get])?
                pub(super) async fn above(user: Payload) -> Result<String, GuardError> {
                    Ok(user.user_id().to_string())
                }

                #[protected(handler, payload = _: Payload, scope = "write")]
                #[utoipa::path(post, path = "/below", responses((status = 200)))]
                $(#[$post])?
                pub(super) async fn below() -> Result<String, GuardError> {
                    Ok(String::new())
                }
            }

            #[derive(OpenApi)]
            #[openapi(paths(handlers::above, handlers::below))]
            struct Api;

            $mount

            #[test]
            fn the_document_has_the_guards_of_handlers_in_both_orders() {
                let _ = mount();
                assert_secured(handlers::GUARDS, Api::openapi());
            }
        }
    };
}

fn assert_secured(guards: &'static [GuardRecord], mut document: Document) {
    ApiSecurity::new([guards]).secure(&mut document).expect("each operation has a guard");
    let document = serde_json::to_value(document).expect("JSON");
    let (above, below) = (&document["paths"]["/above"]["get"], &document["paths"]["/below"]["post"]);
    assert_eq!(above["security"], json!([{"bearerAuth": ["notes", "read"]}]));
    assert_eq!(below["security"], json!([{"bearerAuth": ["notes", "write"]}]));
    for operation in [above, below] {
        assert_eq!((operation.get("parameters"), operation.get("requestBody")), (None, None));
    }
}

framework!(
    axum,
    [],
    [],
    [],
    fn mount() -> ::axum::Router {
        use ::axum::routing::{get, post};
        ::axum::Router::new().route("/above", get(handlers::above)).route("/below", post(handlers::below))
    }
);

framework!(
    actix,
    [actix_web::get("/above")],
    [actix_web::post("/below")],
    [],
    fn mount() -> actix_web::Scope {
        actix_web::web::scope("").service(handlers::above).service(handlers::below)
    }
);

framework!(
    poem,
    [poem::handler],
    [poem::handler],
    [],
    fn mount() -> ::poem::Route {
        ::poem::Route::new()
            .at("/above", ::poem::get(handlers::above))
            .at("/below", ::poem::post(handlers::below))
    }
);

framework!(
    rocket,
    [rocket::get("/above")],
    [rocket::post("/below")],
    [],
    fn mount() -> Vec<::rocket::Route> {
        ::rocket::routes![handlers::above, handlers::below]
    }
);

framework!(
    salvo,
    [salvo::handler],
    [salvo::handler],
    [salvo::Writer],
    fn mount() -> ::salvo::Router {
        let above = ::salvo::Router::with_path("above").get(handlers::above);
        ::salvo::Router::new().push(above).push(::salvo::Router::with_path("below").post(handlers::below))
    }
);
