//! What time it is, and new ids: the two things that would make a test differ from run to run.

use confab_domain::Timestamp;

/// Tells the time.
pub trait Clock: Send + Sync {
    /// The time now, to the microsecond.
    fn now(&self) -> Timestamp;
}

/// Makes ids that nothing else has. Use-cases wrap them: `UserId::from(ids.next())`.
pub trait IdGenerator: Send + Sync {
    /// A new UUID, of version 7 (RFC 9562, section 5.7) where it is kept.
    fn next(&self) -> uuid::Uuid;
}
