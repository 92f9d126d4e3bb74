//! What goes over the wire. Requests refuse fields that they do not know.

mod account_list;
mod accounts;
mod audit;
mod blocks;
mod changes;
mod conversations;
mod events;
mod export;
mod limits;
mod message_changes;
mod messages;
mod page;
mod participants;
mod permissions;
mod read_state;
mod reports;
mod search;
mod sessions;
mod users;

pub(crate) use account_list::{AccountPage, AccountResponse, ListUsersQuery};
pub(crate) use accounts::{
    AddressRequest, ChangePasswordRequest, LogInRequest, MailTokenRequest, RefreshRequest, RegisterRequest,
    ResetPasswordRequest, TokenResponse,
};
pub(crate) use audit::{AuditEntryResponse, AuditPage, AuditQuery};
pub(crate) use blocks::{BlockPage, BlockResponse, BlocksQuery};
pub(crate) use changes::{
    AddParticipantsRequest, ChangeConversationRequest, HandOnRequest, InspectRequest, InspectionResponse,
    PreferencesRequest, PreferencesResponse, ReasonQuery, ReplaceConversationRequest,
};
pub(crate) use conversations::{
    ConversationDetailResponse, ConversationPage, ConversationResponse, CreateConversationRequest, Eyes,
    ListConversationsQuery, ListRequest, ListedConversationResponse,
};
pub(crate) use events::{EventPage, EventsQuery};
pub(crate) use export::{
    DataExport, ExportedBlock, ExportedConversation, ExportedMail, ExportedMessage, ExportedReaction,
};
pub(crate) use limits::LimitsResponse;
pub(crate) use message_changes::{
    Audience, DeleteMessageQuery, MessageRevisionPage, ReactionPage, ReactionsQuery, RevisionResponse, RevisionsQuery,
};
pub(crate) use messages::{
    AddedToMessage, ChangeMessageRequest, HistoryQuery, MessagePage, MessageQuery, MessageResponse,
    ReplaceMessageRequest, SendMessageRequest,
};
pub(crate) use page::Links;
pub(crate) use participants::{ListParticipantsQuery, MembershipName, ParticipantPage, ParticipantResponse};
pub(crate) use permissions::PermissionsResponse;
pub(crate) use read_state::{
    AllReadResponse, ListReadersQuery, MarkDeliveredRequest, MarkReadRequest, MarkUnreadRequest, ReadStateResponse,
    UnreadResponse, UserPage,
};
pub(crate) use reports::{
    ChangeReportRequest, ListReportsQuery, OwnReportResponse, ReportMessageRequest, ReportPage, ReportResponse,
};
pub(crate) use search::{HitPage, SearchQuery};
pub(crate) use sessions::{SessionPage, SessionResponse, SessionsQuery};
pub(crate) use users::{
    ChangeProfileRequest, ChangeStandingRequest, DeleteAccountRequest, FindUsersQuery, FoundUsers, ProfileResponse,
    RoleName, StandingResponse, UserResponse,
};

use serde::{Deserialize, Deserializer};

/// A field that is there, whatever it holds: with `#[serde(default)]`, what is absent stays `None`, and `null` is a value
/// like any other.
fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}
