//! Conversations.

use confab_application::conversations::NewConversation;
use confab_application::ports::{ActivityKey, ConversationFilter, PageRequest, Participants};
use confab_application::views::{ConversationView, MessageView, ParticipantView};
use confab_domain::{ConversationKind, Membership, Title, UserId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{MessageResponse, UserResponse};
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

/// The `owner` made the group; everyone else is a `member`.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = Membership)]
pub(crate) enum MembershipName {
    Owner,
    Member,
}

/// A participant of a conversation.
#[derive(Serialize, ToSchema)]
pub(crate) struct ParticipantResponse {
    /// Who it is.
    user: UserResponse,
    /// Owner or member.
    membership: MembershipName,
    /// When they joined.
    #[schema(format = DateTime, example = "2026-01-31T09:30:00.000000Z")]
    joined_at: String,
    /// The seq of the last message that they have read; 0 for none.
    #[schema(example = 1)]
    last_read_seq: u64,
    /// The seq of the last message that has reached them; 0 for none.
    #[schema(example = 1)]
    last_delivered_seq: u64,
}

impl From<ParticipantView> for ParticipantResponse {
    fn from(view: ParticipantView) -> Self {
        Self {
            membership: match view.membership {
                Membership::Owner => MembershipName::Owner,
                Membership::Member => MembershipName::Member,
            },
            joined_at: view.joined_at.to_string(),
            last_read_seq: view.last_read_seq.get(),
            last_delivered_seq: view.last_delivered_seq.get(),
            user: view.user.into(),
        }
    }
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
    /// The participants, by id.
    participants: Vec<ParticipantResponse>,
}

impl From<ConversationView> for ConversationResponse {
    fn from(view: ConversationView) -> Self {
        let conversation = &view.conversation;
        let summary = ConversationSummary {
            id: conversation.id.as_uuid(),
            kind: match conversation.kind() {
                ConversationKind::Direct => KindName::Direct,
                ConversationKind::Group => KindName::Group,
            },
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
        };
        Self { summary, participants: view.participants.into_iter().map(Into::into).collect() }
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
    pub(crate) fn new(view: ConversationView, shown: Participants) -> Self {
        let ConversationResponse { summary, participants } = view.into();
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

impl From<(ConversationView, Vec<MessageView>)> for ConversationDetailResponse {
    fn from((view, messages): (ConversationView, Vec<MessageView>)) -> Self {
        Self { conversation: view.into(), messages: messages.into_iter().map(Into::into).collect() }
    }
}

/// Part of one's conversations.
#[derive(Serialize, ToSchema)]
pub(crate) struct ConversationPage {
    /// The conversations, newest activity first.
    pub(crate) items: Vec<ListedConversationResponse>,
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
}

impl ListConversationsQuery {
    /// What is asked for, or every parameter that is wrong.
    pub(crate) fn parse(&self) -> Result<ListRequest, Problem> {
        let mut faults = Faults::default();
        let title = faults.take("title", self.title.as_deref(), Title::parse);
        let filter = ConversationFilter {
            participant_id: faults.take("participant_id", self.participant_id.as_deref(), UserId::parse),
            kind: faults.take("kind", self.kind.as_deref(), ConversationKind::parse),
            title_contains: title.map(|title| title.as_str().to_owned()),
        };
        let page = page_request(&mut faults, self.limit, self.cursor.as_deref());
        faults.check()?;
        let participants = match self.include {
            Some(Included::Participants) => Participants::First,
            None => Participants::None,
        };
        Ok(ListRequest { filter, page, participants })
    }
}
