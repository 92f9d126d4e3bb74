//! Sends mails: the adapters of the application's mail port.

mod file;
mod log;
mod message;
mod smtp;

pub use file::FileMailer;
pub use log::LogMailer;
pub use message::check_mailbox;
pub use smtp::{Security, SetUpError, SmtpMailer, SmtpSettings, is_this_machine};
