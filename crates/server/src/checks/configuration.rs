//! What the configuration alone tells.

use std::net::IpAddr;

use url::Url;

use super::Finding;
use crate::config::{Config, DatabaseUrl, Docs, MailTransport};

/// The fewest characters of a password for the documentation.
const LEAST_DOCS_PASSWORD: usize = 16;

/// The parts in which it is checked, each a list of what it finds.
const CHECKS: [fn(&Config) -> Vec<Finding>; 7] =
    [transport, browsers, database, accounts, mail, documentation, operation];

/// All that is wrong with it.
pub(super) fn check(config: &Config) -> Vec<Finding> {
    CHECKS.iter().flat_map(|check| check(config)).collect()
}

fn transport(config: &Config) -> Vec<Finding> {
    let (server, tls) = (&config.server, &config.tls);
    let mut found = Vec::new();
    if tls.files().is_none() && server.trusted_proxies.is_empty() {
        found.push(Finding::error(
            "plain_http",
            format_args!("{} (server.bind) speaks plain HTTP, and no trusted proxy is in front of it", server.bind),
            "set tls.certificate_file and tls.key_file, or name the proxy that ends TLS in server.trusted_proxies",
        ));
    }
    if let Some(network) = server.trusted_proxies.iter().find(|network| network.prefix_len() == 0) {
        found.push(Finding::error(
            "proxies_anyone",
            format_args!("server.trusted_proxies holds {network}: whoever calls may claim any address"),
            "name only the addresses of your proxies",
        ));
    }
    if tls.files().is_some() && tls.redirect_bind.is_none() {
        found.push(Finding::warning(
            "no_redirect",
            "whoever asks over plain HTTP finds nothing there",
            "set tls.redirect_bind to 0.0.0.0:80, or redirect elsewhere",
        ));
    }
    if tls.hsts_seconds.get() == 0 {
        found.push(Finding::warning(
            "no_hsts",
            "browsers are not told to use HTTPS only (tls.hsts_seconds is 0)",
            "set tls.hsts_seconds, to 3600 at first and to 31536000 once it holds",
        ));
    } else if !tls.hsts_include_subdomains {
        found.push(Finding::warning(
            "hsts_without_subdomains",
            "the hosts below this one may be asked over plain HTTP",
            "set tls.hsts_include_subdomains = true, if all of them speak HTTPS",
        ));
    }
    found
}

fn browsers(config: &Config) -> Vec<Finding> {
    let mut found = Vec::new();
    if config.server.allowed_hosts.is_empty() {
        found.push(Finding::warning(
            "any_host",
            "requests for any host are answered (server.allowed_hosts is empty)",
            "list the names by which clients reach this server",
        ));
    }
    if let Some(origin) = config.cors.allowed_origins.iter().find(|origin| origin.starts_with("http://")) {
        found.push(Finding::warning(
            "origin_in_the_clear",
            format_args!("cors.allowed_origins holds {origin}, whose pages anybody on the way may change"),
            "list origins that begin with https:// only",
        ));
    }
    found
}

fn database(config: &Config) -> Vec<Finding> {
    let nodes = config.deployment.nodes.get();
    let mut found = Vec::new();
    match &config.database.url {
        DatabaseUrl::Memory => found.push(Finding::error(
            "database_in_memory",
            "database.url is memory: nothing is kept when the program ends",
            "set database.url to sqlite://… or postgres://…",
        )),
        DatabaseUrl::Url(url) if url.starts_with("sqlite:") && nodes > 1 => found.push(Finding::error(
            "sqlite_with_many_nodes",
            format_args!("{nodes} nodes (deployment.nodes) cannot share an SQLite file"),
            "set database.url to postgres://…, or deployment.nodes = 1",
        )),
        DatabaseUrl::Url(url) if is_remote_in_the_clear(url) => found.push(Finding::warning(
            "database_in_the_clear",
            format_args!("the connection to {} may be in the clear", config.database.url),
            "add ?sslmode=verify-full to database.url",
        )),
        DatabaseUrl::Url(_) => {}
    }
    if nodes > 1 && config.database.migrate_on_start {
        found.push(Finding::warning(
            "migrates_on_start",
            "with several nodes, the first new one changes the tables under the old ones (database.migrate_on_start)",
            "set it to false, and run `confab migrate up` as a step of its own",
        ));
    }
    found
}

/// Whether this is a PostgreSQL server elsewhere, to which the connection need not be encrypted.
fn is_remote_in_the_clear(url: &str) -> bool {
    let Some(url) = Url::parse(url).ok().filter(|url| url.scheme().starts_with("postgres")) else { return false };
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    // What begins with a slash is the folder of a socket.
    let is_here = host.is_empty() || host == "localhost" || host.starts_with("%2F");
    let is_local = is_here || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    let mode = url.query_pairs().find(|(name, _)| name == "sslmode" || name == "ssl-mode").map(|(_, mode)| mode);
    let is_encrypted = mode.is_some_and(|mode| ["require", "verify-ca", "verify-full"].contains(&mode.as_ref()));
    !is_local && !is_encrypted
}

fn accounts(config: &Config) -> Vec<Finding> {
    let mut found = Vec::new();
    if config.passwords.to_settings().is_weak() {
        found.push(Finding::error(
            "weak_hashes",
            "[passwords] makes hashes that are cheaper to guess than OWASP advises",
            "set passwords.memory_kib = 19456 and passwords.iterations = 2, or more",
        ));
    }
    if !config.rate_limit.enabled {
        found.push(Finding::warning(
            "no_limits",
            "rate_limit.enabled is false: passwords may be guessed as fast as they can be hashed",
            "set rate_limit.enabled = true",
        ));
    }
    if config.auth.access_token_seconds.get() > 3600 {
        found.push(Finding::warning(
            "long_access_tokens",
            "access tokens are good for more than an hour (auth.access_token_seconds)",
            "set it to 600: clients refresh them",
        ));
    }
    if config.auth.session_cache_milliseconds.get() > 5000 {
        found.push(Finding::warning(
            "stale_sessions",
            "another node may serve an ended session for more than five seconds (auth.session_cache_milliseconds)",
            "set it to 1000",
        ));
    }
    found
}

fn mail(config: &Config) -> Vec<Finding> {
    let mail = &config.mail;
    if mail.transport != MailTransport::Smtp {
        return vec![Finding::error(
            "no_mail",
            "mails are not sent (mail.transport is not smtp): nobody can set a forgotten password anew",
            "set mail.transport = \"smtp\", mail.smtp_host and mail.from, and try `confab mail test`",
        )];
    }
    let is_sender_made_up = mail.from.contains("@localhost");
    let made_up = || {
        let problem = format_args!("mails are from {} (mail.from), which most servers refuse", mail.from).to_string();
        Finding::warning("mail_from_nowhere", problem, "set mail.from to an address of yours")
    };
    is_sender_made_up.then(made_up).into_iter().collect()
}

fn documentation(config: &Config) -> Vec<Finding> {
    let remedy = "set server.docs = \"off\", or \"password\" with server.docs_password";
    match config.server.docs {
        Docs::Public => {
            vec![Finding::error("public_docs", "the Swagger UI is open to everybody (server.docs is public)", remedy)]
        }
        Docs::Password if config.server.docs_password.reveal().chars().count() < LEAST_DOCS_PASSWORD => {
            vec![Finding::error(
                "short_docs_password",
                format_args!("server.docs_password has fewer than {LEAST_DOCS_PASSWORD} characters"),
                "set a longer one, such as `openssl rand -base64 24` makes",
            )]
        }
        Docs::Password | Docs::Off => Vec::new(),
    }
}

fn operation(config: &Config) -> Vec<Finding> {
    let mut found = Vec::new();
    if ["debug", "trace"].iter().any(|level| config.log.filter.contains(level)) {
        found.push(Finding::warning(
            "verbose_log",
            format_args!("log.filter is {:?}: the log may hold what people write", config.log.filter),
            "set it to info",
        ));
    }
    let most = config.server.max_connections.get();
    if let Some(files) = open_files().filter(|files| *files < most + 256) {
        found.push(Finding::warning(
            "few_files",
            format_args!("the system lets this program open {files} files, and server.max_connections is {most}"),
            format_args!("raise the limit to {} (LimitNOFILE of systemd, ulimit -n), or lower the setting", most + 256),
        ));
    }
    found
}

/// How many files this process may open, where the system tells.
fn open_files() -> Option<u64> {
    let limits = std::fs::read_to_string("/proc/self/limits").ok()?;
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_elsewhere_is_to_be_asked_in_private() {
        for (url, is) in [
            ("postgres://confab@db.example/confab", true),
            ("postgres://confab@db.example/confab?sslmode=prefer", true),
            ("postgres://confab@10.0.0.7:5432/confab?sslmode=disable", true),
            ("postgres://confab@db.example/confab?sslmode=verify-full", false),
            ("postgres://confab@localhost/confab", false),
            ("postgres://confab@127.0.0.1:5432/confab", false),
            ("postgres://confab@[::1]/confab", false),
            ("postgres:///confab?host=/run/postgresql", false),
            ("sqlite://data/confab.db", false),
        ] {
            assert_eq!(is_remote_in_the_clear(url), is, "{url}");
        }
    }
}
