//! Step-ups beside other operations on the same session: there is one current token, and no session comes back.

use gatevault::session::{ActiveSession, RevokeTarget, RotationOutcome, SessionDetails};
use gatevault_store_tests::Backend;
use tokio::task::JoinSet;

use crate::direct::{Node, sessions_in};

over_every_store!(
    of_parallel_step_ups_the_last_one_holds,
    a_refresh_beside_a_step_up_ends_with_the_new_authentication,
    a_revocation_beside_step_ups_and_refreshes_is_final,
    of_parallel_step_ups_under_another_stamp_one_reports_it,
);

const ROUNDS: usize = 40;

async fn open(node: &Node, id: &str) {
    node.open(node.session(id, 1, SessionDetails::new(node.at(-600)))).await;
}

fn class_of(active: &ActiveSession) -> Option<&str> {
    active.details.acr.as_deref()
}

async fn of_parallel_step_ups_the_last_one_holds(backend: &Backend) {
    let node = Node::over(backend);
    for round in 0..ROUNDS {
        let id = format!("s{round}");
        open(&node, &id).await;
        let mut working = JoinSet::new();
        for number in 0..8 {
            let (node, id) = (node.clone(), id.clone());
            working.spawn(async move { node.step_up(&id, &format!("t{number}")).await });
        }
        let mut tokens = Vec::new();
        for outcome in working.join_all().await {
            let RotationOutcome::Rotated(active) = outcome else { panic!("{outcome:?}") };
            assert_eq!(class_of(&active), Some(&*format!("class of {}", active.ticket.id)));
            tokens.push(active.ticket.id);
        }
        let found = node.find(&id).await.unwrap();
        assert!(tokens.contains(&found.ticket.id));
        assert_eq!(found.details.acr, Some(format!("class of {}", found.ticket.id)), "written in one step");
        let next = node.rotate(&id, &found.ticket.id, "next").await;
        assert!(matches!(next, RotationOutcome::Rotated(_)), "{next:?}");
        // All others are older than the previous one.
        let other = tokens.into_iter().find(|token| *token != found.ticket.id).unwrap();
        assert_eq!(node.rotate(&id, &other, "other").await, RotationOutcome::Reused);
    }
}

async fn a_refresh_beside_a_step_up_ends_with_the_new_authentication(backend: &Backend) {
    let node = Node::over(backend);
    for round in 0..ROUNDS {
        let (id, first) = (format!("s{round}"), format!("s{round}-1"));
        open(&node, &id).await;
        let (refreshing, stepping) = (node.clone(), node.clone());
        let (sid, other) = (id.clone(), id.clone());
        let refresh = tokio::spawn(async move { refreshing.rotate(&sid, &first, "refreshed").await });
        let step_up = tokio::spawn(async move { stepping.step_up(&other, "stepped").await });
        let (refreshed, stepped) = (refresh.await.unwrap(), step_up.await.unwrap());
        let RotationOutcome::Rotated(stepped) = stepped else { panic!("{stepped:?}") };
        match refreshed {
            RotationOutcome::Current(active) => assert_eq!(active, stepped),
            RotationOutcome::Rotated(active) => {
                assert_eq!((active.ticket.id.as_str(), class_of(&active)), ("refreshed", None));
                let again = node.rotate(&id, "refreshed", "other").await;
                assert_eq!(again, RotationOutcome::Current(stepped.clone()));
            }
            outcome => panic!("{outcome:?}"),
        }
        let found = node.find(&id).await.unwrap();
        assert_eq!((found.ticket, found.details), (stepped.ticket, stepped.details));
    }
}

async fn a_revocation_beside_step_ups_and_refreshes_is_final(backend: &Backend) {
    let node = Node::over(backend);
    for round in 0..ROUNDS {
        let (id, first) = (format!("s{round:03}"), format!("s{round:03}-1"));
        open(&node, &id).await;
        let mut working = JoinSet::new();
        for number in 0..6 {
            let (node, id, first) = (node.clone(), id.clone(), first.clone());
            working.spawn(async move {
                match number {
                    0 => drop(node.revoke(None, 1, RevokeTarget::Logins).await),
                    1 | 2 => drop(node.rotate(&id, &first, &format!("refreshed {number}")).await),
                    _ => drop(node.step_up(&id, &format!("stepped {number}")).await),
                }
            });
        }
        working.join_all().await;
        assert_eq!(node.find(&id).await, None);
        assert!(node.ids(1).await.is_empty());
        assert_eq!(node.step_up(&id, "late").await, RotationOutcome::Revoked);
        for token in [&*first, "refreshed 1", "refreshed 2", "stepped 3", "stepped 4", "stepped 5", "late"] {
            assert_eq!(node.rotate(&id, token, "later").await, RotationOutcome::Revoked, "{token}");
        }
        let revoked = sessions_in(node.since(0).await);
        assert_eq!(revoked.len(), round + 1, "each once: {revoked:?}");
    }
}

async fn of_parallel_step_ups_under_another_stamp_one_reports_it(backend: &Backend) {
    let node = Node::over(backend);
    for round in 0..10 {
        let id = format!("s{round}");
        open(&node, &id).await;
        let mut working = JoinSet::new();
        for number in 0..8 {
            let mut request = node.step_up_to(&id, 1, &format!("t{number}"));
            "changed".clone_into(&mut request.security_stamp);
            let node = node.clone();
            working.spawn(async move { node.store.step_up(request).await.unwrap() });
        }
        let outcomes = working.join_all().await;
        let outdated = outcomes.iter().filter(|outcome| **outcome == RotationOutcome::Outdated).count();
        let revoked = outcomes.iter().filter(|outcome| **outcome == RotationOutcome::Revoked).count();
        assert_eq!((outdated, revoked), (1, 7), "{outcomes:?}");
        assert_eq!(node.find(&id).await, None);
    }
}
