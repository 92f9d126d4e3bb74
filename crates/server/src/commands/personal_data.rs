//! `confab personal-data`: what is kept of persons.

use std::io::{self, Write as _};

use crate::failure::Failure;

/// Prints the inventory.
///
/// # Errors
/// Where it cannot be written.
pub fn run() -> Result<(), Failure> {
    io::stdout().lock().write_all(confab_persistence::personal_data_markdown().as_bytes())?;
    Ok(())
}
