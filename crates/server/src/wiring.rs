//! The ports of the application, each with its adapter.

use std::sync::Arc;

use confab_application::App;
use confab_application::accounts::SessionCache;
use confab_security::{Argon2Hasher, JwtAccessTokens, Keyring, RandomRefreshTokens};

use crate::config::Config;
use crate::failure::Failure;
use crate::storage::Storage;
use crate::system::{SystemClock, UuidV7};

/// The application on this storage, with these keys.
///
/// # Errors
/// Where the threads that hash passwords cannot be started.
pub fn app(config: &Config, storage: &Storage, keys: Arc<Keyring>) -> Result<App, Failure> {
    let passwords = Argon2Hasher::new(&config.passwords.to_settings())
        .map_err(|error| Failure::other(format_args!("[passwords]: {error}")))?;
    Ok(App {
        store: storage.store(),
        log: storage.log(),
        clock: Arc::new(SystemClock),
        ids: Arc::new(UuidV7),
        passwords: Arc::new(passwords),
        access_tokens: Arc::new(JwtAccessTokens::new(keys)),
        refresh_tokens: Arc::new(RandomRefreshTokens),
        sessions: Arc::new(SessionCache::new(config.auth.session_cache())),
        settings: config.application(),
    })
}
