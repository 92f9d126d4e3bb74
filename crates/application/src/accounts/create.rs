//! Make an account.

use confab_domain::{
    AuditEntry, AuditKind, EmailAddress, Facts, MailKind, Origin, Password, PasswordHash, PersonName, PhoneNumber,
    Profile, Role, User, UserId,
};

use super::passwords::judge;
use crate::fields::Fields;
use crate::mail;
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

/// What a registration is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Registered {
    /// The account was made.
    Made(Box<User>),
    /// The address will be written to. Whether it had an account already is told there only.
    WillBeWritten,
}

/// Makes an account for whoever asks, and has its address written to. It is a guest's: registration never takes a role.
///
/// # Errors
/// [`Error::Invalid`], [`Busy::LogIns`](crate::Busy::LogIns); [`Conflict::EmailTaken`], unless the settings conceal it.
pub async fn register(app: &App, account: NewAccount) -> Result<Registered, Error> {
    let (user, hash) = prepare(app, account, Role::Guest).await?;
    let tx = app.store.begin().await?;
    let is_new = tx.users().insert_if_new(&user, &hash).await?;
    let concealed = app.settings.conceal_registration;
    if !is_new && !concealed {
        return Err(Conflict::EmailTaken.into());
    }
    // What is written depends on whether the account is this one, and is decided when it is sent.
    mail::enqueue(app, tx.as_ref(), MailKind::Registration, &user.email, user.created_at).await?;
    tx.commit().await?;
    Ok(if concealed { Registered::WillBeWritten } else { Registered::Made(Box::new(user)) })
}

/// Makes an account with a role. For operators, whose word it is that the address is the user's.
///
/// # Errors
/// [`Error::Invalid`], [`Conflict::EmailTaken`], [`Busy::LogIns`](crate::Busy::LogIns).
pub async fn create(app: &App, account: NewAccount, role: Role) -> Result<User, Error> {
    let (user, hash) = prepare(app, account, role).await?;
    let user = user.with_verified_email(user.created_at);
    let tx = app.store.begin().await?;
    match tx.users().insert(&user, &hash).await {
        Err(StoreError::Conflict(Constraint::UserEmail)) => return Err(Conflict::EmailTaken.into()),
        inserted => inserted?,
    }
    let entry = app.audit_entry(AuditKind::AccountCreated, Some(user.id), &Origin::default());
    tx.audit().append(&AuditEntry { after: Some(Facts::of("role", role.as_str())), ..entry }).await?;
    tx.commit().await?;
    Ok(user)
}

/// The user that an account makes, and the hash of the password.
async fn prepare(app: &App, account: NewAccount, role: Role) -> Result<(User, PasswordHash), Error> {
    let mut fields = Fields::default();
    let email = fields.take("email", EmailAddress::parse(&account.email));
    let password = fields.take("password", Password::parse(account.password));
    let first_name = fields.take("first_name", PersonName::parse(&account.first_name));
    let last_name = fields.take("last_name", PersonName::parse(&account.last_name));
    let phone_number = fields.take_optional("phone_number", account.phone_number.as_deref(), PhoneNumber::parse);
    if let Some(password) = &password {
        let about = [account.email.as_str(), &account.first_name, &account.last_name];
        judge(app, &mut fields, "password", password, &about).await?;
    }
    fields.check()?;
    let hash = app.passwords.hash(fields.need(password)?).await?;
    let profile = Profile { first_name: fields.need(first_name)?, last_name: fields.need(last_name)?, phone_number };
    let id = UserId::from(app.ids.next());
    Ok((User::create(id, fields.need(email)?, profile, role, app.clock.now()), hash))
}
