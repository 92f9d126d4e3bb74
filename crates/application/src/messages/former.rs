//! What whoever has left a conversation can still read of it.

use confab_domain::{Operation, Relation, judge};

use crate::ports::FormerHistory;
use crate::{App, Viewer};

/// Where to look for what the viewer does not see as a participant; nowhere, unless the settings let those who have left read on.
pub(super) fn former_history<'a>(app: &'a App, viewer: &Viewer) -> Option<&'a dyn FormerHistory> {
    let terms = judge(Operation::ReadHistory, viewer.user.role, Relation::Former, app.settings.policy);
    terms.is_ok().then(|| app.store.former_history())
}
