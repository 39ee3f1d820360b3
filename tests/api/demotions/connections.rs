//! Connections that the former role has opened end, and those of the next token stay.

use std::time::Duration;

use gatevault::token::{Invalidated, Purpose};
use gatevault::{MemorySessions, Payload, Verified};
use gatevault_tests::Waiting;

use super::{Node, users};

const TICKET: Purpose = Purpose::new("socket-ticket", Duration::from_secs(30)).once();

fn caller(node: &Node, access: &str) -> Verified<Payload> {
    node.tokens.decode_access_token(access).unwrap()
}

/// Returns the connections of a token: until it expires, until its session ends, and with a ticket.
fn connect(node: &Node, access: &str) -> [Waiting; 3] {
    let caller = caller(node, access);
    let ticket = node.tokens.create_purpose_token(&TICKET, &caller, "").unwrap();
    let redeemed = node.oauth.redeem_purpose_token(&TICKET, &ticket, "").unwrap();
    let tokens = &node.tokens;
    let futures = [
        tokens.invalidated(&caller),
        tokens.invalidated(&caller).ignoring_expiry(),
        tokens.invalidated_purpose(&redeemed),
    ];
    futures.map(|future| {
        let mut waiting = Waiting::new(future);
        assert_eq!(waiting.poll(), None);
        waiting
    })
}

#[test]
fn a_demotion_ends_the_connections_of_before_and_none_of_the_next_token() {
    let (store, users) = (MemorySessions::new(), users());
    let [here, there] = [(); 2].map(|()| Node::over(&store, &users));
    let _feed = there.follow();
    let pair = here.login();
    let (nearby, far) = (connect(&here, &pair.access_token), connect(&there, &pair.access_token));
    let former = caller(&here, &pair.access_token);
    here.demote();
    for mut waiting in nearby.into_iter().chain(far) {
        assert_eq!(waiting.wait(), Invalidated::Revoked);
    }
    let mut late = Waiting::new(here.tokens.invalidated(&former).ignoring_expiry());
    assert_eq!(late.poll(), Some(Invalidated::Revoked), "a token that was verified before");

    let next = here.refresh(&pair);
    let mut open: Vec<_> =
        [&here, &there].into_iter().flat_map(|node| connect(node, &next.access_token)).collect();
    here.tokens.revoke_user(None, &2.into(), gatevault::Clock::now(&here.clock)).unwrap();
    for waiting in &mut open {
        assert_eq!((waiting.poll(), waiting.woken()), (None, 0));
    }
    there.oauth.revoke_access_tokens(1).unwrap();
    for mut waiting in open.into_iter().skip(3) {
        assert_eq!(waiting.wait(), Invalidated::Revoked, "the next demotion");
    }
}

/// A handler that began before the demotion, and is slow.
#[test]
fn a_ticket_for_a_caller_who_was_verified_before_the_demotion_opens_no_connection() {
    let node = Node::over(&MemorySessions::new(), &users());
    let pair = node.login();
    let caller = node.tokens.decode_access_token::<Payload>(&pair.access_token).unwrap();
    node.demote();
    for wait in [0, 60] {
        node.clock.advance(Duration::from_secs(wait));
        let ticket = node.tokens.create_purpose_token(&TICKET, &caller, "").unwrap();
        let redeemed = node.oauth.redeem_purpose_token(&TICKET, &ticket, "").unwrap();
        let mut waiting = Waiting::new(node.tokens.invalidated_purpose(&redeemed));
        assert!(waiting.poll().is_some(), "{wait}");
    }
}
