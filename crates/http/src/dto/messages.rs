//! Messages.

use confab_application::ports::{MessageFilter, Order, PageRequest};
use confab_application::views::MessageView;
use confab_domain::{Seq, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::UserResponse;
use crate::extract::{Faults, page_request};
use crate::problem::Problem;

/// A message to send.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SendMessageRequest {
    /// The text: 1 to 20,000 characters of any Unicode but U+0000, kept exactly as given.
    #[schema(min_length = 1, max_length = 20_000, example = "Hello, Brian!")]
    pub(crate) body: String,
    /// A key of your choice, such as a UUID: 1 to 64 visible ASCII characters. A retry with the same key is the same
    /// message. The header `Idempotency-Key` says the same.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 64, example = "0198c5a2-6f3e-7c41-9d2b-3f5a7c9e1b20")]
    pub(crate) client_message_id: Option<String>,
}

/// A message with its sender.
#[derive(Serialize, ToSchema)]
pub(crate) struct MessageResponse {
    /// The message's id.
    id: Uuid,
    /// The conversation that it belongs to.
    conversation_id: Uuid,
    /// Its place in the conversation: 1, 2, 3 … without gap.
    #[schema(minimum = 1, example = 1)]
    seq: u64,
    /// The text, exactly as it was sent.
    #[schema(example = "Hello, Brian!")]
    body: String,
    /// Who sent it.
    sender: UserResponse,
    /// The sender's key.
    #[schema(required = true)]
    client_message_id: Option<String>,
    /// When the server took it.
    #[schema(format = DateTime, example = "2026-01-31T09:30:00.000000Z")]
    sent_at: String,
}

impl From<MessageView> for MessageResponse {
    fn from(view: MessageView) -> Self {
        let message = &view.message;
        Self {
            id: message.id.as_uuid(),
            conversation_id: message.conversation_id.as_uuid(),
            seq: message.seq.get(),
            body: message.body.as_str().to_owned(),
            client_message_id: message.client_message_id.as_ref().map(|key| key.as_str().to_owned()),
            sent_at: message.sent_at.to_string(),
            sender: view.sender.into(),
        }
    }
}

/// Part of a conversation's history.
#[derive(Serialize, ToSchema)]
pub(crate) struct MessagePage {
    /// The messages, in the order that was asked for.
    pub(crate) items: Vec<MessageResponse>,
    /// Gets the messages that follow in this order; none at the end.
    #[schema(required = true)]
    pub(crate) next_cursor: Option<String>,
    /// Gets the messages that come before in this order; none at the start.
    #[schema(required = true)]
    pub(crate) previous_cursor: Option<String>,
}

/// The order of a history.
#[derive(Debug, Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum HistoryOrder {
    #[default]
    NewestFirst,
    OldestFirst,
}

/// Which messages to read.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct HistoryQuery {
    /// A `next_cursor` or `previous_cursor` of this list. Keep the other parameters as they were.
    cursor: Option<String>,
    /// The most messages of a page.
    #[param(minimum = 1, maximum = 100, default = 20)]
    limit: Option<i64>,
    /// From the newest to the oldest (`newest_first`, which is meant where nothing is said), or the other way round.
    #[serde(default)]
    #[param(inline, required = false)]
    order: HistoryOrder,
    /// Only messages with a greater seq.
    #[param(minimum = 0)]
    after_seq: Option<i64>,
    /// Only messages with a smaller seq.
    #[param(minimum = 0)]
    before_seq: Option<i64>,
    /// Only messages of this user.
    #[param(value_type = Option<Uuid>)]
    sender_id: Option<String>,
    /// Only messages that were sent then or later (RFC 3339).
    #[param(value_type = Option<String>, format = DateTime)]
    sent_from: Option<String>,
    /// Only messages that were sent earlier (RFC 3339).
    #[param(value_type = Option<String>, format = DateTime)]
    sent_before: Option<String>,
}

impl HistoryQuery {
    /// What is asked for, or every parameter that is wrong.
    pub(crate) fn parse(&self) -> Result<(MessageFilter, PageRequest<Seq>), Problem> {
        let mut faults = Faults::default();
        let filter = MessageFilter {
            order: match self.order {
                HistoryOrder::NewestFirst => Order::NewestFirst,
                HistoryOrder::OldestFirst => Order::OldestFirst,
            },
            after_seq: faults.take("after_seq", self.after_seq, Seq::parse),
            before_seq: faults.take("before_seq", self.before_seq, Seq::parse),
            sender_id: faults.take("sender_id", self.sender_id.as_deref(), UserId::parse),
            sent_from: faults.take("sent_from", self.sent_from.as_deref(), Timestamp::parse),
            sent_before: faults.take("sent_before", self.sent_before.as_deref(), Timestamp::parse),
        };
        let page = page_request(&mut faults, self.limit, self.cursor.as_deref());
        faults.check()?;
        Ok((filter, page))
    }
}
