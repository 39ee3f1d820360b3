//! `cargo run -p openapi-example` serves on port 3000. The environment may set `SECRET`, with which tokens stay valid over a restart.
//!
//! ```sh
//! curl http://127.0.0.1:3000/openapi.json
//! curl -d grant_type=password -d username=ada --data-urlencode 'password=correct horse' http://127.0.0.1:3000/token
//! ```

use std::net::SocketAddr;

use gatevault::{Auth, MemorySessions, hash_password};
use openapi_example::{Failure, Person, Users, app};

#[tokio::main]
async fn main() -> Result<(), Failure> {
    tracing_subscriber::fmt().init();
    let secret = std::env::var("SECRET").or_else(|_| gatevault::generate_secret())?;
    let ada = Person {
        id: 1,
        name: "ada".to_owned(),
        password_hash: hash_password("correct horse")?,
        scope: "notes:read notes:write".to_owned(),
    };
    let auth = Auth::new(Users(vec![ada]), secret, MemorySessions::new())?;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
    let app = app(&auth, "http://127.0.0.1:3000")?.into_make_service_with_connect_info::<SocketAddr>();
    Ok(axum::serve(listener, app).await?)
}
