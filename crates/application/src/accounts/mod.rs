//! Accounts: making them, and finding out who is calling.

mod authenticate;
mod change_password;
mod create;
mod log_in;
mod passwords;
mod refresh;
mod session_cache;
mod sessions;
mod tend_sessions;
mod tokens;

pub use authenticate::authenticate;
pub use change_password::change_password;
pub(crate) use change_password::wrong_password;
pub use create::{NewAccount, Registered, create, register};
pub(crate) use log_in::record_failure;
pub use log_in::{LogIn, log_in};
pub(crate) use passwords::judge_password;
pub use refresh::refresh;
pub use session_cache::SessionCache;
pub use sessions::{end_other_sessions, end_session, list_sessions, log_out};
pub use tend_sessions::tend_sessions;
pub use tokens::TokenPair;
