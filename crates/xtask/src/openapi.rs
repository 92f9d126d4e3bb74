//! The committed OpenAPI document: writes it, and checks that it is what the code generates.

use std::fs;
use std::path::PathBuf;

use crate::process::{Result, output};
use crate::workspace::{cargo, root};

const FILE: &str = "docs/openapi.json";

/// Writes the document.
///
/// # Errors
/// When the server cannot be built or run, or the file not be written.
pub fn write() -> Result<()> {
    fs::write(path(), generate()?).map_err(|error| format!("{FILE}: {error}"))?;
    println!("wrote {FILE}");
    Ok(())
}

/// Compares the committed document with a fresh one.
///
/// # Errors
/// When they differ: names the first line that does, and the command that mends it.
pub fn check() -> Result<()> {
    let committed =
        fs::read_to_string(path()).map_err(|error| format!("{FILE}: {error}; run `cargo xtask openapi`"))?;
    match first_difference(&committed, &generate()?) {
        None => {
            println!("{FILE} is what the code generates");
            Ok(())
        }
        Some(difference) => Err(format!(
            "{FILE} is not what the code generates, first at {difference}\nRun `cargo xtask openapi` and commit the file."
        )),
    }
}

fn path() -> PathBuf {
    root().join(FILE)
}

fn generate() -> Result<String> {
    let document = output(cargo().args(["run", "--quiet", "--package", "confab", "--", "openapi"]))?;
    if document.trim().is_empty() { Err("`confab openapi` wrote nothing".to_owned()) } else { Ok(document) }
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
