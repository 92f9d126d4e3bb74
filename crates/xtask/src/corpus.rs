//! The corpus of real conversations, which lies beside the repository and not in it.

use std::path::PathBuf;

use crate::workspace::root;

/// What the names of the tests that need the corpus contain.
pub const TEST_NAME: &str = "irc_corpus";

/// The sentence to print when the corpus is absent, and its tests are therefore left out.
pub fn notice_when_absent() -> Option<String> {
    let folder = folder();
    (!folder.is_dir()).then(|| {
        format!(
            "NOTE: the corpus is absent at {}: the tests named {TEST_NAME} were NOT run and do not count as passed.",
            folder.display()
        )
    })
}

fn folder() -> PathBuf {
    let root = root();
    let beside = root.parent().unwrap_or(&root).join("shared/data/irc");
    std::env::var_os("CONFAB_IRC_CORPUS").map_or(beside, PathBuf::from)
}
