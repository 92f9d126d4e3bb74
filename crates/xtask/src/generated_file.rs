//! Committed files that are made of others: writes one, and checks that it is what it would be now.

use std::fs;
use std::path::PathBuf;

use crate::process::Result;
use crate::workspace::root;

/// A file by its path in the repository.
pub struct GeneratedFile(pub &'static str);

impl GeneratedFile {
    /// Writes it.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&self, text: &str) -> Result<()> {
        fs::write(self.path(), text).map_err(|error| format!("{}: {error}", self.0))?;
        println!("wrote {}", self.0);
        Ok(())
    }

    /// Reads what is committed.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn read(&self) -> Result<String> {
        fs::read_to_string(self.path()).map_err(|error| format!("{}: {error}; run `cargo xtask openapi`", self.0))
    }

    /// Compares what is committed with a fresh one.
    ///
    /// # Errors
    /// When they differ: names the first line that does, and the command that mends it.
    pub fn check(&self, text: &str) -> Result<()> {
        let Some(difference) = first_difference(&self.read()?, text) else {
            println!("{} is what the code generates", self.0);
            return Ok(());
        };
        let file = self.0;
        Err(format!(
            "{file} is not what the code generates, first at {difference}\nRun `cargo xtask openapi` and commit the file."
        ))
    }

    fn path(&self) -> PathBuf {
        root().join(self.0)
    }
}

fn first_difference(committed: &str, generated: &str) -> Option<String> {
    if committed == generated {
        return None;
    }
    // `split` and not `lines`, so that a difference in line ends or in the last one is a difference too.
    let (mut old, mut new) = (committed.split('\n'), generated.split('\n'));
    let mut number = 1;
    loop {
        match (old.next(), new.next()) {
            (Some(old), Some(new)) if old == new => number += 1,
            (old, new) => {
                return Some(format!("line {number}\n  committed: {}\n  generated: {}", show(old), show(new)));
            }
        }
    }
}

fn show(line: Option<&str>) -> String {
    line.map_or_else(|| "(no such line)".to_owned(), |line| format!("{line:?}"))
}

#[cfg(test)]
mod tests {
    use super::first_difference;

    #[test]
    fn equal_documents_do_not_differ() {
        assert_eq!(first_difference("{\n}\n", "{\n}\n"), None);
    }

    #[test]
    fn the_first_line_that_differs_is_named() {
        let difference = first_difference("{\n1\n}\n", "{\n2\n}\n");
        assert_eq!(difference.as_deref(), Some("line 2\n  committed: \"1\"\n  generated: \"2\""));
    }

    #[test]
    fn a_missing_last_line_end_is_a_difference() {
        let difference = first_difference("{}", "{}\n");
        assert_eq!(difference.as_deref(), Some("line 2\n  committed: (no such line)\n  generated: \"\""));
    }
}
