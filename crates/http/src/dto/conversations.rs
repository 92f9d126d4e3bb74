//! Conversations.

use confab_application::conversations::NewConversation;
use confab_application::ports::{ActivityKey, ConversationFilter, Muted, PageRequest, Participants};
use confab_application::views::{ConversationView, MessageView};
use confab_domain::{
    ConversationKind, HistoryVisibility, JsonObject, Operation, Policy, Relation, Role, Timestamp, Title, UserId,
    allowed_actions,
};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{MembershipName, MessageResponse, ParticipantResponse, PreferencesResponse, UserResponse};
use crate::extract::{Faults, page_request};
use crate::problem::Problem;

/// A conversation to start.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateConversationRequest {
    /// The other participants, each once. You take part whether you are listed or not; a group has at most 1,000
    /// participants.
    #[schema(value_type = Vec<Uuid>, max_items = 1000)]
    participant_ids: Vec<String>,
    /// A group's title: one line of at most 200 characters. White space around it is dropped.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 200, example = "Analytical engines")]
    title: Option<String>,
    /// Without it, one other participant and no title make it direct, and anything else a group.
    #[serde(default)]
    #[schema(value_type = Option<KindName>)]
    kind: Option<String>,
}

impl From<CreateConversationRequest> for NewConversation {
    fn from(request: CreateConversationRequest) -> Self {
        Self { participant_ids: request.participant_ids, title: request.title, kind: request.kind }
    }
}

/// A `direct` conversation is between two users, who have one for ever; a `group` between any number.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ConversationKind)]
pub(crate) enum KindName {
    Direct,
    Group,
}

impl From<ConversationKind> for KindName {
    fn from(kind: ConversationKind) -> Self {
        match kind {
            ConversationKind::Direct => Self::Direct,
            ConversationKind::Group => Self::Group,
        }
    }
}

/// From where on participants see what was said: from their joining, or from the start.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = HistoryVisibility)]
pub(crate) enum HistoryName {
    FromJoining,
    FromStart,
}

impl From<HistoryVisibility> for HistoryName {
    fn from(history: HistoryVisibility) -> Self {
        match history {
            HistoryVisibility::FromJoining => Self::FromJoining,
            HistoryVisibility::FromStart => Self::FromStart,
        }
    }
}

/// By what whoever reads a conversation is judged.
pub(crate) struct Eyes {
    pub(crate) role: Role,
    pub(crate) policy: Policy,
}

/// A conversation, as you see it, without its participants.
#[derive(Serialize, ToSchema)]
struct ConversationSummary {
    /// The conversation's id.
    id: Uuid,
    /// Direct or group.
    kind: KindName,
    /// A group's title.
    #[schema(required = true, example = "Analytical engines")]
    title: Option<String>,
    /// Who started it.
    creator_id: Uuid,
    /// When it was started.
    #[schema(format = DateTime, example = "2026-01-31T09:30:00.000000Z")]
    created_at: String,
    /// When its newest message was sent, or when it was started.
    #[schema(format = DateTime, example = "2026-01-31T09:30:00.000000Z")]
    last_activity_at: String,
    /// The seq of its newest message; 0 for none.
    #[schema(example = 1)]
    last_seq: u64,
    /// The number of its durable changes.
    #[schema(example = 1)]
    version: u64,
    /// How many messages of others you have not read: exact up to 99, and no more than 100.
    #[schema(example = 0, maximum = 100)]
    unread_count: u64,
    /// Whether there may be more than `unread_count`: show "100+".
    #[schema(example = false)]
    unread_capped: bool,
    /// What you are in it.
    membership: MembershipName,
    /// What you may do with it now: names of operations, as in `GET /api/v1/permissions`.
    #[schema(example = json!(["read_conversation", "send_message"]))]
    allowed_actions: Vec<&'static str>,
    /// Whether only its owner sends to it.
    #[schema(example = false)]
    announcement: bool,
    /// From where on participants see what was said.
    history: HistoryName,
    /// Since when nobody sends to it, if it is closed.
    #[schema(required = true, format = DateTime, example = json!(null))]
    closed_at: Option<String>,
    /// When anything of it last changed, messages included.
    #[schema(format = DateTime, example = "2026-01-31T09:30:00.000000Z")]
    updated_at: String,
    /// What you have set for yourself.
    preferences: PreferencesResponse,
    /// How many participants there are.
    #[schema(example = 2)]
    participant_count: u64,
    /// The other one of a direct conversation; none in a group.
    #[schema(required = true)]
    peer: Option<UserResponse>,
    /// The newest message.
    #[schema(required = true)]
    last_message: Option<MessageResponse>,
}

/// A conversation, as you see it.
#[derive(Serialize, ToSchema)]
pub(crate) struct ConversationResponse {
    #[serde(flatten)]
    summary: ConversationSummary,
    /// What its owner keeps beside it.
    #[schema(value_type = Object, example = json!({ "colour": "green" }))]
    metadata: Box<RawValue>,
    /// The participants, by id.
    participants: Vec<ParticipantResponse>,
}

impl ConversationSummary {
    fn new(view: ConversationView, eyes: &Eyes) -> Self {
        let conversation = &view.conversation;
        let membership = view.viewer.membership;
        let relation = Relation::of(Some((conversation, membership)));
        let allowed = allowed_actions(conversation, eyes.role, relation, eyes.policy);
        Self {
            membership: membership.into(),
            allowed_actions: allowed.into_iter().map(Operation::as_str).collect(),
            announcement: conversation.announcement,
            history: conversation.history.into(),
            closed_at: conversation.closed_at.map(|time| time.to_string()),
            updated_at: conversation.updated_at().to_string(),
            preferences: view.viewer.preferences.into(),
            id: conversation.id.as_uuid(),
            kind: conversation.kind().into(),
            title: conversation.title.as_ref().map(|title| title.as_str().to_owned()),
            creator_id: conversation.creator_id.as_uuid(),
            created_at: conversation.created_at.to_string(),
            last_activity_at: conversation.last_activity_at.to_string(),
            last_seq: conversation.last_seq.get(),
            version: conversation.version.get(),
            unread_count: view.unread.count,
            unread_capped: view.unread.is_capped,
            participant_count: conversation.participant_count,
            peer: view.peer.map(Into::into),
            last_message: view.last_message.map(Into::into),
        }
    }
}

impl ConversationResponse {
    /// The conversation, as somebody sees it.
    pub(crate) fn new(mut view: ConversationView, eyes: &Eyes) -> Self {
        let participants = std::mem::take(&mut view.participants).into_iter().map(Into::into).collect();
        let metadata = view.metadata.as_ref().map_or("{}", JsonObject::as_str).to_owned();
        let metadata = RawValue::from_string(metadata).unwrap_or_default();
        Self { summary: ConversationSummary::new(view, eyes), metadata, participants }
    }
}

/// A conversation in a list.
#[derive(Serialize, ToSchema)]
#[schema(as = ListedConversation)]
pub(crate) struct ListedConversationResponse {
    #[serde(flatten)]
    summary: ConversationSummary,
    /// The first 20 participants, by id; only where they were asked for with `include=participants`.
    #[serde(skip_serializing_if = "Option::is_none")]
    participants: Option<Vec<ParticipantResponse>>,
}

impl ListedConversationResponse {
    /// The conversation, with the participants that were asked for.
    pub(crate) fn new(view: ConversationView, shown: Participants, eyes: &Eyes) -> Self {
        let ConversationResponse { summary, participants, .. } = ConversationResponse::new(view, eyes);
        Self { summary, participants: (shown == Participants::First).then_some(participants) }
    }
}

/// A conversation with its newest messages.
#[derive(Serialize, ToSchema)]
pub(crate) struct ConversationDetailResponse {
    #[serde(flatten)]
    conversation: ConversationResponse,
    /// The newest 20 messages, the newest first. `GET …/messages` reads the rest.
    messages: Vec<MessageResponse>,
}

impl ConversationDetailResponse {
    /// The conversation, as somebody sees it.
    pub(crate) fn new((view, messages): (ConversationView, Vec<MessageView>), eyes: &Eyes) -> Self {
        Self {
            conversation: ConversationResponse::new(view, eyes),
            messages: messages.into_iter().map(Into::into).collect(),
        }
    }
}

/// Part of one's conversations.
#[derive(Serialize, ToSchema)]
pub(crate) struct ConversationPage {
    /// The conversations, newest activity first.
    pub(crate) items: Vec<ListedConversationResponse>,
    /// How many conversations fit; 100 stands for 100 or more. Only where they were to be counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(maximum = 100)]
    pub(crate) total_count: Option<u64>,
    /// Gets the conversations that follow; none at the end.
    #[schema(required = true)]
    pub(crate) next_cursor: Option<String>,
    /// Gets the conversations that come before; none at the start.
    #[schema(required = true)]
    pub(crate) previous_cursor: Option<String>,
}

/// Which conversations to list.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListConversationsQuery {
    /// A `next_cursor` or `previous_cursor` of this list. Keep the other parameters as they were.
    cursor: Option<String>,
    /// The most conversations of a page.
    #[param(minimum = 1, maximum = 100, default = 20)]
    limit: Option<i64>,
    /// Only conversations in which this user takes part as well.
    #[param(value_type = Option<Uuid>)]
    participant_id: Option<String>,
    /// Only conversations of this kind.
    #[param(inline, value_type = Option<KindName>)]
    kind: Option<String>,
    /// Only conversations whose title has this text in it, without regard to case and to white space around it.
    #[param(min_length = 1, max_length = 200)]
    title: Option<String>,
    /// Only conversations in which there is something that you have not read, or only the others.
    unread: Option<bool>,
    /// Only conversations that you have put away, or only the others.
    archived: Option<bool>,
    /// Only conversations that you keep at hand, or only the others.
    pinned: Option<bool>,
    /// Only conversations that you have muted until later than now, or only the others.
    muted: Option<bool>,
    /// Only conversations in which something has changed then or later (RFC 3339), messages included.
    #[param(value_type = Option<String>, format = DateTime)]
    updated_since: Option<String>,
    /// Whether to count the conversations that fit, up to 100.
    #[serde(default)]
    #[param(required = false)]
    count: bool,
    /// What to add to each conversation.
    #[param(inline)]
    include: Option<Included>,
}

/// What a list adds to each conversation where it is asked to.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Included {
    Participants,
}

/// What is asked for.
pub(crate) struct ListRequest {
    pub(crate) filter: ConversationFilter,
    pub(crate) page: PageRequest<ActivityKey>,
    pub(crate) participants: Participants,
    pub(crate) count: bool,
}

impl ListConversationsQuery {
    /// What is asked for, or every parameter that is wrong.
    pub(crate) fn parse(&self, now: Timestamp) -> Result<ListRequest, Problem> {
        let mut faults = Faults::default();
        let title = faults.take("title", self.title.as_deref(), Title::parse);
        let filter = ConversationFilter {
            participant_id: faults.take("participant_id", self.participant_id.as_deref(), UserId::parse),
            kind: faults.take("kind", self.kind.as_deref(), ConversationKind::parse),
            title_contains: title.map(|title| title.as_str().to_owned()),
            unread: self.unread,
            archived: self.archived,
            pinned: self.pinned,
            muted: self.muted.map(|wanted| Muted { wanted, at: now }),
            updated_since: faults.take("updated_since", self.updated_since.as_deref(), Timestamp::parse),
        };
        let page = page_request(&mut faults, self.limit, self.cursor.as_deref());
        faults.check()?;
        let participants = match self.include {
            Some(Included::Participants) => Participants::First,
            None => Participants::None,
        };
        Ok(ListRequest { filter, page, participants, count: self.count })
    }
}
