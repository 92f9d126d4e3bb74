//! Messages.

use confab_application::messages::{Anchor, Judge, MessageEdit, PayloadEdit};
use confab_application::ports::{MessageFilter, Order, PageRequest};
use confab_application::views::{EXCERPT_CHARACTERS, MessageView, Preview, ReactionSummary, UserCard};
use confab_domain::{
    Content, Mention, Message, MessageId, Operation, Seq, SystemMessage, Timestamp, UserId, ValueError,
};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
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
    /// What your program sends with the text: an object of at most 16 KiB, in which objects and arrays nest at most 8 deep.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    pub(crate) payload: Option<Box<RawValue>>,
    /// The message of this conversation that it answers.
    #[serde(default)]
    #[schema(value_type = Option<Uuid>)]
    pub(crate) reply_to: Option<String>,
}

/// What a message is to say from now on.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReplaceMessageRequest {
    /// The text, as for a new message.
    #[schema(min_length = 1, max_length = 20_000, example = "Hello, Brian and Ada!")]
    body: String,
    /// What your program sends with it; without it, nothing.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    payload: Option<Box<RawValue>>,
}

impl From<ReplaceMessageRequest> for MessageEdit {
    fn from(request: ReplaceMessageRequest) -> Self {
        let replace = |payload: Box<RawValue>| PayloadEdit::Replace(payload.get().to_owned());
        Self { body: Some(request.body), payload: request.payload.map_or(PayloadEdit::Remove, replace) }
    }
}

/// A merge patch (RFC 7396) of a message.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChangeMessageRequest {
    /// The text, as for a new message.
    #[serde(default, deserialize_with = "super::present")]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 20_000, example = "Hello, Brian!")]
    body: Option<String>,
    /// A merge patch of what your program sent with it; `null` removes it.
    #[serde(default, deserialize_with = "super::present")]
    #[schema(value_type = Option<Object>)]
    payload: Option<Option<Box<RawValue>>>,
}

impl From<ChangeMessageRequest> for MessageEdit {
    fn from(request: ChangeMessageRequest) -> Self {
        let payload = match request.payload {
            None => PayloadEdit::Keep,
            Some(None) => PayloadEdit::Remove,
            Some(Some(patch)) => PayloadEdit::Merge(patch.get().to_owned()),
        };
        Self { body: request.body, payload }
    }
}

/// A message with the users to whom it refers.
#[derive(Serialize, ToSchema)]
pub(crate) struct MessageResponse {
    /// The message's id.
    id: Uuid,
    /// The conversation that it belongs to.
    conversation_id: Uuid,
    /// Its place in the conversation: 1, 2, 3 … without gap.
    #[schema(minimum = 1, maximum = 9_007_199_254_740_991_i64, example = 1)]
    seq: u64,
    /// The conversation's version at which it began to say what it says.
    #[schema(minimum = 1, maximum = 9_007_199_254_740_991_i64, example = 1)]
    version: u64,
    /// What sort of message it is.
    kind: MessageKind,
    /// The text, exactly as it was sent; empty for a system message, and where it was deleted.
    #[schema(example = "Hello, Brian!")]
    body: String,
    /// What programs sent with it.
    #[schema(required = true, value_type = Option<Object>)]
    payload: Option<Box<RawValue>>,
    /// Whom the text mentions, and where.
    mentions: Vec<MentionResponse>,
    /// What a system message tells.
    #[schema(required = true)]
    system: Option<SystemResponse>,
    /// The message of this conversation that it answers.
    #[schema(required = true)]
    reply_to: Option<ReplyResponse>,
    /// The reactions to it: for each emoji, of which there are at most 50, how many there are. The first emoji comes first.
    reactions: Vec<ReactionSummaryResponse>,
    /// Who sent it, or did what a system message tells.
    sender: UserResponse,
    /// The sender's key.
    #[schema(required = true)]
    client_message_id: Option<String>,
    /// When the server took it.
    #[schema(format = DateTime, example = "2026-01-31T09:30:00.000000Z")]
    sent_at: String,
    /// When it was last edited.
    #[schema(required = true, format = DateTime, example = "2026-01-31T09:31:00.000000Z")]
    edited_at: Option<String>,
    /// When it was deleted. Only its place remains.
    #[schema(required = true, format = DateTime, example = "2026-01-31T09:32:00.000000Z")]
    deleted_at: Option<String>,
    /// What you may do with it now; only where it was asked for with `include=allowed_actions`.
    #[serde(skip_serializing_if = "Option::is_none")]
    allowed_actions: Option<Vec<MessageAction>>,
}

/// What can be done with a message: names of operations, as in `GET /api/v1/permissions`. To `send_message` is to answer it. Some
/// take a reason, as `GET /api/v1/permissions` tells.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum MessageAction {
    SendMessage,
    ListReaders,
    EditMessage,
    DeleteOwnMessage,
    DeleteAnyMessage,
    HideMessage,
    ReactToMessage,
    ReportMessage,
}

impl MessageAction {
    /// The operation, if it is [of a message](Operation::OF_A_MESSAGE).
    const fn of(operation: Operation) -> Option<Self> {
        Some(match operation {
            Operation::SendMessage => Self::SendMessage,
            Operation::ListReaders => Self::ListReaders,
            Operation::EditMessage => Self::EditMessage,
            Operation::DeleteOwnMessage => Self::DeleteOwnMessage,
            Operation::DeleteAnyMessage => Self::DeleteAnyMessage,
            Operation::HideMessage => Self::HideMessage,
            Operation::ReactToMessage => Self::ReactToMessage,
            Operation::ReportMessage => Self::ReportMessage,
            _ => return None,
        })
    }
}

/// A `text` is what a user has written; a `system` message tells what has happened to the conversation; of a `deleted` one
/// only the place remains.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum MessageKind {
    Text,
    System,
    Deleted,
}

impl MessageKind {
    fn of(message: &Message) -> Self {
        match &message.content {
            Content::Text(_) => Self::Text,
            Content::System(_) => Self::System,
            Content::Deleted(_) => Self::Deleted,
        }
    }
}

/// A message that another one answers.
#[derive(Serialize, ToSchema)]
#[schema(as = Reply)]
struct ReplyResponse {
    /// Its id.
    id: Uuid,
    /// How it begins; none where you do not see it.
    #[schema(required = true)]
    preview: Option<PreviewResponse>,
}

/// How a message begins.
#[derive(Serialize, ToSchema)]
#[schema(as = MessagePreview)]
struct PreviewResponse {
    /// Its place in the conversation.
    #[schema(minimum = 1, example = 1)]
    seq: u64,
    /// What sort of message it is.
    kind: MessageKind,
    /// The first 200 characters of its text.
    #[schema(example = "Hello, Brian!")]
    excerpt: String,
    /// Who sent it.
    sender: UserResponse,
    /// When the server took it.
    #[schema(format = DateTime, example = "2026-01-31T09:30:00.000000Z")]
    sent_at: String,
}

impl From<Preview> for ReplyResponse {
    fn from(preview: Preview) -> Self {
        let shown = preview.message.map(|(message, sender)| PreviewResponse {
            seq: message.seq.get(),
            kind: MessageKind::of(&message),
            excerpt: message.excerpt(EXCERPT_CHARACTERS).to_owned(),
            sender: sender.into(),
            sent_at: message.sent_at.to_string(),
        });
        Self { id: preview.id.as_uuid(), preview: shown }
    }
}

/// The reactions to a message with one emoji.
#[derive(Serialize, ToSchema)]
#[schema(as = ReactionSummary)]
struct ReactionSummaryResponse {
    /// The emoji.
    #[schema(example = "👍")]
    emoji: &'static str,
    /// How many have reacted with it.
    #[schema(minimum = 1, example = 1)]
    count: u64,
    /// Whether you have.
    mine: bool,
}

impl From<ReactionSummary> for ReactionSummaryResponse {
    fn from(summary: ReactionSummary) -> Self {
        Self { emoji: summary.emoji.as_str(), count: summary.count, mine: summary.mine }
    }
}

/// A user whom a text mentions: it says `<@` and `>` around their id, and they took part when it was written.
#[derive(Serialize, ToSchema)]
#[schema(as = Mention)]
struct MentionResponse {
    /// Who it is.
    user: UserResponse,
    /// Where the text says so.
    ranges: Vec<RangeResponse>,
}

/// A part of a text.
#[derive(Serialize, ToSchema)]
#[schema(as = TextRange)]
struct RangeResponse {
    /// Where it begins, in Unicode code points from 0.
    #[schema(example = 0)]
    start: usize,
    /// Where it begins, in UTF-16 code units from 0, as JavaScript and Java count.
    #[schema(example = 0)]
    utf16_start: usize,
    /// How long it is. It is all ASCII, and as long in one unit as in the other.
    #[schema(example = 39)]
    length: usize,
}

/// What a system message tells; its sender is who did it.
#[derive(Serialize, ToSchema)]
#[schema(as = SystemMessage)]
struct SystemResponse {
    /// What has happened. Clients should pass over what they do not know.
    kind: SystemKind,
    /// To whom: those who were added, who left or was removed, the new owner.
    users: Vec<UserResponse>,
    /// The new title of a group that was renamed; none where it has none any more.
    #[schema(required = true, example = "Analytical engines")]
    title: Option<String>,
    /// Until when the sender, an admin, reads the conversation without being in it; none where it tells something else.
    #[schema(required = true, format = DateTime, example = "2026-01-31T09:45:00.000000Z")]
    until: Option<String>,
}

/// `participants_added`: by the sender. `participant_left`: by themselves, where it is the sender, or removed by the sender.
/// `owner_changed`: to this user. `renamed`, `closed` and `reopened`: the conversation. `inspected`: by the sender, an admin, until a
/// time.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum SystemKind {
    ParticipantsAdded,
    ParticipantLeft,
    OwnerChanged,
    Renamed,
    Closed,
    Reopened,
    Inspected,
}

impl SystemResponse {
    fn new(system: &SystemMessage, named: Vec<UserCard>) -> Self {
        let mut until = None;
        let (kind, title) = match system {
            SystemMessage::ParticipantsAdded { .. } => (SystemKind::ParticipantsAdded, None),
            SystemMessage::ParticipantLeft { .. } => (SystemKind::ParticipantLeft, None),
            SystemMessage::OwnerChanged { .. } => (SystemKind::OwnerChanged, None),
            SystemMessage::Renamed { title } => (SystemKind::Renamed, title.as_ref()),
            SystemMessage::Closed => (SystemKind::Closed, None),
            SystemMessage::Reopened => (SystemKind::Reopened, None),
            SystemMessage::Inspected { until: end } => {
                until = Some(end.to_string());
                (SystemKind::Inspected, None)
            }
        };
        let title = title.map(|title| title.as_str().to_owned());
        Self { kind, users: named.into_iter().map(Into::into).collect(), title, until }
    }
}

impl From<MessageView> for MessageResponse {
    fn from(view: MessageView) -> Self {
        let MessageView { message, sender, named, reply_to, reactions } = view;
        let mut response = Self {
            id: message.id.as_uuid(),
            conversation_id: message.conversation_id.as_uuid(),
            seq: message.seq.get(),
            version: message.content_version().get(),
            kind: MessageKind::of(&message),
            body: message.body().to_owned(),
            payload: None,
            mentions: Vec::new(),
            system: None,
            reply_to: reply_to.map(Into::into),
            reactions: reactions.into_iter().map(Into::into).collect(),
            sender: sender.into(),
            client_message_id: message.client_message_id.as_ref().map(|key| key.as_str().to_owned()),
            sent_at: message.sent_at.to_string(),
            edited_at: None,
            deleted_at: None,
            allowed_actions: None,
        };
        match &message.content {
            Content::Text(text) => {
                response.mentions = mentions(&message, named);
                // It was JSON when it was taken.
                let payload = text.payload.as_ref().map(|payload| payload.as_str().to_owned());
                response.payload = payload.and_then(|text| RawValue::from_string(text).ok());
                response.edited_at = text.edited.map(|edited| edited.at.to_string());
            }
            Content::System(system) => {
                response.system = Some(SystemResponse::new(system, named));
            }
            Content::Deleted(deleted) => {
                response.deleted_at = Some(deleted.at.to_string());
            }
        }
        response
    }
}

impl MessageResponse {
    /// The message, with what may be done with it where that was asked for.
    pub(crate) fn judged(view: MessageView, judge: Option<&Judge>) -> Self {
        let actions = judge.map(|judge| judge.allowed_actions(&view.message));
        let allowed_actions = actions.map(|actions| actions.into_iter().filter_map(MessageAction::of).collect());
        Self { allowed_actions, ..Self::from(view) }
    }
}

fn mentions(message: &Message, named: Vec<UserCard>) -> Vec<MentionResponse> {
    let of_user = |user: UserCard| {
        let theirs = message.mentions().filter(|mention| mention.user_id == user.id);
        let range = |mention: Mention| RangeResponse {
            start: mention.start,
            utf16_start: mention.utf16_start,
            length: Mention::LENGTH,
        };
        MentionResponse { ranges: theirs.map(range).collect(), user: user.into() }
    };
    named.into_iter().map(of_user).collect()
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
    #[param(minimum = 0, maximum = 9_007_199_254_740_991_i64)]
    after_seq: Option<i64>,
    /// Only messages with a smaller seq.
    #[param(minimum = 0, maximum = 9_007_199_254_740_991_i64)]
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
    /// The messages around this one, by its id or its seq: as many before it as after it, as far as there are so many. Then
    /// without `cursor`; the cursors of the answer lead on from there.
    #[param(pattern = "^([0-9]{1,16}|[0-9A-Fa-f-]{32,36})$", example = "120")]
    around: Option<String>,
    /// What to add to each message.
    #[param(inline)]
    pub(crate) include: Option<AddedToMessage>,
}

/// What is added to each message where it is asked for.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum AddedToMessage {
    AllowedActions,
}

/// How to read a message.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct MessageQuery {
    /// What to add to it.
    #[param(inline)]
    pub(crate) include: Option<AddedToMessage>,
}

impl HistoryQuery {
    /// What is asked for, or every parameter that is wrong.
    pub(crate) fn parse(&self) -> Result<(MessageFilter, PageRequest<Seq>, Option<Anchor>), Problem> {
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
        let around = faults.take("around", self.around.as_deref(), |text| {
            if self.cursor.is_some() {
                return Err(ValueError::Malformed { expected: "absent where there is a cursor" });
            }
            let seq = text.parse().ok().and_then(|seq| Seq::parse(seq).ok()).map(Anchor::Seq);
            let message = || MessageId::parse(text).ok().map(Anchor::Message);
            seq.or_else(message).ok_or(ValueError::Malformed { expected: "the id or the seq of a message" })
        });
        faults.check()?;
        Ok((filter, page, around))
    }
}
