//! Mails: those that wait to be sent, the tokens in them, and what sends them.

use std::fmt;

use async_trait::async_trait;
use confab_domain::{
    EmailAddress, MailId, MailToken, MailTokenHash, OutgoingMail, Timestamp, TokenPurpose, User, UserId,
};

use super::StoreError;

/// Reads what there is of mails.
#[async_trait]
pub trait MailReader: Send + Sync {
    /// Whether a mail is due at this time.
    async fn is_due(&self, now: Timestamp) -> Result<bool, StoreError>;

    /// Whose token this is, if it is good now: see [`MailRepository::take_token`].
    async fn find_token_owner(
        &self,
        hash: &MailTokenHash,
        purpose: TokenPurpose,
        now: Timestamp,
    ) -> Result<Option<User>, StoreError>;
}

/// Keeps mails until they are sent, and the tokens that were in them. Of each kind there is one mail to an address.
#[async_trait]
pub trait MailRepository: Send + Sync {
    /// Adds a mail that is due at once. Where there is one of its kind to this address, it stays in its place: unless that
    /// one was settled at `rested` or before.
    async fn enqueue(&self, mail: &OutgoingMail, rested: Timestamp) -> Result<(), StoreError>;

    /// Takes at most so many mails that are due, those that have been due the longest, and puts them off to `lease`: whoever
    /// else asks does not get them before that. Each is counted as tried once more.
    async fn claim(&self, limit: u32, now: Timestamp, lease: Timestamp) -> Result<Vec<ClaimedMail>, StoreError>;

    /// Writes down what became of a mail, if nobody else has claimed it since.
    async fn settle(&self, mail: &ClaimedMail, outcome: &MailOutcome) -> Result<(), StoreError>;

    /// Forgets the mails that were sent at or before the first of these times, and those that were given up at or before
    /// the second; and the tokens that have expired by the third.
    async fn forget(&self, sent: Timestamp, given_up: Timestamp, expired: Timestamp) -> Result<(), StoreError>;

    /// Forgets all mails to an address, sent or not.
    async fn forget_mails_to(&self, email: &EmailAddress) -> Result<(), StoreError>;

    /// Adds a token.
    async fn insert_token(&self, token: &MailToken) -> Result<(), StoreError>;

    /// Uses a token up, and tells whose it is: if it is for this purpose, has not expired, and its user still has the
    /// address that it was mailed to. In one step: of several at once, one succeeds and the others find nothing.
    async fn take_token(
        &self,
        hash: &MailTokenHash,
        purpose: TokenPurpose,
        now: Timestamp,
    ) -> Result<Option<UserId>, StoreError>;

    /// Forgets a user's tokens for this purpose.
    async fn forget_tokens(&self, user_id: UserId, purpose: TokenPurpose) -> Result<(), StoreError>;
}

/// A mail that is being sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimedMail {
    /// The mail.
    pub mail: OutgoingMail,
    /// How often it has been tried, this time included.
    pub attempts: u32,
}

/// What became of a mail that was claimed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MailOutcome {
    /// It was sent, or there was nobody to send it to.
    Sent {
        /// When.
        at: Timestamp,
    },
    /// It was not sent, and will be tried again.
    PutOff {
        /// When.
        until: Timestamp,
        /// Why not.
        reason: String,
    },
    /// It was not sent and will not be.
    GivenUp {
        /// Since when.
        at: Timestamp,
        /// Why not.
        reason: String,
    },
}

/// Sends mails.
#[async_trait]
pub trait Mailer: Send + Sync {
    /// Sends a mail: hands it over to whoever carries it on.
    ///
    /// # Errors
    /// [`MailError`].
    async fn send(&self, mail: &Mail) -> Result<(), MailError>;
}

/// A mail that is written.
#[derive(Clone, PartialEq, Eq)]
pub struct Mail {
    /// Its id, the same each time that it is sent.
    pub id: MailId,
    /// Where it goes.
    pub to: EmailAddress,
    /// Its subject, one line.
    pub subject: String,
    /// Its text. It may hold a token.
    pub text: String,
}

impl fmt::Debug for Mail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mail").field("id", &self.id).field("subject", &self.subject).finish_non_exhaustive()
    }
}

/// Why a mail was not sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MailError {
    /// This mail is refused, and would be again.
    #[error("the mail is refused: {0}")]
    Refused(String),
    /// It cannot be sent just now.
    #[error("the mail cannot be sent: {0}")]
    Failed(String),
}
