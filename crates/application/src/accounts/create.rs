//! Make an account.

use confab_domain::{EmailAddress, Password, PersonName, PhoneNumber, Profile, Role, User, UserId};

use super::passwords::judge;
use crate::fields::Fields;
use crate::ports::{Constraint, StoreError};
use crate::{App, Conflict, Error};

/// What an account is made of, as it came in.
#[derive(Clone)]
pub struct NewAccount {
    /// E-mail address.
    pub email: String,
    /// Password.
    pub password: String,
    /// Given name.
    pub first_name: String,
    /// Family name.
    pub last_name: String,
    /// Telephone number.
    pub phone_number: Option<String>,
}

/// Makes an account for whoever asks. It is a guest's: registration never takes a role.
///
/// # Errors
/// As [`create`].
pub async fn register(app: &App, account: NewAccount) -> Result<User, Error> {
    create(app, account, Role::Guest).await
}

/// Makes an account with a role. For operators.
///
/// # Errors
/// [`Error::Invalid`], [`Conflict::EmailTaken`], [`Busy::LogIns`](crate::Busy::LogIns).
pub async fn create(app: &App, account: NewAccount, role: Role) -> Result<User, Error> {
    let mut fields = Fields::default();
    let email = fields.take("email", EmailAddress::parse(&account.email));
    let password = fields.take("password", Password::parse(account.password));
    let first_name = fields.take("first_name", PersonName::parse(&account.first_name));
    let last_name = fields.take("last_name", PersonName::parse(&account.last_name));
    if let Some(password) = &password {
        let about = [account.email.as_str(), &account.first_name, &account.last_name];
        judge(app, &mut fields, "password", password, &about).await?;
    }
    let phone_number = fields.take_optional("phone_number", account.phone_number.as_deref(), PhoneNumber::parse);
    fields.check()?;
    let hash = app.passwords.hash(fields.need(password)?).await?;
    let profile = Profile { first_name: fields.need(first_name)?, last_name: fields.need(last_name)?, phone_number };
    let id = UserId::from(app.ids.next());
    let user = User::create(id, fields.need(email)?, profile, role, app.clock.now());

    let tx = app.store.begin().await?;
    match tx.users().insert(&user, &hash).await {
        Err(StoreError::Conflict(Constraint::UserEmail)) => return Err(Conflict::EmailTaken.into()),
        inserted => inserted?,
    }
    tx.commit().await?;
    Ok(user)
}
