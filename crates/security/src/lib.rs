//! Passwords and tokens: the adapters of the application's security ports.
//!
//! Architecture invariant: no clock is read here. What expires is judged by the time that the caller passes in.

mod access_tokens;
mod passwords;
mod refresh_tokens;
mod signing_key;

pub use access_tokens::JwtAccessTokens;
pub use passwords::{Argon2Hasher, Argon2Settings, SettingsError};
pub use refresh_tokens::RandomRefreshTokens;
pub use signing_key::{KeyError, KeyFileError, KeyInfo, KeySet, KeyState, Keyring, SigningKey};
