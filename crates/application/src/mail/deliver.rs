//! Send the mails that are due.

use confab_domain::Timestamp;
use futures_util::future::join_all;

use super::compose::compose;
use crate::ports::{ClaimedMail, MailError, MailOutcome, Mailer};
use crate::{App, Error};

/// As many mails as are sent at once.
pub const MAX_BATCH: u32 = 8;
/// How long nobody else sends a mail that was claimed: longer than a mailer tries.
const LEASE_SECONDS: u32 = 300;
/// For how long it can be seen that a mail was given up.
const GIVEN_UP_SECONDS: u32 = 30 * 24 * 3600;
/// For how long it can be seen that a mail was sent, which is how long no other of its kind is.
const SENT_SECONDS: u32 = 60;
/// The most bytes of a reason that are kept.
const MAX_REASON_BYTES: usize = 500;

/// When a mail that could not be sent is tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryPolicy {
    /// How long after the first attempt, in seconds. Each time it is twice as long, up to an hour.
    pub first_seconds: u32,
    /// How often it is tried before it is given up.
    pub max_attempts: u32,
}

impl RetryPolicy {
    const LONGEST_SECONDS: u32 = 3600;

    fn wait_seconds(self, attempts: u32) -> u32 {
        let doubled = 2_u32.checked_pow(attempts.saturating_sub(1)).and_then(|by| self.first_seconds.checked_mul(by));
        doubled.unwrap_or(u32::MAX).min(Self::LONGEST_SECONDS.max(self.first_seconds))
    }
}

/// Sends mails that are due, at most [`MAX_BATCH`], and returns how many it has tried. Each is sent once at least: whoever is
/// killed after a mail server has taken it, and before that is written down, has it sent again.
///
/// # Errors
/// Those of storage. What is wrong with one mail keeps no other from being sent.
pub async fn deliver(app: &App, mailer: &dyn Mailer, policy: RetryPolicy) -> Result<usize, Error> {
    let now = app.clock.now();
    if !app.store.mails().is_due(now).await? {
        return Ok(0);
    }
    let tx = app.store.begin().await?;
    let claimed = tx.mails().claim(MAX_BATCH, now, now.plus_seconds(LEASE_SECONDS)).await?;
    tx.commit().await?;
    let settled = join_all(claimed.iter().map(|mail| send(app, mailer, policy, mail))).await;
    settled.into_iter().collect::<Result<(), Error>>()?;
    Ok(claimed.len())
}

async fn send(app: &App, mailer: &dyn Mailer, policy: RetryPolicy, claimed: &ClaimedMail) -> Result<(), Error> {
    let (id, kind, attempts) = (claimed.mail.id, claimed.mail.kind.as_str(), claimed.attempts);
    let outcome = match compose(app, &claimed.mail).await? {
        Some(mail) => mailer.send(&mail).await.map(|()| true),
        None => Ok(false),
    };
    let now = app.clock.now();
    let outcome = match outcome {
        Ok(is_sent) => {
            tracing::info!(%id, kind, attempts, is_sent, "a mail is done with");
            MailOutcome::Sent { at: now }
        }
        Err(MailError::Failed(reason)) if attempts < policy.max_attempts => {
            tracing::warn!(%id, kind, attempts, reason, "a mail was not sent, and will be tried again");
            let until = now.plus_seconds(policy.wait_seconds(attempts));
            MailOutcome::PutOff { until, reason: cut(reason) }
        }
        Err(MailError::Failed(reason) | MailError::Refused(reason)) => {
            tracing::error!(%id, kind, attempts, reason, "a mail was given up");
            MailOutcome::GivenUp { at: now, reason: cut(reason) }
        }
    };
    let tx = app.store.begin().await?;
    tx.mails().settle(claimed, &outcome).await?;
    Ok(tx.commit().await?)
}

/// What a mail server says may be long, and have anything in it.
fn cut(reason: String) -> String {
    let mut reason = reason.replace('\0', "\u{fffd}");
    reason.truncate(reason.floor_char_boundary(MAX_REASON_BYTES));
    reason
}

/// Forgets what nobody needs any more: mails that were sent a minute ago, those that were given up a month ago, and tokens
/// that have expired.
///
/// # Errors
/// Those of storage.
pub async fn housekeeping(app: &App) -> Result<(), Error> {
    let now: Timestamp = app.clock.now();
    let tx = app.store.begin().await?;
    tx.mails().forget(now.minus_seconds(SENT_SECONDS), now.minus_seconds(GIVEN_UP_SECONDS), now).await?;
    Ok(tx.commit().await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_wait_is_twice_as_long_up_to_an_hour() {
        let policy = RetryPolicy { first_seconds: 30, max_attempts: 10 };
        let waits: Vec<_> = [1, 2, 3, 7, 8, 100].map(|attempts| policy.wait_seconds(attempts)).into();
        assert_eq!(waits, [30, 60, 120, 1920, 3600, 3600]);
    }

    #[test]
    fn a_reason_is_cut_between_characters() {
        assert_eq!(cut("é".repeat(1000)).len(), MAX_REASON_BYTES);
        assert_eq!(cut(format!("x{}", "é".repeat(1000))).len(), MAX_REASON_BYTES - 1);
    }
}
