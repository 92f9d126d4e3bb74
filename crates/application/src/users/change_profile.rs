//! Change one's own profile.

use confab_domain::{Operation, PersonName, PhoneNumber, ProfileChange, Relation, User, may};

use crate::fields::Fields;
use crate::{App, Error, Precondition, Unauthenticated, Viewer};

/// What is to change, as it came in; what is `None` stays (RFC 7396).
#[derive(Debug, Clone, Default)]
pub struct ProfilePatch {
    /// A new given name.
    pub first_name: Option<String>,
    /// A new family name.
    pub last_name: Option<String>,
    /// A new telephone number, or `Some(None)` for none.
    pub phone_number: Option<Option<String>>,
    /// Whether hosts may find the viewer by the e-mail address.
    pub discoverable_by_email: Option<bool>,
    /// Whether hosts may find the viewer by the telephone number.
    pub discoverable_by_phone: Option<bool>,
}

/// The tag of an account's state.
pub fn tag(user: &User) -> String {
    format!("u{}", user.updated_at.as_micros())
}

/// Changes the viewer's own profile, and returns the account as it then is.
///
/// # Errors
/// [`Error::Invalid`]; [`Error::PreconditionFailed`] where it was changed meanwhile.
pub async fn change_profile(
    app: &App,
    viewer: &Viewer,
    patch: ProfilePatch,
    expected: &Precondition,
) -> Result<User, Error> {
    let mut fields = Fields::default();
    let change = ProfileChange {
        first_name: fields.take_optional("first_name", patch.first_name.as_deref(), PersonName::parse),
        last_name: fields.take_optional("last_name", patch.last_name.as_deref(), PersonName::parse),
        phone_number: patch
            .phone_number
            .map(|number| fields.take_optional("phone_number", number.as_deref(), PhoneNumber::parse)),
        discoverable_by_email: patch.discoverable_by_email,
        discoverable_by_phone: patch.discoverable_by_phone,
    };
    fields.check()?;

    let tx = app.store.begin().await?;
    let user = tx.users().find_for_update(viewer.user.id).await?.filter(|user| user.active);
    let user = user.ok_or(Unauthenticated::InvalidToken)?;
    may(Operation::ChangeOwnProfile, user.role, Relation::None)?;
    if !expected.admits(&tag(&user)) {
        return Err(Error::PreconditionFailed);
    }
    let changed = user.with_profile(change, app.clock.now());
    if changed != user {
        tx.users().update(&changed).await?;
        let committed = tx.commit().await;
        app.sessions.forget(changed.id);
        committed?;
    }
    Ok(changed)
}
