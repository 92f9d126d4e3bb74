//! One named limit.

use std::hash::Hash;
use std::time::Duration;

use actix_governor::governor::clock::{Clock as _, DefaultClock, QuantaInstant, Reference as _};
use actix_governor::governor::middleware::StateInformationMiddleware;
use actix_governor::governor::{NotUntil, Quota, RateLimiter};

use super::slots::{Slots, Slotting};
use crate::problem::{Code, Problem};
use crate::settings::Rate;

/// Whose requests a limit counts together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Per {
    Address,
    User,
    Account,
}

impl Per {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::User => "user",
            Self::Account => "account",
        }
    }
}

/// What a limit is.
#[derive(Debug)]
pub(crate) struct Policy {
    pub(crate) name: &'static str,
    pub(crate) per: Per,
    /// What is counted, in the plural.
    pub(crate) what: &'static str,
    pub(crate) rate: Rate,
}

impl Policy {
    /// One in each such time, and all of them at once after a rest.
    pub(super) fn period(&self) -> Duration {
        Duration::from_secs(u64::from(self.rate.seconds.get())) / self.rate.requests.get()
    }

    /// The seconds until all are there again when so many are left.
    pub(crate) fn seconds_to_whole(&self, left: u32) -> u64 {
        seconds(self.period() * self.rate.requests.get().saturating_sub(left))
    }

    /// Its form in `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers).
    pub(super) fn field(&self) -> String {
        format!("\"{}\";q={};w={}", self.name, self.rate.requests, self.rate.seconds)
    }

    /// What is left of it, in the form of `RateLimit`.
    pub(super) fn field_of(&self, left: u32) -> String {
        format!("\"{}\";r={left};t={}", self.name, self.seconds_to_whole(left))
    }

    /// The refusal of whoever must wait so long.
    pub(super) fn refusal(&self, until: &NotUntil<QuantaInstant>) -> Problem {
        let wait = seconds(until.wait_time_from(DefaultClock::default().now())).max(1);
        let Self { name, per, what, rate } = self;
        let (per, Rate { requests, seconds }) = (per.as_str(), rate);
        let detail = format!(
            "this {per} may make {requests} {what} in {seconds} s (limit `{name}`), and has made more; try again in {wait} s"
        );
        Problem::new(Code::TooManyRequests, detail).with_retry_after(wait)
    }
}

/// A limit, and what everybody has left of it.
#[derive(Debug)]
pub(super) struct Bucket {
    pub(super) policy: Policy,
    slotting: Slotting,
    slots: Slots,
    limiter: RateLimiter<u32, Slots, DefaultClock, StateInformationMiddleware>,
    made: QuantaInstant,
}

impl Bucket {
    pub(super) fn new(policy: Policy) -> Self {
        let slots = Slots::new();
        let clock = DefaultClock::default();
        let made = clock.now();
        let mut quota = Quota::per_second(policy.rate.requests);
        if let Some(slower) = Quota::with_period(policy.period()) {
            quota = slower.allow_burst(policy.rate.requests);
        }
        let limiter = RateLimiter::new(quota, slots.clone(), clock);
        Self { policy, slotting: Slotting::default(), slots, limiter, made }
    }

    /// Counts one, and tells how many are left.
    ///
    /// # Errors
    /// The refusal, where none is.
    pub(super) fn take(&self, key: impl Hash) -> Result<u32, Problem> {
        match self.limiter.check_key(&self.slotting.slot(key)) {
            Ok(state) => Ok(state.remaining_burst_capacity()),
            Err(until) => Err(self.policy.refusal(&until)),
        }
    }

    /// Takes back what was counted.
    pub(super) fn give_back(&self, key: impl Hash) {
        let period = u64::try_from(self.policy.period().as_nanos()).unwrap_or(u64::MAX);
        self.slots.give_back(self.slotting.slot(key), period);
    }

    /// How many are left, without counting.
    pub(super) fn left(&self, key: impl Hash) -> u32 {
        let now = self.limiter.clock().now().duration_since(self.made).as_u64();
        let owed = self.slots.whole_at(self.slotting.slot(key)).saturating_sub(now);
        let period = u64::try_from(self.policy.period().as_nanos()).unwrap_or(u64::MAX).max(1);
        let taken = u32::try_from(owed.div_ceil(period)).unwrap_or(u32::MAX);
        self.policy.rate.requests.get().saturating_sub(taken)
    }
}

/// Whole seconds, rounded up.
fn seconds(duration: Duration) -> u64 {
    duration.as_secs() + u64::from(duration.subsec_nanos() > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bucket(requests: u32, seconds: u32) -> Bucket {
        let rate = Rate::new(requests, seconds).unwrap();
        Bucket::new(Policy { name: "test", per: Per::User, what: "requests", rate })
    }

    #[test]
    fn so_many_at_once_and_no_more() {
        let bucket = bucket(3, 3600);
        assert_eq!(bucket.left("ada"), 3);
        assert_eq!((0..3).map(|_| bucket.take("ada").unwrap()).collect::<Vec<_>>(), [2, 1, 0]);
        assert!(bucket.take("ada").is_err());
        assert_eq!((bucket.left("ada"), bucket.left("brian")), (0, 3));
        assert_eq!(bucket.take("brian").unwrap(), 2);
    }

    #[test]
    fn what_is_given_back_can_be_taken_again_and_never_makes_more() {
        let bucket = bucket(2, 3600);
        for _ in 0..10 {
            bucket.take("ada").unwrap();
            bucket.give_back("ada");
        }
        assert_eq!(bucket.left("ada"), 2);
        for _ in 0..5 {
            bucket.give_back("ada");
        }
        bucket.take("ada").unwrap();
        bucket.take("ada").unwrap();
        assert!(bucket.take("ada").is_err());
    }

    #[test]
    fn the_fields_are_those_of_the_draft() {
        let bucket = bucket(100, 10);
        assert_eq!(bucket.policy.field(), "\"test\";q=100;w=10");
        assert_eq!(bucket.policy.field_of(99), "\"test\";r=99;t=1");
        assert_eq!(bucket.policy.field_of(0), "\"test\";r=0;t=10");
    }

    #[test]
    fn many_at_once_take_no_more_than_there_is() {
        let bucket = bucket(100, 3600);
        let taken: usize = std::thread::scope(|scope| {
            let take = || (0..100).filter(|_| bucket.take("ada").is_ok()).count();
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(take)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).sum()
        });
        assert_eq!(taken, 100);
    }
}
