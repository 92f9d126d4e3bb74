//! What can be changed of a conversation.

use confab_application::conversations::{ConversationPatch, Grounds, MetadataPatch, PreferencesPatch};
use confab_domain::{ConversationId, Origin, Preferences, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::conversations::HistoryName;
use super::present;

/// What is to change (RFC 7396): what is absent stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChangeConversationRequest {
    /// A new title, or `null` for none.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, required = false, min_length = 1, max_length = 200, example = "Engines")]
    title: Option<Option<String>>,
    /// Whether only the owner sends.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = bool, required = false)]
    announcement: Option<bool>,
    /// From where on participants see what was said.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = HistoryName, required = false)]
    history: Option<String>,
    /// Whether it is closed: nobody sends to it.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = bool, required = false)]
    closed: Option<bool>,
    /// A patch of the metadata: an object of your own of at most 16 KiB, nested at most 8 deep. `null` empties it.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<Object>, required = false, example = json!({ "colour": "green", "old": null }))]
    metadata: Option<Option<Box<RawValue>>>,
}

/// What a conversation is to be: all that its owner can edit of it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReplaceConversationRequest {
    /// The title, or `null` for none.
    #[serde(deserialize_with = "Option::deserialize")]
    #[schema(required = true, min_length = 1, max_length = 200, example = "Engines")]
    title: Option<String>,
    /// Whether only the owner sends.
    announcement: bool,
    /// From where on participants see what was said.
    #[schema(value_type = HistoryName)]
    history: String,
    /// Whether it is closed: nobody sends to it.
    closed: bool,
    /// The metadata: an object of your own of at most 16 KiB, nested at most 8 deep.
    #[schema(value_type = Object, example = json!({ "colour": "green" }))]
    metadata: Box<RawValue>,
}

impl From<ChangeConversationRequest> for ConversationPatch {
    fn from(request: ChangeConversationRequest) -> Self {
        let metadata = request.metadata.map(|patch| match patch {
            None => MetadataPatch::Replace("{}".to_owned()),
            Some(patch) => MetadataPatch::Merge(patch.get().to_owned()),
        });
        Self {
            title: request.title,
            announcement: request.announcement,
            history: request.history,
            closed: request.closed,
            metadata,
        }
    }
}

impl From<ReplaceConversationRequest> for ConversationPatch {
    fn from(request: ReplaceConversationRequest) -> Self {
        Self {
            title: Some(request.title),
            announcement: Some(request.announcement),
            history: Some(request.history),
            closed: Some(request.closed),
            metadata: Some(MetadataPatch::Replace(request.metadata.get().to_owned())),
        }
    }
}

/// Why an admin does it.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ReasonQuery {
    /// Why, in a line: admins who are not the owner have to say it, and it is kept in the audit. Others need not.
    #[param(min_length = 1, max_length = 500, example = "Asked for by its owner, who has lost the account")]
    reason: Option<String>,
}

impl ReasonQuery {
    /// On what grounds it is done.
    pub(crate) fn grounds(self, origin: Origin) -> Grounds {
        Grounds { reason: self.reason, origin }
    }
}

/// How long you want to read.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct InspectRequest {
    /// For how many minutes.
    #[schema(minimum = 1, maximum = 60, example = 15)]
    pub(crate) minutes: u32,
}

/// That you may read a conversation from outside.
#[derive(Serialize, ToSchema)]
#[schema(as = Inspection)]
pub(crate) struct InspectionResponse {
    /// Which one.
    conversation_id: Uuid,
    /// Until when.
    #[schema(format = DateTime, example = "2026-01-31T09:45:00.000000Z")]
    until: String,
}

impl InspectionResponse {
    pub(crate) fn new(conversation_id: ConversationId, until: Timestamp) -> Self {
        Self { conversation_id: conversation_id.as_uuid(), until: until.to_string() }
    }
}

/// What is to change of what you have set for yourself (RFC 7396): what is absent stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PreferencesRequest {
    /// Until when to make nothing of new messages, or `null` for not at all.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, required = false, format = DateTime, example = "2026-01-31T09:30:00Z")]
    muted_until: Option<Option<String>>,
    /// Whether it is put away.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = bool, required = false)]
    archived: Option<bool>,
    /// Whether it is kept at hand.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = bool, required = false)]
    pinned: Option<bool>,
}

impl From<PreferencesRequest> for PreferencesPatch {
    fn from(request: PreferencesRequest) -> Self {
        Self { muted_until: request.muted_until, archived: request.archived, pinned: request.pinned }
    }
}

/// What you have set for yourself. Nobody else sees it.
#[derive(Serialize, ToSchema)]
#[schema(as = Preferences)]
pub(crate) struct PreferencesResponse {
    /// Until when nothing is to be made of new messages.
    #[schema(required = true, format = DateTime, example = "2026-01-31T09:30:00.000000Z")]
    muted_until: Option<String>,
    /// Whether it is put away.
    #[schema(example = false)]
    archived: bool,
    /// Whether it is kept at hand.
    #[schema(example = false)]
    pinned: bool,
}

impl From<Preferences> for PreferencesResponse {
    fn from(preferences: Preferences) -> Self {
        Self {
            muted_until: preferences.muted_until.map(|time| time.to_string()),
            archived: preferences.archived,
            pinned: preferences.pinned,
        }
    }
}

/// Who is to join.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AddParticipantsRequest {
    /// Who it is, each once.
    #[schema(value_type = Vec<Uuid>, min_items = 1, max_items = 1000)]
    pub(crate) user_ids: Vec<String>,
}

/// Who is to own the group.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct HandOnRequest {
    /// One of its participants.
    #[schema(value_type = Uuid)]
    pub(crate) user_id: String,
}
