//! Everything that can go wrong in a use-case, as one closed enum.

use std::fmt;

use confab_domain::{ChangeRefused, Denied, MAX_BLOCKS, PostingRefused, ValueError};

use crate::ports::{AppendError, PasswordError, StoreError, TokenError};

/// Why a use-case did not do what it was asked. Each primary adapter matches it once, without a wildcard.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Something in the input is not what it should be; each fault with its field.
    #[error("the input is not valid")]
    Invalid(Vec<FieldError>),
    /// It is not certain who asks.
    #[error(transparent)]
    Unauthenticated(#[from] Unauthenticated),
    /// There is no such thing, or the viewer must not learn that there is.
    #[error("there is no such {0}")]
    NotFound(Resource),
    /// The viewer may see it, and may not do this to it.
    #[error(transparent)]
    Denied(Denied),
    /// It was edited since the viewer read it.
    #[error("it was changed meanwhile: read it again")]
    PreconditionFailed,
    /// It cannot be done beside what is already there.
    #[error(transparent)]
    Conflict(#[from] Conflict),
    /// The message is not to be changed so.
    #[error(transparent)]
    Unchanged(ChangeRefused),
    /// Too much is being asked at once; the same request may succeed in a moment.
    #[error(transparent)]
    Busy(#[from] Busy),
    /// Storage failed. What was not acknowledged may or may not have happened.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A part of the server failed that should not.
    #[error("{0}")]
    Internal(String),
}

/// A fault in one field of the input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// The field, by the name that it has in the API; elements of lists by their index: `participant_ids/2`.
    pub field: String,
    /// A stable snake_case name of the fault.
    pub code: &'static str,
    /// What is wrong, and what the limit is.
    pub message: String,
}

impl FieldError {
    /// A fault of a field.
    pub fn new(field: impl Into<String>, code: &'static str, message: impl Into<String>) -> Self {
        Self { field: field.into(), code, message: message.into() }
    }

    /// The fault of a field whose text is not a value of its type.
    pub fn of_value(field: impl Into<String>, error: &ValueError) -> Self {
        Self::new(field, error.code(), error.to_string())
    }
}

/// Why a caller is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unauthenticated {
    /// No token was sent.
    #[error("this takes an access token: `Authorization: Bearer …`")]
    MissingToken,
    /// The token is not one that this server issued, or its session is over.
    #[error("the access token is not valid")]
    InvalidToken,
    /// The token was good once.
    #[error("the access token has expired; refresh it")]
    ExpiredToken,
    /// No active account has this address and this password.
    #[error("the e-mail address or the password is wrong")]
    WrongCredentials,
    /// The password is right, and the address has yet to be verified.
    #[error("verify your e-mail address first, by the link or the token that was mailed to you")]
    EmailNotVerified,
    /// The refresh token is unknown, used up or expired.
    #[error("the refresh token is not valid; log in again")]
    InvalidRefreshToken,
}

/// What clashes with what is already there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Conflict {
    /// Another account has this e-mail address.
    #[error("another account has this e-mail address")]
    EmailTaken,
    /// The sender used this key in this conversation for a message with another body.
    #[error("you have already sent a different message with this client_message_id")]
    ClientMessageIdReused,
    /// Nobody could operate the service any more.
    #[error("this is the last admin")]
    LastAdmin,
    /// Nobody blocks themselves.
    #[error("nobody blocks themselves")]
    BlockOfOneself,
    /// The viewer has blocked as many as one can.
    #[error("nobody blocks more than {MAX_BLOCKS} users")]
    TooManyBlocks,
    /// Nobody sends to a closed conversation.
    #[error("the conversation is closed: it can be read, and the owner of a group can reopen it")]
    ConversationClosed,
    /// A direct conversation is between two, for ever.
    #[error("a direct conversation is between two, for ever: it has no title, no owner and no other participants")]
    NotAGroup,
}

/// What there is too much of at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Busy {
    /// Passwords to hash.
    #[error("too many log-ins at once")]
    LogIns,
    /// Messages to keep.
    #[error("too many messages at once; this one was not sent")]
    Messages,
}

/// What was not found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resource {
    /// A conversation.
    Conversation,
    /// A message.
    Message,
    /// A log-in.
    Session,
    /// A user.
    User,
    /// A participant.
    Participant,
    /// A report of a message.
    Report,
}

impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Conversation => "conversation",
            Self::Message => "message",
            Self::Session => "session",
            Self::User => "user",
            Self::Participant => "participant",
            Self::Report => "report",
        })
    }
}

impl From<Denied> for Error {
    /// Whoever is not in a conversation cannot tell that it exists.
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::NotAParticipant => Self::NotFound(Resource::Conversation),
            Denied::ReasonNeeded => Self::Invalid(vec![FieldError::new("reason", "missing_field", denied.to_string())]),
            Denied::RoleTooLow { .. }
            | Denied::NotTheOwner
            | Denied::NotOneself
            | Denied::GuestMayNotStartDirect
            | Denied::Blocked => Self::Denied(denied),
        }
    }
}

impl From<PostingRefused> for Error {
    fn from(refused: PostingRefused) -> Self {
        match refused {
            PostingRefused::Denied(denied) => denied.into(),
            PostingRefused::Inactive => Unauthenticated::InvalidToken.into(),
            PostingRefused::Closed => Conflict::ConversationClosed.into(),
            PostingRefused::KeyReused => Conflict::ClientMessageIdReused.into(),
            PostingRefused::NothingToAnswer => {
                let message = "there is no message with this id that you see in this conversation";
                Self::Invalid(vec![FieldError::new("reply_to", "message_unavailable", message)])
            }
        }
    }
}

impl From<ChangeRefused> for Error {
    fn from(refused: ChangeRefused) -> Self {
        match refused {
            ChangeRefused::Denied(Denied::NotAParticipant) => Self::NotFound(Resource::Message),
            ChangeRefused::Denied(denied) => denied.into(),
            refused => Self::Unchanged(refused),
        }
    }
}

impl From<AppendError> for Error {
    fn from(error: AppendError) -> Self {
        match error {
            AppendError::Refused(refused) => refused.into(),
            AppendError::Full => Busy::Messages.into(),
            AppendError::Store(error) => error.into(),
        }
    }
}

impl From<PasswordError> for Error {
    fn from(error: PasswordError) -> Self {
        match error {
            PasswordError::Busy => Busy::LogIns.into(),
            PasswordError::Failed(reason) => Self::Internal(reason),
        }
    }
}

impl From<TokenError> for Error {
    fn from(error: TokenError) -> Self {
        match error {
            TokenError::Invalid => Unauthenticated::InvalidToken.into(),
            TokenError::Expired => Unauthenticated::ExpiredToken.into(),
            TokenError::Failed(reason) => Self::Internal(reason),
        }
    }
}
