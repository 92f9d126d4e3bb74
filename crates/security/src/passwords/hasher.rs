//! Argon2id on threads of its own.

use argon2::password_hash::phc;
use argon2::{Algorithm, Argon2, PasswordHasher as _, PasswordVerifier as _, Version};
use async_trait::async_trait;
use confab_application::ports::{PasswordError, PasswordHasher};
use confab_domain::{Password, PasswordHash};

use super::pool::{Pool, PoolError};
use super::settings::{Argon2Settings, SettingsError};

/// Hashes passwords with Argon2id, a fixed number at once. Dropping it ends its threads.
pub struct Argon2Hasher {
    argon2: Argon2<'static>,
    pool: Pool,
}

impl Argon2Hasher {
    /// Starts the threads.
    ///
    /// # Errors
    /// [`SettingsError`] where a setting is out of range or the system gives no more threads.
    pub fn new(settings: &Argon2Settings) -> Result<Self, SettingsError> {
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, settings.params()?);
        let pool = Pool::new("password", settings.thread_count(), settings.queue).map_err(SettingsError::Threads)?;
        Ok(Self { argon2, pool })
    }

    async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce(&Argon2<'_>) -> Result<T, PasswordError> + Send + 'static,
    ) -> Result<T, PasswordError> {
        let argon2 = self.argon2.clone();
        self.pool.run(move || job(&argon2)).await.map_err(|error| match error {
            PoolError::Full => PasswordError::Busy,
            PoolError::Broken => PasswordError::Failed("its thread broke down".to_owned()),
        })?
    }
}

#[async_trait]
impl PasswordHasher for Argon2Hasher {
    async fn hash(&self, password: Password) -> Result<PasswordHash, PasswordError> {
        self.run(move |argon2| hash(argon2, &password)).await
    }

    async fn verify(&self, attempt: Password, hash: Option<PasswordHash>) -> Result<bool, PasswordError> {
        self.run(move |argon2| verify(argon2, &attempt, hash.as_ref())).await
    }
}

fn hash(argon2: &Argon2<'_>, password: &Password) -> Result<PasswordHash, PasswordError> {
    let phc = argon2.hash_password(password.reveal().as_bytes()).map_err(failed)?;
    Ok(PasswordHash::restore(phc.to_string()))
}

fn verify(argon2: &Argon2<'_>, attempt: &Password, known: Option<&PasswordHash>) -> Result<bool, PasswordError> {
    let Some(known) = known else {
        // The same work as for a hash that is there, so that the time does not tell which it was.
        return hash(argon2, attempt).map(|_| false);
    };
    let phc = phc::PasswordHash::new(known.as_str()).map_err(|_| unusable())?;
    if phc.salt.is_none() || phc.hash.is_none() {
        return Err(unusable());
    }
    match argon2.verify_password(attempt.reveal().as_bytes(), &phc) {
        Ok(()) => Ok(true),
        Err(argon2::password_hash::Error::PasswordInvalid) => Ok(false),
        Err(error) => Err(failed(error)),
    }
}

fn unusable() -> PasswordError {
    PasswordError::Failed("the stored hash is not in the PHC string format".to_owned())
}

fn failed(error: argon2::password_hash::Error) -> PasswordError {
    PasswordError::Failed(error.to_string())
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
        assert!(hasher.verify(password("correct horse"), Some(hash.clone())).await.unwrap());
        for other in ["correct horsf", "Correct horse", "correct horse ", ""] {
            assert!(!hasher.verify(password(other), Some(hash.clone())).await.unwrap(), "{other}");
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
        assert!(hasher().verify(password("password"), reference.clone()).await.unwrap());
        assert!(!hasher().verify(password("passwore"), reference).await.unwrap());
    }

    #[tokio::test]
    async fn no_hash_is_no_password() {
        assert!(!hasher().verify(password("anything"), None).await.unwrap());
    }

    #[tokio::test]
    async fn a_hash_that_cannot_be_read_fails_and_is_not_shown() {
        for bad in ["", "secret", "$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ", "$argon2id$", "$2b$12$abcdefghijklmnopqrst"]
        {
            let error = hasher().verify(password("anything"), phc(bad)).await.unwrap_err();
            assert!(matches!(error, PasswordError::Failed(_)), "{bad}: {error}");
            assert!(bad.is_empty() || !error.to_string().contains(bad), "{error}");
        }
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
        assert!(outcomes.iter().all(|outcome| matches!(outcome, Ok(false) | Err(PasswordError::Busy))));
        assert!(!hasher.verify(password("anything"), None).await.unwrap(), "and then it goes on");
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
                outcome => break assert!(!outcome.unwrap()),
            }
        }
    }
}
