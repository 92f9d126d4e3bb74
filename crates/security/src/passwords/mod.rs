//! Passwords: whether a new one is good enough, hashed with Argon2id, and compared with hashes of several kinds.

mod hasher;
mod pool;
mod settings;
mod stored;
mod strength;

pub use hasher::Argon2Hasher;
pub use settings::{Argon2Settings, SettingsError};
