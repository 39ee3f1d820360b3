//! Answers that are lost after the server has done its work.

use std::time::Duration;

use gatevault_servers::{PostgresServer, RedisServer};
use gatevault_store_tests::{Fixture, is_revoked};
use tokio::time::sleep;

use crate::behind_proxy::{Behind, Server, refresh_with_retries};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rotation_whose_answer_is_lost_is_not_taken_for_reuse_in_redis() {
    a_rotation_whose_answer_is_lost_is_not_taken_for_reuse::<RedisServer>().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rotation_whose_answer_is_lost_is_not_taken_for_reuse_in_postgres() {
    a_rotation_whose_answer_is_lost_is_not_taken_for_reuse::<PostgresServer>().await;
}

async fn a_rotation_whose_answer_is_lost_is_not_taken_for_reuse<S: Server>() {
    let behind = Behind::<S>::proxy().await;
    let fixture = Fixture::over(&behind.store);
    let elsewhere = fixture.beside(&behind.direct);
    let user = fixture.add(1);
    let mut pair = fixture.login(&user).await;
    for _ in 0..5 {
        behind.proxy.lose_next_answer();
        let _lost = fixture.refresh(&pair).await;
        let next = refresh_with_retries(&fixture, &pair).await.unwrap();
        // There is one successor, through the proxy and without it.
        assert_eq!(elsewhere.refresh(&pair).await.unwrap().refresh_token, next.refresh_token);
        pair = next;
    }
    assert_eq!(elsewhere.oauth.async_sessions(user).await.unwrap().len(), 1);
    behind.proxy.lose_next_answer();
    let _lost = fixture.oauth.async_logout(pair.refresh_token.as_str()).await;
    sleep(Duration::from_millis(300)).await;
    fixture.oauth.async_logout(pair.refresh_token.as_str()).await.unwrap();
    assert!(is_revoked(&elsewhere.refresh(&pair).await));
}
