//! A table of sessions in partitions, in PostgreSQL. The contract of stores runs over one as well.

use gatevault::PostgresSessions;
use gatevault_store_tests::partitions;
use sqlx::postgres::PgPool;
use sqlx::raw_sql;

use crate::ends_node::{Database, LONG};
use crate::notified::until;

/// The names, types, collations and conditions of the columns.
const COLUMNS: &str = "SELECT concat_ws(' ', column_name, data_type, collation_name, is_nullable, generation_expression) \
     FROM information_schema.columns WHERE table_name = 'gatevault_sessions' ORDER BY 1";
const INDEXES: &str = "SELECT replace(indexdef, ' ON ONLY ', ' ON ') FROM pg_indexes \
     WHERE tablename = 'gatevault_sessions' ORDER BY 1";

async fn rows(pool: &PgPool, query: &'static str) -> Vec<String> {
    sqlx::query_scalar(query).fetch_all(pool).await.unwrap()
}

async fn partitioned() -> Database {
    let database = Database::start().await;
    raw_sql(partitions()).execute(&database.pool).await.unwrap();
    for _ in 0..2 {
        PostgresSessions::new(database.pool.clone()).unwrap().migrate().await.unwrap();
    }
    database
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_partitioned_table_of_the_guide_has_the_columns_and_indexes_of_the_migration() {
    let (plain, partitioned) = (Database::start().await, partitioned().await);
    for query in [COLUMNS, INDEXES] {
        let expected = rows(&plain.pool, query).await;
        assert!(expected.len() >= 3, "{expected:?}");
        assert_eq!(rows(&partitioned.pool, query).await, expected);
    }
    let of_each = "SELECT count(*) FROM pg_index JOIN pg_inherits ON inhrelid = indrelid \
                   WHERE inhparent = 'gatevault_sessions'::regclass AND indisvalid";
    assert_eq!(partitioned.count(of_each).await, 4 * 3);
    let fill_factors = "SELECT count(*) FROM pg_class JOIN pg_inherits ON inhrelid = pg_class.oid \
                        WHERE inhparent = 'gatevault_sessions'::regclass AND reloptions = '{fillfactor=80}'";
    assert_eq!(partitioned.count(fill_factors).await, 4);
}

/// As in a table without partitions.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rotation_writes_to_no_index_of_a_partition() {
    let database = partitioned().await;
    let node = database.node(1, LONG).await;
    for id in (0..40).map(|number| format!("session-{number}")) {
        node.open(node.login(&id, &id, 2)).await.unwrap();
        node.rotate(&id, 1).await.unwrap();
    }
    assert_eq!(database.count("SELECT count(DISTINCT tableoid) FROM gatevault_sessions").await, 4);
    // The server counts what a connection has changed when it is closed.
    drop(node);
    let updates =
        "SELECT SUM(n_tup_upd)::BIGINT FROM pg_stat_user_tables WHERE relname LIKE 'gatevault_sessions_%'";
    assert!(until(|| async { database.count(updates).await == 40 }).await);
    let hot = "SELECT SUM(n_tup_hot_upd)::BIGINT FROM pg_stat_user_tables WHERE relname LIKE 'gatevault_sessions_%'";
    assert_eq!(database.count(hot).await, 40);
}
