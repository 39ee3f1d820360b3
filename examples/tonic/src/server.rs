//! The server: a login service, and a service with guarded methods.

use std::net::{Ipv4Addr, SocketAddr};
use std::pin::Pin;

use gatevault::error::BoxError;
use gatevault::testing::ManualClock;
use gatevault::{
    AuthUser, ClaimValue, Claims, Clock as _, GateVault, LoginRequest, LoginThrottle, MemoryAttempts,
    OAuthHandler, TokenManager, TokenPair, UserId, UserStore, Verified, generate_secret, guarded,
    hash_password, protected,
};
use tokio::sync::broadcast;
use tokio_stream::wrappers::BroadcastStream;
use tokio_stream::{Stream, StreamExt as _};
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;
use tonic::{Request, Response, Status};

use crate::Outcome;
use crate::proto::auth_server::{self, AuthServer};
use crate::proto::orders_server::{self, OrdersServer};
use crate::proto::{Credentials, Event, Nothing, Order, RefreshToken, Tokens};

/// The claims of an access token.
#[derive(Debug, Claims)]
struct User {
    user_id: u64,
    #[claims(role)]
    role: Role,
}

#[derive(Debug, Clone, Copy, PartialEq, ClaimValue)]
enum Role {
    Customer,
    Clerk,
}

struct Orders {
    events: broadcast::Sender<String>,
    clock: ManualClock,
}

#[guarded] // a method without a guard does not compile
#[tonic::async_trait]
impl orders_server::Orders for Orders {
    // The trait's parameter `request` is named `token` here: it is both.
    #[protected(role = Role::Clerk)]
    async fn cancel(&self, token: Request<Order>, payload: User) -> Result<Response<Event>, Status> {
        let Order { id } = token.into_inner();
        let text = format!("order {id} was cancelled by user {}", payload.user_id);
        self.events.send(text.clone()).ok(); // fails if no client is watching
        Ok(Response::new(Event { text }))
    }

    type WatchStream = Pin<Box<dyn Stream<Item = Result<Event, Status>> + Send>>;

    // The guard runs when the stream begins. Ending the stream with its token is up to the method.
    #[protected]
    async fn watch(
        &self,
        token: Request<Nothing>,
        payload: Verified<User>,
    ) -> Result<Response<Self::WatchStream>, Status> {
        let (clock, until) = (self.clock.clone(), payload.expires_at());
        let events =
            BroadcastStream::new(self.events.subscribe()).take_while(move |_| clock.now() < until).map(
                |event| event.map(|text| Event { text }).map_err(|_| Status::data_loss("events were missed")),
            );
        Ok(Response::new(Box::pin(events)))
    }
}

/// The login service. A `GuardError` converts into a `Status`, so `?` is enough.
struct Auth {
    oauth: OAuthHandler<Accounts>,
}

#[tonic::async_trait]
impl auth_server::Auth for Auth {
    async fn login(&self, request: Request<Credentials>) -> Result<Response<Tokens>, Status> {
        // The address of the connection. Behind a proxy this is the proxy's, and all users would share one counter.
        let address = request.remote_addr().map(|peer| peer.ip());
        let Credentials { username, password } = request.into_inner();
        let attempt = LoginRequest::new(&username, &password).from_address(address);
        Ok(tokens(self.oauth.async_login_with(attempt).await?))
    }

    async fn refresh(&self, request: Request<RefreshToken>) -> Result<Response<Tokens>, Status> {
        Ok(tokens(self.oauth.async_refresh(request.into_inner().refresh_token).await?))
    }

    async fn logout(&self, request: Request<RefreshToken>) -> Result<Response<Nothing>, Status> {
        self.oauth.async_logout(request.into_inner().refresh_token).await?;
        Ok(Response::new(Nothing {}))
    }
}

fn tokens(pair: TokenPair) -> Response<Tokens> {
    let TokenPair { access_token, refresh_token, expires_in, .. } = pair;
    Response::new(Tokens { access_token, refresh_token, expires_in: expires_in.as_secs() })
}

#[derive(Clone)]
struct Account {
    id: u64,
    name: &'static str,
    role: Role,
    password_hash: String,
}

impl AuthUser for Account {
    fn id(&self) -> UserId {
        self.id.into()
    }

    fn hashed_password(&self) -> Option<&str> {
        Some(&self.password_hash)
    }
}

impl From<&Account> for User {
    fn from(account: &Account) -> Self {
        Self { user_id: account.id, role: account.role }
    }
}

/// The accounts of this example, in place of a database.
struct Accounts([Account; 2]);

impl UserStore for Accounts {
    type User = Account;
    type Claims = User;

    async fn find_by_name(&self, name: &str) -> Result<Option<Account>, BoxError> {
        Ok(self.0.iter().find(|account| account.name == name).cloned())
    }

    async fn find_by_id(&self, id: &UserId) -> Result<Option<Account>, BoxError> {
        Ok(self.0.iter().find(|account| account.id() == *id).cloned())
    }
}

/// Serves on a free port. The clock is moved by hand, so that the scenario need not wait for 15 minutes.
pub fn start(clock: ManualClock) -> Outcome<SocketAddr> {
    // In production the secret comes from the configuration, and TLS protects the server.
    let tokens = TokenManager::builder().secret(generate_secret()?).clock(clock.clone()).build()?;
    GateVault::new(tokens.clone()).install()?;

    let password_hash = hash_password("correct horse")?;
    let ada = Account { id: 1, name: "ada", role: Role::Clerk, password_hash: password_hash.clone() };
    let bob = Account { id: 2, name: "bob", role: Role::Customer, password_hash };
    let oauth = OAuthHandler::with_users(tokens, Accounts([ada, bob]))
        .throttle(LoginThrottle::new(MemoryAttempts::new()));

    let orders = Orders { events: broadcast::channel(16).0, clock };
    let incoming = TcpIncoming::bind((Ipv4Addr::LOCALHOST, 0).into())?;
    let address = incoming.local_addr()?;
    let server =
        Server::builder().add_service(AuthServer::new(Auth { oauth })).add_service(OrdersServer::new(orders));
    tokio::spawn(server.serve_with_incoming(incoming));
    Ok(address)
}
