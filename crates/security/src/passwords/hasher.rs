//! Argon2id on threads of its own.

use std::sync::Arc;

use argon2::{Algorithm, Argon2, PasswordHasher as _, Version};
use async_trait::async_trait;
use confab_application::ports::{PasswordError, PasswordHasher, Verdict, Weakness};
use confab_domain::{Password, PasswordHash};

use super::pool::{Pool, PoolError};
use super::settings::{Argon2Settings, SettingsError};
use super::stored::{Found, compare};
use super::strength;

/// Hashes passwords with Argon2id, a fixed number at once. Dropping it ends its threads.
pub struct Argon2Hasher {
    how: Arc<How>,
    pool: Pool,
}

/// How a password is hashed today.
struct How {
    argon2: Argon2<'static>,
    /// The hash of no password, which costs as much as another to find wrong.
    of_nobody: String,
}

impl Argon2Hasher {
    /// Starts the threads.
    ///
    /// # Errors
    /// [`SettingsError`] where a setting is out of range or the system gives no more threads.
    pub fn new(settings: &Argon2Settings) -> Result<Self, SettingsError> {
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, settings.params()?);
        let pool = Pool::new("password", settings.thread_count(), settings.queue).map_err(SettingsError::Threads)?;
        let Argon2Settings { memory_kib, iterations, parallelism, .. } = settings;
        // 16 and 32 bytes of zeros.
        let (salt, hash) = ("A".repeat(22), "A".repeat(43));
        let of_nobody = format!("$argon2id$v=19$m={memory_kib},t={iterations},p={parallelism}${salt}${hash}");
        Ok(Self { how: Arc::new(How { argon2, of_nobody }), pool })
    }

    async fn run<T: Send + 'static>(&self, job: impl FnOnce(&How) -> T + Send + 'static) -> Result<T, PasswordError> {
        let how = Arc::clone(&self.how);
        self.pool.run(move || job(&how)).await.map_err(|error| match error {
            PoolError::Full => PasswordError::Busy,
            PoolError::Broken => PasswordError::Failed("its thread broke down".to_owned()),
        })
    }
}

#[async_trait]
impl PasswordHasher for Argon2Hasher {
    async fn judge(&self, password: &Password, about: &[&str]) -> Result<Option<Weakness>, PasswordError> {
        let (password, about) = (password.clone(), about.iter().map(ToString::to_string).collect::<Vec<_>>());
        self.run(move |_| strength::weakness(&password, &about)).await
    }

    async fn hash(&self, password: Password) -> Result<PasswordHash, PasswordError> {
        self.run(move |how| how.hash(&password)).await?
    }

    async fn verify(&self, attempt: Password, hash: Option<PasswordHash>) -> Result<Verdict, PasswordError> {
        self.run(move |how| how.verify(&attempt, hash.as_ref())).await
    }
}

impl How {
    fn hash(&self, password: &Password) -> Result<PasswordHash, PasswordError> {
        let phc = self.argon2.hash_password(password.reveal().as_bytes());
        phc.map(|phc| PasswordHash::restore(phc.to_string())).map_err(|error| PasswordError::Failed(error.to_string()))
    }

    fn verify(&self, attempt: &Password, known: Option<&PasswordHash>) -> Verdict {
        let attempt = attempt.reveal().as_bytes();
        let found = match known {
            Some(known) => compare(&self.argon2, attempt, known.as_str()).or_else(|| {
                // Django's mark for an account without a password is no fault.
                if !known.as_str().starts_with('!') {
                    tracing::error!("a stored password hash cannot be read, or its cost is beyond all reason");
                }
                None
            }),
            None => None,
        };
        match found {
            Some(Found::Right) => Verdict::Right,
            Some(Found::Outdated) => Verdict::Outdated,
            Some(Found::Wrong) => Verdict::Wrong,
            None => {
                // The same work as for a hash that is there, so that the time does not tell which it was.
                compare(&self.argon2, attempt, &self.of_nobody);
                Verdict::Wrong
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hasher() -> Argon2Hasher {
        // As little work as Argon2 allows: these tests are of what is around it.
        let settings = Argon2Settings { memory_kib: 8, iterations: 1, threads: 2, ..Argon2Settings::default() };
        Argon2Hasher::new(&settings).unwrap()
    }

    fn password(text: &str) -> Password {
        Password::attempt(text.to_owned()).unwrap()
    }

    fn phc(text: &str) -> Option<PasswordHash> {
        Some(PasswordHash::restore(text.to_owned()))
    }

    #[tokio::test]
    async fn a_hash_verifies_its_own_password_and_no_other() {
        let hasher = hasher();
        let hash = hasher.hash(password("correct horse")).await.unwrap();
        assert!(hash.as_str().starts_with("$argon2id$v=19$m=8,t=1,p=1$"), "{}", hash.as_str());
        assert_eq!(hasher.verify(password("correct horse"), Some(hash.clone())).await.unwrap(), Verdict::Right);
        for other in ["correct horsf", "Correct horse", "correct horse ", ""] {
            assert_eq!(hasher.verify(password(other), Some(hash.clone())).await.unwrap(), Verdict::Wrong, "{other}");
        }
        assert_ne!(hasher.hash(password("correct horse")).await.unwrap(), hash, "the salt is new each time");
    }

    #[tokio::test]
    async fn the_default_parameters_are_in_the_hash() {
        let hasher = Argon2Hasher::new(&Argon2Settings::default()).unwrap();
        let hash = hasher.hash(password("correct horse")).await.unwrap();
        assert!(hash.as_str().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{}", hash.as_str());
    }

    #[tokio::test]
    async fn a_hash_of_another_program_with_other_parameters_verifies() {
        // Made with the reference implementation: argon2 somesalt -id -t 2 -m 16 -p 1 -l 32 -e
        let reference = phc("$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc");
        assert_eq!(hasher().verify(password("password"), reference.clone()).await.unwrap(), Verdict::Outdated);
        assert_eq!(hasher().verify(password("passwore"), reference).await.unwrap(), Verdict::Wrong);
    }

    /// Nobody's hash, that of an account without a password, and one that cannot be read: wrong, after the same work. It is
    /// counted in time on the processor, which does not depend on who else has work.
    #[cfg(target_os = "linux")]
    #[test]
    fn no_hash_is_no_password() {
        use rustix::time::{ClockId, clock_gettime};
        let settings = Argon2Settings { memory_kib: 4096, iterations: 1, threads: 1, ..Argon2Settings::default() };
        let how = Argon2Hasher::new(&settings).unwrap().how;
        let used = || {
            let time = clock_gettime(ClockId::ThreadCPUTime);
            time.tv_sec * 1_000_000_000 + time.tv_nsec
        };
        let work = |hash: Option<PasswordHash>| {
            let start = used();
            assert_eq!(how.verify(&password("anything"), hash.as_ref()), Verdict::Wrong);
            used() - start
        };
        let known = how.hash(&password("something")).unwrap();
        let (mut least, mut known_work) = (i64::MAX, i64::MAX);
        for _ in 0..5 {
            known_work = known_work.min(work(Some(known.clone())));
            for hash in
                [None, phc("!QUJD"), phc(""), phc("secret"), phc("$argon2id$"), phc("pbkdf2_sha256$9999999999$a$b")]
            {
                least = least.min(work(hash));
            }
        }
        assert!(least > known_work / 2, "{least} ns is not the work of {known_work} ns");
    }

    #[tokio::test]
    async fn beyond_the_queue_it_is_busy() {
        let settings = Argon2Settings { threads: 1, queue: 1, ..Argon2Settings::default() };
        let hasher = Argon2Hasher::new(&settings).unwrap();
        let all = (0..16).map(|_| hasher.verify(password("anything"), None));
        // They are asked for before any can be done: one at work, one waiting, and the rest told so.
        let outcomes = join_all(all.collect()).await;
        let busy = outcomes.iter().filter(|outcome| matches!(outcome, Err(PasswordError::Busy))).count();
        assert!((1..=15).contains(&busy), "{busy} of 16 were refused");
        assert!(outcomes.iter().all(|outcome| matches!(outcome, Ok(Verdict::Wrong) | Err(PasswordError::Busy))));
        assert_eq!(hasher.verify(password("anything"), None).await.unwrap(), Verdict::Wrong, "and then it goes on");
    }

    /// Polls all in turn, in one task.
    async fn join_all<F: Future>(futures: Vec<F>) -> Vec<F::Output> {
        let mut futures: Vec<_> = futures.into_iter().map(Box::pin).collect();
        let mut outputs: Vec<_> = futures.iter().map(|_| None).collect();
        std::future::poll_fn(|context| {
            for (future, output) in futures.iter_mut().zip(&mut outputs) {
                if output.is_none()
                    && let std::task::Poll::Ready(value) = future.as_mut().poll(context)
                {
                    *output = Some(value);
                }
            }
            if outputs.iter().all(Option::is_some) { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
        })
        .await;
        outputs.into_iter().flatten().collect()
    }

    #[tokio::test]
    async fn a_caller_that_leaves_does_no_harm() {
        let hasher = hasher();
        for _ in 0..100 {
            let mut abandoned = Box::pin(hasher.hash(password("correct horse")));
            tokio::select! {
                biased;
                _ = &mut abandoned => {}
                () = std::future::ready(()) => {}
            }
            drop(abandoned);
        }
        // Those that were abandoned may still fill the queue for a moment.
        loop {
            match hasher.verify(password("anything"), None).await {
                Err(PasswordError::Busy) => tokio::task::yield_now().await,
                outcome => break assert_eq!(outcome.unwrap(), Verdict::Wrong),
            }
        }
    }
}
