//! What an operator can set of the HTTP adapter.

use std::fmt;
use std::num::NonZeroU32;
use std::time::Duration;

use actix_web::http::header::HeaderValue;
use ipnet::IpNet;

/// The HTTP adapter's settings.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The most bytes of a request's body; more is a 413.
    pub max_body_bytes: usize,
    /// The most bytes of a request's headers together; more is a 431.
    pub max_header_bytes: usize,
    /// The most bytes of a request's path and query; more is a 414.
    pub max_url_bytes: usize,
    /// The most connections that are served; a request on one more is a 503.
    pub max_connections: usize,
    /// The most time for a request's headers to arrive, and for TLS to be agreed; longer is a 408.
    pub header_timeout: Duration,
    /// How long a connection may be idle before it is closed.
    pub idle_timeout: Duration,
    /// The most time for a request's body to arrive; longer is a 408.
    pub body_timeout: Duration,
    /// The most bytes of large answers (more than 64 KiB) that wait in memory for their clients to read them; with more, the
    /// next one is a 503.
    pub max_unread_bytes: usize,
    /// How long a client may read nothing of what is sent to it before its connection is dropped. Linux only.
    pub unread_timeout: Duration,
    /// The web origins that may call the API from a browser, exactly as browsers send them.
    pub allowed_origins: Vec<String>,
    /// Who may see the Swagger UI.
    pub docs: Docs,
    /// The hosts that are answered for, in lower case; one that begins with a dot stands for all below it too. With none,
    /// any is.
    pub allowed_hosts: Vec<String>,
    /// What secure answers promise of the next ones.
    pub hsts: Option<Hsts>,
    /// The proxies in front.
    pub proxies: Proxies,
    /// How often whoever calls may do what; none for no limit.
    pub rate_limit: Option<RateLimit>,
    /// Threads that serve; 0 for as many as there are cores.
    pub workers: usize,
    /// The most time for requests under way to end at shutdown.
    pub shutdown_timeout: Duration,
}

/// Who may see the Swagger UI and the OpenAPI document.
#[derive(Clone)]
pub enum Docs {
    /// Everybody.
    Public,
    /// Who knows this password.
    Password(String),
    /// Nobody.
    Off,
}

impl fmt::Debug for Docs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Public => "Public",
            Self::Password(_) => "Password(…)",
            Self::Off => "Off",
        })
    }
}

/// That this host is to be asked over HTTPS only (HSTS, RFC 6797).
#[derive(Debug, Clone, Copy)]
pub struct Hsts {
    /// For how long, in seconds.
    pub seconds: u64,
    /// And all hosts below it.
    pub include_subdomains: bool,
}

impl Hsts {
    pub(crate) fn header(self) -> HeaderValue {
        let subdomains = if self.include_subdomains { "; includeSubDomains" } else { "" };
        let value = format!("max-age={}{subdomains}", self.seconds);
        HeaderValue::from_str(&value).unwrap_or_else(|_| HeaderValue::from_static("max-age=0"))
    }
}

/// The proxies in front, whose word for a client's address is taken.
#[derive(Debug, Clone, Default)]
pub struct Proxies {
    /// Their addresses. Nobody else is listened to.
    pub trusted: Vec<IpNet>,
    /// Where they write it.
    pub header: ProxyHeader,
}

/// The header in which proxies hand on a client's address. Only one is read: a proxy that writes the one hands on the other
/// as the client wrote it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ProxyHeader {
    /// `X-Forwarded-For`, as nearly all write it.
    #[default]
    XForwardedFor,
    /// `Forwarded` (RFC 7239).
    Forwarded,
}

/// How often whoever calls may do what. An IPv6 address counts by its /64 network.
#[derive(Debug, Clone, Copy)]
pub struct RateLimit {
    /// All requests to the API, by address.
    pub address: Rate,
    /// Registrations, by address.
    pub register: Rate,
    /// Log-ins, by address.
    pub log_in: Rate,
    /// Log-ins, by account.
    pub log_in_account: Rate,
    /// Log-ins that fail, by address.
    pub log_in_failures: Rate,
    /// Resets of passwords and verifications of addresses, by address.
    pub reset: Rate,
    /// Messages, by user.
    pub send: Rate,
    /// What is read, by user.
    pub read: Rate,
    /// Copies of all that is kept of a user, by user.
    pub export: Rate,
    /// Users who are looked for by what is known of them, by user.
    pub lookup: Rate,
    /// Reports of messages, by user.
    pub report: Rate,
    /// Everything else, by user.
    pub write: Rate,
}

/// So many requests in a window of time: all of them at once after a rest, and as many on average.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// How many.
    pub requests: NonZeroU32,
    /// The window, in seconds.
    pub seconds: NonZeroU32,
}

impl Rate {
    /// So many in so many seconds; none where one of them is zero.
    pub const fn new(requests: u32, seconds: u32) -> Option<Self> {
        match (NonZeroU32::new(requests), NonZeroU32::new(seconds)) {
            (Some(requests), Some(seconds)) => Some(Self { requests, seconds }),
            _ => None,
        }
    }

    const fn constant(requests: u32, seconds: u32) -> Self {
        match Self::new(requests, seconds) {
            Some(rate) => rate,
            None => Self { requests: NonZeroU32::MIN, seconds: NonZeroU32::MIN },
        }
    }
}

impl Default for RateLimit {
    fn default() -> Self {
        Self {
            address: Rate::constant(200, 4),
            register: Rate::constant(20, 300),
            log_in: Rate::constant(30, 60),
            log_in_account: Rate::constant(10, 60),
            log_in_failures: Rate::constant(10, 60),
            reset: Rate::constant(10, 300),
            send: Rate::constant(100, 10),
            read: Rate::constant(300, 10),
            export: Rate::constant(5, 3600),
            lookup: Rate::constant(30, 3600),
            report: Rate::constant(30, 3600),
            write: Rate::constant(100, 10),
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            max_body_bytes: 256 * 1024,
            max_header_bytes: 16 * 1024,
            max_url_bytes: 8 * 1024,
            max_connections: 10_000,
            header_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_secs(60),
            body_timeout: Duration::from_secs(15),
            max_unread_bytes: 64 << 20,
            unread_timeout: Duration::from_secs(30),
            allowed_origins: Vec::new(),
            docs: Docs::Public,
            allowed_hosts: Vec::new(),
            hsts: None,
            proxies: Proxies::default(),
            rate_limit: Some(RateLimit::default()),
            workers: 0,
            shutdown_timeout: Duration::from_secs(30),
        }
    }
}
