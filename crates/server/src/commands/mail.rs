//! `confab mail`: whether mails arrive.

use std::io::{self, Write as _};

use confab_application::ports::{IdGenerator as _, Mail};
use confab_domain::EmailAddress;

use crate::cli::MailCommand;
use crate::config::{Config, MailTransport};
use crate::failure::{Failure, causes};
use crate::mailing;
use crate::system::UuidV7;

/// Does it.
///
/// # Errors
/// Where the mail cannot be sent.
pub async fn run(config: &Config, command: MailCommand) -> Result<(), Failure> {
    match command {
        MailCommand::Test { to } => test(config, &to).await,
    }
}

/// Sends a mail at once, past the queue.
async fn test(config: &Config, to: &str) -> Result<(), Failure> {
    let to = EmailAddress::parse(to).map_err(|error| Failure::usage(format_args!("--to {error}")))?;
    let mailer = mailing::mailer(&config.mail)?;
    let mail = Mail {
        id: UuidV7.next().into(),
        to,
        subject: "A test".to_owned(),
        text: "Hello,\n\nConfab can send mails to this address.\n".to_owned(),
    };
    mailer.send(&mail).await.map_err(|error| Failure::other(causes(&error)))?;
    let to = mail.to.as_str();
    let mut out = io::stdout().lock();
    match config.mail.transport {
        MailTransport::Smtp => writeln!(out, "{} has taken a mail to {to}", config.mail.smtp_host)?,
        MailTransport::File => {
            writeln!(out, "wrote a mail to {to} into {}/{}.eml", config.mail.folder.display(), mail.id)?;
        }
        MailTransport::Log => writeln!(out, "sent nothing: mail.transport is log")?,
    }
    Ok(())
}
