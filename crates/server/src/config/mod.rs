//! Configuration: built-in defaults, a file, the environment, flags; each overrides the ones before it.
//!
//! Nothing is guessed and nothing ignored: a setting that does not exist or is not allowed is an error that names it,
//! and where it was set.

mod error;
mod layer;
mod reference;
mod sections;
mod values;

use std::path::{Path, PathBuf};

use confab_mail::is_this_machine;
use confab_security::SettingsError;
use figment::Figment;

pub use error::ConfigError;
use error::place;
use layer::Layer;
pub use reference::Setting;
use sections::SmtpSecurity;
pub use sections::{Config, Database, Docs, Log, LogFormat, MailSection, MailTransport, Profile};
pub use values::DatabaseUrl;

/// The defaults, which also document every setting.
const DEFAULTS: &str = include_str!("../default.toml");

/// The file that is read when none is named, if it is there.
const DEFAULT_FILE: &str = "confab.toml";

/// What the command line says of the configuration.
#[derive(Debug, Default, Clone)]
pub struct CliOverrides {
    /// The configuration's file.
    pub config: Option<PathBuf>,
    /// Overrides `database.url`.
    pub database_url: Option<String>,
    /// Overrides `server.bind`.
    pub bind: Option<String>,
    /// Overrides `deployment.profile`.
    pub profile: Option<String>,
}

impl Config {
    /// The configuration by the defaults, the file, this process's environment and these flags.
    ///
    /// # Errors
    /// [`ConfigError`] where the file cannot be read, or for the first setting that is wrong.
    pub fn load(flags: &CliOverrides) -> Result<Self, ConfigError> {
        let (defaults, layers) = Self::layers(flags)?;
        Self::from_layers(&defaults, &layers)
    }

    /// The defaults, and what overrides them, in order.
    fn layers(flags: &CliOverrides) -> Result<(Layer, Vec<Layer>), ConfigError> {
        let defaults = Layer::defaults(DEFAULTS)?;
        let mut layers = Vec::new();
        match &flags.config {
            Some(path) => layers.push(Layer::file(path)?),
            None if Path::new(DEFAULT_FILE).exists() => layers.push(Layer::file(Path::new(DEFAULT_FILE))?),
            None => {}
        }
        layers.push(Layer::environment(std::env::vars_os(), &defaults)?);
        layers.extend(flags.database_url.as_deref().map(|url| Layer::flag("--database-url", "database", "url", url)));
        layers.extend(flags.bind.as_deref().map(|bind| Layer::flag("--bind", "server", "bind", bind)));
        let profile = flags.profile.as_deref();
        layers.extend(profile.map(|profile| Layer::flag("--profile", "deployment", "profile", profile)));
        Ok((defaults, layers))
    }

    /// The configuration by these layers, each of which overrides the ones before it.
    fn from_layers(defaults: &Layer, layers: &[Layer]) -> Result<Self, ConfigError> {
        let figment = layers.iter().fold(Figment::from(defaults), Figment::merge);
        let config: Self = figment.extract().map_err(|error| ConfigError::of_figment(&error))?;
        config.passwords.to_settings().check().map_err(|error| match error {
            SettingsError::OutOfRange { key, .. } => ConfigError::of_key(&figment, &["passwords", key], error),
            error => ConfigError::of_key(&figment, &["passwords"], error),
        })?;
        if config.mail.smtp_security == SmtpSecurity::None && !is_this_machine(&config.mail.smtp_host) {
            let fault = "smtp_security none is only for a mail server on this machine, which smtp_host is not";
            return Err(ConfigError::of_key(&figment, &["mail", "smtp_security"], fault));
        }
        if config.server.docs == Docs::Password && config.server.docs_password.reveal().is_empty() {
            let fault = "docs_password must not be empty where server.docs is \"password\"";
            return Err(ConfigError::of_key(&figment, &["server", "docs"], fault));
        }
        Ok(config)
    }
}

#[cfg(test)]
mod tests;
