//! What an admin reads of a conversation from outside.

use confab_domain::{ConversationId, Operation, Relation, judge};

use crate::ports::{InspectedHistory, Inspection};
use crate::{App, Viewer};

/// Where an admin looks for what they do not see as a participant, and as whom; nowhere for anybody else.
pub(super) fn inspected_history<'a>(
    app: &'a App,
    viewer: &Viewer,
    id: ConversationId,
) -> Option<(&'a dyn InspectedHistory, Inspection)> {
    let terms = judge(Operation::InspectConversation, viewer.user.role, Relation::None, app.settings.policy);
    terms.is_ok().then(|| (app.store.inspected_history(), Inspection::new(viewer.user.id, id, app.clock.now())))
}
