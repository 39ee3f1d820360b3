//! Demotions on nodes whose clocks differ, and two of one user in one second.

use std::time::Duration;

use gatevault::{Clock as _, MemorySessions};

use super::{Node, set_role, users, wait_until_refused};

const APART: Duration = Duration::from_secs(20);

/// Returns a slow and a fast node over one store, and the other way round.
fn both_directions(check: impl Fn(&Node, &Node, &super::Users)) {
    for ahead in [0, 1] {
        let (store, users) = (MemorySessions::new(), users());
        let nodes = [(); 2].map(|()| Node::over(&store, &users));
        nodes[ahead].clock.advance(APART);
        check(&nodes[0], &nodes[1], &users);
    }
}

#[test]
fn no_former_token_survives_and_each_next_one_opens_everywhere_though_the_clocks_differ() {
    both_directions(|here, there, users| {
        let _feeds = [here.follow(), there.follow()];
        let former = [here.login(), there.login()];
        set_role(users, "member");
        here.demote();
        for pair in &former {
            assert_eq!(here.role(&pair.access_token), None);
            wait_until_refused(&there.tokens, &pair.access_token);
        }
        for (pair, node) in former.iter().zip([here, there]) {
            let next = node.refresh(pair);
            for guard in [here, there] {
                assert_eq!(guard.role(&next.access_token).as_deref(), Some("member"));
            }
        }
    });
}

/// The node has not learned of the first demotion, and its clock may be behind: only the store knows the later time.
#[test]
fn a_second_demotion_refuses_what_was_created_between_the_two() {
    both_directions(|here, there, users| {
        let _feed = here.follow();
        let admin = here.login();
        set_role(users, "editor");
        here.demote();
        let editor = here.refresh(&admin);
        assert_eq!(here.role(&editor.access_token).as_deref(), Some("editor"));
        set_role(users, "member");
        there.demote();
        assert_eq!(there.role(&editor.access_token), None);
        wait_until_refused(&here.tokens, &editor.access_token);
        let member = here.refresh(&editor);
        for guard in [here, there] {
            assert_eq!(guard.role(&member.access_token).as_deref(), Some("member"));
        }
    });
}

#[test]
fn demotions_of_one_process_in_one_second_each_refuse_what_was_created_before() {
    let (store, users) = (MemorySessions::new(), users());
    let node = Node::over(&store, &users);
    let mut pair = node.login();
    for round in 0..5 {
        if round % 2 == 0 {
            node.demote();
        } else {
            let now = gatevault::Clock::now(&node.clock);
            node.tokens.revoke_access_tokens(None, &1.into(), now).unwrap();
        }
        assert_eq!(node.role(&pair.access_token), None, "{round}");
        pair = node.refresh(&pair);
        assert!(node.role(&pair.access_token).is_some(), "{round}");
    }
}

#[test]
fn the_token_of_a_node_that_has_not_learned_of_it_is_refused_and_the_next_refresh_opens() {
    let (store, users) = (MemorySessions::new(), users());
    let [here, late] = [(); 2].map(|()| Node::over(&store, &users));
    let admin = here.login();
    set_role(&users, "member");
    here.demote();
    let unknowing = late.refresh(&admin);
    assert_eq!(here.role(&unknowing.access_token), None, "its role may be of before");
    let _feed = late.follow();
    wait_until_refused(&late.tokens, &unknowing.access_token);
    let next = late.refresh(&unknowing);
    assert_eq!(here.role(&next.access_token).as_deref(), Some("member"));
}

#[test]
fn a_node_that_starts_later_refuses_the_former_role_and_accepts_the_next() {
    let (store, users) = (MemorySessions::new(), users());
    let here = Node::over(&store, &users);
    let admin = here.login();
    here.demote();
    let next = here.refresh(&admin);
    let later = Node::over(&store, &users);
    let _feed = later.follow();
    wait_until_refused(&later.tokens, &admin.access_token);
    assert!(later.role(&next.access_token).is_some());
}

/// A time in the future is no time at which claims were read.
#[test]
fn a_time_in_the_future_does_not_excuse_what_is_created_until_then() {
    let (store, users) = (MemorySessions::new(), users());
    let [here, there] = [(); 2].map(|()| Node::over(&store, &users));
    let _feed = here.follow();
    for ahead in [1, 3600, u64::from(u32::MAX) * 100] {
        let pair = here.login();
        let until = here.clock.now() + Duration::from_secs(ahead);
        here.tokens.revoke_access_tokens(None, &1.into(), until).unwrap();
        assert_eq!(here.role(&pair.access_token), None);
        let between = here.refresh(&pair);
        assert!(here.role(&between.access_token).is_some() && there.role(&between.access_token).is_some());
        for clock in [&here.clock, &there.clock] {
            clock.advance(Duration::from_secs(5));
        }
        there.demote();
        assert_eq!(there.role(&between.access_token), None, "{ahead}");
        wait_until_refused(&here.tokens, &between.access_token);
    }
}

#[test]
fn a_node_with_a_wide_clock_skew_finds_the_demotion_of_a_node_that_is_so_far_ahead() {
    const HOUR: Duration = Duration::from_hours(1);
    for behind in [0, 1] {
        let (store, users) = (MemorySessions::new(), users());
        let nodes = [(); 2].map(|()| Node::with(&store, &users, |builder| builder.clock_skew(HOUR)));
        let (here, there) = (&nodes[0], &nodes[1]);
        nodes[behind].clock.advance(HOUR);
        let admin = here.login();
        set_role(&users, "editor");
        here.demote();
        let editor = here.refresh(&admin);
        set_role(&users, "member");
        there.demote();
        assert_eq!(there.role(&editor.access_token), None, "{behind}");
        let _feed = here.follow();
        wait_until_refused(&here.tokens, &editor.access_token);
    }
}

#[test]
fn at_the_limit_of_the_clock_skew_no_former_token_survives() {
    for seconds in [29, 30] {
        for ahead in [0, 1] {
            let (store, users) = (MemorySessions::new(), users());
            let nodes = [(); 2].map(|()| Node::over(&store, &users));
            nodes[ahead].clock.advance(Duration::from_secs(seconds));
            let [here, there] = &nodes;
            let _feeds = [here.follow(), there.follow()];
            let former = [here.login(), there.login()];
            set_role(&users, "member");
            here.demote();
            for pair in &former {
                for node in &nodes {
                    wait_until_refused(&node.tokens, &pair.access_token);
                }
            }
            for second in 0..=960 {
                for pair in &former {
                    for node in &nodes {
                        assert_eq!(node.role(&pair.access_token), None, "{second}");
                    }
                }
                for node in &nodes {
                    node.clock.advance(Duration::from_secs(1));
                }
                if second % 37 == 0 {
                    for node in &nodes {
                        node.tokens.revoke_session(None, &format!("{second}")).unwrap();
                    }
                }
            }
        }
    }
}
