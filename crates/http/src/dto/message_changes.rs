//! What is done to messages after they were sent.

use confab_application::ports::PageRequest;
use confab_application::views::ReactionView;
use confab_domain::{Emoji, Revision, Version};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::{IntoParams, ToSchema};

use super::UserResponse;
use crate::extract::{Faults, page_request};
use crate::problem::Problem;

/// Which page of a list that belongs to a message.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct RevisionsQuery {
    /// A `next_cursor` or `previous_cursor` of this list.
    cursor: Option<String>,
    /// The most items of a page.
    #[param(minimum = 1, maximum = 100, default = 20)]
    limit: Option<i64>,
}

impl RevisionsQuery {
    /// What is asked for, or every parameter that is wrong.
    pub(crate) fn parse(&self) -> Result<PageRequest<Version>, Problem> {
        let mut faults = Faults::default();
        let page = page_request(&mut faults, self.limit, self.cursor.as_deref());
        faults.check()?;
        Ok(page)
    }
}

/// Which reactions to read.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ReactionsQuery {
    /// A `next_cursor` or `previous_cursor` of this list. Keep the other parameters as they were.
    cursor: Option<String>,
    /// The most items of a page.
    #[param(minimum = 1, maximum = 100, default = 20)]
    limit: Option<i64>,
    /// Only those with this emoji.
    #[param(min_length = 1, max_length = 16, example = "👍")]
    emoji: Option<String>,
}

impl ReactionsQuery {
    /// What is asked for, or every parameter that is wrong.
    pub(crate) fn parse(&self) -> Result<(Option<Emoji>, PageRequest<Version>), Problem> {
        let mut faults = Faults::default();
        let emoji = faults.take("emoji", self.emoji.as_deref(), Emoji::parse);
        let page = page_request(&mut faults, self.limit, self.cursor.as_deref());
        faults.check()?;
        Ok((emoji, page))
    }
}

/// For whom to delete a message.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct DeleteMessageQuery {
    /// `everyone`, which is meant where nothing is said, or only `me`.
    #[serde(default, rename = "for")]
    #[param(inline, required = false)]
    pub(crate) audience: Audience,
    /// Why: an admin must say so who deletes what is not theirs. Everyone in the conversation can read it. 1 to 500 characters.
    #[param(min_length = 1, max_length = 500)]
    pub(crate) reason: Option<String>,
}

/// For whom.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Audience {
    #[default]
    Everyone,
    Me,
}

/// What a message said before an edit.
#[derive(Serialize, ToSchema)]
#[schema(as = MessageRevision)]
pub(crate) struct RevisionResponse {
    /// The conversation's version at which it began to say this.
    #[schema(minimum = 1, example = 1)]
    version: u64,
    /// The text.
    #[schema(example = "Helo, Brian!")]
    body: String,
    /// What programs sent with it.
    #[schema(required = true, value_type = Option<Object>)]
    payload: Option<Box<RawValue>>,
    /// Since when.
    #[schema(format = DateTime, example = "2026-01-31T09:30:00.000000Z")]
    written_at: String,
}

impl From<Revision> for RevisionResponse {
    fn from(revision: Revision) -> Self {
        let payload = revision.payload.map(|payload| payload.as_str().to_owned());
        Self {
            version: revision.version.get(),
            body: revision.body.as_str().to_owned(),
            // It was JSON when it was taken.
            payload: payload.and_then(|text| RawValue::from_string(text).ok()),
            written_at: revision.written_at.to_string(),
        }
    }
}

/// Part of what a message said before its edits.
#[derive(Serialize, ToSchema)]
pub(crate) struct MessageRevisionPage {
    /// The newest first. What it says now is not among them.
    pub(crate) items: Vec<RevisionResponse>,
    /// Gets the older ones; none at the end.
    #[schema(required = true)]
    pub(crate) next_cursor: Option<String>,
    /// Gets the newer ones; none at the start.
    #[schema(required = true)]
    pub(crate) previous_cursor: Option<String>,
}

/// A user's reaction.
#[derive(Serialize, ToSchema)]
#[schema(as = Reaction)]
pub(crate) struct ReactionResponse {
    /// The conversation's version that it made.
    #[schema(minimum = 1, example = 1)]
    version: u64,
    /// The emoji.
    #[schema(example = "👍")]
    emoji: &'static str,
    /// Whose it is.
    user: UserResponse,
}

impl From<ReactionView> for ReactionResponse {
    fn from(view: ReactionView) -> Self {
        Self { version: view.version.get(), emoji: view.emoji.as_str(), user: view.user.into() }
    }
}

/// Part of the reactions to a message.
#[derive(Serialize, ToSchema)]
pub(crate) struct ReactionPage {
    /// The newest first.
    pub(crate) items: Vec<ReactionResponse>,
    /// Gets the older ones; none at the end.
    #[schema(required = true)]
    pub(crate) next_cursor: Option<String>,
    /// Gets the newer ones; none at the start.
    #[schema(required = true)]
    pub(crate) previous_cursor: Option<String>,
}
