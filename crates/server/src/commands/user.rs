//! `confab user`: accounts, for operators.

use std::io::{self, BufRead as _, IsTerminal as _, Read as _, Write as _};

use confab_application::accounts::{self, NewAccount};
use confab_application::users::{self, StandingChange};
use confab_application::{Error, FieldError, Resource};
use confab_domain::EmailAddress;

use crate::cli::{NewUser, User};
use crate::config::Config;
use crate::failure::{Failure, causes};
use crate::keys;
use crate::storage::{self, Storage};
use crate::wiring;

/// As much of standard input as is read: more than any password may have.
const MAX_LINE_BYTES: u64 = 64 * 1024;

/// Does it.
///
/// # Errors
/// Where the account cannot be made as asked.
pub async fn run(config: &Config, command: User) -> Result<(), Failure> {
    match command {
        User::Create(user) => create(config, user).await,
        User::SetRole { email, role } => {
            change(config, &email, StandingChange { role: Some(role), active: None }).await
        }
        User::Suspend { email } => change(config, &email, StandingChange { role: None, active: Some(false) }).await,
        User::Restore { email } => change(config, &email, StandingChange { role: None, active: Some(true) }).await,
        User::Delete { email } => delete(config, &email).await,
    }
}

/// Makes an account, and prints its id and its role.
async fn create(config: &Config, user: NewUser) -> Result<(), Failure> {
    storage::lasting(&config.database)?;
    let account = NewAccount {
        email: user.email,
        password: read_password()?,
        first_name: user.first_name,
        last_name: user.last_name,
        phone_number: user.phone_number,
    };
    let storage = Storage::open(&config.database, 1).await?;
    let app = wiring::app(config, &storage, keys::throw_away()?)?;
    let created = accounts::create(&app, account, user.role).await.map_err(|error| explain(&error));
    drop(app);
    storage.close().await;
    let created = created?;
    writeln!(io::stdout(), "{} {}", created.id, created.role)?;
    Ok(())
}

/// Changes the standing of an account, and prints its id, its role and whether it is active. Servers that run take note within
/// the age of what they remember.
async fn change(config: &Config, email: &str, change: StandingChange) -> Result<(), Failure> {
    storage::lasting(&config.database)?;
    let email = EmailAddress::parse(email).map_err(|error| Failure::usage(format_args!("the address {error}")))?;
    let storage = Storage::open(&config.database, 1).await?;
    let app = wiring::app(config, &storage, keys::throw_away()?)?;
    let changed = match app.store.accounts().find_credentials(&email).await {
        Ok(Some(found)) => users::change_standing_as_operator(&app, found.user.id, change).await,
        Ok(None) => Err(Error::NotFound(Resource::User)),
        Err(error) => Err(error.into()),
    };
    drop(app);
    storage.close().await;
    let user = changed.map_err(|error| explain(&error))?;
    let standing = if user.active { "active" } else { "suspended" };
    writeln!(io::stdout(), "{} {} {standing}", user.id, user.role)?;
    Ok(())
}

/// Deletes an account, and prints its id.
async fn delete(config: &Config, email: &str) -> Result<(), Failure> {
    storage::lasting(&config.database)?;
    let email = EmailAddress::parse(email).map_err(|error| Failure::usage(format_args!("the address {error}")))?;
    let storage = Storage::open(&config.database, 1).await?;
    let app = wiring::app(config, &storage, keys::throw_away()?)?;
    let deleted = match app.store.accounts().find_credentials(&email).await {
        Ok(Some(found)) => users::delete_account_as_operator(&app, found.user.id).await.map(|()| found.user.id),
        Ok(None) => Err(Error::NotFound(Resource::User)),
        Err(error) => Err(error.into()),
    };
    drop(app);
    storage.close().await;
    let id = deleted.map_err(|error| explain(&error))?;
    writeln!(io::stdout(), "{id} deleted")?;
    Ok(())
}

/// The password: asked for twice where a person sits there, else one line of standard input.
fn read_password() -> Result<String, Failure> {
    let unreadable = |error: io::Error| Failure::other(format_args!("cannot read the password: {error}"));
    if io::stdin().is_terminal() {
        let password = rpassword::prompt_password("Password: ").map_err(unreadable)?;
        let again = rpassword::prompt_password("The same again: ").map_err(unreadable)?;
        return if password == again { Ok(password) } else { Err(Failure::usage("the two passwords differ")) };
    }
    let mut line = String::new();
    io::stdin().lock().take(MAX_LINE_BYTES).read_line(&mut line).map_err(unreadable)?;
    let line = line.strip_suffix('\n').map_or(line.as_str(), |line| line.strip_suffix('\r').unwrap_or(line));
    if line.is_empty() {
        return Err(Failure::usage("there is no password on standard input; send it one line"));
    }
    Ok(line.to_owned())
}

fn explain(error: &Error) -> Failure {
    match error {
        Error::Invalid(faults) => Failure::usage(faults.iter().map(in_flags).collect::<Vec<_>>().join("\n")),
        error => Failure::other(causes(error)),
    }
}

fn in_flags(fault: &FieldError) -> String {
    match fault.field.as_str() {
        "password" => format!("the password {}", fault.message),
        field => format!("--{} {}", field.replace('_', "-"), fault.message),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_told_by_their_flags() {
        let fault = |field: &str| FieldError::new(field, "empty", "must not be empty");
        assert_eq!(in_flags(&fault("first_name")), "--first-name must not be empty");
        assert_eq!(in_flags(&fault("password")), "the password must not be empty");
    }
}
