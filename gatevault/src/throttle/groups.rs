//! Groups of concurrent attempts with the same name and the same password, which together are one guess.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::mem;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use super::AttemptKey;
use super::key::DigestSecret;
use crate::claims::UserId;
use crate::error::InvalidReason;

/// The groups of the attempts in flight of one handler, at most one for each name.
///
/// The first attempt leads its group and is counted. The others follow: they wait for its verdict and are not counted. So
/// the workers of a service that log in at the same time do not refuse each other.
///
/// # Security
///
/// A follower of a wrong password gets the same answer without any work, so it learns nothing. A follower of a right one
/// has typed it. Guesses beside a user who is logging in must not be tried against the user's password for free, so an
/// attempt with another password closes the group of its name to all later attempts: they are counted.
///
/// Names and passwords are kept as digests under a secret of the process, and only while the leader is in flight.
pub(crate) struct AttemptGroups {
    /// An error if there was no randomness to create a secret from: each attempt is alone then.
    secret: Result<DigestSecret, InvalidReason>,
    by_name: Mutex<HashMap<AttemptKey, Group>>,
}

struct Group {
    password: AttemptKey,
    is_closed: bool,
    progress: Arc<Mutex<Progress>>,
}

/// The progress of a group's leader, and the followers that wait for it.
#[derive(Default)]
struct Progress {
    state: State,
    /// The followers that were polled, by their number.
    waiting: HashMap<u64, Waker>,
    next_number: u64,
}

#[derive(Default)]
enum State {
    /// The leader is in flight.
    #[default]
    Led,
    /// The leader's future was dropped. The first follower that notices becomes the leader.
    Abandoned,
    Settled(Verdict),
}

/// A follower: the future of its leader's verdict, or of `None` if it has become the leader itself.
struct Follower {
    number: u64,
    progress: Arc<Mutex<Progress>>,
}

/// The result of the leader's attempt.
#[derive(Debug, Clone)]
pub(crate) enum Verdict {
    /// The password is right.
    Right,
    /// The credentials are wrong. The user is that of the name, if there is one.
    Wrong(Option<UserId>),
    /// The attempt came during a pause. At another address there may be none.
    Refused { retry_after: Duration, address: Option<IpAddr> },
    /// A lookup or a store failed.
    Undecided,
}

/// The part of an attempt in its group.
pub(crate) enum Turn<'g> {
    /// The attempt leads a group: it must be counted, and its verdict settles the group.
    Leader(Leader<'g>),
    /// The attempt followed a leader, which got this verdict.
    Follower(Verdict),
    /// The attempt is in no group and must be counted.
    Alone,
}

/// The leader of a group. Dropping it before its verdict leaves the lead to a follower.
pub(crate) struct Leader<'g> {
    groups: &'g AttemptGroups,
    name: AttemptKey,
    progress: Arc<Mutex<Progress>>,
    verdict: Option<Verdict>,
}

impl AttemptGroups {
    pub(crate) fn new() -> Self {
        Self { secret: DigestSecret::random(), by_name: Mutex::default() }
    }

    /// Returns the turn of an attempt: at once, or after the verdict of the leader that it follows.
    ///
    /// The name is the one that is looked up, unfolded: names that the lookup distinguishes are different accounts.
    pub(crate) async fn join(&self, name: &str, password: &str) -> Turn<'_> {
        let Ok(secret) = &self.secret else {
            return Turn::Alone;
        };
        let name = secret.typed_name(name);
        let password = secret.password(name, password);
        let followed = match lock(&self.by_name).entry(name) {
            Entry::Vacant(vacant) => {
                let progress = Arc::<Mutex<Progress>>::default();
                vacant.insert(Group { password, is_closed: false, progress: Arc::clone(&progress) });
                return Turn::Leader(Leader { groups: self, name, progress, verdict: None });
            }
            Entry::Occupied(mut occupied) => occupied.get_mut().follow(password),
        };
        match followed {
            Some(progress) => self.followed(name, progress).await,
            None => Turn::Alone,
        }
    }

    /// Returns the turn of a follower, after the verdict or the end of its leader.
    async fn followed(&self, name: AttemptKey, progress: Arc<Mutex<Progress>>) -> Turn<'_> {
        match Follower::new(Arc::clone(&progress)).await {
            Some(verdict) => Turn::Follower(verdict),
            None => Turn::Leader(Leader { groups: self, name, progress, verdict: None }),
        }
    }
}

impl Follower {
    fn new(progress: Arc<Mutex<Progress>>) -> Self {
        let mut locked = lock(&progress);
        let number = locked.next_number;
        locked.next_number = number.wrapping_add(1);
        drop(locked);
        Self { number, progress }
    }
}

impl Future for Follower {
    type Output = Option<Verdict>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Verdict>> {
        let mut progress = lock(&self.progress);
        match &progress.state {
            State::Settled(verdict) => Poll::Ready(Some(verdict.clone())),
            State::Abandoned => {
                progress.state = State::Led;
                Poll::Ready(None)
            }
            State::Led => {
                let replaced = progress.waiting.insert(self.number, context.waker().clone());
                // A waker may own a task with another follower of this group, so it is dropped without the lock.
                drop(progress);
                drop(replaced);
                Poll::Pending
            }
        }
    }
}

/// Removes the waker, which keeps the memory of a task: many clients may hang up during a slow lookup.
impl Drop for Follower {
    fn drop(&mut self) {
        let waker = lock(&self.progress).waiting.remove(&self.number);
        drop(waker);
    }
}

impl Group {
    /// Returns the progress to follow, unless the group has another password or is closed.
    fn follow(&mut self, password: AttemptKey) -> Option<Arc<Mutex<Progress>>> {
        self.is_closed |= self.password != password;
        (!self.is_closed).then(|| Arc::clone(&self.progress))
    }
}

impl Leader<'_> {
    /// Ends the lead with a verdict for all followers.
    pub(crate) fn settle(mut self, verdict: Verdict) {
        self.verdict = Some(verdict);
    }
}

/// Removes the group, so that later attempts form another one, and wakes its followers.
impl Drop for Leader<'_> {
    fn drop(&mut self) {
        let mut groups = lock(&self.groups.by_name);
        // The group of a follower that has become a leader was removed before. The name may have another one by now.
        if groups.get(&self.name).is_some_and(|group| Arc::ptr_eq(&group.progress, &self.progress)) {
            groups.remove(&self.name);
        }
        drop(groups);
        let mut progress = lock(&self.progress);
        progress.state = self.verdict.take().map_or(State::Abandoned, State::Settled);
        let waiting = mem::take(&mut progress.waiting);
        drop(progress);
        waiting.into_values().for_each(Waker::wake);
    }
}

/// Locks the mutex. Poisoning is ignored: no code under the lock panics.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::pin::pin;

    use super::*;

    fn poll<T>(future: Pin<&mut impl Future<Output = T>>) -> Option<T> {
        match future.poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(output) => Some(output),
            Poll::Pending => None,
        }
    }

    fn leader<'g>(groups: &'g AttemptGroups, name: &str, password: &str) -> Leader<'g> {
        match poll(pin!(groups.join(name, password))) {
            Some(Turn::Leader(leader)) => leader,
            _ => panic!("{name} leads no group"),
        }
    }

    fn is_alone(groups: &AttemptGroups, name: &str, password: &str) -> bool {
        matches!(poll(pin!(groups.join(name, password))), Some(Turn::Alone))
    }

    #[test]
    fn followers_get_the_verdict_of_their_leader_and_later_attempts_form_another_group() {
        let groups = AttemptGroups::new();
        let first = leader(&groups, "ada", "right");
        let mut follower = pin!(groups.join("ada", "right"));
        assert!(poll(follower.as_mut()).is_none());
        first.settle(Verdict::Right);
        drop(leader(&groups, "ada", "right"));
        assert!(matches!(poll(follower), Some(Turn::Follower(Verdict::Right))));
        assert!(lock(&groups.by_name).is_empty());
    }

    #[test]
    fn another_password_is_alone_and_closes_the_group_to_later_attempts() {
        let groups = AttemptGroups::new();
        let first = leader(&groups, "ada", "right");
        let mut follower = pin!(groups.join("ada", "right"));
        assert!(poll(follower.as_mut()).is_none());
        assert!(is_alone(&groups, "ada", "guess"));
        assert!(is_alone(&groups, "ada", "right"));
        drop(leader(&groups, "Ada", "right"));
        first.settle(Verdict::Right);
        assert!(matches!(poll(follower), Some(Turn::Follower(Verdict::Right))));
    }

    #[test]
    fn one_follower_of_a_dropped_leader_becomes_the_leader_of_the_others() {
        let groups = AttemptGroups::new();
        let first = leader(&groups, "ada", "right");
        let (mut second, mut third) = (pin!(groups.join("ada", "right")), pin!(groups.join("ada", "right")));
        assert!(poll(second.as_mut()).is_none() && poll(third.as_mut()).is_none());
        drop(first);
        let Some(Turn::Leader(second)) = poll(second) else {
            panic!("the group has no leader");
        };
        assert!(poll(third.as_mut()).is_none());
        let newcomer = leader(&groups, "ada", "right");
        second.settle(Verdict::Wrong(None));
        assert!(matches!(poll(third), Some(Turn::Follower(Verdict::Wrong(None)))));
        assert_eq!(lock(&groups.by_name).len(), 1, "the newcomer's group");
        drop(newcomer);
        assert!(lock(&groups.by_name).is_empty());
    }
}
