//! What Confab is about: people, conversations, messages, and who may do what. Pure and synchronous.
//!
//! Architecture invariant: nothing here waits, reads a clock, makes an id or knows how it is stored or shown.
//! Entities are read through their `…State` and changed only by their own methods: `parse` takes outside text,
//! `restore` takes what storage kept, any other constructor makes something new.

mod audit;
mod block;
mod changing;
mod conversation;
mod email;
mod emoji;
mod event;
mod ids;
mod json;
mod mail;
mod mention;
mod message;
mod numbers;
mod participant;
mod password;
mod permission;
mod phone;
mod posting;
mod report;
mod role;
mod search;
mod session;
mod succession;
mod system;
mod text;
mod time;
mod unread;
mod user;
mod value;

pub use audit::{AuditEntry, AuditKind, Facts, Origin};
pub use block::{Block, MAX_BLOCKS};
pub use changing::{ChangeRefused, Changer, MAX_REACTION_KINDS, Reaction, Revision};
pub use conversation::{
    Conversation, ConversationKind, ConversationState, DirectPair, HistoryVisibility, MAX_PARTICIPANTS,
};
pub use email::EmailAddress;
pub use emoji::Emoji;
pub use event::{Change, ConversationChange, Event, EventState};
pub use ids::{AuditEntryId, ConversationId, MailId, MessageId, ReportId, SessionId, UserId};
pub use json::JsonObject;
pub use mail::{MailKind, MailToken, MailTokenHash, OutgoingMail, TokenPurpose};
pub use mention::Mention;
pub use message::{Content, Deleted, Draft, Edited, Message, MessageState, MessageText};
pub use numbers::{Seq, Version};
pub use participant::{FormerParticipant, Membership, Participant, ParticipantState, Preferences};
pub use password::{Password, PasswordHash};
pub use permission::{Denied, Operation, Policy, Relation, Terms, allowed_actions, judge, may, may_start_direct};
pub use phone::PhoneNumber;
pub use posting::{Meanwhile, Posting, PostingFacts, PostingRefused, Sender, post};
pub use report::{Report, ReportChange, ReportReason, ReportState};
pub use role::Role;
pub use search::{SearchTerms, index_tokens};
pub use session::{RefreshToken, RefreshTokenHash, Session, SessionUse};
pub use succession::successor;
pub use system::SystemMessage;
pub use text::{ClientMessageId, DeviceName, MessageBody, PersonName, Reason, Remark, Title, UserAgent};
pub use time::Timestamp;
pub use unread::UnreadCount;
pub use user::{Discoverable, Profile, ProfileChange, User, UserState};
pub use value::{Inconsistent, Unit, ValueError};
