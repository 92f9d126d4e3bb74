//! `confab permissions`: who may do what.

use std::io::{self, Write as _};

use crate::failure::Failure;

/// Prints the table.
///
/// # Errors
/// Where it cannot be written.
pub fn run() -> Result<(), Failure> {
    io::stdout().lock().write_all(confab_http::permissions_markdown().as_bytes())?;
    Ok(())
}
