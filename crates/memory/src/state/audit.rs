//! The audit.

use std::sync::Arc;

use confab_application::ports::{Constraint, Page, PageRequest, Position, StoreError};
use confab_domain::{AuditEntry, AuditEntryId, Origin, Timestamp, UserId};

use super::{State, require_free, require_target};

/// How many log-ins to an account have failed.
#[derive(Clone, Copy, Default)]
pub(super) struct Failures {
    minute: i64,
    in_minute: u64,
    in_all: u64,
}

impl State {
    pub(crate) fn append_audit(&mut self, entry: &AuditEntry) -> Result<(), StoreError> {
        require_free(self.audit.contains_key(&entry.id), Constraint::AuditEntryId)?;
        for user in [entry.actor_id, entry.subject_id].into_iter().flatten() {
            require_target(self.user(user).is_some())?;
        }
        if let Some(subject) = entry.subject_id {
            self.audit_by_subject.entry(subject).or_default().insert(entry.id);
        }
        self.audit.insert(entry.id, Arc::new(entry.clone()));
        Ok(())
    }

    pub(crate) fn list_audit(&self, viewer: UserId, page: &PageRequest<AuditEntryId>) -> Page<AuditEntry> {
        let Some(ids) = self.audit_by_subject.get(&viewer) else { return Page::of_rows(Vec::new(), page) };
        let ids: Box<dyn Iterator<Item = &AuditEntryId>> = match page.position {
            None => Box::new(ids.iter().rev()),
            Some(Position::After(key)) => Box::new(ids.range(..key).rev()),
            Some(Position::Before(key)) => Box::new(ids.range(key..).filter(move |id| **id != key)),
        };
        let rows = ids.filter_map(|id| self.audit.get(id)).take(page.rows()).map(|entry| AuditEntry::clone(entry));
        Page::of_rows(rows.collect(), page)
    }

    pub(crate) fn count_failed_log_in(&mut self, account: Option<UserId>, now: Timestamp) -> u64 {
        let minute = now.as_seconds().div_euclid(60);
        let failures = self.failed_log_ins.entry(account).or_default();
        failures.in_minute = if failures.minute == minute { failures.in_minute + 1 } else { 1 };
        failures.minute = minute;
        failures.in_all += 1;
        failures.in_minute
    }

    pub(crate) fn forget_origins(&mut self, user: UserId) {
        let is_theirs = |entry: &AuditEntry| match entry.actor_id {
            Some(actor) => actor == user,
            None => entry.subject_id == Some(user),
        };
        let theirs: Vec<_> = self.audit.values().filter(|entry| is_theirs(entry)).cloned().collect();
        for entry in theirs {
            let origin = Origin { address: None, user_agent: None, ..entry.origin.clone() };
            self.audit.insert(entry.id, Arc::new(AuditEntry { origin, ..AuditEntry::clone(&entry) }));
        }
    }

    pub(crate) fn take_failed_log_ins(&mut self, account: UserId) -> u64 {
        self.failed_log_ins.remove(&Some(account)).unwrap_or_default().in_all
    }
}
