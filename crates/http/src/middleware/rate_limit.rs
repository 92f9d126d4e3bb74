//! How often one address may call.

use std::net::IpAddr;
use std::time::Duration;

use actix_governor::governor::NotUntil;
use actix_governor::governor::clock::{Clock as _, DefaultClock, QuantaInstant};
use actix_governor::governor::middleware::NoOpMiddleware;
use actix_governor::{Governor, GovernorConfig, GovernorConfigBuilder, KeyExtractor};
use actix_web::dev::ServiceRequest;
use actix_web::http::header::HeaderValue;
use actix_web::middleware::Condition;
use actix_web::{HttpMessage as _, HttpResponse, HttpResponseBuilder};

use super::{RATE_LIMIT, RATE_LIMIT_POLICY};
use crate::client_address::ClientAddress;
use crate::problem::{Code, Problem};
use crate::settings::RateLimit;

type Bucket = GovernorConfig<ByAddress, NoOpMiddleware<QuantaInstant>>;

/// The limits of how often one address may call, which all workers share.
#[derive(Clone)]
pub(crate) struct Limiters {
    enabled: bool,
    general: Bucket,
    auth: Bucket,
}

impl Limiters {
    /// These limits, or none.
    pub(crate) fn new(limit: Option<RateLimit>) -> Self {
        let enabled = limit.is_some();
        let limit = limit.unwrap_or_default();
        let general = Duration::from_secs(1) / limit.requests_per_second.max(1);
        let auth = Duration::from_secs(60) / limit.auth_requests_per_minute.max(1);
        Self {
            enabled,
            general: bucket("general", general, limit.burst.max(1)),
            auth: bucket("auth", auth, limit.auth_burst.max(1)),
        }
    }

    /// The limit of all requests to the API.
    pub(crate) fn general(&self) -> Condition<Governor<ByAddress, NoOpMiddleware<QuantaInstant>>> {
        Condition::new(self.enabled, Governor::new(&self.general))
    }

    /// The limit of registrations, log-ins and refreshes, beside the general one.
    pub(crate) fn auth(&self) -> Condition<Governor<ByAddress, NoOpMiddleware<QuantaInstant>>> {
        Condition::new(self.enabled, Governor::new(&self.auth))
    }

    /// Forgets the addresses that have rested long enough to be like new ones.
    pub(crate) fn forget_rested(&self) {
        for bucket in [&self.general, &self.auth] {
            bucket.limiter().retain_recent();
            bucket.limiter().shrink_to_fit();
        }
    }
}

/// One request in each `period` on average, and `burst` at once; neither is zero.
#[expect(clippy::expect_used, reason = "the caller's settings are at least one")]
fn bucket(name: &'static str, period: Duration, burst: u32) -> Bucket {
    let key = ByAddress { bucket: name };
    let bucket = GovernorConfigBuilder::default().period(period).burst_size(burst).key_extractor(key).finish();
    bucket.expect("a period and a burst that are not zero")
}

/// Counts by the client's address, an IPv6 one by its /64 network.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ByAddress {
    bucket: &'static str,
}

impl KeyExtractor for ByAddress {
    type Key = IpAddr;
    type KeyExtractionError = Problem;

    fn extract(&self, request: &ServiceRequest) -> Result<IpAddr, Problem> {
        request.extensions().get().copied().map(ClientAddress::network).ok_or_else(Problem::internal)
    }

    fn exceed_rate_limit_response(&self, until: &NotUntil<QuantaInstant>, _: HttpResponseBuilder) -> HttpResponse {
        let wait = seconds(until.wait_time_from(DefaultClock::default().now()));
        let (name, burst) = (self.bucket, until.quota().burst_size().get());
        let window = seconds(until.quota().burst_size_replenished_in());
        let detail = format!(
            "this address may send {burst} requests in {window} s (limit `{name}`), and has sent more; try again in {wait} s"
        );
        let mut problem = Problem::new(Code::TooManyRequests, detail).with_retry_after(wait);
        // The fields of draft-ietf-httpapi-ratelimit-headers.
        let fields = [
            (RATE_LIMIT_POLICY, format!("\"{name}\";q={burst};w={window}")),
            (RATE_LIMIT, format!("\"{name}\";r=0;t={wait}")),
        ];
        for (field, value) in fields {
            if let Ok(value) = HeaderValue::from_str(&value) {
                problem = problem.with_header(field, value);
            }
        }
        // As an extension, for the middleware drops the error of a response.
        let mut response = HttpResponse::TooManyRequests().finish();
        response.extensions_mut().insert(problem);
        response
    }
}

/// Whole seconds, rounded up.
fn seconds(duration: Duration) -> u64 {
    duration.as_secs() + u64::from(duration.subsec_nanos() > 0)
}
