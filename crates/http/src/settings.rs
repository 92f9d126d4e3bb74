//! What an operator can set of the HTTP adapter.

use std::time::Duration;

use ipnet::IpNet;

/// The HTTP adapter's settings.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The most bytes of a request's body; more is a 413.
    pub max_body_bytes: usize,
    /// The most time for a request's body to arrive; longer is a 408.
    pub body_timeout: Duration,
    /// The most bytes of large answers (more than 64 KiB) that wait in memory for their clients to read them; with more, the
    /// next one is a 503.
    pub max_unread_bytes: usize,
    /// How long a client may read nothing of what is sent to it before its connection is dropped. Linux only.
    pub unread_timeout: Duration,
    /// The web origins that may call the API from a browser, exactly as browsers send them.
    pub allowed_origins: Vec<String>,
    /// The proxies in front.
    pub proxies: Proxies,
    /// How often one address may call; none for no limit.
    pub rate_limit: Option<RateLimit>,
    /// Threads that serve; 0 for as many as there are cores.
    pub workers: usize,
    /// The most time for requests under way to end at shutdown.
    pub shutdown_timeout: Duration,
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

/// How often one client address may call. An IPv6 address counts by its /64 network.
#[derive(Debug, Clone, Copy)]
pub struct RateLimit {
    /// How many requests a second on average.
    pub requests_per_second: u32,
    /// How many at once, after a rest.
    pub burst: u32,
    /// How many registrations, log-ins and refreshes a minute on average.
    pub auth_requests_per_minute: u32,
    /// How many of those at once, after a rest.
    pub auth_burst: u32,
}

impl Default for RateLimit {
    fn default() -> Self {
        Self { requests_per_second: 50, burst: 200, auth_requests_per_minute: 30, auth_burst: 20 }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            max_body_bytes: 256 * 1024,
            body_timeout: Duration::from_secs(15),
            max_unread_bytes: 64 << 20,
            unread_timeout: Duration::from_secs(30),
            allowed_origins: Vec::new(),
            proxies: Proxies::default(),
            rate_limit: Some(RateLimit::default()),
            workers: 0,
            shutdown_timeout: Duration::from_secs(30),
        }
    }
}
