//! What handlers take from a request. Every fault is a problem that names the field.

mod body;
mod caller;
mod fault;
mod if_match;
mod list;
mod origin;
mod query;
mod tags;

pub(crate) use body::Body;
pub(crate) use caller::Caller;
pub(crate) use if_match::{etag, if_match};
pub(crate) use list::{Faults, page_limit, page_request};
pub(crate) use origin::From;
pub(crate) use query::{NoParameters, Query};
pub(crate) use tags::{IfMatch, tagged};

use confab_application::FieldError;
use confab_domain::{ConversationId, Emoji, MessageId, ReportId, SessionId, UserId};

use crate::problem::Problem;

/// The conversation that a path names.
pub(crate) fn conversation_id(text: &str) -> Result<ConversationId, Problem> {
    ConversationId::parse(text).map_err(|error| Problem::in_path(FieldError::of_value("conversation_id", &error)))
}

/// The user that a path names.
pub(crate) fn user_id(text: &str) -> Result<UserId, Problem> {
    UserId::parse(text).map_err(|error| Problem::in_path(FieldError::of_value("user_id", &error)))
}

/// The message that a path names.
pub(crate) fn message_id(text: &str) -> Result<MessageId, Problem> {
    MessageId::parse(text).map_err(|error| Problem::in_path(FieldError::of_value("message_id", &error)))
}

/// The report that a path names.
pub(crate) fn report_id(text: &str) -> Result<ReportId, Problem> {
    ReportId::parse(text).map_err(|error| Problem::in_path(FieldError::of_value("report_id", &error)))
}

/// The session that a path names.
pub(crate) fn session_id(text: &str) -> Result<SessionId, Problem> {
    SessionId::parse(text).map_err(|error| Problem::in_path(FieldError::of_value("session_id", &error)))
}

/// The emoji that a path names.
pub(crate) fn emoji(text: &str) -> Result<Emoji, Problem> {
    Emoji::parse(text).map_err(|error| Problem::in_path(FieldError::of_value("emoji", &error)))
}
