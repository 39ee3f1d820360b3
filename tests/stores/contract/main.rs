//! What every session store must do: each test runs over memory, SQLite, PostgreSQL and Redis.
#![expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test that panics is a test that fails"
)]

/// Makes of each of the functions, which take a place, a test over every store.
macro_rules! over_every_store {
    ($($test:ident),+ $(,)?) => {
        over_every_store!(@ memory, sqlite, postgres, redis; [$($test)+]);
    };
    (@ $($store:ident),+; $tests:tt) => {
        $(over_every_store!(% $store $tests);)+
    };
    (% $store:ident [$($test:ident)+]) => {
        mod $store {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() {
                let place = gatevault_store_tests::Place::$store().await;
                super::$test(&place).await;
            })+
        }
    };
}

mod cleaning;
mod clocks;
mod dropping;
mod ending;
mod feed;
mod racing;
mod rotation;
mod throttling;
mod users;
