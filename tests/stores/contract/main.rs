//! The contract of session stores: each test runs over memory, SQLite, PostgreSQL, PostgreSQL behind a
//! pooler, and Redis; those of the main operations also over PostgreSQL with partitions.
#![expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that panics is a test that fails"
)]

/// Makes each function, which takes a backend, a test over every store.
macro_rules! over_every_store {
    ($($test:ident),+ $(,)?) => {
        over_every_store!(@ memory, sqlite, postgres, pooled, redis; [$($test)+]);
    };
    (@ $($store:ident),+; $tests:tt) => {
        $(over_every_store!(% $store $tests);)+
    };
    (% $store:ident [$($test:ident)+]) => {
        mod $store {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() {
                let backend = gatevault_store_tests::Backend::$store().await;
                super::$test(&backend).await;
            })+
        }
    };
}

mod backlog;
mod bursts;
mod cleaning;
mod clocks;
mod demoting;
mod details;
mod direct;
mod dropping;
mod ended;
mod exchanging;
mod feed;
mod finding;
mod idle;
mod keys;
mod limits;
mod logging_out;
mod pools;
mod purpose;
mod racing;
mod recording;
mod redis_rows;
mod remembering;
mod removed;
mod revoking;
mod rotation;
mod scopes;
mod spending;
mod stepping_up;
mod stepping_up_racing;
mod throttling;
mod throttling_accounts;
mod users;
