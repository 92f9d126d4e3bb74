//! Accounts: making them, and finding out who is calling.

mod authenticate;
mod change_password;
mod create;
mod log_in;
mod passwords;
mod refresh;
mod session_cache;
mod tokens;

pub use authenticate::authenticate;
pub use change_password::change_password;
pub use create::{NewAccount, Registered, create, register};
pub use log_in::log_in;
pub(crate) use passwords::judge_password;
pub use refresh::refresh;
pub use session_cache::SessionCache;
pub use tokens::TokenPair;
