//! Log in.

use confab_domain::{
    AuditEntry, AuditKind, DeviceName, EmailAddress, Facts, Origin, Password, PasswordHash, Session, SessionId,
    SessionUse, UserId,
};

use super::tokens::{self, TokenPair};
use crate::fields::Fields;
use crate::ports::{Credentials, PasswordError, Verdict};
use crate::{App, Busy, Error, Unauthenticated};

/// How many failed log-ins to one account, and to all that do not exist, are told one by one in a minute.
const FAILURES_PER_MINUTE: u64 = 10;
/// How often a password is looked at anew because the account was changed meanwhile.
const TRIES: u32 = 3;

/// A log-in, as it came in.
#[derive(Clone, Default)]
pub struct LogIn {
    /// E-mail address.
    pub email: String,
    /// Password.
    pub password: String,
    /// What the user calls the device.
    pub device_name: Option<String>,
}

impl LogIn {
    /// With a device of which nothing is said.
    pub fn new(email: impl Into<String>, password: impl Into<String>) -> Self {
        Self { email: email.into(), password: password.into(), device_name: None }
    }
}

/// Begins a session for whoever knows an active account's address and password. A hash that is not as hashes are made today
/// is replaced by one that is.
///
/// # Errors
/// [`Unauthenticated::WrongCredentials`], the same whatever is wrong, and after the same work but for a password that is
/// longer than any can be; [`Error::Invalid`] for the name of a device;
/// [`Unauthenticated::EmailNotVerified`], where the settings ask for it; [`Busy::LogIns`].
pub async fn log_in(app: &App, log_in: LogIn, origin: &Origin) -> Result<TokenPair, Error> {
    let mut fields = Fields::default();
    let device = fields.take_optional("device_name", log_in.device_name.as_deref(), DeviceName::parse);
    fields.check()?;
    let email = EmailAddress::parse(&log_in.email).ok();
    let attempt = Password::attempt(log_in.password).ok_or(Unauthenticated::WrongCredentials)?;
    for _ in 0..TRIES {
        let known = recognise(app, email.as_ref(), &attempt, origin).await?;
        if let Some(pair) = begin_session(app, known, device.clone(), origin).await? {
            return Ok(pair);
        }
    }
    Err(Busy::LogIns.into())
}

/// Whoever has shown that they know the password.
struct Known {
    credentials: Credentials,
    /// The hash to keep from now on, where another one than is kept.
    next_hash: Option<PasswordHash>,
}

async fn recognise(
    app: &App,
    email: Option<&EmailAddress>,
    attempt: &Password,
    origin: &Origin,
) -> Result<Known, Error> {
    let found = match email {
        Some(email) => app.store.accounts().find_credentials(email).await?,
        None => None,
    };
    let hash = found.as_ref().map(|found| found.password_hash.clone());
    let verdict = app.passwords.verify(attempt.clone(), hash).await?;
    let credentials = match found {
        Some(found) if verdict != Verdict::Wrong && found.user.active => found,
        found => return Err(refusal(app, found.map(|found| found.user.id), origin).await),
    };
    if !credentials.user.email_verified && app.settings.conceal_registration {
        // That an account waits for its verification tells that the address had none before.
        return Err(refusal(app, Some(credentials.user.id), origin).await);
    }
    if !credentials.user.email_verified && app.settings.require_verified_email {
        return Err(Unauthenticated::EmailNotVerified.into());
    }
    let next_hash = if verdict == Verdict::Outdated { rehash(app, attempt.clone()).await? } else { None };
    Ok(Known { credentials, next_hash })
}

/// None where the account is not what it was when its password was looked at: then all is to be looked at anew, for the
/// password may have been changed, or only its hash, by a log-in at the same time.
async fn begin_session(
    app: &App,
    known: Known,
    device: Option<DeviceName>,
    origin: &Origin,
) -> Result<Option<TokenPair>, Error> {
    let Known { credentials, next_hash } = known;
    let now = app.clock.now();
    let (token, refresh_token) = tokens::new_refresh_token(app, now)?;
    let tx = app.store.begin().await?;
    // Whoever changes a password ends the sessions that there are: none may begin with the old one after that.
    let user = match tx.users().find_credentials_for_update(credentials.user.id).await? {
        Some(Credentials { user, password_hash }) if user.active && password_hash == credentials.password_hash => user,
        _ => return Ok(None),
    };
    if let Some(hash) = next_hash {
        tx.users().set_password_hash(user.id, &hash).await?;
    }
    let session = Session {
        id: SessionId::from(app.ids.next()),
        user_id: user.id,
        device: device.or_else(|| DeviceName::guess(origin.user_agent.as_ref()?)),
        created_at: now,
        last_use: SessionUse { at: now, address: origin.address, user_agent: origin.user_agent.clone() },
        refresh_token,
        previous_token: None,
    };
    tx.sessions().insert(&session).await?;
    let failed = tx.audit().take_failed_log_ins(user.id).await?;
    let after = (failed > 0).then(|| Facts::of("failed_log_ins_before", &failed.to_string()));
    let entry = app.own_audit_entry(AuditKind::LoggedIn, user.id, origin);
    tx.audit().append(&AuditEntry { session_id: Some(session.id), after, ..entry }).await?;
    let pair = tokens::pair(app, user.id, session.id, token, now)?;
    tx.commit().await?;
    Ok(Some(pair))
}

/// Today's hash of a password that is right. None where there is too much to do: then at the next log-in.
async fn rehash(app: &App, password: Password) -> Result<Option<PasswordHash>, Error> {
    match app.passwords.hash(password).await {
        Ok(hash) => Ok(Some(hash)),
        Err(PasswordError::Busy) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// The refusal of a log-in, which is on record. It is the same work for an account that does not exist.
async fn refusal(app: &App, account: Option<UserId>, origin: &Origin) -> Error {
    match record_failure(app, account, origin).await {
        Ok(()) => Unauthenticated::WrongCredentials.into(),
        Err(error) => error,
    }
}

/// Counts a failure, and tells of the first ones in each minute.
pub(crate) async fn record_failure(app: &App, account: Option<UserId>, origin: &Origin) -> Result<(), Error> {
    let tx = app.store.begin().await?;
    if tx.audit().count_failed_log_in(account, app.clock.now()).await? <= FAILURES_PER_MINUTE {
        tx.audit().append(&app.audit_entry(AuditKind::LogInFailed, account, origin)).await?;
    }
    Ok(tx.commit().await?)
}
