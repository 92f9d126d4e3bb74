//! Accounts: making them, and finding out who is calling.

mod authenticate;
mod create;
mod log_in;
mod passwords;
mod refresh;
mod session_cache;
mod tokens;

pub use authenticate::authenticate;
pub use create::{NewAccount, create, register};
pub use log_in::log_in;
pub use refresh::refresh;
pub use session_cache::SessionCache;
pub use tokens::TokenPair;
