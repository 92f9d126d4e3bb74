//! Put a mail into the queue.

use confab_domain::{EmailAddress, MailId, MailKind, OutgoingMail, Timestamp};

use crate::ports::{StoreError, Transaction};
use crate::{App, Error};

/// How long an address has its rest from mails of one kind.
const REST_SECONDS: u32 = 60;

/// Adds a mail to the transaction that is its cause. One that waits already, or was sent less than a minute ago, will do:
/// nobody can have somebody else's mailbox flooded.
///
/// It is written only when it is sent. Whether the address is anybody's does not matter until then, so that it takes the
/// same either way; and what is secret in it is never stored.
pub(crate) async fn enqueue(
    app: &App,
    tx: &dyn Transaction,
    kind: MailKind,
    email: &EmailAddress,
    now: Timestamp,
) -> Result<(), Error> {
    let mail = OutgoingMail { id: MailId::from(app.ids.next()), kind, email: email.clone(), created_at: now };
    let stored: Result<(), StoreError> = tx.mails().enqueue(&mail, now.minus_seconds(REST_SECONDS)).await;
    Ok(stored?)
}
