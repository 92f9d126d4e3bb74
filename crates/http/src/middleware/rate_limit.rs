//! How often one address may call.

use std::net::{IpAddr, Ipv6Addr};
use std::time::Duration;

use actix_governor::governor::NotUntil;
use actix_governor::governor::clock::{Clock as _, DefaultClock, QuantaInstant};
use actix_governor::governor::middleware::NoOpMiddleware;
use actix_governor::{GovernorConfig, GovernorConfigBuilder, KeyExtractor};
use actix_web::dev::ServiceRequest;
use actix_web::{HttpResponse, HttpResponseBuilder};

use crate::problem::{Code, Problem};

/// A limit that all workers share.
pub(crate) type Limiter = GovernorConfig<ClientAddress, NoOpMiddleware<QuantaInstant>>;

/// A limit of one request in each `period` on average, and of `burst` at once.
///
/// # Panics
/// Where either is zero.
#[expect(clippy::expect_used, reason = "the caller's settings are at least one")]
pub(crate) fn limiter(period: Duration, burst: u32) -> Limiter {
    let limiter =
        GovernorConfigBuilder::default().period(period).burst_size(burst).key_extractor(ClientAddress).finish();
    limiter.expect("a period and a burst that are not zero")
}

/// Counts by the address at the other end of the connection, an IPv6 one by its /64 network: a home has that many.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ClientAddress;

impl KeyExtractor for ClientAddress {
    type Key = IpAddr;
    type KeyExtractionError = Problem;

    fn extract(&self, request: &ServiceRequest) -> Result<IpAddr, Problem> {
        Ok(match request.peer_addr().ok_or_else(Problem::internal)?.ip().to_canonical() {
            IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() >> 64 << 64)),
            address @ IpAddr::V4(_) => address,
        })
    }

    fn exceed_rate_limit_response(&self, until: &NotUntil<QuantaInstant>, _: HttpResponseBuilder) -> HttpResponse {
        let wait = until.wait_time_from(DefaultClock::default().now());
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        let detail = format!("this address sends more requests than the limit allows; try again in {seconds} s");
        HttpResponse::from_error(Problem::new(Code::TooManyRequests, detail).with_retry_after(seconds))
    }
}
