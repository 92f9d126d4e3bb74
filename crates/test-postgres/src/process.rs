//! Runs other programs, and says which one failed.

use std::path::PathBuf;
use std::process::{Command, Stdio};

/// What a development command gives; the error is the sentence that the developer reads.
pub type Result<T> = std::result::Result<T, String>;

/// Runs a command that writes to our own output.
///
/// # Errors
/// When it cannot be started, or ends with anything but success.
pub fn run(command: &mut Command) -> Result<()> {
    let status = command.status().map_err(|error| format!("`{}`: {error}", describe(command)))?;
    if status.success() { Ok(()) } else { Err(format!("`{}` failed ({status})", describe(command))) }
}

/// Runs a command and gives what it wrote to standard output; its standard error is shown.
///
/// # Errors
/// When it cannot be started, ends with anything but success, or writes what is not UTF-8.
pub fn output(command: &mut Command) -> Result<String> {
    let output =
        command.stderr(Stdio::inherit()).output().map_err(|error| format!("`{}`: {error}", describe(command)))?;
    if !output.status.success() {
        return Err(format!("`{}` failed ({})", describe(command), output.status));
    }
    String::from_utf8(output.stdout).map_err(|_| format!("`{}` wrote what is not UTF-8", describe(command)))
}

/// Finds a program in the folders of `PATH`.
pub fn find(program: &str) -> Option<PathBuf> {
    path_folders().into_iter().map(|folder| folder.join(program)).find(|file| file.is_file())
}

/// The folders of `PATH`, in order.
pub fn path_folders() -> Vec<PathBuf> {
    std::env::var_os("PATH").map(|path| std::env::split_paths(&path).collect()).unwrap_or_default()
}

/// Whether we run as root.
///
/// # Errors
/// When `id` cannot tell.
pub fn is_root() -> Result<bool> {
    Ok(output(Command::new("id").arg("-u"))?.trim() == "0")
}

fn describe(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}
