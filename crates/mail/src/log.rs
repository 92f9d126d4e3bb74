//! Mails that are not sent.

use async_trait::async_trait;
use confab_application::ports::{Mail, MailError, Mailer};

/// Logs that there was a mail, and nothing that is secret in it.
#[derive(Debug, Clone, Copy, Default)]
pub struct LogMailer;

#[async_trait]
impl Mailer for LogMailer {
    async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        tracing::info!(id = %mail.id, subject = mail.subject, "a mail is not sent, for mail.transport is log");
        Ok(())
    }
}
