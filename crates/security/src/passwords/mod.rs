//! Passwords, hashed with Argon2id.

mod hasher;
mod pool;
mod settings;

pub use hasher::Argon2Hasher;
pub use settings::{Argon2Settings, SettingsError};
