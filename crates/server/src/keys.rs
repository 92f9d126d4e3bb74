//! The signing keys of a server that runs: their file is looked at again and again.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use confab_application::ports::Clock as _;
use confab_security::{KeyInfo, KeySet, Keyring};

use crate::config::{Config, Profile};
use crate::failure::Failure;
use crate::system::SystemClock;

/// How often the file is looked at.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// How long a new key waits before it signs, in seconds, unless told otherwise: long enough that each node knows it by then.
pub const WAIT_SECONDS: u32 = 10;

/// The keys of the file; the first start makes one.
///
/// # Errors
/// Where the file has none, or cannot be made.
pub fn open(config: &Config) -> Result<Arc<Keyring>, Failure> {
    let keys = KeySet::load_or_create(&config.auth.signing_key_file, SystemClock.now())
        .map_err(|error| Failure::other(format_args!("auth.signing_key_file: {error}")))?;
    Ok(Arc::new(Keyring::new(keys)))
}

/// A key that no file has, for commands that sign nothing: the server's own need not be there.
///
/// # Errors
/// Where the system has no randomness to give.
pub fn throw_away() -> Result<Arc<Keyring>, Failure> {
    let keys = KeySet::generate(SystemClock.now()).map_err(|error| Failure::other(format_args!("a key {error}")))?;
    Ok(Arc::new(Keyring::new(keys)))
}

/// The keys that were thought up and not made at random.
pub fn guessable(keys: &KeySet) -> Vec<KeyInfo> {
    keys.list(SystemClock.now()).into_iter().filter(|key| key.guessable).collect()
}

/// Takes what the file holds when it changes. What it may not hold is told in the log, and the keys before it stay.
pub async fn watch(keys: Arc<Keyring>, file: PathBuf, profile: Profile) {
    let mut told = None;
    let mut interval = tokio::time::interval(LOOK_EVERY);
    loop {
        interval.tick().await;
        let path = file.clone();
        let Ok(read) = tokio::task::spawn_blocking(move || read(&path, profile)).await else { return };
        match read {
            Ok(changed) if changed == *keys.current() => told = None,
            Ok(changed) => {
                let count = changed.len();
                keys.replace(changed);
                tracing::info!(keys = count, "took changed signing keys");
                told = None;
            }
            Err(error) => {
                if told.as_ref() != Some(&error) {
                    tracing::error!(error, "changed signing keys cannot be used; those before them stay");
                }
                told = Some(error);
            }
        }
    }
}

fn read(path: &Path, profile: Profile) -> Result<KeySet, String> {
    let keys = KeySet::load(path).map_err(|error| error.to_string())?;
    match guessable(&keys).first() {
        Some(key) if profile == Profile::Production => {
            Err(format!("the signing key {} was thought up and not made at random", key.id))
        }
        _ => Ok(keys),
    }
}
