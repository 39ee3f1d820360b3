//! Two nodes of a service change the key they sign with, one after the other, and nobody is logged out:
//!
//!     cargo run -p key-rotation
//!
//! Each step is made on every node before the next one begins. At any moment each node accepts what the other signs.
#![expect(clippy::print_stdout, reason = "a program for a terminal")]

use std::error::Error;

use gatevault::testing::ManualClock;
use gatevault::{GateVault, GuardError, KeyRing, Payload, SigningKey, TokenManager, protected};

type Outcome<T> = Result<T, Box<dyn Error>>;

/// One process of the service. In production each reads the keys from where secrets are kept.
struct Node {
    name: &'static str,
    keys: KeyRing,
    tokens: TokenManager,
    gate: GateVault,
}

impl Node {
    /// The clock is moved by hand, so that the story does not take a week.
    fn new(name: &'static str, key: SigningKey, clock: &ManualClock) -> Outcome<Self> {
        let keys = KeyRing::new(key);
        let tokens = TokenManager::builder().key_ring(keys.clone()).clock(clock.clone()).build()?;
        Ok(Self { name, keys, gate: GateVault::new(tokens.clone()), tokens })
    }

    #[protected(gate = self.gate)]
    fn orders(&self, payload: Payload) -> Result<String, GuardError> {
        Ok(format!("the orders of {}", payload.user_id()))
    }
}

fn main() -> Outcome<()> {
    let clock = ManualClock::default();
    let nodes = [Node::new("north", november()?, &clock)?, Node::new("south", november()?, &clock)?];
    // A session that began before anything changed, and will be refreshed when everything has.
    let [north, _] = &nodes;
    let refresh = north.tokens.create_refresh_token(&Payload::new(42))?;

    println!("1. announce: every node verifies with the new key, and none signs with it");
    for node in &nodes {
        node.keys.add(december()?)?;
        everybody_accepts_everybody(&nodes)?;
    }

    println!("2. promote: node by node, the new key signs");
    for node in &nodes {
        node.keys.promote("2026-12")?;
        everybody_accepts_everybody(&nodes)?;
    }
    // Whoever verifies our tokens elsewhere finds both keys here: serve it as /.well-known/jwks.json.
    println!("   published: {}", north.keys.public_keys().to_json());

    println!("3. retire: the old key verifies until its last token has expired");
    for node in &nodes {
        node.tokens.retire_key("2026-11")?;
        everybody_accepts_everybody(&nodes)?;
    }
    for node in &nodes {
        node.tokens.decode_refresh_token::<Payload>(&refresh)?;
        println!("   {}: a refresh token of the old key still works", node.name);
    }

    clock.advance(north.tokens.refresh_expiry());
    let stolen = TokenManager::builder().key(november()?).clock(clock).build()?;
    let forged = stolen.create_access_token(&Payload::new(1))?;
    for node in &nodes {
        let denial = node.orders(&forged).err().ok_or("the old key still opens doors")?;
        println!("4. {}: a week later the old key opens nothing: {denial}", node.name);
        node.keys.remove("2026-11")?;
    }
    everybody_accepts_everybody(&nodes)
}

/// A token of each node opens the guarded function of each.
fn everybody_accepts_everybody(nodes: &[Node]) -> Outcome<()> {
    for signer in nodes {
        let access = signer.tokens.create_access_token(&Payload::new(42))?;
        for verifier in nodes {
            verifier.orders(&access)?;
        }
    }
    println!("   every node accepts the tokens of every node");
    Ok(())
}

/// The keys of this example, made by `openssl genpkey -algorithm ed25519`. Yours are kept where no one reads them.
fn november() -> Outcome<SigningKey> {
    Ok(SigningKey::eddsa(include_str!("2026-11.pem"))?.with_id("2026-11")?)
}

fn december() -> Outcome<SigningKey> {
    Ok(SigningKey::eddsa(include_str!("2026-12.pem"))?.with_id("2026-12")?)
}
