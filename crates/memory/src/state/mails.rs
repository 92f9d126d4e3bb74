//! Mails, and the tokens in them.

use std::sync::Arc;

use confab_application::ports::{ClaimedMail, Constraint, MailOutcome, StoreError};
use confab_domain::{EmailAddress, MailToken, MailTokenHash, OutgoingMail, Timestamp, TokenPurpose, User, UserId};

use super::{State, require_free, require_target, retain};

/// A mail in the queue.
#[derive(Clone)]
pub(super) struct MailRow {
    mail: OutgoingMail,
    attempts: u32,
    status: Status,
}

impl MailRow {
    pub(super) const fn mail(&self) -> &OutgoingMail {
        &self.mail
    }

    pub(super) const fn is_sent(&self) -> bool {
        matches!(self.status, Status::Sent(_))
    }
}

/// What is to become of a mail, or has become of it.
#[derive(Clone, Copy)]
enum Status {
    Due(Timestamp),
    Sent(Timestamp),
    GivenUp(Timestamp),
}

impl State {
    pub(crate) fn enqueue(&mut self, mail: &OutgoingMail, rested: Timestamp) -> Result<(), StoreError> {
        let key = (mail.kind, mail.email.key().into());
        let rests = |row: &Arc<MailRow>| match row.status {
            Status::Due(_) => true,
            Status::Sent(at) | Status::GivenUp(at) => at > rested,
        };
        if self.mails.get(&key).is_some_and(rests) {
            return Ok(());
        }
        require_free(self.mails.values().any(|row| row.mail.id == mail.id), Constraint::MailId)?;
        let row = MailRow { mail: mail.clone(), attempts: 0, status: Status::Due(mail.created_at) };
        self.mails.insert(key, Arc::new(row));
        Ok(())
    }

    pub(crate) fn mail_is_due(&self, now: Timestamp) -> bool {
        self.mails.values().any(|row| matches!(row.status, Status::Due(at) if at <= now))
    }

    pub(crate) fn claim_mails(&mut self, limit: u32, now: Timestamp, lease: Timestamp) -> Vec<ClaimedMail> {
        let mut due: Vec<_> = self
            .mails
            .iter()
            .filter_map(|(key, row)| match row.status {
                Status::Due(at) if at <= now => Some((at, key.clone(), Arc::clone(row))),
                _ => None,
            })
            .collect();
        due.sort_by_key(|(at, _, _)| *at);
        let claim = |(_, key, row): (_, _, Arc<MailRow>)| {
            let attempts = row.attempts + 1;
            let claimed = MailRow { attempts, status: Status::Due(lease), ..MailRow::clone(&row) };
            self.mails.insert(key, Arc::new(claimed));
            ClaimedMail { mail: row.mail.clone(), attempts }
        };
        due.into_iter().take(limit as usize).map(claim).collect()
    }

    pub(crate) fn settle_mail(&mut self, claimed: &ClaimedMail, outcome: &MailOutcome) {
        let status = match outcome {
            MailOutcome::Sent { at } => Status::Sent(*at),
            MailOutcome::PutOff { until, .. } => Status::Due(*until),
            MailOutcome::GivenUp { at, .. } => Status::GivenUp(*at),
        };
        let key = (claimed.mail.kind, claimed.mail.email.key().into());
        let is_it = |row: &&Arc<MailRow>| row.mail.id == claimed.mail.id && row.attempts == claimed.attempts;
        if let Some(row) = self.mails.get(&key).filter(is_it) {
            let settled = MailRow { status, ..MailRow::clone(row) };
            self.mails.insert(key, Arc::new(settled));
        }
    }

    pub(crate) fn forget_mails(&mut self, sent: Timestamp, given_up: Timestamp, expired: Timestamp) {
        retain(&mut self.mails, |_, row| match row.status {
            Status::Due(_) => true,
            Status::Sent(at) => at > sent && at > given_up,
            Status::GivenUp(at) => at > given_up,
        });
        retain(&mut self.mail_tokens, |_, token| token.expires_at > expired);
    }

    pub(crate) fn forget_mails_to(&mut self, email: &EmailAddress) {
        retain(&mut self.mails, |(_, key), _| &**key != email.key());
    }

    pub(crate) fn insert_mail_token(&mut self, token: &MailToken) -> Result<(), StoreError> {
        require_free(self.mail_tokens.contains_key(&token.hash), Constraint::MailToken)?;
        require_target(self.user(token.user_id).is_some())?;
        self.mail_tokens.insert(token.hash, Arc::new(token.clone()));
        Ok(())
    }

    pub(crate) fn mail_token_owner(&self, hash: &MailTokenHash, purpose: TokenPurpose, now: Timestamp) -> Option<User> {
        let token = self.mail_tokens.get(hash)?;
        let user = self.user(token.user_id)?;
        let is_good = token.purpose == purpose && token.expires_at > now && token.email == user.email;
        is_good.then(|| user.clone())
    }

    pub(crate) fn take_mail_token(
        &mut self,
        hash: &MailTokenHash,
        purpose: TokenPurpose,
        now: Timestamp,
    ) -> Option<UserId> {
        let owner = self.mail_token_owner(hash, purpose, now)?;
        self.mail_tokens.remove(hash);
        Some(owner.id)
    }

    pub(crate) fn forget_mail_tokens(&mut self, user_id: UserId, purpose: TokenPurpose) {
        retain(&mut self.mail_tokens, |_, token| token.user_id != user_id || token.purpose != purpose);
    }
}
