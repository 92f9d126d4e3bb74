//! A server to talk to.

use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use confab_application::App;
use confab_application::accounts::{self, NewAccount};
use confab_application::ports::Clock;
use confab_domain::{Role, Timestamp};
use confab_memory::MemoryStore;
use confab_store_contract::testing;
use sea_orm::{Database, DatabaseConnection};
use tempfile::TempDir;

use crate::client::{Api, Person};
use crate::{Backend, Process};

/// The limits, which are out of the way unless they are what is tried.
const LIMITS: [&str; 12] = [
    "ADDRESS",
    "REGISTER",
    "LOG_IN",
    "LOG_IN_ACCOUNT",
    "LOG_IN_FAILURES",
    "RESET",
    "SEND",
    "READ",
    "EXPORT",
    "LOOKUP",
    "REPORT",
    "WRITE",
];

/// A server, with its own folder and its own empty database.
pub struct Server {
    folder: TempDir,
    settings: Vec<(String, String)>,
    tracer: &'static [&'static str],
    running: Running,
    base: String,
}

enum Running {
    /// The real binary.
    Binary(Process),
    /// The HTTP adapter on the memory adapter, in this process.
    Here(App),
}

/// How a server is to differ from the default.
#[derive(Debug, Clone, Default)]
pub struct ServerOptions {
    /// Settings as environment variables, such as `CONFAB__AUTH__ACCESS_TOKEN_SECONDS`. In memory there are none.
    pub settings: Vec<(&'static str, String)>,
    /// The URL of a database that is there already.
    pub database: Option<String>,
    /// What the binary is run by, such as `strace`, with its arguments.
    pub tracer: &'static [&'static str],
}

impl ServerOptions {
    /// Passwords that are hashed in no time: where many sign up, and passwords are not what is tried.
    pub fn cheap_passwords() -> Self {
        let settings = [
            ("CONFAB__PASSWORDS__MEMORY_KIB", "8"),
            ("CONFAB__PASSWORDS__ITERATIONS", "1"),
            ("CONFAB__PASSWORDS__QUEUE", "1024"),
        ];
        Self { settings: settings.map(|(name, value)| (name, value.to_owned())).into(), ..Self::default() }
    }

    /// The same, with every statement in the log, in the name of its request; and each request looks up its session, so that
    /// what is counted does not depend on the time.
    pub fn counting(self) -> Self {
        self.set("CONFAB__LOG__FILTER", "info,sqlx::query=debug")
            .set("CONFAB__LOG__FORMAT", "json")
            .set("CONFAB__AUTH__SESSION_CACHE_MILLISECONDS", "0")
    }

    /// The same, on a database that is there already.
    pub fn on(self, url: String) -> Self {
        Self { database: Some(url), ..self }
    }

    /// The same, with one setting more.
    pub fn set(mut self, name: &'static str, value: &str) -> Self {
        self.settings.push((name, value.to_owned()));
        self
    }
}

impl Server {
    /// A server on this storage whose rate limit is out of the way.
    pub async fn start(backend: Backend) -> Self {
        Self::with(backend, ServerOptions::default()).await
    }

    /// A server on this storage with these settings.
    pub async fn with(backend: Backend, options: ServerOptions) -> Self {
        let folder = TempDir::new().unwrap();
        let database = match options.database {
            Some(url) => url,
            None => backend.new_database().await,
        };
        let mut settings = vec![("CONFAB__DATABASE__URL".to_owned(), database)];
        for name in LIMITS {
            settings.push((format!("CONFAB__RATE_LIMIT__{name}"), "1000000/1s".to_owned()));
        }
        settings.extend(options.settings.into_iter().map(|(name, value)| (name.to_owned(), value)));
        let tracer = options.tracer;
        let (running, base) = if backend == Backend::Memory { serve_here() } else { serve(&folder, &settings, tracer) };
        Self { folder, settings, tracer, running, base }
    }

    /// Another server on the same database, with the same settings and the same key for tokens.
    pub fn another_node(&self) -> Self {
        let folder = TempDir::new().unwrap();
        let mut settings = self.settings.clone();
        const KEY: &str = "CONFAB__AUTH__SIGNING_KEY_FILE";
        if settings.iter().all(|(name, _)| name != KEY) {
            settings.push((KEY.to_owned(), self.folder().join("data/signing.key").display().to_string()));
        }
        let (running, base) = serve(&folder, &settings, &[]);
        Self { folder, settings, tracer: &[], running, base }
    }

    /// Where it is: `http://127.0.0.1:…`.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// The folder that it runs in.
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// A connection of one's own to its database.
    ///
    /// # Panics
    /// In memory, where there is none.
    pub async fn database(&self) -> DatabaseConnection {
        let (_, url) = self.settings.iter().find(|(name, _)| name == "CONFAB__DATABASE__URL").unwrap();
        let url = match url.strip_prefix("sqlite://") {
            Some(path) => format!("sqlite://{}", self.folder().join(path).display()),
            None => url.clone(),
        };
        Database::connect(url).await.unwrap()
    }

    /// A client of it.
    pub fn api(&self) -> Api {
        Api::new(&self.base)
    }

    /// The process that serves.
    ///
    /// # Panics
    /// In memory, where there is none.
    pub const fn process(&mut self) -> &mut Process {
        match &mut self.running {
            Running::Binary(process) => process,
            Running::Here(_) => panic!("the server in memory has no process of its own"),
        }
    }

    /// How many statements the request of this id has run, of a server that was started [`ServerOptions::counting`]. What
    /// sets up a connection that it happens to open is not its own.
    ///
    /// # Panics
    /// In memory, where there are none.
    pub fn statements(&mut self, request_id: &str) -> usize {
        let name = format!("\"{request_id}\"");
        let answered = |line: &String| line.contains(&name) && line.contains("\"answered\"");
        let log = self.process().wait_for_log(answered);
        let own = log.iter().filter(|line| line.contains(&name) && line.contains("sqlx::query"));
        own.filter(|line| !line.contains("PRAGMA")).count()
    }

    /// Starts the binary again on the same folder and database, after it has ended.
    pub fn restart(&mut self) {
        (self.running, self.base) = serve(&self.folder, &self.settings, self.tracer);
    }

    /// A command of the binary in the server's folder, with its settings.
    pub fn run(&self, arguments: &[&str], input: &str) -> std::process::Output {
        Process::run(self.folder.path(), arguments, &self.settings, input)
    }

    /// Makes an account with a role as an operator does, and logs in.
    pub async fn person(&self, name: &str, role: &str) -> Person {
        let (email, password) = (format!("{name}@example.org"), format!("the password of {name}"));
        match &self.running {
            Running::Binary(_) => {
                let arguments =
                    ["user", "create", "--role", role, "--email", &email, "--first-name", name, "--last-name", "Test"];
                let output = self.run(&arguments, &format!("{password}\n"));
                assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            }
            Running::Here(app) => {
                let account = NewAccount {
                    email: email.clone(),
                    password: password.clone(),
                    first_name: name.to_owned(),
                    last_name: "Test".to_owned(),
                    phone_number: None,
                };
                accounts::create(app, account, Role::parse(role).unwrap()).await.unwrap();
            }
        }
        Person::log_in(self.api(), &email, &password).await
    }
}

fn serve(folder: &TempDir, settings: &[(String, String)], tracer: &[&str]) -> (Running, String) {
    let arguments = ["serve", "--bind", "127.0.0.1:0"];
    let process = Process::start(Process::command(folder.path(), &arguments, settings, tracer));
    let base = process.wait_for(|line| {
        let start = line.find("http://127.0.0.1:")?;
        let port: String = line[start + 17..].chars().take_while(char::is_ascii_digit).collect();
        Some(format!("http://127.0.0.1:{port}"))
    });
    (Running::Binary(process), base)
}

/// Goes on by a millisecond each time it is asked, as a real clock does by more or less.
#[derive(Default)]
struct Ticking(AtomicI64);

impl Clock for Ticking {
    fn now(&self) -> Timestamp {
        let ticks = self.0.fetch_add(1, Ordering::Relaxed);
        Timestamp::from_micros(1_769_851_800_000_000 + ticks * 1000).unwrap()
    }
}

fn serve_here() -> (Running, String) {
    let app = App { clock: Arc::new(Ticking::default()), ..testing::app(Arc::new(MemoryStore::new()), Arc::default()) };
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let settings = confab_http::Settings { rate_limit: None, workers: 2, ..confab_http::Settings::default() };
    let served = app.clone();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(confab_http::serve(served, settings, listener, std::future::pending())).unwrap();
    });
    (Running::Here(app), base)
}
