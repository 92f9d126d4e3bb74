//! Mails, and the tokens in them.

mod queue;
mod read;
mod tokens;
