//! The real server for one tool: on a free port of this machine, with an SQLite file of its own.

use std::ffi::OsString;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use super::workshop::target_folder;
use crate::guard::{self, Guard};
use crate::process::Result;

/// The account of a host that the server starts with. No example of the document is its password, or a tool that sends
/// examples could change it.
const EMAIL: &str = "ada@example.org";
const PASSWORD: &str = "seven small engines at sea";

/// The limits are for other tests, and passwords are hashed in no time.
const SETTINGS: [(&str, &str); 7] = [
    ("CONFAB__DATABASE__URL", "sqlite://confab.db"),
    ("CONFAB__RATE_LIMIT__ENABLED", "false"),
    ("CONFAB__PASSWORDS__MEMORY_KIB", "8"),
    ("CONFAB__PASSWORDS__ITERATIONS", "1"),
    ("CONFAB__AUTH__ACCESS_TOKEN_SECONDS", "86400"),
    ("CONFAB__LOG__FILTER", "warn"),
    ("CONFAB__AUTH__SIGNING_KEY_FILE", "signing.key"),
];

/// Our end: the server runs as long as this lives.
pub struct Server(Guard);

impl Server {
    /// Starts it, from the binary that was built last.
    ///
    /// # Errors
    /// When it does not start.
    pub fn start() -> Result<Self> {
        let binary = target_folder()?.join("debug/confab");
        Guard::start("guard-server", [binary]).map(Self)
    }

    /// Where it is: `http://127.0.0.1:…`.
    fn url(&self) -> &str {
        self.0.line()
    }

    /// The same as variables of the Postman collection.
    pub fn variables(&self) -> [String; 3] {
        [format!("base_url={}", self.url()), format!("email={EMAIL}"), format!("password={PASSWORD}")]
    }

    /// Tells a tool where the server is, and whose account it may use.
    pub fn tell<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command.env("CONFAB_URL", self.url()).env("CONFAB_EMAIL", EMAIL).env("CONFAB_PASSWORD", PASSWORD)
    }
}

/// The guarding process: makes a folder, an account and a server, and removes all when standard input ends.
///
/// # Errors
/// When one of them cannot be made.
pub fn guard(binary: &Path) -> Result<()> {
    let folder = TempDir::with_prefix("confab-clients-").map_err(|error| format!("a temporary folder: {error}"))?;
    create_host(binary, folder.path())?;
    let mut serving = Serving(
        command(binary, folder.path())
            .args(["serve", "--bind", "127.0.0.1:0"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("{}: {error}", binary.display()))?,
    );
    let output = serving.0.stdout.take().ok_or("the server has no standard output")?;
    let mut lines = BufReader::new(output).lines().map_while(std::io::Result::ok);
    let url = lines.find_map(|line| url_in(&line)).ok_or("the server has ended before it served")?;
    guard::hold(&url);
    drop(serving);
    Ok(())
}

struct Serving(Child);

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn create_host(binary: &Path, folder: &Path) -> Result<()> {
    let mut create = command(binary, folder);
    create.args([
        "user",
        "create",
        "--role",
        "host",
        "--email",
        EMAIL,
        "--first-name",
        "Ada",
        "--last-name",
        "Lovelace",
    ]);
    let mut child = create
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .map_err(|error| format!("{}: {error}", binary.display()))?;
    if let Some(mut input) = child.stdin.take() {
        // Where it does not read its input, it fails, and says why.
        let _ = writeln!(input, "{PASSWORD}");
    }
    let status = child.wait().map_err(|error| format!("`confab user create`: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("`confab user create` failed ({status})")) }
}

/// The binary in this folder, with nothing of the settings that we were started with.
fn command(binary: &Path, folder: &Path) -> Command {
    let mut command = Command::new(binary);
    command.current_dir(folder);
    let ours = |name: &OsString| name.to_string_lossy().starts_with("CONFAB");
    for name in std::env::vars_os().map(|(name, _)| name).filter(ours) {
        command.env_remove(name);
    }
    command.envs(SETTINGS);
    command
}

fn url_in(line: &str) -> Option<String> {
    let start = line.find("http://127.0.0.1:")?;
    let host = "http://127.0.0.1:".len();
    let port: String = line[start + host..].chars().take_while(char::is_ascii_digit).collect();
    Some(format!("http://127.0.0.1:{port}"))
}
