//! The scenario: tokens that open the routes, and tokens that do not. It fails unless every answer is the expected one.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::thread;
use std::time::Duration;

use gatevault::RemoteKeys;
use serde_json::json;
use ureq::Agent;

use crate::issuer::Realm;
use crate::{Outcome, app, serve, trust};

pub fn run() -> Outcome<()> {
    let (mut realm, stranger) = (Realm::start()?, Realm::start()?);
    // Plain `http` for the stand-in alone. A second between fetches instead of a minute, so that the scenario is short.
    let keys = RemoteKeys::discover(&realm.url).allow_plain_http().min_refetch_interval(BETWEEN_FETCHES);
    trust(&realm.url, keys)?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let shop = Shop { address: listener.local_addr()?, http: agent() };
    let routes = app()?;
    thread::spawn(move || serve(listener, routes).map_err(|error| println!("{error}")));

    println!("1. the realm's access token opens a route");
    let ada = realm.token(&json!({}))?;
    shop.expect(200, "GET", "/orders", &ada)?;

    println!("2. a role of the realm opens another");
    shop.expect(403, "DELETE", "/orders/7", &ada)?;
    let clerk =
        realm.token(&json!({ "realm_access": { "roles": ["clerk"] }, "preferred_username": "eve" }))?;
    shop.expect(200, "DELETE", "/orders/7", &clerk)?;

    println!("3. the realm's tokens for other services, or without the scope, are refused");
    shop.expect(401, "GET", "/orders", &realm.token(&json!({ "aud": "account" }))?)?;
    shop.expect(401, "GET", "/orders", &realm.token(&json!({ "aud": null }))?)?;
    shop.expect(403, "GET", "/orders", &realm.token(&json!({ "scope": "openid" }))?)?;

    println!("4. its ID, refresh and logout tokens are refused, although the realm signed them too");
    for other in [
        json!({ "typ": "ID", "nonce": "n-0S6_WzA2Mj", "at_hash": "bPMFa6AaVCmsVmvCJJvKkw" }),
        json!({ "typ": "Refresh" }),
        json!({ "typ": "Logout", "events": { "http://schemas.openid.net/event/backchannel-logout": {} } }),
    ] {
        shop.expect(401, "GET", "/orders", &realm.token(&other)?)?;
    }
    // Before version 25, Keycloak wrote the `nonce` into access tokens too.
    shop.expect(200, "GET", "/orders", &realm.token(&json!({ "nonce": "n-0S6_WzA2Mj" }))?)?;

    println!("5. another issuer's tokens are refused, even with this realm's `iss`");
    shop.expect(401, "GET", "/orders", &stranger.token(&json!({}))?)?;
    shop.expect(401, "GET", "/orders", &stranger.token(&json!({ "iss": realm.url }))?)?;

    println!("6. the realm rotates its key, and every user stays logged in");
    thread::sleep(BETWEEN_FETCHES);
    realm.rotate()?;
    shop.expect(
        200,
        "GET",
        "/orders",
        &realm.token(&json!({ "preferred_username": "ada with the new key" }))?,
    )?;
    shop.expect(200, "GET", "/orders", &ada)
}

const BETWEEN_FETCHES: Duration = Duration::from_secs(1);

/// The client of the resource server.
struct Shop {
    address: SocketAddr,
    http: Agent,
}

impl Shop {
    /// Calls, and calls again while the answer is 503: a guard does not wait for a key that is on its way.
    fn expect(&self, status: u16, method: &str, path: &str, token: &str) -> Outcome<()> {
        for attempt in 1..=100 {
            let request = ureq::http::Request::builder()
                .method(method)
                .uri(format!("http://{}{path}", self.address))
                .header("authorization", format!("Bearer {token}"))
                .body(())?;
            let mut response = self.http.run(request)?;
            let got = response.status().as_u16();
            if got == 503 {
                println!("   503: the key may be on its way, attempt {attempt}");
                thread::sleep(Duration::from_millis(50));
                continue;
            }
            println!("   {got}: {}", response.body_mut().read_to_string()?);
            return if got == status { Ok(()) } else { Err(format!("{status} was expected").into()) };
        }
        Err("the key never arrived".into())
    }
}

fn agent() -> Agent {
    Agent::config_builder().http_status_as_error(false).build().into()
}
