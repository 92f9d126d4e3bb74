//! `confab openapi`: the API's OpenAPI document, for generators of clients.

use std::io::{self, Write as _};

use crate::failure::Failure;

/// Prints the document.
///
/// # Errors
/// Where it cannot be written.
pub fn run() -> Result<(), Failure> {
    let document = confab_http::openapi_json()
        .map_err(|error| Failure::other(format_args!("cannot write the document: {error}")))?;
    io::stdout().lock().write_all(document.as_bytes())?;
    Ok(())
}
