//! Transactions that PostgreSQL undoes because of another one. The store retries, and its caller sees no error.

use gatevault::StoreError;
use gatevault::session::{RevokeTarget, RotationOutcome};
use sqlx::{Postgres, Transaction, raw_sql};

use crate::ends_node::{Database, Node};
use crate::notified::until;

/// At levels at which a statement fails if another has changed the row that it waits for.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_whose_statement_the_server_refuses_because_of_a_change_succeeds() {
    let database = Database::start().await;
    for level in ["repeatable read", "serializable"] {
        raw_sql("DELETE FROM gatevault_sessions; DELETE FROM gatevault_spent_tokens")
            .execute(&database.pool)
            .await
            .unwrap();
        let node = database.node_with(("default_transaction_isolation", level)).await;
        node.open(node.login("s", "ada", 0)).await.unwrap();
        node.record_token("first").await.unwrap();
        let failed = [
            during_a_change(&database, SESSIONS, rotate(node.clone())).await,
            during_a_change(&database, SESSIONS, step_up(node.clone())).await,
            during_a_change(&database, SPENT, spend(node.clone())).await,
            during_a_change(&database, NUMBER, record(node.clone())).await,
            during_a_change(&database, NUMBER, open_above_the_limit(node.clone())).await,
            during_a_change(&database, SESSIONS, revoke(node.clone())).await,
        ];
        let failed: Vec<_> = failed.into_iter().filter_map(Result::err).collect();
        assert!(failed.is_empty(), "{level}: {failed:?}");
    }
}

const SESSIONS: &str = "UPDATE gatevault_sessions SET label = 'changed'";
const SPENT: &str = "INSERT INTO gatevault_spent_tokens VALUES ('token', 9000000000)";
const NUMBER: &str = "UPDATE gatevault_session_ends SET last_position = last_position + 1";

async fn rotate(node: Node) -> Result<(), StoreError> {
    let outcome = node.rotate("s", 1).await?;
    assert!(matches!(outcome, RotationOutcome::Rotated(_)), "{outcome:?}");
    Ok(())
}

async fn step_up(node: Node) -> Result<(), StoreError> {
    let outcome = node.step_up("s", "ada", 3).await?;
    assert!(matches!(outcome, RotationOutcome::Rotated(_)), "{outcome:?}");
    Ok(())
}

async fn spend(node: Node) -> Result<(), StoreError> {
    assert!(!node.spend("token").await?, "the other transaction has spent it");
    Ok(())
}

async fn record(node: Node) -> Result<(), StoreError> {
    node.record_token("second").await
}

async fn open_above_the_limit(node: Node) -> Result<(), StoreError> {
    assert_eq!(node.open(node.login("t", "ada", 1)).await?, ["s"]);
    Ok(())
}

async fn revoke(node: Node) -> Result<(), StoreError> {
    assert_eq!(node.revoke("ada", RevokeTarget::All).await?, ["t"]);
    Ok(())
}

/// Returns the outcome of a call that waits for a row until another transaction has changed it.
async fn during_a_change(
    database: &Database,
    change: &'static str,
    call: impl Future<Output = Result<(), StoreError>> + Send + 'static,
) -> Result<(), StoreError> {
    let other = run_in_a_transaction(database, change).await;
    let call = tokio::spawn(call);
    assert!(until(|| async { database.waiting().await == 1 }).await, "{change}");
    other.commit().await.unwrap();
    call.await.unwrap()
}

/// The store locks the number, the session that ends, and the one that stays, in this order. The other transaction has the last
/// of them and waits for the number, before the store waits for it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_whose_transaction_the_server_undoes_because_of_a_deadlock_succeeds() {
    let database = Database::start().await;
    // The server looks for a deadlock only once while a transaction waits: after this time.
    let node = database.node_with(("deadlock_timeout", "100ms")).await;
    for id in ["ended", "kept"] {
        node.open(node.login(id, "ada", 0)).await.unwrap();
    }
    node.record_token("first").await.unwrap();
    let lock = "SELECT FROM gatevault_sessions WHERE id = 'ended' FOR UPDATE";
    let first = run_in_a_transaction(&database, lock).await;
    let lock =
        "SET LOCAL deadlock_timeout = '1h'; SELECT FROM gatevault_sessions WHERE id = 'kept' FOR UPDATE";
    let mut other = run_in_a_transaction(&database, lock).await;
    let target = RevokeTarget::Others { kept: "kept".to_owned(), security_stamp: "new".to_owned() };
    let call = tokio::spawn(async move { node.revoke("ada", target).await });
    assert!(until(|| async { database.waiting().await == 1 }).await);
    let locking = tokio::spawn(async move {
        raw_sql("SELECT FROM gatevault_session_ends FOR UPDATE").execute(&mut *other).await.unwrap();
        other
    });
    assert!(until(|| async { database.waiting().await == 2 }).await);
    first.commit().await.unwrap();
    // The store cannot commit without the session that stays. So the number is free because the server has undone its transaction.
    let other = locking.await.unwrap();
    other.commit().await.unwrap();
    assert_eq!(call.await.unwrap().unwrap(), ["ended"]);
    let left = "SELECT id, stamp FROM gatevault_sessions WHERE ended_at IS NULL";
    let left: Vec<(String, String)> = sqlx::query_as(left).fetch_all(&database.pool).await.unwrap();
    assert_eq!(left, [("kept".to_owned(), "new".to_owned())]);
}

async fn run_in_a_transaction(
    database: &Database,
    statements: &'static str,
) -> Transaction<'static, Postgres> {
    let mut transaction = database.pool.begin().await.unwrap();
    raw_sql(statements).execute(&mut *transaction).await.unwrap();
    transaction
}
