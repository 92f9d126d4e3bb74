//! Every trait that the use-cases need, for adapters to implement.
//!
//! Storage has three handles: a [`Store`] that only reads, a [`Transaction`] that writes, and a [`MessageLog`] to which
//! many append at once. All are `dyn`-compatible, and none carries a connection. Whoever writes a storage adapter runs the suite of `confab-store-contract` on it.

mod accounts;
mod audit;
mod conversations;
mod environment;
mod events;
mod export;
mod former;
mod inspection;
mod mail;
mod message_log;
mod messages;
mod page;
mod people;
mod reports;
mod search;
mod security;
mod store;

pub use accounts::{AccountReader, Credentials, SessionReader, SessionRepository, UserFilter, UserRepository};
pub use audit::{AuditReader, AuditRepository};
pub use conversations::{
    ActivityKey, ConversationFilter, ConversationReader, ConversationRepository, Muted, Participants,
};
pub use environment::{Clock, IdGenerator};
pub use events::{EventReader, EventRepository};
pub use export::{ExportReader, FormerPlace, Place};
pub use former::FormerHistory;
pub use inspection::{InspectedHistory, Inspection};
pub use mail::{ClaimedMail, Mail, MailError, MailOutcome, MailReader, MailRepository, Mailer};
pub use message_log::{AppendError, Appended, MessageLog, Submission};
pub use messages::{MessageFilter, MessageReader, MessageRepository, Order, ReactionFacts};
pub use page::{Limit, Page, PageRequest, Position};
pub use people::{BlockFacts, BlockKey, BlockRepository, PeopleReader};
pub use reports::{ReportFilter, ReportReader, ReportRepository};
pub use search::{MessageSearch, MessageSearcher, SentKey};
pub use security::{
    AccessClaims, AccessTokens, PasswordError, PasswordHasher, RefreshTokens, TokenError, Verdict, Weakness,
};
pub use store::{Constraint, Store, StoreError, Transaction};
