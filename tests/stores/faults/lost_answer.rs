//! The server has done what it was asked, and the answer is lost.

use std::time::Duration;

use gatevault_servers::{PostgresServer, RedisServer};
use gatevault_store_tests::{World, is_revoked};
use tokio::time::sleep;

use crate::behind_proxy::{Behind, Server, refresh_at_last};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rotation_whose_answer_is_lost_is_no_theft_in_redis() {
    a_rotation_whose_answer_is_lost_is_no_theft::<RedisServer>().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rotation_whose_answer_is_lost_is_no_theft_in_postgres() {
    a_rotation_whose_answer_is_lost_is_no_theft::<PostgresServer>().await;
}

async fn a_rotation_whose_answer_is_lost_is_no_theft<S: Server>() {
    let behind = Behind::<S>::proxy().await;
    let world = World::over(&behind.store);
    let elsewhere = world.beside(&behind.direct);
    let user = world.add(1);
    let mut pair = world.login(&user).await;
    for _ in 0..5 {
        behind.proxy.lose_next_answer();
        let _lost = world.refresh(&pair).await;
        let next = refresh_at_last(&world, &pair).await.unwrap();
        // Whichever way it is asked, there is one successor.
        assert_eq!(elsewhere.refresh(&pair).await.unwrap().refresh_token, next.refresh_token);
        pair = next;
    }
    assert_eq!(elsewhere.oauth.async_sessions(user).await.unwrap().len(), 1);
    behind.proxy.lose_next_answer();
    let _lost = world.oauth.async_logout(pair.refresh_token.as_str()).await;
    sleep(Duration::from_millis(300)).await;
    world.oauth.async_logout(pair.refresh_token.as_str()).await.unwrap();
    assert!(is_revoked(&elsewhere.refresh(&pair).await));
}
