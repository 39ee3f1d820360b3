//! Two nodes of a service change their signing key, one after the other, while every user stays logged in:
//!
//!     cargo run -p key-rotation
//!
//! Each step is done on every node before the next one begins. At any time each node accepts the other's tokens.
#![expect(clippy::print_stdout, reason = "a program for a terminal")]

use std::error::Error;

use gatevault::testing::ManualClock;
use gatevault::{GateVault, GuardError, KeyRing, Payload, SigningKey, TokenManager, protected};

type Outcome<T> = Result<T, Box<dyn Error>>;

/// One process of the service. In production each reads its keys from the configuration.
struct Node {
    name: &'static str,
    keys: KeyRing,
    tokens: TokenManager,
    gate: GateVault,
}

impl Node {
    /// Creates a node. The clock is moved by hand, so that the scenario does not take a week.
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
    // A refresh token from before the rotation, used again after it.
    let [north, _] = &nodes;
    let refresh = north.tokens.create_refresh_token(&Payload::new(42))?;

    println!("1. announce: every node verifies with the new key, and none signs with it");
    for node in &nodes {
        node.keys.add(december()?)?;
        every_node_accepts_every_token(&nodes)?;
    }

    println!("2. promote: node by node, the new key signs");
    for node in &nodes {
        node.keys.promote("2026-12")?;
        every_node_accepts_every_token(&nodes)?;
    }
    // Other services verify our tokens with both keys: serve them as /.well-known/jwks.json.
    println!("   published: {:?}", published(north));

    println!("3. retire: the old key verifies, and is published, until its last token has expired");
    for node in &nodes {
        node.tokens.retire_key("2026-11")?;
        every_node_accepts_every_token(&nodes)?;
    }
    for node in &nodes {
        node.tokens.decode_refresh_token::<Payload>(&refresh)?;
        println!(
            "   {}: a refresh token of the old key still works, published: {:?}",
            node.name,
            published(node)
        );
        expect(node, &["2026-12", "2026-11"])?;
    }

    clock.advance(north.tokens.refresh_expiry());
    let stolen = TokenManager::builder().key(november()?).clock(clock).build()?;
    let forged = stolen.create_access_token(&Payload::new(1))?;
    for node in &nodes {
        let denial = node.orders(&forged).err().ok_or("the old key was accepted")?;
        println!(
            "4. {}: a week later the old key is refused: {denial}; published: {:?}",
            node.name,
            published(node)
        );
        // Nothing is left to do: services that fetch the set refuse it too. A key that has leaked goes at once, before its
        // end, with `keys.remove(id)`.
        expect(node, &["2026-12"])?;
    }
    every_node_accepts_every_token(&nodes)
}

/// Returns the ids of the keys that the node publishes.
fn published(node: &Node) -> Vec<String> {
    node.keys.public_keys().keys().iter().filter_map(|key| key.id().map(str::to_owned)).collect()
}

/// Checks which keys the node publishes.
fn expect(node: &Node, ids: &[&str]) -> Outcome<()> {
    if published(node) == ids {
        Ok(())
    } else {
        Err(format!("{} does not publish {ids:?}", node.name).into())
    }
}

/// Checks that each node's token opens the guarded function of every node.
fn every_node_accepts_every_token(nodes: &[Node]) -> Outcome<()> {
    for signer in nodes {
        let access = signer.tokens.create_access_token(&Payload::new(42))?;
        for verifier in nodes {
            verifier.orders(&access)?;
        }
    }
    println!("   every node accepts the tokens of every node");
    Ok(())
}

/// The keys of this example, made by `openssl genpkey -algorithm ed25519`. Never commit a key of your own.
fn november() -> Outcome<SigningKey> {
    Ok(SigningKey::eddsa(include_str!("2026-11.pem"))?.with_id("2026-11")?)
}

fn december() -> Outcome<SigningKey> {
    Ok(SigningKey::eddsa(include_str!("2026-12.pem"))?.with_id("2026-12")?)
}
