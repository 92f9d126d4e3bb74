//! What every new password has to be.

use confab_domain::Password;

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
