//! The process that owns the cluster; see [`crate::guard`].

use std::ffi::OsStr;
use std::path::PathBuf;

use confab_test_postgres::Cluster;

use super::Programs;
use crate::guard;
use crate::process::Result;

/// Our end: the server runs as long as this lives.
pub struct Guard(guard::Guard);

impl Guard {
    /// Starts the process, and waits until its server takes connections.
    ///
    /// # Errors
    /// When it cannot be started; the reason may have been printed by the process itself.
    pub fn start(programs: &Programs) -> Result<Self> {
        Self::start_with(programs, &[])
    }

    /// The same, of a server with these settings: `shared_buffers=1GB`.
    ///
    /// # Errors
    /// As [`Guard::start`].
    pub fn start_with(programs: &Programs, settings: &[&str]) -> Result<Self> {
        let folder = programs.folder().as_os_str();
        let settings = settings.iter().map(|setting| OsStr::new(*setting));
        let guard = guard::Guard::start("guard-postgres", std::iter::once(folder).chain(settings))?;
        println!("PostgreSQL from {} serves {}", programs.folder().display(), guard.line());
        Ok(Self(guard))
    }

    /// The URL of a superuser's connection.
    pub fn url(&self) -> &str {
        self.0.line()
    }
}

/// The process itself: prints the URL, and runs the server until standard input ends.
///
/// # Errors
/// When the server cannot be started.
pub fn run(folder: PathBuf, settings: &[String]) -> Result<()> {
    let programs = Programs::in_folder(folder).ok_or("PostgreSQL's server programs are not in that folder")?;
    let cluster = Cluster::start_with(programs, settings)?;
    guard::hold(&cluster.url());
    Ok(())
}
