//! The kinds of refusals.

use actix_web::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

/// The stable name of a kind of refusal, for programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ProblemCode)]
pub(crate) enum Code {
    BadRequest,
    MalformedJson,
    MissingToken,
    InvalidToken,
    ExpiredToken,
    WrongCredentials,
    InvalidRefreshToken,
    EmailNotVerified,
    RoleTooLow,
    GuestMayNotStartDirect,
    NotTheOwner,
    Blocked,
    RouteNotFound,
    ConversationNotFound,
    MessageNotFound,
    ReportNotFound,
    ParticipantNotFound,
    SessionNotFound,
    NotTheSender,
    EditWindowOver,
    UserNotFound,
    NotOneself,
    LastAdmin,
    MethodNotAllowed,
    RequestTimeout,
    EmailTaken,
    ClientMessageIdReused,
    BlockOfOneself,
    TooManyBlocks,
    ConversationClosed,
    MessageDeleted,
    NotAGroup,
    PreconditionFailed,
    PreconditionRequired,
    SystemMessage,
    OwnMessage,
    TooManyReactions,
    ContentTooLarge,
    UnsupportedMediaType,
    InvalidInput,
    TooManyRequests,
    HeadersTooLarge,
    UriTooLong,
    MisdirectedRequest,
    InternalError,
    Busy,
    Unavailable,
}

impl Code {
    /// The HTTP status that it comes with.
    pub(crate) const fn status(self) -> StatusCode {
        match self {
            Self::BadRequest | Self::MalformedJson => StatusCode::BAD_REQUEST,
            Self::MissingToken
            | Self::InvalidToken
            | Self::ExpiredToken
            | Self::WrongCredentials
            | Self::InvalidRefreshToken => StatusCode::UNAUTHORIZED,
            Self::RoleTooLow
            | Self::GuestMayNotStartDirect
            | Self::NotTheOwner
            | Self::Blocked
            | Self::NotOneself
            | Self::EmailNotVerified => StatusCode::FORBIDDEN,
            Self::RouteNotFound
            | Self::ConversationNotFound
            | Self::MessageNotFound
            | Self::ReportNotFound
            | Self::SessionNotFound
            | Self::UserNotFound
            | Self::ParticipantNotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::RequestTimeout => StatusCode::REQUEST_TIMEOUT,
            Self::LastAdmin
            | Self::EmailTaken
            | Self::ClientMessageIdReused
            | Self::MessageDeleted
            | Self::SystemMessage
            | Self::OwnMessage
            | Self::TooManyReactions
            | Self::BlockOfOneself
            | Self::TooManyBlocks
            | Self::ConversationClosed
            | Self::NotAGroup => StatusCode::CONFLICT,
            Self::PreconditionFailed => StatusCode::PRECONDITION_FAILED,
            Self::PreconditionRequired => StatusCode::PRECONDITION_REQUIRED,
            Self::NotTheSender | Self::EditWindowOver => StatusCode::FORBIDDEN,
            Self::ContentTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::InvalidInput => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooManyRequests => StatusCode::TOO_MANY_REQUESTS,
            Self::UriTooLong => StatusCode::URI_TOO_LONG,
            Self::MisdirectedRequest => StatusCode::MISDIRECTED_REQUEST,
            Self::HeadersTooLarge => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            Self::InternalError => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Busy | Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// A short summary, the same for every occurrence.
    pub(crate) const fn title(self) -> &'static str {
        match self {
            Self::BadRequest => "Bad request",
            Self::MalformedJson => "Malformed JSON",
            Self::MissingToken => "Access token missing",
            Self::InvalidToken => "Access token not valid",
            Self::ExpiredToken => "Access token expired",
            Self::WrongCredentials => "Wrong e-mail address or password",
            Self::InvalidRefreshToken => "Refresh token not valid",
            Self::EmailNotVerified => "E-mail address not verified",
            Self::RoleTooLow => "Role too low",
            Self::GuestMayNotStartDirect => "Guests may not start this conversation",
            Self::NotTheOwner => "Not the owner",
            Self::Blocked => "No messages are exchanged here",
            Self::NotTheSender => "Not your message",
            Self::EditWindowOver => "Sent too long ago",
            Self::MessageDeleted => "Message deleted",
            Self::SystemMessage => "System message",
            Self::OwnMessage => "Your own message",
            Self::TooManyReactions => "Too many different reactions",
            Self::PreconditionFailed => "Changed meanwhile",
            Self::PreconditionRequired => "If-Match missing",
            Self::RouteNotFound => "No such route",
            Self::ConversationNotFound => "No such conversation",
            Self::MessageNotFound => "No such message",
            Self::ReportNotFound => "No such report",
            Self::SessionNotFound => "No such session",
            Self::UserNotFound => "No such user",
            Self::NotOneself => "Not to oneself",
            Self::LastAdmin => "Last admin",
            Self::ParticipantNotFound => "No such participant",
            Self::MethodNotAllowed => "Method not allowed",
            Self::RequestTimeout => "Request too slow",
            Self::EmailTaken => "E-mail address taken",
            Self::ClientMessageIdReused => "client_message_id reused",
            Self::BlockOfOneself => "Not oneself",
            Self::TooManyBlocks => "Too many blocks",
            Self::ConversationClosed => "Conversation closed",
            Self::NotAGroup => "Not a group",
            Self::ContentTooLarge => "Body too large",
            Self::UnsupportedMediaType => "Unsupported media type",
            Self::InvalidInput => "Invalid input",
            Self::TooManyRequests => "Too many requests",
            Self::UriTooLong => "URL too long",
            Self::MisdirectedRequest => "Host not served here",
            Self::HeadersTooLarge => "Headers too large",
            Self::InternalError => "Internal error",
            Self::Busy => "Busy",
            Self::Unavailable => "Storage unavailable",
        }
    }

    /// The name itself.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::BadRequest => "bad_request",
            Self::MalformedJson => "malformed_json",
            Self::MissingToken => "missing_token",
            Self::InvalidToken => "invalid_token",
            Self::ExpiredToken => "expired_token",
            Self::WrongCredentials => "wrong_credentials",
            Self::InvalidRefreshToken => "invalid_refresh_token",
            Self::EmailNotVerified => "email_not_verified",
            Self::RoleTooLow => "role_too_low",
            Self::GuestMayNotStartDirect => "guest_may_not_start_direct",
            Self::NotTheOwner => "not_the_owner",
            Self::Blocked => "blocked",
            Self::NotTheSender => "not_the_sender",
            Self::EditWindowOver => "edit_window_over",
            Self::MessageDeleted => "message_deleted",
            Self::SystemMessage => "system_message",
            Self::OwnMessage => "own_message",
            Self::TooManyReactions => "too_many_reactions",
            Self::PreconditionFailed => "precondition_failed",
            Self::PreconditionRequired => "precondition_required",
            Self::RouteNotFound => "route_not_found",
            Self::ConversationNotFound => "conversation_not_found",
            Self::MessageNotFound => "message_not_found",
            Self::ReportNotFound => "report_not_found",
            Self::SessionNotFound => "session_not_found",
            Self::UserNotFound => "user_not_found",
            Self::NotOneself => "not_oneself",
            Self::LastAdmin => "last_admin",
            Self::ParticipantNotFound => "participant_not_found",
            Self::MethodNotAllowed => "method_not_allowed",
            Self::RequestTimeout => "request_timeout",
            Self::EmailTaken => "email_taken",
            Self::ClientMessageIdReused => "client_message_id_reused",
            Self::BlockOfOneself => "block_of_oneself",
            Self::TooManyBlocks => "too_many_blocks",
            Self::ConversationClosed => "conversation_closed",
            Self::NotAGroup => "not_a_group",
            Self::ContentTooLarge => "content_too_large",
            Self::UnsupportedMediaType => "unsupported_media_type",
            Self::InvalidInput => "invalid_input",
            Self::TooManyRequests => "too_many_requests",
            Self::UriTooLong => "uri_too_long",
            Self::MisdirectedRequest => "misdirected_request",
            Self::HeadersTooLarge => "headers_too_large",
            Self::InternalError => "internal_error",
            Self::Busy => "busy",
            Self::Unavailable => "unavailable",
        }
    }
}
