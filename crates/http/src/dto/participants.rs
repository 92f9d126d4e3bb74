//! Who takes part in a conversation.

use confab_application::ports::PageRequest;
use confab_application::views::ParticipantView;
use confab_domain::{Membership, UserId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::UserResponse;
use crate::extract::{Faults, page_request};
use crate::problem::Problem;

/// The `owner` made the group; everyone else is a `member`.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = Membership)]
pub(crate) enum MembershipName {
    Owner,
    Member,
}

impl From<Membership> for MembershipName {
    fn from(membership: Membership) -> Self {
        match membership {
            Membership::Owner => Self::Owner,
            Membership::Member => Self::Member,
        }
    }
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
            membership: view.membership.into(),
            joined_at: view.joined_at.to_string(),
            last_read_seq: view.last_read_seq.get(),
            last_delivered_seq: view.last_delivered_seq.get(),
            user: view.user.into(),
        }
    }
}

/// Some participants of a conversation.
#[derive(Serialize, ToSchema)]
pub(crate) struct ParticipantPage {
    /// The participants, by user id.
    pub(crate) items: Vec<ParticipantResponse>,
    /// Gets the participants that follow; none at the end.
    #[schema(required = true)]
    pub(crate) next_cursor: Option<String>,
    /// Gets the participants that come before; none at the start.
    #[schema(required = true)]
    pub(crate) previous_cursor: Option<String>,
}

/// Which participants to list.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListParticipantsQuery {
    /// A `next_cursor` or `previous_cursor` of this list. Keep the other parameters as they were.
    cursor: Option<String>,
    /// The most participants of a page.
    #[param(minimum = 1, maximum = 100, default = 20)]
    limit: Option<i64>,
    /// Only the owner, or only the members.
    #[param(inline, value_type = Option<MembershipName>)]
    membership: Option<String>,
}

impl ListParticipantsQuery {
    /// What is asked for, or every parameter that is wrong.
    pub(crate) fn parse(&self) -> Result<(Option<Membership>, PageRequest<UserId>), Problem> {
        let mut faults = Faults::default();
        let membership = faults.take("membership", self.membership.as_deref(), Membership::parse);
        let page = page_request(&mut faults, self.limit, self.cursor.as_deref());
        faults.check()?;
        Ok((membership, page))
    }
}
