//! How a command fails.

use std::error::Error;
use std::fmt::Display;
use std::io;
use std::process::ExitCode;

/// Why a command did not do what it should, in a line or two for people.
#[derive(Debug)]
pub struct Failure {
    code: u8,
    message: String,
}

impl Failure {
    /// The command line or the configuration is wrong: exit code 2.
    pub fn usage(message: impl Display) -> Self {
        Self { code: 2, message: message.to_string() }
    }

    /// Anything else: exit code 1.
    pub fn other(message: impl Display) -> Self {
        Self { code: 1, message: message.to_string() }
    }

    /// What it says.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Says so on standard error.
    pub fn report(&self) -> ExitCode {
        for line in self.message.lines() {
            eprintln!("confab: {line}");
        }
        ExitCode::from(self.code)
    }
}

impl From<io::Error> for Failure {
    /// A failure to write to standard output.
    fn from(error: io::Error) -> Self {
        Self::other(format_args!("cannot write to standard output: {error}"))
    }
}

/// An error with all of its causes, in one line.
pub fn causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let message = cause.to_string();
        // Many errors repeat their cause.
        if !text.contains(&message) {
            text = format!("{text}: {message}");
        }
        next = cause.source();
    }
    text.replace('\n', " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("storage is unavailable")]
    struct Outer(#[source] Middle);

    #[derive(Debug, thiserror::Error)]
    #[error("cannot connect: {0}")]
    struct Middle(#[source] io::Error);

    #[test]
    fn causes_are_told_once() {
        let error = Outer(Middle(io::Error::other("refused")));
        assert_eq!(causes(&error), "storage is unavailable: cannot connect: refused");
    }
}
