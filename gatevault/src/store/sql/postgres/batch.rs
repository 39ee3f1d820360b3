//! Requests that share a statement, and with it a revocation number.

use std::collections::{HashMap, VecDeque};

use serde_json::{Value, json};
use sqlx::Postgres;
use sqlx::postgres::PgRow;

use super::batch_statement::RUN_TOGETHER;
use crate::store::sql::dialect::{Parameter, ReadRow as _, unexpected};
use crate::store::sql::pool::SqlPool;
use crate::store::sql::revoking::{RevokingKind, RevokingRequest};
use crate::store::sql::transaction::run;

/// Removes the requests that can share a statement from those that wait, and returns them. The others keep their order.
pub(super) fn take_batch<T>(
    waiting: &mut VecDeque<T>,
    request_of: impl Fn(&T) -> &RevokingRequest,
) -> Vec<T> {
    let mut owners = Owners::default();
    let (mut batch, mut left) = (Vec::new(), VecDeque::new());
    let mut is_alone = false;
    let mut size = 0_usize;
    for item in waiting.drain(..) {
        let request = request_of(&item);
        let size_with = size.saturating_add(size_of(request));
        let is_next = if batch.is_empty() {
            opens_session(request.kind) || owners.admits(request)
        } else {
            let has_room = batch.len() < LARGEST_BATCH && size_with <= LARGEST_SIZE;
            !is_alone && !opens_session(request.kind) && has_room && owners.admits(request)
        };
        if is_next {
            is_alone = opens_session(request.kind);
            size = size_with;
            batch.push(item);
        } else {
            left.push_back(item);
        }
    }
    *waiting = left;
    batch
}

/// Returns the length of a request's strings in bytes.
fn size_of(request: &RevokingRequest) -> usize {
    let sizes = request.parameters.iter().map(|parameter| match parameter {
        Parameter::Text(Some(text)) => text.len(),
        _ => 0,
    });
    sizes.fold(0, usize::saturating_add)
}

/// Returns whether the request opens a session, or revokes logins above a limit. Its statement serves no other request.
pub(super) fn opens_session(kind: RevokingKind) -> bool {
    matches!(kind, RevokingKind::Open | RevokingKind::OpenAndRestamp | RevokingKind::Excess)
}

/// The owners of sessions that a batch concerns, and whether it writes the stamp of a session of theirs.
///
/// A statement must not update a row twice: `PostgreSQL` makes only one of the updates. A session that one request restamps
/// and another ends belongs to the owner that both name.
#[derive(Default)]
struct Owners(HashMap<(Parameter, Parameter), bool>);

impl Owners {
    fn admits(&mut self, request: &RevokingRequest) -> bool {
        let [user, _, _, _, pool] = request.parameters.as_slice() else {
            // The revocation of a token or a user.
            return true;
        };
        let restamps = request.kind == RevokingKind::Others;
        match self.0.insert((user.clone(), pool.clone()), restamps) {
            None => true,
            Some(false) if !restamps => true,
            Some(other) => {
                self.0.insert((user.clone(), pool.clone()), other);
                false
            }
        }
    }
}

/// Runs requests together and returns the rows of each. A single request runs its own statement.
pub(super) async fn run_batch(
    pool: &SqlPool<Postgres>,
    requests: &[&RevokingRequest],
) -> Result<Vec<Vec<PgRow>>, sqlx::Error> {
    if let [request] = requests {
        return Ok(vec![run(pool, request.script::<Postgres>(), &request.parameters).await?]);
    }
    let rows = run(pool, RUN_TOGETHER, &batch_parameters(requests)?).await?;
    let mut rows_of: Vec<Vec<PgRow>> = requests.iter().map(|_| Vec::new()).collect();
    for row in rows {
        let Some(number) = row.integer(NUMBER)? else { continue };
        let rows = usize::try_from(number).ok().and_then(|number| rows_of.get_mut(number));
        rows.ok_or_else(|| unexpected(NUMBER, "the number of a request"))?.push(row);
    }
    Ok(rows_of)
}

/// Writes the requests as the two parameters of the statement.
fn batch_parameters(requests: &[&RevokingRequest]) -> Result<[Parameter; 2], sqlx::Error> {
    let (mut ends, mut revocations) = (Vec::new(), Vec::new());
    for (number, request) in requests.iter().enumerate() {
        let values: Vec<_> = request.parameters.iter().map(Value::from).collect();
        match values.as_slice() {
            [user_id, session, stamp, _, pool] => ends.push(json!({
                "number": number, "target": target(request.kind), "user_id": user_id, "pool": pool, "session": session, "stamp": stamp,
            })),
            [kind, issuer, pool, id, until, _] => revocations.push(json!({
                "kind": kind, "issuer": issuer, "pool": pool, "id": id, "until": until,
            })),
            _ => return Err(sqlx::Error::Encode("expected the parameters of a revocation".into())),
        }
    }
    Ok([ends, revocations].map(|rows| Value::Array(rows).to_string().into()))
}

/// Returns the name of the sessions that a request ends.
fn target(kind: RevokingKind) -> &'static str {
    match kind {
        RevokingKind::One => "one",
        RevokingKind::All => "all",
        _ => "logins",
    }
}

/// The column with the number of the request that ended the session. The columns before are those of a request alone.
const NUMBER: usize = 2;

const LARGEST_BATCH: usize = 500;

/// The most bytes of the strings of a batch, unless a single request has more. Ids have no limit, but a statement has.
const LARGEST_SIZE: usize = 1 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    fn request(kind: RevokingKind, user: &str, pool: &str) -> RevokingRequest {
        let text = |text: &str| Parameter::from(text.to_owned());
        let now = Parameter::Integer(Some(0));
        match kind {
            RevokingKind::Record => RevokingRequest::new(kind, vec![Parameter::Text(None); 6]),
            _ => RevokingRequest::new(kind, [text(user), text("session"), text("stamp"), now, text(pool)]),
        }
    }

    /// Returns the positions of the requests in each batch, in order.
    fn batches(requests: Vec<RevokingRequest>) -> Vec<Vec<usize>> {
        let mut waiting: VecDeque<_> = requests.into_iter().enumerate().collect();
        let mut batches = Vec::new();
        while !waiting.is_empty() {
            let batch = take_batch(&mut waiting, |(_, request)| request);
            batches.push(batch.into_iter().map(|(position, _)| position).collect());
        }
        batches
    }

    #[test]
    fn a_request_that_restamps_shares_no_statement_with_another_of_its_owner() {
        use RevokingKind::{All, One, Others, Record};
        let requests = [
            (One, "ada", "staff"),
            (Others, "ada", "staff"),
            (All, "ada", "staff"),
            (Others, "ada", "guests"),
            (One, "ada", "guests"),
            (Others, "bob", "staff"),
            (Others, "bob", "staff"),
            (Record, "", ""),
        ];
        let requests = requests.map(|(kind, user, pool)| request(kind, user, pool));
        assert_eq!(batches(requests.into()), [vec![0, 2, 3, 5, 7], vec![1, 4, 6]]);
    }

    #[test]
    fn a_login_shares_no_statement() {
        use RevokingKind::{All, Excess, Open};
        let requests = [(Open, "ada"), (All, "bob"), (Excess, "ada"), (All, "eve")];
        let requests = requests.map(|(kind, user)| request(kind, user, "staff"));
        assert_eq!(batches(requests.into()), [vec![0], vec![1, 3], vec![2]]);
    }

    #[test]
    fn a_statement_serves_a_limited_number_of_requests() {
        let requests = (0..=LARGEST_BATCH).map(|_| request(RevokingKind::One, "ada", "staff")).collect();
        assert_eq!(batches(requests).iter().map(Vec::len).collect::<Vec<_>>(), [LARGEST_BATCH, 1]);
    }

    #[test]
    fn a_statement_has_a_limited_size() {
        let (long, longest) = ("a".repeat(LARGEST_SIZE / 3), "b".repeat(LARGEST_SIZE));
        let users = [&longest, &long, &long, &longest, &long, "ada"];
        let requests = users.map(|user| request(RevokingKind::One, user, "staff"));
        assert_eq!(batches(requests.into()), [vec![0], vec![1, 2, 5], vec![3], vec![4]]);
    }
}
