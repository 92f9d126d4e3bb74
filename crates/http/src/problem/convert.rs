//! What each error of the use-cases, and of the framework, looks like from outside.

use actix_web::http::StatusCode;
use confab_application::ports::StoreError;
use confab_application::{Busy, Conflict, Error, Resource, Unauthenticated};
use confab_domain::{ChangeRefused, Denied};

use super::{Code, Problem};

/// No wildcard: a new error does not compile until someone has decided what it looks like.
impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::Invalid(errors) => Self::in_body(errors),
            Error::Unauthenticated(reason) => Self::new(
                match reason {
                    Unauthenticated::MissingToken => Code::MissingToken,
                    Unauthenticated::InvalidToken => Code::InvalidToken,
                    Unauthenticated::ExpiredToken => Code::ExpiredToken,
                    Unauthenticated::WrongCredentials => Code::WrongCredentials,
                    Unauthenticated::InvalidRefreshToken => Code::InvalidRefreshToken,
                    Unauthenticated::EmailNotVerified => Code::EmailNotVerified,
                },
                reason.to_string(),
            ),
            Error::NotFound(resource) => Self::new(
                match resource {
                    Resource::Conversation => Code::ConversationNotFound,
                    Resource::Message => Code::MessageNotFound,
                    Resource::Session => Code::SessionNotFound,
                    Resource::User => Code::UserNotFound,
                    Resource::Participant => Code::ParticipantNotFound,
                    Resource::Report => Code::ReportNotFound,
                },
                match resource {
                    Resource::Conversation | Resource::Message | Resource::Participant => {
                        format!("there is no such {resource}, or you do not take part in it")
                    }
                    Resource::User | Resource::Report => format!("there is no such {resource}"),
                    Resource::Session => "you have no such session".to_owned(),
                },
            ),
            Error::Denied(denied) => Self::new(
                match denied {
                    Denied::RoleTooLow { .. } => Code::RoleTooLow,
                    Denied::GuestMayNotStartDirect => Code::GuestMayNotStartDirect,
                    Denied::NotTheOwner => Code::NotTheOwner,
                    Denied::Blocked => Code::Blocked,
                    Denied::NotOneself => Code::NotOneself,
                    Denied::ReasonNeeded => Code::InvalidInput,
                    Denied::NotAParticipant => Code::ConversationNotFound,
                },
                denied.to_string(),
            ),
            Error::PreconditionFailed => Self::new(Code::PreconditionFailed, error.to_string()),
            Error::Conflict(conflict) => Self::new(
                match conflict {
                    Conflict::LastAdmin => Code::LastAdmin,
                    Conflict::EmailTaken => Code::EmailTaken,
                    Conflict::ClientMessageIdReused => Code::ClientMessageIdReused,
                    Conflict::BlockOfOneself => Code::BlockOfOneself,
                    Conflict::TooManyBlocks => Code::TooManyBlocks,
                    Conflict::ConversationClosed => Code::ConversationClosed,
                    Conflict::NotAGroup => Code::NotAGroup,
                },
                conflict.to_string(),
            ),
            Error::Unchanged(refused) => Self::new(
                match refused {
                    ChangeRefused::Denied(Denied::NotAParticipant) => Code::MessageNotFound,
                    ChangeRefused::Denied(_) | ChangeRefused::NotTheSender => Code::NotTheSender,
                    ChangeRefused::WindowOver { .. } => Code::EditWindowOver,
                    ChangeRefused::Deleted => Code::MessageDeleted,
                    ChangeRefused::System => Code::SystemMessage,
                    ChangeRefused::OwnMessage => Code::OwnMessage,
                    ChangeRefused::Stale => Code::PreconditionFailed,
                    ChangeRefused::TooManyReactions => Code::TooManyReactions,
                },
                refused.to_string(),
            ),
            Error::Busy(busy) => Self::new(Code::Busy, busy.to_string()).with_retry_after(match busy {
                Busy::LogIns => 2,
                Busy::Messages => 1,
            }),
            Error::Store(error) => error.into(),
            Error::Internal(reason) => {
                tracing::error!(reason, "a use-case failed");
                Self::internal()
            }
        }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match &error {
            StoreError::Unavailable(source) => {
                tracing::warn!(%source, "storage is unavailable");
                let detail = "storage cannot be reached just now; whether this request took effect is not certain";
                Self::new(Code::Unavailable, detail).with_retry_after(1)
            }
            StoreError::Internal(source) => {
                tracing::error!(%source, "storage failed");
                Self::internal()
            }
            StoreError::Conflict(_)
            | StoreError::DanglingReference
            | StoreError::TransactionOver
            | StoreError::Corrupt { .. } => {
                tracing::error!(%error, "storage failed");
                Self::internal()
            }
        }
    }
}

impl Problem {
    /// The problem in an error of the framework, or the one that its status stands for.
    pub(crate) fn of_error(error: &actix_web::Error) -> Self {
        match error.as_error::<Self>() {
            Some(problem) => problem.clone(),
            None => Self::of_status(error.as_response_error().status_code(), &error.to_string()),
        }
    }

    /// The problem that a status of the framework's stands for.
    pub(crate) fn of_status(status: StatusCode, reason: &str) -> Self {
        let code = match status {
            StatusCode::UNAUTHORIZED => Code::MissingToken,
            StatusCode::NOT_FOUND => Code::RouteNotFound,
            StatusCode::METHOD_NOT_ALLOWED => Code::MethodNotAllowed,
            StatusCode::REQUEST_TIMEOUT => Code::RequestTimeout,
            StatusCode::PAYLOAD_TOO_LARGE => Code::ContentTooLarge,
            StatusCode::URI_TOO_LONG => Code::UriTooLong,
            StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE => Code::HeadersTooLarge,
            StatusCode::UNSUPPORTED_MEDIA_TYPE => Code::UnsupportedMediaType,
            StatusCode::TOO_MANY_REQUESTS => Code::TooManyRequests,
            status if status.is_client_error() => Code::BadRequest,
            _ => {
                tracing::error!(reason, "the framework failed");
                return Self::internal();
            }
        };
        Self::new(code, if reason.is_empty() { code.title() } else { reason })
    }
}
