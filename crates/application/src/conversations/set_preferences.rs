//! Mute, archive and pin a conversation for oneself.

use confab_domain::{ConversationId, Operation, Preferences, Relation, Timestamp, may};

use crate::fields::Fields;
use crate::{App, Error, Resource, Viewer};

/// What is to change, as it came in; what is `None` stays (RFC 7396).
#[derive(Debug, Clone, Default)]
pub struct PreferencesPatch {
    /// Until when to make nothing of new messages, or `Some(None)` for not at all.
    pub muted_until: Option<Option<String>>,
    /// Whether to put it away.
    pub archived: Option<bool>,
    /// Whether to keep it at hand.
    pub pinned: Option<bool>,
}

/// Sets the viewer's own preferences. Nobody else sees them.
///
/// # Errors
/// [`Error::NotFound`] where the viewer does not take part; [`Error::Invalid`].
pub async fn set_preferences(
    app: &App,
    viewer: &Viewer,
    id: ConversationId,
    patch: PreferencesPatch,
) -> Result<Preferences, Error> {
    let mut fields = Fields::default();
    let muted_until =
        patch.muted_until.map(|time| fields.take_optional("muted_until", time.as_deref(), Timestamp::parse));
    fields.check()?;

    let tx = app.store.begin().await?;
    let place = tx.conversations().find_participant_for_update(id, viewer.user.id).await?;
    let conversation = match &place {
        Some(_) => tx.conversations().peek(id).await?,
        None => None,
    };
    let relation = Relation::of(conversation.as_ref().zip(place.as_ref().map(|place| place.membership)));
    may(Operation::ChangePreferences, viewer.user.role, relation)?;
    let place = place.ok_or(Error::NotFound(Resource::Conversation))?;
    let kept = place.preferences;
    let preferences = Preferences {
        muted_until: muted_until.unwrap_or(kept.muted_until),
        archived: patch.archived.unwrap_or(kept.archived),
        pinned: patch.pinned.unwrap_or(kept.pinned),
    };
    if preferences != kept {
        tx.conversations().update_participant(&place.with_preferences(preferences)).await?;
        tx.commit().await?;
    }
    Ok(preferences)
}
