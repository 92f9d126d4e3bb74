//! `confab config`: the settings as they are, and what there is to set.

use std::io::{self, Write as _};

use crate::cli::ConfigCommand;
use crate::config::{CliOverrides, Config};
use crate::failure::Failure;

/// Tells it.
///
/// # Errors
/// Where the configuration is wrong, or cannot be told.
pub fn run(overrides: &CliOverrides, command: &ConfigCommand) -> Result<(), Failure> {
    let text = match command {
        ConfigCommand::Print { origin } => print(overrides, *origin)?,
        ConfigCommand::Reference => Config::reference().map_err(Failure::usage)?,
    };
    io::stdout().lock().write_all(text.as_bytes())?;
    Ok(())
}

/// Each setting in TOML, and as a comment where it comes from.
fn print(overrides: &CliOverrides, with_origin: bool) -> Result<String, Failure> {
    let mut text = String::new();
    let mut section = String::new();
    for setting in Config::settings(overrides).map_err(Failure::usage)? {
        if setting.section != section {
            let gap = if section.is_empty() { "" } else { "\n" };
            text += &format!("{gap}[{}]\n", setting.section);
            section.clone_from(&setting.section);
        }
        text += &format!("{} = {}", setting.key, setting.value);
        if with_origin {
            text += &format!("  # {}", setting.origin);
        }
        text += "\n";
    }
    Ok(text)
}
