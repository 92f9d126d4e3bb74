//! How far one has read.

use confab_application::conversations::ReadState;
use confab_application::ports::PageRequest;
use confab_domain::{UnreadCount, UserId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::UserResponse;
use crate::extract::{Faults, page_request};
use crate::problem::Problem;

/// How far you have read.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MarkReadRequest {
    /// The seq of the last message that you have read. Reading never goes back: a smaller one changes nothing.
    #[schema(minimum = 0, maximum = 9_007_199_254_740_991_i64, example = 1)]
    pub(crate) seq: i64,
}

/// How far messages have reached you.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MarkDeliveredRequest {
    /// The seq of the last message that has reached this device. Delivery never goes back: a smaller one changes nothing.
    #[schema(minimum = 0, maximum = 9_007_199_254_740_991_i64, example = 1)]
    pub(crate) seq: i64,
}

/// From where on messages are to be unread.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MarkUnreadRequest {
    /// The seq of the first message that is to be unread, sent after you joined. What is unread already stays so.
    #[schema(minimum = 1, maximum = 9_007_199_254_740_991_i64, example = 1)]
    pub(crate) seq: i64,
}

/// How far you have read.
#[derive(Serialize, ToSchema)]
pub(crate) struct ReadStateResponse {
    /// The seq of the last message that you have read.
    #[schema(example = 1)]
    last_read_seq: u64,
    /// The seq of the last message that has reached you.
    #[schema(example = 1)]
    last_delivered_seq: u64,
    /// How many messages of others you have not read: exact up to 99, and no more than 100.
    #[schema(example = 0, maximum = 100)]
    unread_count: u64,
    /// Whether there may be more than `unread_count`: show "100+".
    #[schema(example = false)]
    unread_capped: bool,
}

impl From<ReadState> for ReadStateResponse {
    fn from(state: ReadState) -> Self {
        Self {
            last_read_seq: state.last_read_seq.get(),
            last_delivered_seq: state.last_delivered_seq.get(),
            unread_count: state.unread.count,
            unread_capped: state.unread.is_capped,
        }
    }
}

/// How much you have not read, in all your conversations together but those that you have muted.
#[derive(Serialize, ToSchema)]
pub(crate) struct UnreadResponse {
    /// How many messages of others you have not read: exact up to 99, and no more than 100.
    #[schema(example = 3, maximum = 100)]
    unread_count: u64,
    /// Whether there may be more than `unread_count`: show "100+".
    #[schema(example = false)]
    unread_capped: bool,
}

impl From<UnreadCount> for UnreadResponse {
    fn from(unread: UnreadCount) -> Self {
        Self { unread_count: unread.count, unread_capped: unread.is_capped }
    }
}

/// What has been marked read.
#[derive(Serialize, ToSchema)]
pub(crate) struct AllReadResponse {
    /// In how many conversations you had not read to the end.
    #[schema(example = 2)]
    pub(crate) conversation_count: u64,
}

/// Which readers to list.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListReadersQuery {
    /// A `next_cursor` or `previous_cursor` of this list.
    cursor: Option<String>,
    /// The most users of a page.
    #[param(minimum = 1, maximum = 100, default = 20)]
    limit: Option<i64>,
}

impl ListReadersQuery {
    /// What is asked for, or every parameter that is wrong.
    pub(crate) fn parse(&self) -> Result<PageRequest<UserId>, Problem> {
        let mut faults = Faults::default();
        let page = page_request(&mut faults, self.limit, self.cursor.as_deref());
        faults.check()?;
        Ok(page)
    }
}

/// Some users.
#[derive(Serialize, ToSchema)]
pub(crate) struct UserPage {
    /// The users, by id.
    pub(crate) items: Vec<UserResponse>,
    /// Gets the users that follow; none at the end.
    #[schema(required = true)]
    pub(crate) next_cursor: Option<String>,
    /// Gets the users that come before; none at the start.
    #[schema(required = true)]
    pub(crate) previous_cursor: Option<String>,
}
