//! The real binary.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::{Arc, Condvar, Mutex, OnceLock};
use std::thread;

/// The binary, built once for this run of the tests.
pub fn binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| {
        if let Some(path) = std::env::var_os("CONFAB_TEST_BINARY") {
            return path.into();
        }
        let mut build = Command::new(env!("CARGO"));
        build.args(["build", "--quiet", "--package", "confab"]);
        // What cargo tells us of ourselves would be a changed environment to some build scripts, which compile anew then.
        let told = |name: &str| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_");
        for (name, _) in std::env::vars().filter(|(name, _)| told(name)) {
            build.env_remove(name);
        }
        assert!(build.status().unwrap().success(), "the server does not build");
        // This test lies in target/<profile>/deps; the binary two folders up.
        let test = std::env::current_exe().unwrap();
        test.ancestors().nth(2).unwrap().join("confab")
    })
}

impl Lines {
    /// Waits until `find` finds something in them; none where there will be no more.
    fn wait_for<T>(&self, find: impl Fn(&[String]) -> Option<T>) -> Option<T> {
        let mut printed = self.so_far.lock().unwrap();
        loop {
            let found = find(&printed.0);
            if found.is_some() || printed.1 {
                return found;
            }
            printed = self.changed.wait(printed).unwrap();
        }
    }
}

/// A running process of the binary, whose output is kept.
pub struct Process {
    child: Child,
    stdout: Arc<Lines>,
    stderr: Arc<Lines>,
}

/// What a process has printed, line by line.
#[derive(Default)]
struct Lines {
    so_far: Mutex<(Vec<String>, bool)>,
    changed: Condvar,
}

impl Process {
    /// A command of the binary in a folder, with nothing of this process's own settings. It is what `tracer` traces, if
    /// that is not empty.
    pub fn command(folder: &Path, arguments: &[&str], settings: &[(String, String)], tracer: &[&str]) -> Command {
        // A file that may not grow is an error to it and not its end: what a shell ignores, the program that it becomes
        // ignores too.
        let mut command = Command::new("bash");
        command.args(["-c", r#"trap "" XFSZ; exec "$0" "$@""#]).args(tracer).arg(binary());
        command.args(arguments).current_dir(folder).stdin(Stdio::null());
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("CONFAB")) {
            command.env_remove(name);
        }
        command.envs(settings.iter().cloned());
        command
    }

    /// Runs a command to its end, with this text as its standard input.
    pub fn run(folder: &Path, arguments: &[&str], settings: &[(String, String)], input: &str) -> Output {
        let mut command = Self::command(folder, arguments, settings, &[]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // A command that refuses its arguments does not read its input.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        child.wait_with_output().unwrap()
    }

    /// Starts a command and keeps what it prints.
    pub fn start(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let stdout = keep(child.stdout.take().unwrap());
        let stderr = keep(child.stderr.take().unwrap());
        Self { child, stdout, stderr }
    }

    /// Waits until a line of its standard output has what `find` looks for.
    ///
    /// # Panics
    /// Where the process ends without it, with what it has said.
    pub fn wait_for<T>(&self, find: impl Fn(&str) -> Option<T>) -> T {
        let found = self.stdout.wait_for(|lines| lines.iter().find_map(|line| find(line)));
        found.unwrap_or_else(|| panic!("the server has ended:\n{}", self.stderr().join("\n")))
    }

    /// Waits until its log has such a line, and returns the lines so far.
    ///
    /// # Panics
    /// Where the process ends without it, with what it has said.
    pub fn wait_for_log(&self, is_it: impl Fn(&String) -> bool) -> Vec<String> {
        let found = self.stderr.wait_for(|lines| lines.iter().any(&is_it).then(|| lines.to_vec()));
        found.unwrap_or_else(|| panic!("the server has ended:\n{}", self.stderr().join("\n")))
    }

    /// The lines of its log so far.
    pub fn stderr(&self) -> Vec<String> {
        self.stderr.so_far.lock().unwrap().0.clone()
    }

    /// Ends it at once: SIGKILL.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// How much memory it has, in KiB.
    pub fn resident_kib(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().trim_end_matches(" kB").parse().unwrap()
    }

    /// Sends it a signal.
    pub fn signal(&self, signal: &str) {
        let sent = Command::new("kill").args([&format!("-{signal}"), &self.child.id().to_string()]).status().unwrap();
        assert!(sent.success());
    }

    /// Waits until it ends.
    pub fn wait(&mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn keep(output: impl std::io::Read + Send + 'static) -> Arc<Lines> {
    let lines = Arc::new(Lines::default());
    let kept = Arc::clone(&lines);
    thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            kept.so_far.lock().unwrap().0.push(line);
            kept.changed.notify_all();
        }
        kept.so_far.lock().unwrap().1 = true;
        kept.changed.notify_all();
    });
    lines
}
