//! Find users by what one knows of them.

use confab_domain::{EmailAddress, Operation, PhoneNumber, Relation, may};

use crate::fields::Fields;
use crate::views::UserCard;
use crate::{App, Error, Viewer};

/// The most users who are found by one telephone number, which several may share.
pub const MAX_FOUND: u64 = 20;

/// The active users who have this whole e-mail address or telephone number, and let themselves be found by it. Nobody, where
/// there is none, they do not, or one of the two has blocked the other and they share no group: all look alike.
///
/// # Errors
/// [`Error::Denied`]; [`Error::Invalid`] for `contact`, where it is neither.
pub async fn find(app: &App, viewer: &Viewer, contact: &str) -> Result<Vec<UserCard>, Error> {
    may(Operation::FindUsers, viewer.user.role, Relation::None)?;
    let mut fields = Fields::default();
    let people = app.store.people();
    if contact.contains('@') {
        let email = fields.take("contact", EmailAddress::parse(contact));
        fields.check()?;
        return Ok(people.find_by_email(viewer.user.id, &fields.need(email)?).await?);
    }
    let number = fields.take("contact", PhoneNumber::parse(contact));
    fields.check()?;
    Ok(people.find_by_phone(viewer.user.id, &fields.need(number)?, MAX_FOUND).await?)
}
