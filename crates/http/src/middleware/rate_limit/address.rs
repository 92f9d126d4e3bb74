//! The limit of all requests of one address, before anything is known of them.

use std::sync::Arc;

use actix_governor::governor::NotUntil;
use actix_governor::governor::clock::QuantaInstant;
use actix_governor::governor::middleware::StateInformationMiddleware;
use actix_governor::{Governor, GovernorConfig, GovernorConfigBuilder, GovernorResult, KeyExtractor};
use actix_web::dev::ServiceRequest;
use actix_web::{HttpMessage as _, HttpRequest, HttpResponse, HttpResponseBuilder};

use super::bucket::Policy;
use super::slots::Slotting;
use crate::client_address::ClientAddress;
use crate::problem::Problem;

/// The limit, which all workers share.
#[derive(Clone)]
pub(super) struct AddressLimit {
    pub(super) policy: Arc<Policy>,
    config: GovernorConfig<ByAddress, StateInformationMiddleware>,
}

impl AddressLimit {
    #[expect(clippy::expect_used, reason = "a rate is not zero")]
    pub(super) fn new(policy: Policy) -> Self {
        let policy = Arc::new(policy);
        let key = ByAddress { policy: Arc::clone(&policy), slotting: Slotting::default() };
        let config = GovernorConfigBuilder::default()
            .period(policy.period())
            .burst_size(policy.rate.requests.get())
            .key_extractor(key)
            .use_headers()
            .finish();
        Self { policy, config: config.expect("a period and a burst that are not zero") }
    }

    pub(super) fn governor(&self) -> Governor<ByAddress, StateInformationMiddleware> {
        Governor::new(&self.config)
    }

    /// What was left of it when this request was counted.
    pub(super) fn left(request: &HttpRequest) -> Option<u32> {
        match request.extensions().get::<GovernorResult<Problem>>()? {
            GovernorResult::Ok { remaining, .. } => *remaining,
            GovernorResult::Wait { .. } => Some(0),
            GovernorResult::Whitelisted | GovernorResult::Err(_) => None,
        }
    }

    /// Forgets the addresses that have rested long enough to be like new ones.
    pub(super) fn forget_rested(&self) {
        self.config.limiter().retain_recent();
        self.config.limiter().shrink_to_fit();
    }
}

/// Counts by the client's address, an IPv6 one by its /64 network. The key is a slot, of which there are so many and no
/// more, for the governor keeps each key that it sees.
#[derive(Debug, Clone)]
pub(crate) struct ByAddress {
    policy: Arc<Policy>,
    slotting: Slotting,
}

impl KeyExtractor for ByAddress {
    type Key = u32;
    type KeyExtractionError = Problem;

    fn extract(&self, request: &ServiceRequest) -> Result<u32, Problem> {
        let client = request.extensions().get().copied().map(ClientAddress::network).ok_or_else(Problem::internal)?;
        Ok(self.slotting.slot(client))
    }

    fn exceed_rate_limit_response(&self, until: &NotUntil<QuantaInstant>, _: HttpResponseBuilder) -> HttpResponse {
        // As an extension, for the middleware drops the error of a response.
        let mut response = HttpResponse::TooManyRequests().finish();
        response.extensions_mut().insert(self.policy.refusal(until));
        response
    }
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, SocketAddr};

    use actix_web::test::TestRequest;

    use super::super::bucket::Per;
    use super::super::slots::SLOTS;
    use super::*;
    use crate::settings::{Proxies, Rate};

    #[test]
    fn a_million_addresses_are_no_more_keys_than_there_are_slots() {
        let rate = Rate::new(5, 3600).unwrap();
        let policy = Arc::new(Policy { name: "test", per: Per::Address, what: "requests", rate });
        let key = ByAddress { policy, slotting: Slotting::default() };
        let config = GovernorConfigBuilder::default().key_extractor(key.clone()).finish().unwrap();
        for n in 0..1_000_000_u32 {
            let peer = SocketAddr::from((Ipv4Addr::from_bits(n), 1));
            let request = TestRequest::default().peer_addr(peer).to_srv_request();
            let client = ClientAddress::find(&request, &Proxies::default());
            request.extensions_mut().insert(client);
            let _ = config.limiter().check_key(&key.extract(&request).unwrap());
        }
        let keys = config.limiter().len();
        assert!(keys <= SLOTS && keys > SLOTS / 2, "{keys}");
    }
}
