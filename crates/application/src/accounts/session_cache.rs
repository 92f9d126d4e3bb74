//! Who is behind a session, remembered for a moment.

use std::collections::HashSet;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use confab_domain::{SessionId, Timestamp, User, UserId};
use quick_cache::sync::Cache;

use crate::ports::{AccountReader, StoreError};

/// How many sessions are remembered; of more, those are forgotten that are asked for the least. About 32 MiB.
const CAPACITY: usize = 65_536;
/// How many counters tell of changes. Users who share one make each other's sessions be looked up once more.
const CHANGE_COUNTERS: usize = 4096;

/// Remembers the users of sessions, so that not each request has to ask the store.
///
/// What it tells is at most `max_age` old: that is how long another node may go on serving a session that was ended, or
/// an account that was suspended, elsewhere. On this node nothing of that kind is served once [`forget`](Self::forget) has
/// returned, not even by a look-up that had begun before.
pub struct SessionCache {
    max_age: Duration,
    entries: Cache<SessionId, Arc<Entry>>,
    changes: Box<[AtomicU64]>,
    hasher: RandomState,
    /// Those that were looked up, each of them for a request, since it was last written down.
    used: Mutex<HashSet<SessionId>>,
}

struct Entry {
    user: Arc<User>,
    /// When the store was asked.
    asked_at: Timestamp,
    /// How often the user had changed by then.
    changes: u64,
}

impl SessionCache {
    /// A cache that tells nothing older than this; zero remembers nothing.
    pub fn new(max_age: Duration) -> Self {
        Self {
            max_age,
            entries: Cache::new(if max_age.is_zero() { 0 } else { CAPACITY }),
            changes: (0..CHANGE_COUNTERS).map(|_| AtomicU64::new(0)).collect(),
            hasher: RandomState::new(),
            used: Mutex::default(),
        }
    }

    /// The user whose session this is, as they were at most the maximum age before `now`.
    ///
    /// # Errors
    /// Those of the store, where it has to be asked.
    pub(crate) async fn find(
        &self,
        accounts: &dyn AccountReader,
        id: SessionId,
        user_id: UserId,
        now: Timestamp,
    ) -> Result<Option<Arc<User>>, StoreError> {
        if let Some(entry) = self.entries.get(&id).filter(|entry| self.is_good(entry, now)) {
            return Ok(Some(Arc::clone(&entry.user)));
        }
        // Read before the store is: whatever changes meanwhile makes the answer stale at once.
        let changes = self.changes_of(user_id).map_or(0, |count| count.load(Ordering::SeqCst));
        let user = accounts.find_session_user(id).await?.map(Arc::new);
        match &user {
            Some(user) if user.id == user_id && !self.max_age.is_zero() => {
                self.entries.insert(id, Arc::new(Entry { user: Arc::clone(user), asked_at: now, changes }));
            }
            _ => {}
        }
        if user.is_some() {
            self.note_use(id);
        }
        Ok(user)
    }

    fn note_use(&self, id: SessionId) {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        if used.len() < CAPACITY {
            used.insert(id);
        }
    }

    /// The sessions that were used since this was last asked.
    pub(crate) fn take_used(&self) -> Vec<SessionId> {
        self.used.lock().unwrap_or_else(PoisonError::into_inner).drain().collect()
    }

    /// Has the sessions of this user looked up anew. To be called when the account or one of its sessions has changed,
    /// after the commit and before anybody is told of it.
    pub fn forget(&self, user_id: UserId) {
        if let Some(count) = self.changes_of(user_id) {
            count.fetch_add(1, Ordering::SeqCst);
        }
    }

    fn is_good(&self, entry: &Entry, now: Timestamp) -> bool {
        // A clock that was set back makes an entry look as if it came from the future.
        let age = now.as_micros().checked_sub(entry.asked_at.as_micros()).and_then(|age| u64::try_from(age).ok());
        let young = age.is_some_and(|age| Duration::from_micros(age) < self.max_age);
        young && self.changes_of(entry.user.id).is_some_and(|count| count.load(Ordering::SeqCst) == entry.changes)
    }

    fn changes_of(&self, user_id: UserId) -> Option<&AtomicU64> {
        let place = self.hasher.hash_one(user_id) % CHANGE_COUNTERS as u64;
        self.changes.get(usize::try_from(place).ok()?)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use async_trait::async_trait;
    use confab_domain::{EmailAddress, PersonName, Profile, Role};
    use uuid::Uuid;

    use super::*;
    use crate::ports::{Credentials, Page, PageRequest, UserFilter};

    /// One user behind whatever session, and what happens while they are looked up.
    struct Accounts<'a> {
        user: User,
        meanwhile: &'a (dyn Fn() + Sync),
        look_ups: AtomicUsize,
    }

    #[async_trait]
    impl AccountReader for Accounts<'_> {
        async fn find_credentials(&self, _: &EmailAddress) -> Result<Option<Credentials>, StoreError> {
            Ok(None)
        }

        async fn list(&self, _: &UserFilter, page: &PageRequest<UserId>) -> Result<Page<User>, StoreError> {
            Ok(Page::of_rows(Vec::new(), page))
        }

        async fn find_departing(&self) -> Result<Option<UserId>, StoreError> {
            Ok(None)
        }

        async fn find_session_user(&self, _: SessionId) -> Result<Option<User>, StoreError> {
            self.look_ups.fetch_add(1, Ordering::SeqCst);
            (self.meanwhile)();
            Ok(Some(self.user.clone()))
        }
    }

    impl<'a> Accounts<'a> {
        fn new(meanwhile: &'a (dyn Fn() + Sync)) -> Self {
            let name = || PersonName::parse("Ada").unwrap();
            let profile = Profile { first_name: name(), last_name: name(), phone_number: None };
            let email = EmailAddress::parse("ada@example.org").unwrap();
            let user = User::create(UserId::from(Uuid::from_u128(1)), email, profile, Role::Guest, at(0));
            Self { user, meanwhile, look_ups: AtomicUsize::new(0) }
        }

        async fn find(&self, cache: &SessionCache, session: u128, now: Timestamp) {
            let session = SessionId::from(Uuid::from_u128(session));
            cache.find(self, session, self.user.id, now).await.unwrap().unwrap();
        }

        fn look_ups(&self) -> usize {
            self.look_ups.load(Ordering::SeqCst)
        }
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(1_000_000 * (1_000_000 + seconds)).unwrap()
    }

    fn cache() -> SessionCache {
        SessionCache::new(Duration::from_secs(2))
    }

    #[tokio::test]
    async fn a_session_is_looked_up_once_until_it_is_too_old() {
        let (cache, accounts) = (cache(), Accounts::new(&|| {}));
        for (second, look_ups) in [(0, 1), (1, 1), (2, 2), (3, 2), (4, 3)] {
            accounts.find(&cache, 7, at(second)).await;
            assert_eq!(accounts.look_ups(), look_ups, "at {second} s");
        }
    }

    #[tokio::test]
    async fn what_changes_during_a_look_up_is_looked_up_again() {
        let cache = cache();
        let user_id = UserId::from(Uuid::from_u128(1));
        let meanwhile = || cache.forget(user_id);
        let accounts = Accounts::new(&meanwhile);
        accounts.find(&cache, 7, at(0)).await;
        accounts.find(&cache, 7, at(0)).await;
        assert_eq!(accounts.look_ups(), 2);
    }

    #[tokio::test]
    async fn a_clock_that_is_set_back_lengthens_nothing() {
        let (cache, accounts) = (cache(), Accounts::new(&|| {}));
        accounts.find(&cache, 7, at(0)).await;
        accounts.find(&cache, 7, at(-1)).await;
        assert_eq!(accounts.look_ups(), 2);
    }

    #[tokio::test]
    async fn without_an_age_nothing_is_remembered() {
        let (cache, accounts) = (SessionCache::new(Duration::ZERO), Accounts::new(&|| {}));
        accounts.find(&cache, 7, at(0)).await;
        accounts.find(&cache, 7, at(0)).await;
        assert_eq!((accounts.look_ups(), cache.entries.len()), (2, 0));
    }

    #[tokio::test]
    async fn it_remembers_no_more_than_its_capacity() {
        let (cache, accounts) = (cache(), Accounts::new(&|| {}));
        for session in 0..CAPACITY as u128 + 1000 {
            accounts.find(&cache, session, at(0)).await;
        }
        assert!(cache.entries.len() <= CAPACITY, "{}", cache.entries.len());
    }
}
