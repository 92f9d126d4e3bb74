//! Mails: asking for them, writing and sending them, and what is done with the tokens in them.

mod compose;
mod deliver;
mod queue;
mod request;
mod reset_password;
mod verify_email;

pub use deliver::{MAX_BATCH, RetryPolicy, deliver, housekeeping};
pub(crate) use queue::enqueue;
pub use request::{request_password_reset, request_verification};
pub use reset_password::reset_password;
pub use verify_email::verify_email;

use confab_domain::MailTokenHash;

use crate::{App, Error, FieldError};

/// What storage knows a mailed token by.
fn token_hash(app: &App, token: &str) -> MailTokenHash {
    MailTokenHash::new(*app.refresh_tokens.hash(token).as_bytes())
}

/// The same whatever is wrong with a token.
fn invalid_token() -> Error {
    let message = "is unknown, was used or has expired, or is for something else; ask for another mail";
    Error::Invalid(vec![FieldError::new("token", "invalid_token", message)])
}
