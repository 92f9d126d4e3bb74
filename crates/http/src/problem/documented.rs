//! Refusals as the OpenAPI document shows them, each with an example.

use std::collections::BTreeMap;

use utoipa::IntoResponses;
use utoipa::openapi::{Content, ContentBuilder, Ref, RefOr, Response, ResponseBuilder};

use super::body::CONTENT_TYPE;
use super::{Code, ProblemBody};

macro_rules! refusals {
    ($($(#[$doc:meta])* $name:ident = $code:ident: $description:literal;)*) => {$(
        $(#[$doc])*
        pub(crate) struct $name;

        impl IntoResponses for $name {
            fn responses() -> BTreeMap<String, RefOr<Response>> {
                let response = refusal(Code::$code, $description);
                BTreeMap::from([(Code::$code.status().as_u16().to_string(), RefOr::T(response))])
            }
        }
    )*};
}

refusals! {
    /// Of registration.
    EmailTaken = EmailTaken: "Another account has this e-mail address.";
    /// Of a log-in.
    WrongCredentials = WrongCredentials: "Wrong address or password.";
    /// Of a log-in, where the server asks for it.
    EmailNotVerified = EmailNotVerified: "The password is right; the e-mail address has yet to be verified.";
    /// Of a refresh.
    InvalidRefreshToken = InvalidRefreshToken: "The refresh token is unknown, used up or expired.";
    /// Of starting a group.
    RoleTooLow = RoleTooLow: "Your role may not do this.";
    /// Of whatever names a conversation.
    ConversationNotFound = ConversationNotFound: "There is no such conversation, or you do not take part in it.";
    /// Of what is the owner's.
    NotTheOwner = NotTheOwner: "Only the owner may do this, your role may not, or one of the two has blocked the other.";
    /// Of reporting.
    OwnMessage = OwnMessage: "The message is your own, was deleted, or tells what has happened to the conversation.";
    /// Of whatever names a report.
    ReportNotFound = ReportNotFound: "There is no such report.";
    /// Of reacting.
    Blocked = Blocked: "Of the two of this direct conversation, one has blocked the other.";
    /// Of what makes no sense between two.
    NotAGroup = NotAGroup: "A direct conversation has no title, no owner and no other participants.";
    /// Of whatever names a message.
    MessageNotFound = MessageNotFound: "There is no such message, or you do not take part in its conversation.";
    /// Of whatever names a user.
    UserNotFound = UserNotFound: "There is no such user.";
    /// Of a change of somebody's standing.
    LastAdmin = LastAdmin: "It is the last admin.";
    /// Of blocking.
    TooManyBlocks = TooManyBlocks: "It is yourself, or you have blocked 1,000 users.";
    /// Of whatever names a session.
    SessionNotFound = SessionNotFound: "You have no such session.";
    /// Of changing what one may not change.
    NotTheSender = NotTheSender: "The message is not yours to change, was sent too long ago, or one of the two has blocked the other.";
    /// Of changing what cannot be changed.
    MessageDeleted = MessageDeleted: "The message was deleted, tells what has happened to the conversation, or that is closed.";
    /// Of reacting.
    TooManyReactions = TooManyReactions: "The message was deleted, has reactions with 50 other emoji, or the conversation is closed.";
    /// Of editing what somebody has edited.
    PreconditionFailed = PreconditionFailed: "It has been edited since; read it again.";
    /// Of editing without saying what one has seen.
    PreconditionRequired = PreconditionRequired: "There is no If-Match.";
    /// Of sending.
    ClientMessageIdReused = ClientMessageIdReused: "You have sent another body with this key, or the conversation is closed.";
    /// Of whatever needs storage.
    Unavailable = Unavailable: "Storage cannot be reached or too much is asked at once; try again in a moment.";
}

/// The response of a refusal.
pub(crate) fn refusal(code: Code, description: &str) -> Response {
    ResponseBuilder::new().description(description).content(CONTENT_TYPE, content(code, description)).build()
}

fn content(code: Code, description: &str) -> Content {
    let example = ProblemBody::new(code, description, "0198c5a2-6f3e-7c41-9d2b-3f5a7c9e1b20", &[]);
    ContentBuilder::new()
        .schema(Some(Ref::from_schema_name("Problem")))
        .example(serde_json::to_value(example).ok())
        .build()
}
