//! Limits of mails: for each client, and for each recipient.

use std::net::IpAddr;

use sqlx::sqlite::SqlitePool;

/// Counts a request of a client. Returns whether it is within the limit.
pub(crate) async fn count_client(db: &SqlitePool, client: IpAddr) -> Result<bool, sqlx::Error> {
    count(db, &format!("from {}", network(client)), 20).await
}

/// Counts a mail to a recipient. Returns whether it is within the limit, which does not depend on whether there is an account.
///
/// A stranger who uses the limit up does not keep the owner out: the links that the owner has got are valid.
pub(crate) async fn count_recipient(db: &SqlitePool, address: &str) -> Result<bool, sqlx::Error> {
    count(db, &format!("to {address}"), 5).await
}

/// Counts one more in this hour, unless `limit` is reached. One statement decides, so requests at the same time count exactly.
async fn count(db: &SqlitePool, counted: &str, limit: i64) -> Result<bool, sqlx::Error> {
    sqlx::query("DELETE FROM mail_counts WHERE hour < unixepoch() / 3600").execute(db).await?;
    let query = "INSERT INTO mail_counts (counted, hour, mails) VALUES (?, unixepoch() / 3600, 1)
        ON CONFLICT DO UPDATE SET mails = mails + 1 WHERE mails < ?";
    Ok(sqlx::query(query).bind(counted).bind(limit).execute(db).await?.rows_affected() == 1)
}

/// Returns the network of an address: a client with IPv6 has a /64 of its own.
fn network(client: IpAddr) -> IpAddr {
    match client.to_canonical() {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::from([a, b, c, d, 0, 0, 0, 0])
        }
        v4 @ IpAddr::V4(_) => v4,
    }
}
