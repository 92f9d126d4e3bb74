//! The account under which the server runs, since PostgreSQL refuses to run as root.

use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::process::{Result, is_root};

/// Who runs the server.
#[derive(Clone, Copy)]
pub enum Account {
    /// Whoever runs us.
    Ours,
    /// An account without privileges, for root.
    Other { uid: u32, gid: u32 },
}

impl Account {
    /// Our own account, or for root `postgres` (which the packages make) or else `nobody`.
    ///
    /// # Errors
    /// When we are root and there is neither.
    pub fn choose() -> Result<Self> {
        if !is_root()? {
            return Ok(Self::Ours);
        }
        ["postgres", "nobody"].into_iter().find_map(Self::by_name).ok_or_else(|| {
            "PostgreSQL refuses to run as root, and there is no account `postgres` or `nobody` to run it as".to_owned()
        })
    }

    /// Lets a command run under this account, with no groups but its own.
    pub fn apply(self, command: &mut Command) -> &mut Command {
        match self {
            Self::Ours => command,
            Self::Other { uid, gid } => command.uid(uid).gid(gid),
        }
    }

    /// Gives a folder to this account.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn own(self, folder: &Path) -> Result<()> {
        match self {
            Self::Ours => Ok(()),
            Self::Other { uid, gid } => {
                chown(folder, Some(uid), Some(gid)).map_err(|error| format!("chown {}: {error}", folder.display()))
            }
        }
    }

    fn by_name(name: &str) -> Option<Self> {
        Some(Self::Other { uid: id("-u", name)?, gid: id("-g", name)? })
    }
}

fn id(option: &str, name: &str) -> Option<u32> {
    let output = Command::new("id").args([option, name]).stderr(Stdio::null()).output().ok()?;
    String::from_utf8(output.stdout).ok()?.trim().parse().ok()
}
