//! `confab user`: accounts, for operators.

use std::io::{self, BufRead as _, IsTerminal as _, Read as _, Write as _};

use confab_application::accounts::{self, NewAccount};
use confab_application::ports::{Limit, Order, PageRequest, Position, UserFilter};
use confab_application::users::{self, StandingChange};
use confab_application::{App, Error, FieldError, Resource};
use confab_domain::{EmailAddress, PhoneNumber, User};
use serde_json::{Value, json};

use crate::cli::{NewUser, User as UserCommand};
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
/// Where it cannot be done as asked.
pub async fn run(config: &Config, command: UserCommand) -> Result<(), Failure> {
    match command {
        UserCommand::Create(user) => create(config, user).await,
        UserCommand::List { role, suspended, email, json } => {
            let suspended = suspended.then_some(true);
            let filter = UserFilter { order: Order::OldestFirst, role, suspended, email_contains: email };
            list(config, &filter, json).await
        }
        UserCommand::Show { email, json } => show(config, &email, json).await,
        UserCommand::SetPassword { email } => set_password(config, &email).await,
        UserCommand::SetRole { email, role } => {
            change(config, &email, StandingChange { role: Some(role), active: None }).await
        }
        UserCommand::Suspend { email } => {
            change(config, &email, StandingChange { role: None, active: Some(false) }).await
        }
        UserCommand::Restore { email } => {
            change(config, &email, StandingChange { role: None, active: Some(true) }).await
        }
        UserCommand::Delete { email } => delete(config, &email).await,
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

/// Does something to the account of this address.
async fn with_account<T>(
    config: &Config,
    email: &str,
    act: impl AsyncFnOnce(&App, User) -> Result<T, Error>,
) -> Result<T, Failure> {
    storage::lasting(&config.database)?;
    let email = EmailAddress::parse(email).map_err(|error| Failure::usage(format_args!("the address {error}")))?;
    let storage = Storage::open(&config.database, 1).await?;
    let app = wiring::app(config, &storage, keys::throw_away()?)?;
    let outcome = match app.store.accounts().find_credentials(&email).await {
        Ok(Some(found)) => act(&app, found.user).await,
        Ok(None) => Err(Error::NotFound(Resource::User)),
        Err(error) => Err(error.into()),
    };
    drop(app);
    storage.close().await;
    outcome.map_err(|error| explain(&error))
}

/// Prints accounts, page by page, as they are read.
async fn list(config: &Config, filter: &UserFilter, as_json: bool) -> Result<(), Failure> {
    storage::lasting(&config.database)?;
    let storage = Storage::open(&config.database, 1).await?;
    let app = wiring::app(config, &storage, keys::throw_away()?)?;
    let outcome = print_pages(&app, filter, as_json).await;
    drop(app);
    storage.close().await;
    outcome
}

async fn print_pages(app: &App, filter: &UserFilter, as_json: bool) -> Result<(), Failure> {
    let mut page = PageRequest::first(Limit::MAX_PAGE);
    loop {
        let found = users::list_as_operator(app, filter, &page).await.map_err(|error| explain(&error))?;
        let line = |user: &User| {
            if as_json {
                return format!("{}\n", in_json(user));
            }
            let (email, name) = (user.email.as_str(), name(user));
            format!("{} {:5} {:9} {email} {name}\n", user.id, user.role.as_str(), standing(user))
        };
        let lines: String = found.items.iter().map(line).collect();
        match io::stdout().lock().write_all(lines.as_bytes()) {
            // Whoever reads has had enough, as `head` has.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(()),
            written => written?,
        }
        match found.items.last().filter(|_| found.has_next) {
            Some(last) => page.position = Some(Position::After(last.id)),
            None => return Ok(()),
        }
    }
}

/// Prints what there is to know of an account.
async fn show(config: &Config, email: &str, as_json: bool) -> Result<(), Failure> {
    let user = with_account(config, email, async |_, user| Ok(user)).await?;
    let text = if as_json { format!("{:#}\n", in_json(&user)) } else { in_text(&user) };
    io::stdout().lock().write_all(text.as_bytes())?;
    Ok(())
}

/// Changes the standing of an account, and prints its id, its role and whether it is active. Servers that run take note within
/// the age of what they remember.
async fn change(config: &Config, email: &str, change: StandingChange) -> Result<(), Failure> {
    let act = async |app: &App, user: User| users::change_standing_as_operator(app, user.id, change).await;
    let user = with_account(config, email, act).await?;
    writeln!(io::stdout(), "{} {} {}", user.id, user.role, standing(&user))?;
    Ok(())
}

/// Gives an account another password, and prints its id.
async fn set_password(config: &Config, email: &str) -> Result<(), Failure> {
    // Nobody is asked to think up a password for an account that is not there.
    with_account(config, email, async |_, _| Ok(())).await?;
    let password = read_password()?;
    let id = with_account(config, email, async |app, user| users::set_password_as_operator(app, &user, password).await);
    writeln!(io::stdout(), "{} password set", id.await?)?;
    Ok(())
}

/// Deletes an account, and prints its id.
async fn delete(config: &Config, email: &str) -> Result<(), Failure> {
    let act = async |app: &App, user: User| users::delete_account_as_operator(app, user.id).await.map(|()| user.id);
    let id = with_account(config, email, act).await?;
    writeln!(io::stdout(), "{id} deleted")?;
    Ok(())
}

fn name(user: &User) -> String {
    format!("{} {}", user.profile.first_name.as_str(), user.profile.last_name.as_str())
}

fn standing(user: &User) -> &'static str {
    if user.active { "active" } else { "suspended" }
}

fn in_json(user: &User) -> Value {
    json!({
        "id": user.id.to_string(),
        "email": user.email.as_str(),
        "email_verified": user.email_verified,
        "first_name": user.profile.first_name.as_str(),
        "last_name": user.profile.last_name.as_str(),
        "phone_number": user.profile.phone_number.as_ref().map(PhoneNumber::as_str),
        "role": user.role.as_str(),
        "active": user.active,
        "created_at": user.created_at.to_string(),
        "updated_at": user.updated_at.to_string(),
    })
}

fn in_text(user: &User) -> String {
    let verified = if user.email_verified { "verified" } else { "not verified" };
    let lines = [
        ("id", user.id.to_string()),
        ("email", format!("{} ({verified})", user.email.as_str())),
        ("name", name(user)),
        ("phone", user.profile.phone_number.as_ref().map_or("none", PhoneNumber::as_str).to_owned()),
        ("role", user.role.to_string()),
        ("standing", standing(user).to_owned()),
        ("created", user.created_at.to_string()),
        ("updated", user.updated_at.to_string()),
    ];
    lines.map(|(name, value)| format!("{name:10}{value}\n")).concat()
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
