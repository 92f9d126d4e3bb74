//! Mails that are kept where tests can read them.

use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use confab_application::ports::{Mail, MailError, Mailer};

/// Keeps what it is to send; or fails as it is told to.
#[derive(Debug, Default)]
pub struct KeptMails {
    mails: Mutex<Vec<Mail>>,
    fault: Mutex<Option<MailError>>,
}

impl KeptMails {
    /// What was sent since this was last asked.
    pub fn take(&self) -> Vec<Mail> {
        std::mem::take(&mut self.mails.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// From now on every mail fails like this, or none does.
    pub fn fail(&self, fault: Option<MailError>) {
        *self.fault.lock().unwrap_or_else(PoisonError::into_inner) = fault;
    }

    /// The token in a mail.
    pub fn token(mail: &Mail) -> Option<&str> {
        let (_, rest) = mail.text.split_once("Token: ").or_else(|| mail.text.split_once("#token="))?;
        rest.lines().next()
    }
}

#[async_trait]
impl Mailer for KeptMails {
    async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        if let Some(fault) = self.fault.lock().unwrap_or_else(PoisonError::into_inner).clone() {
            return Err(fault);
        }
        self.mails.lock().unwrap_or_else(PoisonError::into_inner).push(mail.clone());
        Ok(())
    }
}
