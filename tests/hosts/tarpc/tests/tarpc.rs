//! Methods of a tarpc service, whose token is an argument of the call and whose error crosses the wire.

use futures_util::StreamExt as _;
use gatevault::{GuardError, protected};
use hosts_common::{Callers, User};
use serde::{Deserialize, Serialize};
use tarpc::client::{self, RpcError};
use tarpc::context::Context;
use tarpc::server::{BaseChannel, Channel};

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Refused {
    status: u16,
    message: String,
}

impl From<GuardError> for Refused {
    fn from(denial: GuardError) -> Self {
        Self { status: denial.status(), message: denial.to_string() }
    }
}

#[tarpc::service]
trait Reports {
    async fn report(token: String, year: u16) -> Result<String, Refused>;
}

#[derive(Clone)]
struct Service;

impl Reports for Service {
    #[protected(role = "admin")]
    async fn report(self, _: Context, token: String, year: u16, payload: User) -> Result<String, Refused> {
        Ok(format!("{year} for user {}", payload.user_id))
    }
}

fn start() -> ReportsClient {
    let (near, far) = tarpc::transport::channel::unbounded();
    let channel = BaseChannel::with_defaults(far);
    tokio::spawn(
        channel.execute(Service.serve()).for_each(|response| async { drop(tokio::spawn(response)) }),
    );
    ReportsClient::new(client::Config::default(), near).spawn()
}

async fn ask(client: &ReportsClient, token: &str) -> Result<String, u16> {
    let answer: Result<_, RpcError> = client.report(Context::current(), token.to_owned(), 2026).await;
    answer.expect("an answer").map_err(|refused| refused.status)
}

#[tokio::test]
async fn only_the_role_is_served() {
    let callers = Callers::get();
    let client = start();
    assert_eq!(ask(&client, "").await, Err(401));
    assert_eq!(ask(&client, &callers.expired).await, Err(401));
    assert_eq!(ask(&client, &callers.member).await, Err(403));
    assert_eq!(ask(&client, &callers.admin).await.as_deref(), Ok("2026 for user 7"));
}
