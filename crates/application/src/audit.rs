//! Entries of the audit.

use confab_domain::{AuditEntry, AuditEntryId, AuditKind, Origin, UserId};

use crate::App;

impl App {
    /// An entry of what happens to an account now, to be completed: nobody has done it yet.
    pub fn audit_entry(&self, kind: AuditKind, subject_id: Option<UserId>, origin: &Origin) -> AuditEntry {
        AuditEntry {
            id: AuditEntryId::from(self.ids.next()),
            at: self.clock.now(),
            kind,
            actor_id: None,
            subject_id,
            session_id: None,
            origin: origin.clone(),
            before: None,
            after: None,
        }
    }

    /// An entry of what a user does to the own account now.
    pub fn own_audit_entry(&self, kind: AuditKind, user_id: UserId, origin: &Origin) -> AuditEntry {
        AuditEntry { actor_id: Some(user_id), ..self.audit_entry(kind, Some(user_id), origin) }
    }
}
