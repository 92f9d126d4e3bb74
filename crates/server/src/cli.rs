//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use confab_domain::{Role, ValueError};

use crate::config::CliOverrides;
use crate::failure::Failure;
use crate::keys::WAIT_SECONDS;

/// A self-hosted messaging backend.
///
/// Without a command it serves. Without any configuration it serves on this machine only, and keeps everything in the
/// folder ./data.
#[derive(Debug, Parser)]
#[command(name = "confab", version)]
pub struct Cli {
    /// Read settings from this file, instead of ./confab.toml
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Keep everything here: sqlite://PATH, postgres://USER:PASSWORD@HOST/NAME, or memory: [setting: database.url]
    #[arg(long, global = true, value_name = "URL")]
    database_url: Option<String>,
    /// What this deployment is for: development, staging or production [setting: deployment.profile]
    #[arg(long, global = true, value_name = "PROFILE")]
    profile: Option<String>,
    #[command(flatten)]
    serve: ServeFlags,
    /// What to do.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What there is to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve the API (the default)
    Serve(ServeFlags),
    /// Look after the database's tables
    #[command(subcommand)]
    Migrate(Migrate),
    /// Look after accounts
    #[command(subcommand)]
    User(User),
    /// Look after the keys that access tokens are signed with
    #[command(subcommand)]
    Keys(Keys),
    /// Look after mails
    #[command(subcommand)]
    Mail(MailCommand),
    /// Tell what makes this deployment unsafe, and how to mend it. Exit code 0: production starts on it; 1: it does not; 2: the
    /// configuration is wrong
    Check {
        /// Judge as production does, whatever the profile
        #[arg(long)]
        deploy: bool,
        /// Tell it in JSON
        #[arg(long)]
        json: bool,
    },
    /// Look at the settings
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Print the API's OpenAPI document
    Openapi,
    /// Print who may do what, as Markdown
    Permissions,
    /// Print what is kept of persons, as Markdown
    PersonalData,
}

impl Default for Command {
    fn default() -> Self {
        Self::Serve(ServeFlags::default())
    }
}

/// The flags of `serve`.
#[derive(Debug, Default, Args)]
pub struct ServeFlags {
    /// Listen here, such as 127.0.0.1:8080; port 0 takes any free one [setting: server.bind]
    #[arg(long, value_name = "ADDRESS:PORT")]
    bind: Option<String>,
}

/// What to do with the keys that access tokens are signed with. All of them end with a list of the keys.
#[derive(Debug, Clone, Copy, Subcommand)]
pub enum Keys {
    /// List them, and what each does; never the keys themselves
    List {
        /// Tell it in JSON
        #[arg(long)]
        json: bool,
    },
    /// Make a key that signs from now on. Nobody is logged out: those before it verify what they have signed, and are dropped
    /// when that has expired. Servers take it without a restart
    Rotate {
        /// Let it wait this long before it signs, in seconds: until each node has the file
        #[arg(long, value_name = "SECONDS", default_value_t = WAIT_SECONDS, value_parser = clap::value_parser!(u32).range(..=86_400))]
        signs_in: u32,
        /// Drop all others at once, for they were stolen: clients then have to refresh their tokens
        #[arg(long, conflicts_with = "signs_in")]
        drop_others: bool,
        /// Tell it in JSON
        #[arg(long)]
        json: bool,
    },
    /// Drop those that verify nothing any more
    Prune {
        /// Tell it in JSON
        #[arg(long)]
        json: bool,
    },
}

/// What to do with mails.
#[derive(Debug, Subcommand)]
pub enum MailCommand {
    /// Send a mail at once, and tell whether that went well
    Test {
        /// Where it goes
        #[arg(long, value_name = "ADDRESS")]
        to: String,
    },
}

/// What to do with the database's tables.
#[derive(Debug, Clone, Copy, Subcommand)]
pub enum Migrate {
    /// Bring them up to date
    Up,
    /// Undo the newest changes, with the data that they hold
    Down {
        /// How many changes to undo
        #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
        steps: u32,
    },
    /// List every change, and whether it was made
    Status,
}

/// What to tell of the settings.
#[derive(Debug, Clone, Copy, Subcommand)]
pub enum ConfigCommand {
    /// Print every setting as it is, in TOML, without secrets
    Print {
        /// Tell where each was set: by default, in a file, by a variable or a flag
        #[arg(long)]
        origin: bool,
    },
    /// Print what there is to set, as in docs/configuration.md
    Reference,
}

/// What to do with accounts.
#[derive(Debug, Subcommand)]
pub enum User {
    /// List accounts, the oldest first, each in a line
    List {
        /// Only those with this role: guest, host or admin
        #[arg(long, value_parser = parse_role)]
        role: Option<Role>,
        /// Only those that are suspended
        #[arg(long)]
        suspended: bool,
        /// Only those whose e-mail address has this text in it
        #[arg(long, value_name = "TEXT")]
        email: Option<String>,
        /// Tell each in JSON, one object a line
        #[arg(long)]
        json: bool,
    },
    /// Show an account
    Show {
        /// The account's e-mail address
        email: String,
        /// Tell it in JSON
        #[arg(long)]
        json: bool,
    },
    /// Make an account; asks for its password, or takes one line of standard input for it
    Create(NewUser),
    /// Give an account another password, and end its sessions; asks for it as `create` does, and the account is told by mail
    SetPassword {
        /// The account's e-mail address
        email: String,
    },
    /// Give an account another role
    SetRole {
        /// The account's e-mail address
        email: String,
        /// What it may do: guest, host or admin
        #[arg(value_parser = parse_role)]
        role: Role,
    },
    /// Close an account for now, and end its sessions
    Suspend {
        /// The account's e-mail address
        email: String,
    },
    /// Open a suspended account again
    Restore {
        /// The account's e-mail address
        email: String,
    },
    /// Delete an account for good, as its person could: what they have said stays, as said by a deleted user
    Delete {
        /// The account's e-mail address
        email: String,
    },
}

/// An account to be made.
#[derive(Debug, Args)]
pub struct NewUser {
    /// What the account may do: guest, host or admin
    #[arg(long, value_parser = parse_role)]
    pub role: Role,
    /// E-mail address, to log in with
    #[arg(long)]
    pub email: String,
    /// Given name
    #[arg(long, value_name = "NAME")]
    pub first_name: String,
    /// Family name
    #[arg(long, value_name = "NAME")]
    pub last_name: String,
    /// Telephone number with its country code, such as +442079460958
    #[arg(long, value_name = "NUMBER")]
    pub phone_number: Option<String>,
}

fn parse_role(text: &str) -> Result<Role, ValueError> {
    Role::parse(text)
}

impl Cli {
    /// What the flags say of the configuration.
    ///
    /// # Errors
    /// Where a flag of `serve` stands before another command.
    pub fn overrides(&self) -> Result<CliOverrides, Failure> {
        let bind = match &self.command {
            None => self.serve.bind.clone(),
            Some(Command::Serve(flags)) => flags.bind.clone().or_else(|| self.serve.bind.clone()),
            Some(_) if self.serve.bind.is_some() => return Err(Failure::usage("--bind is a flag of `serve` only")),
            Some(_) => None,
        };
        Ok(CliOverrides {
            config: self.config.clone(),
            database_url: self.database_url.clone(),
            bind,
            profile: self.profile.clone(),
        })
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    fn overrides(arguments: &[&str]) -> Result<CliOverrides, Failure> {
        Cli::try_parse_from([&["confab"], arguments].concat()).unwrap().overrides()
    }

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn flags_may_stand_before_the_command_or_after_it() {
        for arguments in [
            &["--bind", "b", "--database-url", "d", "--config", "c"][..],
            &["--config", "c", "serve", "--bind", "b", "--database-url", "d"],
            &["--bind", "b", "--database-url", "d", "serve", "--config", "c"],
        ] {
            let found = overrides(arguments).unwrap();
            assert_eq!(found.bind.as_deref(), Some("b"));
            assert_eq!(found.database_url.as_deref(), Some("d"));
            assert_eq!(found.config, Some(PathBuf::from("c")));
        }
    }

    #[test]
    fn only_serve_takes_an_address() {
        assert!(overrides(&["--bind", "b", "migrate", "up"]).is_err());
        assert!(Cli::try_parse_from(["confab", "migrate", "up", "--bind", "b"]).is_err());
    }

    #[test]
    fn a_role_is_one_of_three() {
        let user = ["confab", "user", "create", "--email", "e", "--first-name", "f", "--last-name", "l", "--role"];
        let parse = |role| Cli::try_parse_from(user.into_iter().chain([role]));
        assert!(parse("host").is_ok());
        let error = parse("owner").unwrap_err().to_string();
        assert!(error.contains("must be one of guest, host, admin"), "{error}");
    }
}
