//! The comparison of all that can be read from the store.

use std::time::Duration;

use gatevault::Timestamp;
use gatevault::session::{FindSession, ListSessions, RevocationCursor};

use crate::mismatch::{Checked, ensure, ensure_eq};
use crate::run::Run;
use crate::script::owner;
use crate::world::World;

impl<W: World> Run<'_, W> {
    /// Compares what can be read from the store: lists, sessions and revocations.
    pub(crate) async fn compare(&mut self) -> Checked {
        for (pool, user) in [0, 1, 2].map(owner) {
            let mut request = ListSessions::new(user.clone(), self.now);
            request.pool.clone_from(&pool);
            let listed = self.store.list(request).await?;
            let expected = self.model.list(pool.as_deref(), &user, self.now);
            ensure_eq(&listed, &expected, &format!("the list of {user:?} in {pool:?}"))?;
        }
        for row in &self.model.rows {
            let mut request = FindSession::new(row.id.clone(), self.now);
            request.pool.clone_from(&row.pool);
            let found = self.store.find(request).await?;
            ensure_eq(&found, &row.is_active(self.now).then(|| row.stored()), &row.id)?;
        }
        if let Some(row) = self.model.rows.last() {
            let mut request = FindSession::new(row.id.clone(), self.now);
            request.pool = row.pool.is_none().then(|| "staff".to_owned());
            ensure_eq(&self.store.find(request).await?, &None, "a session of another pool")?;
        }
        self.compare_revocations().await
    }

    async fn compare_revocations(&mut self) -> Checked {
        let first = Timestamp::from_seconds(0).unwrap_or(self.now);
        let all = self.store.revocations_since(RevocationCursor::Position(0)).await?;
        self.model.revocations.compare(&all, first, self.now)?;
        let an_hour_ago = self.now.seconds().saturating_sub(Duration::from_hours(1).as_secs());
        let since = Timestamp::from_seconds(an_hour_ago).unwrap_or(first);
        let recent = self.store.revocations_since(RevocationCursor::Time(since)).await?;
        self.model.revocations.compare(&recent, since, self.now)?;
        let (cursor, read) = self.cursor;
        let new = self.store.revocations_since(cursor).await?;
        self.model.revocations.compare_new(&new, read)?;
        let (recorded, position) = (self.model.revocations.recorded.len(), new.position);
        if let RevocationCursor::Position(before) = cursor {
            let has_moved = position > before || position == before && recorded == read;
            ensure(has_moved, || format!("the position was {before} and is {position}"))?;
        }
        self.cursor = (RevocationCursor::Position(position), recorded);
        Ok(())
    }
}
