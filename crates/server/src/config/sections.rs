//! Every setting. What each means is written in `default.toml`, which the operators read.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::thread::available_parallelism;
use std::time::Duration;

use confab_application::Settings;
use confab_application::mail::RetryPolicy;
use confab_domain::Policy;
use confab_http::{CertificateFiles, Hsts, Rate};
use confab_mail::{Security, SmtpSettings};
use confab_security::Argon2Settings;
use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use super::values::{self, DatabaseUrl, Secret, Whole};

/// The configuration.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// What it is for.
    pub deployment: Deployment,
    /// How it is served.
    pub server: Server,
    /// What it is encrypted with.
    pub tls: Tls,
    /// Where everything is kept.
    pub database: Database,
    /// Tokens.
    pub auth: Auth,
    /// How passwords are hashed.
    pub passwords: Passwords,
    /// Mails.
    pub mail: MailSection,
    /// The debatable cells of the permission table.
    pub policy: PolicySection,
    /// Calls from browsers.
    pub cors: Cors,
    /// How often whoever calls may do what.
    pub rate_limit: RateLimit,
    /// What is written of what happens.
    pub log: Log,
}

/// `[deployment]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deployment {
    /// What it is for.
    pub profile: Profile,
    /// How many nodes serve the same users.
    pub nodes: Whole<1, 1000>,
}

/// What a deployment is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Profile {
    /// Trying things out.
    Development,
    /// Trying a release: what is not safe is told in the log.
    Staging,
    /// Real: what is not safe is not started.
    Production,
}

/// Who may see the Swagger UI.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Docs {
    /// Everybody.
    Public,
    /// Who knows its password.
    Password,
    /// Nobody.
    Off,
}

/// `[server]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Server {
    /// The address and port to listen on.
    #[serde(deserialize_with = "values::socket_address")]
    pub bind: SocketAddr,
    /// Threads that serve; 0 for as many as there are cores.
    pub workers: Whole<0, 1024>,
    /// How long requests under way may take to end at shutdown, in seconds.
    pub shutdown_timeout_seconds: Whole<0, 3600>,
    /// The most bytes of headers.
    pub max_header_bytes: Whole<4096, 65_536>,
    /// The most bytes of a path and its query.
    pub max_url_bytes: Whole<1024, 32_768>,
    /// The most connections that are served.
    pub max_connections: Whole<16, 1_000_000>,
    /// How long headers may take to arrive, in seconds.
    pub header_timeout_seconds: Whole<1, 600>,
    /// How long a connection may be idle, in seconds.
    pub idle_timeout_seconds: Whole<1, 3600>,
    /// The largest body of a request, in bytes.
    pub max_body_bytes: Whole<1024, { 64 << 20 }>,
    /// How long a request's body may take to arrive, in seconds.
    pub request_timeout_seconds: Whole<1, 3600>,
    /// How much of large answers may wait to be read, all together, in bytes.
    pub max_unread_bytes: Whole<{ 16 << 20 }, { 2 << 30 }>,
    /// How long a client may read nothing, in seconds.
    pub unread_timeout_seconds: Whole<1, 3600>,
    /// Who may see the Swagger UI.
    pub docs: Docs,
    /// Its password.
    pub docs_password: Secret,
    /// The hosts that are answered for.
    #[serde(deserialize_with = "values::hosts")]
    pub allowed_hosts: Vec<String>,
    /// The proxies whose word for a client's address is taken.
    #[serde(deserialize_with = "values::networks")]
    pub trusted_proxies: Vec<IpNet>,
    /// The header in which they write it.
    pub proxy_header: ProxyHeader,
}

/// The header in which proxies write a client's address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProxyHeader {
    /// `X-Forwarded-For`
    XForwardedFor,
    /// `Forwarded`
    Forwarded,
}

/// `[tls]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tls {
    /// The file with the certificate; empty for plain HTTP.
    pub certificate_file: String,
    /// The file with its key.
    pub key_file: String,
    /// Where plain HTTP is redirected to HTTPS; empty for nowhere.
    #[serde(deserialize_with = "values::socket_address_or_none")]
    pub redirect_bind: Option<SocketAddr>,
    /// The port at which clients reach HTTPS.
    pub redirect_port: Whole<1, 65_535>,
    /// For how long browsers are to ask over HTTPS only, in seconds; 0 says nothing.
    pub hsts_seconds: Whole<0, 63_072_000>,
    /// And for all hosts below.
    pub hsts_include_subdomains: bool,
}

impl Tls {
    /// The files of the certificate, where there is one.
    pub fn files(&self) -> Option<CertificateFiles> {
        let files = CertificateFiles { certificate: (&self.certificate_file).into(), key: (&self.key_file).into() };
        (!self.certificate_file.is_empty()).then_some(files)
    }
}

/// `[database]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Database {
    /// Where it is.
    pub url: DatabaseUrl,
    /// The most connections at once.
    pub max_connections: Whole<1, 1000>,
    /// How many connections write messages, 0 by the number of cores. PostgreSQL only.
    pub log_writers: Whole<0, 64>,
    /// How long a request waits for a connection, in seconds.
    pub acquire_timeout_seconds: Whole<1, 300>,
    /// Whether its tables are brought up to date at the start.
    pub migrate_on_start: bool,
}

/// `[auth]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Auth {
    /// The file with the keys that access tokens are signed with.
    #[serde(deserialize_with = "values::file")]
    pub signing_key_file: PathBuf,
    /// How long an access token is good, in seconds.
    pub access_token_seconds: Whole<60, 86_400>,
    /// How long a refresh token is good, in days.
    pub refresh_token_days: Whole<1, 365>,
    /// For how long a session that was looked up is not looked up again, in milliseconds.
    pub session_cache_milliseconds: Whole<0, 60_000>,
    /// Whether log-in needs a verified address.
    pub require_verified_email: bool,
    /// Whether registration tells nobody that an address has an account.
    pub conceal_registration: bool,
    /// How long a mailed token to set a new password is good, in minutes.
    pub password_reset_minutes: Whole<5, 1440>,
    /// How long a mailed token to verify an address is good, in hours.
    pub email_verification_hours: Whole<1, 720>,
}

/// `[mail]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MailSection {
    /// What becomes of mails.
    pub transport: MailTransport,
    /// Where they are written to, where they go to files.
    #[serde(deserialize_with = "values::file")]
    pub folder: PathBuf,
    /// Whom they are from.
    #[serde(deserialize_with = "values::mailbox")]
    pub from: String,
    /// What links in them begin with; empty for none.
    #[serde(deserialize_with = "values::link_base")]
    pub link_base: Option<String>,
    /// The mail server.
    pub smtp_host: String,
    /// Its port; 0 for the one that belongs to the security.
    pub smtp_port: Whole<0, 65_535>,
    /// How the connection to it is secured.
    pub smtp_security: SmtpSecurity,
    /// The user to log in as; empty for no log-in.
    pub smtp_username: String,
    /// That user's password.
    pub smtp_password: Secret,
    /// A file with certificates in PEM that are trusted beside the well-known ones; empty for none.
    pub smtp_ca_file: String,
    /// How long the server may take for each step, in seconds.
    pub smtp_timeout_seconds: Whole<1, 120>,
    /// How soon a mail is tried again, in seconds.
    pub retry_seconds: Whole<1, 3600>,
    /// How often a mail is tried.
    pub max_attempts: Whole<1, 100>,
}

/// What becomes of mails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MailTransport {
    /// They are written to files.
    File,
    /// The log says that there was one.
    Log,
    /// They are sent.
    Smtp,
}

/// How the connection to the mail server is secured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SmtpSecurity {
    /// By STARTTLS, without which nothing is sent.
    Starttls,
    /// By TLS from the first byte.
    Tls,
    /// Not at all: on this machine only.
    None,
}

/// `[passwords]`. The ranges are [`Argon2Settings`]'s.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Passwords {
    /// Memory for each hash, in KiB.
    pub memory_kib: Whole<0, { u32::MAX as u64 }>,
    /// Passes over that memory.
    pub iterations: Whole<0, { u32::MAX as u64 }>,
    /// Lanes.
    pub parallelism: Whole<0, { u32::MAX as u64 }>,
    /// Passwords hashed at once; 0 for a quarter of the cores.
    pub threads: Whole<0, { u32::MAX as u64 }>,
    /// Passwords that may wait.
    pub queue: Whole<0, { u32::MAX as u64 }>,
}

/// `[policy]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicySection {
    /// Whether a guest may start a direct conversation with a host or an admin.
    pub guest_can_start_direct: bool,
    /// Whether whoever has left a conversation may still read what happened while they were in it.
    pub history_after_leave: bool,
    /// For how long after it was sent a message may be edited, and deleted by a guest, in seconds.
    pub edit_window_seconds: Whole<0, { u32::MAX as u64 }>,
}

/// `[cors]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cors {
    /// The web origins whose pages may call the API.
    #[serde(deserialize_with = "values::origins")]
    pub allowed_origins: Vec<String>,
}

/// `[rate_limit]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RateLimit {
    /// Whether there is a limit.
    pub enabled: bool,
    /// All requests to the API, by address.
    #[serde(deserialize_with = "values::rate")]
    pub address: Rate,
    /// Registrations, by address.
    #[serde(deserialize_with = "values::rate")]
    pub register: Rate,
    /// Log-ins, by address.
    #[serde(deserialize_with = "values::rate")]
    pub log_in: Rate,
    /// Log-ins, by account.
    #[serde(deserialize_with = "values::rate")]
    pub log_in_account: Rate,
    /// Log-ins that fail, by address.
    #[serde(deserialize_with = "values::rate")]
    pub log_in_failures: Rate,
    /// Resets of passwords and verifications of addresses, by address.
    #[serde(deserialize_with = "values::rate")]
    pub reset: Rate,
    /// Messages, by user.
    #[serde(deserialize_with = "values::rate")]
    pub send: Rate,
    /// What is read, by user.
    #[serde(deserialize_with = "values::rate")]
    pub read: Rate,
    /// Copies of all that is kept of a user, by user.
    #[serde(deserialize_with = "values::rate")]
    pub export: Rate,
    /// Users who are looked for by what is known of them, by user.
    #[serde(deserialize_with = "values::rate")]
    pub lookup: Rate,
    /// Reports of messages, by user.
    #[serde(deserialize_with = "values::rate")]
    pub report: Rate,
    /// Everything else, by user.
    #[serde(deserialize_with = "values::rate")]
    pub write: Rate,
}

/// `[log]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Log {
    /// What is logged, in the syntax of tracing-subscriber's `EnvFilter`.
    #[serde(deserialize_with = "values::log_filter")]
    pub filter: String,
    /// How.
    pub format: LogFormat,
}

/// How the log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

impl Config {
    /// What the use-cases heed.
    pub fn application(&self) -> Settings {
        Settings {
            policy: Policy {
                guest_can_start_direct: self.policy.guest_can_start_direct,
                history_after_leave: self.policy.history_after_leave,
                edit_window_seconds: self.policy.edit_window_seconds.as_u32(),
            },
            access_token_seconds: self.auth.access_token_seconds.as_u32(),
            refresh_token_seconds: self.auth.refresh_token_days.as_u32() * 24 * 3600,
            require_verified_email: self.auth.require_verified_email,
            conceal_registration: self.auth.conceal_registration,
            password_reset_seconds: self.auth.password_reset_minutes.as_u32() * 60,
            email_verification_seconds: self.auth.email_verification_hours.as_u32() * 3600,
            mail_link_base: self.mail.link_base.clone(),
        }
    }

    /// What the HTTP adapter heeds.
    pub fn http(&self) -> confab_http::Settings {
        let limit = &self.rate_limit;
        confab_http::Settings {
            max_body_bytes: self.server.max_body_bytes.as_usize(),
            max_header_bytes: self.server.max_header_bytes.as_usize(),
            max_url_bytes: self.server.max_url_bytes.as_usize(),
            max_connections: self.server.max_connections.as_usize(),
            header_timeout: Duration::from_secs(self.server.header_timeout_seconds.get()),
            idle_timeout: Duration::from_secs(self.server.idle_timeout_seconds.get()),
            docs: match self.server.docs {
                Docs::Public => confab_http::Docs::Public,
                Docs::Password => confab_http::Docs::Password(self.server.docs_password.reveal().to_owned()),
                Docs::Off => confab_http::Docs::Off,
            },
            allowed_hosts: self.server.allowed_hosts.clone(),
            hsts: (self.tls.hsts_seconds.get() > 0).then_some(Hsts {
                seconds: self.tls.hsts_seconds.get(),
                include_subdomains: self.tls.hsts_include_subdomains,
            }),
            body_timeout: Duration::from_secs(self.server.request_timeout_seconds.get()),
            max_unread_bytes: self.server.max_unread_bytes.as_usize(),
            unread_timeout: Duration::from_secs(self.server.unread_timeout_seconds.get()),
            allowed_origins: self.cors.allowed_origins.clone(),
            proxies: confab_http::Proxies {
                trusted: self.server.trusted_proxies.clone(),
                header: match self.server.proxy_header {
                    ProxyHeader::XForwardedFor => confab_http::ProxyHeader::XForwardedFor,
                    ProxyHeader::Forwarded => confab_http::ProxyHeader::Forwarded,
                },
            },
            rate_limit: limit.enabled.then_some(confab_http::RateLimit {
                address: limit.address,
                register: limit.register,
                log_in: limit.log_in,
                log_in_account: limit.log_in_account,
                log_in_failures: limit.log_in_failures,
                reset: limit.reset,
                send: limit.send,
                read: limit.read,
                export: limit.export,
                lookup: limit.lookup,
                report: limit.report,
                write: limit.write,
            }),
            workers: self.server.workers.as_usize(),
            shutdown_timeout: Duration::from_secs(self.server.shutdown_timeout_seconds.get()),
        }
    }
}

impl Server {
    /// The threads that use the storage: those that serve, and the one that starts and stops them.
    pub fn threads(&self) -> u32 {
        let workers = if self.workers.get() == 0 { cores() } else { self.workers.as_u32() };
        workers.saturating_add(1)
    }
}

impl Database {
    /// The connections through which messages are written. The more there are, the smaller are their batches: more than three of four
    /// cores, or one of two, were slower (docs/performance.md).
    pub fn log_writers(&self) -> u32 {
        match self.log_writers.as_u32() {
            0 => (cores().saturating_mul(3) / 4).clamp(1, 3),
            chosen => chosen,
        }
    }
}

fn cores() -> u32 {
    available_parallelism().map_or(1, |cores| u32::try_from(cores.get()).unwrap_or(u32::MAX))
}

impl Auth {
    /// The greatest age of what is remembered of a session.
    pub fn session_cache(&self) -> Duration {
        Duration::from_millis(self.session_cache_milliseconds.get())
    }
}

impl MailSection {
    /// When a mail that could not be sent is tried again.
    pub fn retry_policy(&self) -> RetryPolicy {
        RetryPolicy { first_seconds: self.retry_seconds.as_u32(), max_attempts: self.max_attempts.as_u32() }
    }

    /// How mails are sent where a mail server sends them.
    pub fn smtp(&self) -> SmtpSettings {
        SmtpSettings {
            host: self.smtp_host.clone(),
            port: Some(self.smtp_port.as_u32() as u16).filter(|port| *port != 0),
            security: match self.smtp_security {
                SmtpSecurity::Starttls => Security::StartTls,
                SmtpSecurity::Tls => Security::Tls,
                SmtpSecurity::None => Security::None,
            },
            credentials: (!self.smtp_username.is_empty())
                .then(|| (self.smtp_username.clone(), self.smtp_password.reveal().to_owned())),
            ca_file: (!self.smtp_ca_file.is_empty()).then(|| PathBuf::from(&self.smtp_ca_file)),
            timeout: Duration::from_secs(self.smtp_timeout_seconds.get()),
        }
    }
}

impl Passwords {
    /// What the hasher heeds.
    pub fn to_settings(&self) -> Argon2Settings {
        Argon2Settings {
            memory_kib: self.memory_kib.as_u32(),
            iterations: self.iterations.as_u32(),
            parallelism: self.parallelism.as_u32(),
            threads: self.threads.as_usize(),
            queue: self.queue.as_usize(),
        }
    }
}
