//! The audit.

use confab_application::ports::PageRequest;
use confab_domain::{AuditEntry, AuditEntryId, Facts, Origin, SessionId, UserId};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::extract::{Faults, page_request};
use crate::problem::Problem;

/// Which page of the audit.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct AuditQuery {
    /// The most entries.
    #[param(minimum = 1, maximum = 100, default = 20)]
    limit: Option<i64>,
    /// A `next_cursor` or `previous_cursor` of this list.
    cursor: Option<String>,
}

impl AuditQuery {
    /// The page, or every fault at once.
    pub(crate) fn parse(self) -> Result<PageRequest<AuditEntryId>, Problem> {
        let mut faults = Faults::default();
        let page = page_request(&mut faults, self.limit, self.cursor.as_deref());
        faults.check()?;
        Ok(page)
    }
}

/// Something that happened to an account.
#[derive(Serialize, ToSchema)]
pub(crate) struct AuditEntryResponse {
    /// Names the entry.
    id: Uuid,
    /// What happened.
    #[schema(example = "logged_in")]
    kind: &'static str,
    /// When it happened.
    #[schema(format = DateTime, example = "2026-01-31T09:30:00.000000Z")]
    at: String,
    /// Who did it.
    by: AuditActor,
    /// The log-in that it is about.
    #[schema(required = true)]
    session_id: Option<Uuid>,
    /// The address that it came from, unless somebody else did it.
    #[schema(required = true, example = "192.0.2.7")]
    address: Option<String>,
    /// What the client called itself, unless somebody else did it.
    #[schema(required = true, example = "curl/8.5.0")]
    user_agent: Option<String>,
    /// The id of the request.
    #[schema(required = true)]
    request_id: Option<String>,
    /// How it was before, where something was changed.
    #[schema(required = true, value_type = Option<Object>)]
    before: Option<Map<String, Value>>,
    /// How it was then, or what else there is to know.
    #[schema(required = true, value_type = Option<Object>)]
    after: Option<Map<String, Value>>,
}

/// Who did something.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum AuditActor {
    /// You.
    Yourself,
    /// Another user, who may do such things.
    Another,
    /// Nobody knows: whoever was not logged in, or an operator on the server itself.
    Unknown,
}

/// A page of the audit.
#[derive(Serialize, ToSchema)]
pub(crate) struct AuditPage {
    /// The entries, the newest first.
    pub(crate) items: Vec<AuditEntryResponse>,
    /// Gets the next page; null on the last.
    #[schema(required = true)]
    pub(crate) next_cursor: Option<String>,
    /// Gets the page before; null on the first.
    #[schema(required = true)]
    pub(crate) previous_cursor: Option<String>,
}

impl AuditEntryResponse {
    /// The entry as the owner of the account sees it.
    pub(crate) fn new(entry: AuditEntry, viewer: UserId) -> Self {
        let by = match entry.actor_id {
            Some(actor) if actor == viewer => AuditActor::Yourself,
            Some(_) => AuditActor::Another,
            None => AuditActor::Unknown,
        };
        // Where an admin sits is the admin's own affair.
        let another = matches!(by, AuditActor::Another);
        let origin = if another { Origin::default() } else { entry.origin };
        let object = |facts: Option<Facts>| facts.and_then(|facts| serde_json::from_str(facts.as_json()).ok());
        Self {
            id: entry.id.as_uuid(),
            kind: entry.kind.as_str(),
            at: entry.at.to_string(),
            by,
            session_id: entry.session_id.map(SessionId::as_uuid),
            address: origin.address.map(|address| address.to_string()),
            user_agent: origin.user_agent.map(|agent| agent.as_str().to_owned()),
            request_id: origin.request_id,
            before: object(entry.before),
            after: object(entry.after),
        }
    }
}
