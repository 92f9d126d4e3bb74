//! The committed files that the server itself writes: writes them, and checks that they are what the code generates.

use std::fs;

use crate::process::{Result, output};
use crate::workspace::{cargo, root};

/// Each file, and the command of `confab` that prints it.
const FILES: [(&str, &str); 2] = [("docs/openapi.json", "openapi"), ("docs/permissions.md", "permissions")];

/// Writes the files.
///
/// # Errors
/// When the server cannot be built or run, or a file not be written.
pub fn write() -> Result<()> {
    for (file, command) in FILES {
        fs::write(root().join(file), generate(command)?).map_err(|error| format!("{file}: {error}"))?;
        println!("wrote {file}");
    }
    Ok(())
}

/// Compares the committed files with fresh ones.
///
/// # Errors
/// When they differ: names the first line that does, and the command that mends it.
pub fn check() -> Result<()> {
    for (file, command) in FILES {
        let committed = fs::read_to_string(root().join(file))
            .map_err(|error| format!("{file}: {error}; run `cargo xtask openapi`"))?;
        if let Some(difference) = first_difference(&committed, &generate(command)?) {
            return Err(format!(
                "{file} is not what the code generates, first at {difference}\nRun `cargo xtask openapi` and commit the file."
            ));
        }
        println!("{file} is what the code generates");
    }
    Ok(())
}

fn generate(command: &str) -> Result<String> {
    let text = output(cargo().args(["run", "--quiet", "--package", "confab", "--", command]))?;
    if text.trim().is_empty() { Err(format!("`confab {command}` wrote nothing")) } else { Ok(text) }
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
