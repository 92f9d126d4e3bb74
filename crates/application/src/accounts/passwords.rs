//! What every new password has to be.

use confab_domain::{Password, User};

use crate::fields::Fields;
use crate::ports::Weakness;
use crate::{App, Error, FieldError};

/// Refuses a password that would soon be guessed, by somebody who knows these words about its owner too.
pub(super) async fn judge(
    app: &App,
    fields: &mut Fields,
    field: &str,
    password: &Password,
    about: &[&str],
) -> Result<(), Error> {
    match app.passwords.judge(password, about).await? {
        None => {}
        Some(Weakness::Common) => fields.refuse(FieldError::new(
            field,
            "too_common",
            "must not be a common password, or made by a simple pattern: several words that do not belong together are \
             better",
        )),
        Some(Weakness::Personal) => {
            fields.refuse(FieldError::new(field, "too_personal", "must not be made of your own name or e-mail address"))
        }
    }
    Ok(())
}

/// The same for a user who has an account.
pub(crate) async fn judge_password(
    app: &App,
    fields: &mut Fields,
    field: &str,
    password: &Password,
    user: &User,
) -> Result<(), Error> {
    let about = [user.email.as_str(), user.profile.first_name.as_str(), user.profile.last_name.as_str()];
    judge(app, fields, field, password, &about).await
}
