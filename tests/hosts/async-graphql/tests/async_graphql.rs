//! A resolver of async-graphql: `#[Object]` reads the methods of its block before their attributes run.

use async_graphql::{Context, EmptyMutation, EmptySubscription, Object, Request, Response, Schema};
use gatevault::{GuardError, protected};
use hosts_common::{Callers, User};

/// The token of a request, which the server puts into its data.
struct Token(String);

struct Query;

#[Object]
impl Query {
    #[protected(token = context.data_opt::<Token>().map(|token| &token.0), payload = who: User, role = "admin")]
    async fn report(&self, context: &Context<'_>, year: u16) -> async_graphql::Result<String> {
        Ok(format!("{year} for user {}", who.user_id))
    }
}

fn schema() -> Schema<Query, EmptyMutation, EmptySubscription> {
    Schema::new(Query, EmptyMutation, EmptySubscription)
}

async fn ask(token: Option<&str>) -> Response {
    let mut request = Request::new("{ report(year: 2026) }");
    if let Some(token) = token {
        request = request.data(Token(token.to_owned()));
    }
    schema().execute(request).await
}

/// Returns the status of the denial that the resolver returned as its error.
async fn refusal(token: Option<&str>) -> u16 {
    let response = ask(token).await;
    let denial: &GuardError = response.errors[0].source().expect("the denial");
    assert_eq!(response.errors[0].message, denial.to_string());
    denial.status()
}

#[tokio::test]
async fn only_the_role_is_served() {
    let callers = Callers::get();
    assert_eq!(refusal(None).await, 401);
    assert_eq!(refusal(Some(&callers.expired)).await, 401);
    assert_eq!(refusal(Some(&callers.member)).await, 403);
    let served = ask(Some(&callers.admin)).await;
    assert_eq!(served.data.to_string(), r#"{report: "2026 for user 7"}"#);
}

#[test]
fn the_schema_has_neither_token_nor_payload() {
    let sdl = schema().sdl();
    assert!(sdl.contains("report(year: Int!): String!"), "{sdl}");
}
