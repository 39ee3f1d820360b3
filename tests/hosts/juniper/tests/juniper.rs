//! A resolver of juniper: `#[graphql_object]` reads the methods of its block before their attributes run.

use gatevault::{GuardError, protected};
use hosts_common::{Callers, User};
use juniper::{
    Context, EmptyMutation, EmptySubscription, FieldError, FieldResult, RootNode, Value, Variables,
    graphql_object, graphql_value,
};

/// A request's state, with the token that the server read.
struct Request {
    token: Option<String>,
}

impl Context for Request {}

struct Query;

#[graphql_object(context = Request)]
impl Query {
    #[protected(token = context.token, payload = who: User, role = "admin", denied = |denial| Err(refused(&denial)))]
    async fn report(context: &Request, year: i32) -> FieldResult<String> {
        Ok(format!("{year} for user {}", who.user_id))
    }
}

fn refused(denial: &GuardError) -> FieldError {
    let status = i32::from(denial.status());
    FieldError::new(denial, graphql_value!({ "status": status }))
}

type Schema = RootNode<Query, EmptyMutation<Request>, EmptySubscription<Request>>;

fn schema() -> Schema {
    Schema::new(Query, EmptyMutation::new(), EmptySubscription::new())
}

/// Returns the data of an answer, or the status of its error.
async fn ask(token: Option<&str>) -> Result<Value, Value> {
    let request = Request { token: token.map(str::to_owned) };
    let (data, errors) =
        juniper::execute("{ report(year: 2026) }", None, &schema(), &Variables::new(), &request)
            .await
            .expect("a valid query");
    errors.first().map_or(Ok(data), |error| Err(error.error().extensions().clone()))
}

#[tokio::test]
async fn only_the_role_is_served() {
    let callers = Callers::get();
    assert_eq!(ask(None).await, Err(graphql_value!({ "status": 401 })));
    assert_eq!(ask(Some(&callers.expired)).await, Err(graphql_value!({ "status": 401 })));
    assert_eq!(ask(Some(&callers.member)).await, Err(graphql_value!({ "status": 403 })));
    assert_eq!(ask(Some(&callers.admin)).await, Ok(graphql_value!({ "report": "2026 for user 7" })));
}

#[test]
fn the_schema_has_neither_token_nor_payload() {
    let sdl = schema().as_sdl();
    assert!(sdl.contains("report(year: Int!): String!"), "{sdl}");
}
