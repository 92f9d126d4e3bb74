//! Limits.

use serde::Serialize;
use utoipa::ToSchema;

use crate::middleware::Left;

/// Every limit.
#[derive(Serialize, ToSchema)]
pub(crate) struct LimitsResponse {
    /// The limits, each with its own count.
    items: Vec<LimitResponse>,
}

/// One limit, and what is left of it for whoever asks.
#[derive(Serialize, ToSchema)]
#[schema(as = Limit)]
struct LimitResponse {
    /// Its name, as in `RateLimit-Policy`.
    #[schema(example = "send")]
    name: &'static str,
    /// Whose requests are counted together: `address` (an IPv6 address by its /64 network), `user` or `account` (log-ins to
    /// it, whoever tries).
    #[schema(example = "user")]
    per: &'static str,
    /// How many may be made at once after a rest, and in each window on average.
    #[schema(example = 100)]
    quota: u32,
    /// The window, in seconds.
    #[schema(example = 10)]
    window_seconds: u32,
    /// How many are left.
    #[schema(example = 99)]
    remaining: u32,
    /// The seconds until all are there again, if none is made meanwhile.
    #[schema(example = 1)]
    resets_in_seconds: u64,
}

impl From<Vec<Left>> for LimitsResponse {
    fn from(limits: Vec<Left>) -> Self {
        let item = |left: Left| LimitResponse {
            name: left.name,
            per: left.per.as_str(),
            quota: left.quota,
            window_seconds: left.window_seconds,
            remaining: left.remaining,
            resets_in_seconds: left.whole_in_seconds,
        };
        Self { items: limits.into_iter().map(item).collect() }
    }
}
