//! Log-ins.

use confab_application::ports::PageRequest;
use confab_domain::{Session, SessionId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::extract::{Faults, page_request};
use crate::problem::Problem;

/// Which page of the sessions.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct SessionsQuery {
    /// The most sessions.
    #[param(minimum = 1, maximum = 100, default = 20)]
    limit: Option<i64>,
    /// A `next_cursor` or `previous_cursor` of this list.
    cursor: Option<String>,
}

impl SessionsQuery {
    /// The page, or every fault at once.
    pub(crate) fn parse(self) -> Result<PageRequest<SessionId>, Problem> {
        let mut faults = Faults::default();
        let page = page_request(&mut faults, self.limit, self.cursor.as_deref());
        faults.check()?;
        Ok(page)
    }
}

/// A log-in.
#[derive(Serialize, ToSchema)]
pub(crate) struct SessionResponse {
    /// Names the session.
    id: Uuid,
    /// Whether it is the one that this request belongs to.
    current: bool,
    /// What you called the device when you logged in, or what it seems to be.
    #[schema(required = true, example = "Firefox on Windows")]
    device_name: Option<String>,
    /// The address that it was last refreshed from, or that you logged in from.
    #[schema(required = true, example = "192.0.2.7")]
    address: Option<String>,
    /// What the client then called itself.
    #[schema(required = true, example = "curl/8.5.0")]
    user_agent: Option<String>,
    /// When you logged in.
    #[schema(format = DateTime, example = "2026-01-31T09:30:00.000000Z")]
    created_at: String,
    /// When it was last used, about to the minute.
    #[schema(format = DateTime, example = "2026-01-31T09:30:00.000000Z")]
    last_used_at: String,
}

/// A page of sessions.
#[derive(Serialize, ToSchema)]
pub(crate) struct SessionPage {
    /// The sessions, the newest first.
    pub(crate) items: Vec<SessionResponse>,
    /// Gets the next page; null on the last.
    #[schema(required = true)]
    pub(crate) next_cursor: Option<String>,
    /// Gets the page before; null on the first.
    #[schema(required = true)]
    pub(crate) previous_cursor: Option<String>,
}

impl SessionResponse {
    /// The session as its user sees it from another, or from itself.
    pub(crate) fn new(session: Session, current: SessionId) -> Self {
        Self {
            id: session.id.as_uuid(),
            current: session.id == current,
            device_name: session.device.map(|device| device.as_str().to_owned()),
            address: session.last_use.address.map(|address| address.to_string()),
            user_agent: session.last_use.user_agent.map(|agent| agent.as_str().to_owned()),
            created_at: session.created_at.to_string(),
            last_used_at: session.last_use.at.to_string(),
        }
    }
}
