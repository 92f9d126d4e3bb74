//! Find users by what one knows of them.

use confab_domain::{EmailAddress, Operation, PhoneNumber, Relation, may};

use crate::fields::Fields;
use crate::views::UserCard;
use crate::{App, Error, FieldError, Viewer};

/// The most users who are found by one telephone number, which several may share.
pub const MAX_FOUND: u64 = 20;

/// What is known of whoever is looked for, as it came in: one of the two.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// The whole e-mail address.
    pub email: Option<String>,
    /// The whole telephone number.
    pub phone_number: Option<String>,
}

/// The active users who have this address or number, and let themselves be found by it. Nobody, where there is none or they
/// do not: the two look alike.
///
/// # Errors
/// [`Error::Denied`]; [`Error::Invalid`] for what is neither, or where not exactly one is given.
pub async fn find(app: &App, viewer: &Viewer, known: &Known) -> Result<Vec<UserCard>, Error> {
    may(Operation::FindUsers, viewer.user.role, Relation::None)?;
    let mut fields = Fields::default();
    let email = fields.take_optional("email", known.email.as_deref(), EmailAddress::parse);
    let number = fields.take_optional("phone_number", known.phone_number.as_deref(), PhoneNumber::parse);
    fields.check()?;
    let people = app.store.people();
    match (email, number) {
        (Some(email), None) => Ok(people.find_by_email(&email).await?),
        (None, Some(number)) => Ok(people.find_by_phone(&number, MAX_FOUND).await?),
        _ => {
            let message = "give either email or phone_number";
            Err(Error::Invalid(vec![FieldError::new("email", "not_allowed", message)]))
        }
    }
}
