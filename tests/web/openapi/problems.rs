//! Operations and guards that do not fit together: each is named, and nothing is written.

use gatevault::guarded;
use gatevault::web::openapi::ApiSecurityProblem::{
    Ambiguous, Reference, Repeated, TooManyAlternatives, Undocumented, UnknownGuard, UnknownOperation,
    Unlisted,
};
use gatevault::web::openapi::{ApiSecurity, ApiSecurityError};
use serde_json::{Value, json};

use crate::{document, problems, secured};

#[guarded]
mod notes {
    use gatevault::{GuardError, protected};

    #[protected]
    #[cfg_attr(any(), utoipa::path(get, path = "/notes"))]
    pub(super) fn list() -> Result<(), GuardError> {
        Ok(())
    }
}

#[guarded]
mod users {
    use gatevault::{GuardError, protected};

    #[protected(role = "admin", scope = "users")]
    #[cfg_attr(any(), utoipa::path(get, path = "/users"))]
    pub(super) fn list() -> Result<(), GuardError> {
        Ok(())
    }
}

/// Operations whose path another attribute has: `#[get("/..")]` of actix-web or Rocket.
#[guarded]
mod elsewhere {
    use gatevault::{GuardError, protected};

    #[protected]
    #[cfg_attr(any(), utoipa::path())]
    pub(super) fn show() -> Result<(), GuardError> {
        Ok(())
    }

    pub(super) mod other {
        use gatevault::{GuardError, protected};

        #[protected]
        #[cfg_attr(any(), utoipa::path())]
        pub(crate) fn show() -> Result<(), GuardError> {
            Ok(())
        }
    }
}

/// The scopes of enclosing blocks add up.
#[guarded(any_scope("a", "b", "c", "d", "e"))]
mod many {
    use gatevault::guarded;

    #[guarded(any_scope("f", "g", "h", "i", "j"))]
    pub(super) mod more {
        use gatevault::{GuardError, protected};

        #[protected(any_scope("k", "l", "m", "n", "o"))]
        #[cfg_attr(any(), utoipa::path(get, path = "/many"))]
        pub(crate) fn many() -> Result<(), GuardError> {
            Ok(())
        }
    }
}

fn notes() -> ApiSecurity {
    ApiSecurity::new([notes::GUARDS])
}

fn path(of: &str) -> String {
    format!("{}::{of}", module_path!())
}

#[test]
fn an_operation_that_no_list_names_is_a_problem() {
    let document = document(&[("get", "/notes", "list"), ("post", "/notes", "add")]);
    let unlisted = Unlisted { operation: "POST /notes (add)".to_owned(), similar: vec![] };
    assert_eq!(problems(&notes(), document.clone()), [unlisted]);
    let secured = secured(notes().outside("add"), document);
    assert_eq!(secured["paths"]["/notes"]["post"].get("security"), None);
    assert_eq!(secured["paths"]["/notes"]["get"]["security"], json!([{"bearerAuth": []}]));
}

#[test]
fn an_operation_without_an_id_is_a_problem_and_is_named_by_its_path() {
    let mut document = document(&[("get", "/notes", "list")]);
    document["paths"]["/health"]["head"] = json!({"responses": {}});
    let unlisted = Unlisted { operation: "HEAD /health".to_owned(), similar: vec![] };
    assert_eq!(problems(&notes(), document.clone()), [unlisted]);
    secured(notes().outside("HEAD /health"), document);
}

#[test]
fn an_open_function_with_the_name_of_a_guarded_one_is_not_taken_for_it() {
    let similar = vec![path("notes::list")];
    for (method, path_of, shown) in
        [("get", "/open", "GET /open (list)"), ("post", "/notes", "POST /notes (list)")]
    {
        let open = document(&[(method, path_of, "list")]);
        let unlisted = Unlisted { operation: shown.to_owned(), similar: similar.clone() };
        let missing = Undocumented { guard: path("notes::list") };
        assert_eq!(problems(&notes(), open), [unlisted, missing]);
    }
}

#[test]
fn functions_of_one_name_differ_by_their_paths() {
    let document = document(&[("get", "/api/notes", "list"), ("get", "/api/users", "list")]);
    let document = secured(ApiSecurity::new([notes::GUARDS, users::GUARDS]), document);
    assert_eq!(document["paths"]["/api/notes"]["get"]["security"], json!([{"bearerAuth": []}]));
    assert_eq!(document["paths"]["/api/users"]["get"]["security"], json!([{"bearerAuth": ["users"]}]));
}

#[test]
fn an_operation_that_fits_two_guards_is_a_problem() {
    let both = [path("elsewhere::show"), path("elsewhere::other::show")];
    let security = ApiSecurity::new([elsewhere::GUARDS]);
    let document = document(&[("get", "/show", "show")]);
    let found = problems(&security, document.clone());
    let ambiguous = Ambiguous { operation: "GET /show (show)".to_owned(), guards: both.to_vec() };
    let missing = both.map(|guard| Undocumented { guard });
    assert_eq!(found, [vec![ambiguous], missing.to_vec()].concat());
    let chosen = security.guarded_by("show", "other::show").undocumented("elsewhere::show");
    secured(chosen, document);
}

#[test]
fn a_guard_with_operations_on_two_paths_is_a_problem() {
    let document = document(&[("get", "/v1/notes", "list"), ("get", "/v2/notes", "list")]);
    let operations = ["GET /v1/notes (list)", "GET /v2/notes (list)"].map(str::to_owned).to_vec();
    assert_eq!(problems(&notes(), document.clone()), [Repeated { guard: path("notes::list"), operations }]);
    let chosen = notes().guarded_by("GET /v1/notes", "notes::list").guarded_by("get /v2/notes", "list");
    let document = secured(chosen, document);
    for version in ["/v1/notes", "/v2/notes"] {
        assert_eq!(document["paths"][version]["get"]["security"], json!([{"bearerAuth": []}]));
    }
}

#[test]
fn a_guarded_operation_that_the_document_does_not_have_is_a_problem() {
    let security = ApiSecurity::new([notes::GUARDS, users::GUARDS]);
    let document = document(&[("get", "/notes", "list")]);
    assert_eq!(problems(&security, document.clone()), [Undocumented { guard: path("users::list") }]);
    secured(security.undocumented("users::list"), document);
}

#[test]
fn a_setting_that_names_nothing_is_a_problem() {
    let document = document(&[("get", "/notes", "list")]);
    let operation = |name: &str| UnknownOperation { operation: name.to_owned() };
    let guard = |name: &str| UnknownGuard { guard: name.to_owned() };
    let wrong =
        notes().outside("health").guarded_by("GET /nowhere", "notes::list").undocumented("notes::lost");
    let expected = [operation("health"), operation("GET /nowhere"), guard("notes::lost")];
    assert_eq!(problems(&wrong, document.clone()), expected);
    let two = ApiSecurity::new([notes::GUARDS, users::GUARDS]).undocumented("users::list");
    assert_eq!(
        problems(&two.guarded_by("list", "list"), document),
        [guard("list"), Undocumented { guard: path("notes::list") }]
    );
}

#[test]
fn operations_behind_a_reference_are_a_problem() {
    let mut document = document(&[("get", "/notes", "list")]);
    document["paths"]["/more"] = json!({"$ref": "more.json"});
    assert_eq!(problems(&notes(), document), [Reference { path: "/more".to_owned() }]);
}

#[test]
fn too_many_combinations_of_scopes_are_a_problem() {
    let security = ApiSecurity::new([many::GUARDS]);
    let document = document(&[("get", "/many", "many")]);
    assert_eq!(problems(&security, document), [TooManyAlternatives { guard: path("many::more::many") }]);
}

#[test]
fn operations_of_every_method_are_found() {
    let mut document = document(&[("get", "/notes", "list"), ("query", "/notes", "search")]);
    document["paths"]["/notes"]["additionalOperations"] = json!({"COPY": {"operationId": "copy"}});
    document["paths"][""] = json!({"trace": {"operationId": "root"}});
    document["paths"]["x-note"] = json!("an extension");
    let mut unlisted = ["TRACE  (root)", "QUERY /notes (search)", "COPY /notes (copy)"];
    let mut found: Vec<_> = problems(&notes(), document)
        .into_iter()
        .map(|problem| match problem {
            Unlisted { operation, .. } => operation,
            other => panic!("{other:?}"),
        })
        .collect();
    found.sort();
    unlisted.sort_unstable();
    assert_eq!(found, unlisted);
}

#[test]
fn an_error_lists_every_problem_and_what_to_change() {
    let security = notes().outside("health");
    let mut document = document(&[("post", "/notes", "list")]);
    let message = security.secure(&mut document).expect_err("problems").to_string();
    let expected = format!(
        "the API document does not fit the guards:\n\
         - setting \"health\": the document has no operation with this id, and none as `GET /path`\n\
         - operation POST /notes (list): no guard of the lists belongs to it; write its function in a `#[guarded]` block, with the \
         attribute of the operation on it, and pass `GUARDS` of the block, or name the operation in `guarded_by` or `outside`; \
         {0} has the same id, and another path or method\n\
         - guard {0}: the document does not have the operation of its function; add it, or name the guard in `undocumented`",
        path("notes::list")
    );
    assert_eq!(message, expected);
}

#[test]
fn what_is_not_a_document_is_an_error_with_a_source() {
    for json in
        ["", "[]", r#"{"paths": {}, "paths": {}}"#, r#"{"paths": []}"#, r#"{"paths": {"/": {"get": 7}}}"#]
    {
        let error = notes().secure_json(json).expect_err(json);
        assert!(matches!(error, ApiSecurityError::Json(_)), "{json}: {error:?}");
    }
}

#[test]
fn a_type_that_loses_content_is_refused() {
    #[derive(serde::Serialize, serde::Deserialize)]
    struct Poor {
        paths: Value,
    }
    let mut poor = Poor { paths: document(&[("get", "/notes", "list")])["paths"].take() };
    let error = notes().secure(&mut poor).expect_err("the schemes are lost");
    assert!(matches!(error, ApiSecurityError::NotKept), "{error:?}");
    assert_eq!(poor.paths["/notes"]["get"].get("security"), None);
}
