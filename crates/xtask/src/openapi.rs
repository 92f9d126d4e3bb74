//! The committed files that the server itself writes.

use crate::generated_file::GeneratedFile;
use crate::process::{Result, output};
use crate::workspace::cargo;

/// The OpenAPI document.
pub const DOCUMENT: GeneratedFile = GeneratedFile("docs/openapi.json");

/// Each file, and the command of `confab` that prints it.
const FILES: [(GeneratedFile, &[&str]); 4] = [
    (DOCUMENT, &["openapi"]),
    (GeneratedFile("docs/permissions.md"), &["permissions"]),
    (GeneratedFile("docs/personal-data.md"), &["personal-data"]),
    (GeneratedFile("docs/configuration.md"), &["config", "reference"]),
];

/// Writes the files.
///
/// # Errors
/// When the server cannot be built or run, or a file not be written.
pub fn write() -> Result<()> {
    FILES.iter().try_for_each(|(file, command)| file.write(&generate(command)?))
}

/// Compares the committed files with fresh ones.
///
/// # Errors
/// When they differ.
pub fn check() -> Result<()> {
    FILES.iter().try_for_each(|(file, command)| file.check(&generate(command)?))
}

fn generate(command: &[&str]) -> Result<String> {
    let text = output(cargo().args(["run", "--quiet", "--package", "confab", "--"]).args(command))?;
    if text.trim().is_empty() { Err(format!("`confab {}` wrote nothing", command.join(" "))) } else { Ok(text) }
}
