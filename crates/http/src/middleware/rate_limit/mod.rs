//! How often whoever calls may do what: a list of named limits, each with its own count.
//!
//! The limit of an address is `actix-governor`'s, in front of everything. The others are asked where it is known whom they
//! count: by path, once the caller is known, and by a log-in. None of them takes more memory the more who call.

mod address;
mod bucket;
mod slots;

use std::hash::Hash;
use std::sync::Arc;

use actix_governor::Governor;
use actix_governor::governor::middleware::StateInformationMiddleware;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::middleware::{Condition, Next};
use actix_web::{Error, HttpMessage as _, HttpRequest, web};
use confab_application::{Error as UseCaseError, Unauthenticated, Viewer};
use confab_domain::EmailAddress;

use self::address::{AddressLimit, ByAddress};
pub(crate) use self::bucket::Per;
use self::bucket::{Bucket, Policy};
use super::{RATE_LIMIT, RATE_LIMIT_POLICY};
use crate::client_address::ClientAddress;
use crate::problem::Problem;
use crate::settings::RateLimit;

/// What `actix-governor` says of itself, which `RateLimit` says better.
const LEGACY: [HeaderName; 2] =
    [HeaderName::from_static("x-ratelimit-limit"), HeaderName::from_static("x-ratelimit-remaining")];

/// All limits, which all workers share.
#[derive(Clone)]
pub(crate) struct Limits(Option<Arc<Buckets>>);

struct Buckets {
    address: AddressLimit,
    register: Bucket,
    log_in: Bucket,
    log_in_account: Bucket,
    log_in_failures: Bucket,
    reset: Bucket,
    send: Bucket,
    read: Bucket,
    export: Bucket,
    lookup: Bucket,
    report: Bucket,
    write: Bucket,
}

/// What a request was counted towards, and what was left. Part of each request.
#[derive(Default)]
struct Counted(Vec<(String, String)>);

/// What is left of a limit.
pub(crate) struct Left {
    pub(crate) name: &'static str,
    pub(crate) per: Per,
    pub(crate) quota: u32,
    pub(crate) window_seconds: u32,
    pub(crate) remaining: u32,
    pub(crate) whole_in_seconds: u64,
}

impl Limits {
    /// These limits, or none.
    pub(crate) fn new(limits: Option<&RateLimit>) -> Self {
        use Per::{Account, Address, User};
        Self(limits.map(|limits| {
            let bucket = |name, per, what, rate| Bucket::new(Policy { name, per, what, rate });
            Arc::new(Buckets {
                address: AddressLimit::new(Policy {
                    name: "address",
                    per: Address,
                    what: "requests",
                    rate: limits.address,
                }),
                register: bucket("register", Address, "registrations", limits.register),
                log_in: bucket("log_in", Address, "log-ins", limits.log_in),
                log_in_account: bucket("log_in_account", Account, "log-ins", limits.log_in_account),
                log_in_failures: bucket("log_in_failures", Address, "failed log-ins", limits.log_in_failures),
                reset: bucket("reset", Address, "resets and verifications", limits.reset),
                send: bucket("send", User, "sends", limits.send),
                read: bucket("read", User, "reads", limits.read),
                export: bucket("export", User, "copies of your data", limits.export),
                lookup: bucket("lookup", User, "look-ups", limits.lookup),
                report: bucket("report", User, "reports", limits.report),
                write: bucket("write", User, "changes", limits.write),
            })
        }))
    }

    /// Forgets the addresses that have rested long enough to be like new ones.
    pub(crate) fn forget_rested(&self) {
        if let Some(buckets) = &self.0 {
            buckets.address.forget_rested();
        }
    }

    /// The limit of all requests to the API, by address.
    pub(crate) fn address(&self) -> Condition<Governor<ByAddress, StateInformationMiddleware>> {
        // A condition that does not hold makes nothing of what it is given.
        let spare =
            || AddressLimit::new(Policy { name: "", per: Per::Address, what: "", rate: RateLimit::default().address });
        let governor = self.0.as_ref().map_or_else(|| spare().governor(), |buckets| buckets.address.governor());
        Condition::new(self.0.is_some(), governor)
    }

    /// Counts a request of somebody who is known.
    ///
    /// # Errors
    /// Where they have made too many.
    pub(super) fn count_user(&self, request: &ServiceRequest, viewer: &Viewer) -> Result<(), Problem> {
        let Some(buckets) = &self.0 else { return Ok(()) };
        let bucket = match *request.method() {
            Method::GET if request.path().ends_with("/users/me/export") => &buckets.export,
            Method::GET if request.path().ends_with("/users/lookup") => &buckets.lookup,
            Method::GET => &buckets.read,
            Method::POST if request.path().ends_with("/messages") => &buckets.send,
            Method::POST if request.path().ends_with("/report") => &buckets.report,
            _ => &buckets.write,
        };
        take(bucket, request.request(), viewer.user.id)
    }

    /// Counts a log-in: towards the limit of the account, and, until it turns out to be none, as one that fails.
    ///
    /// # Errors
    /// Where there were too many.
    pub(crate) fn attempt(&self, request: &HttpRequest, email: &str) -> Result<Attempt, Problem> {
        let Some(buckets) = &self.0 else { return Ok(Attempt(None)) };
        let client = client(request)?;
        let account = EmailAddress::parse(email).map_or_else(|_| email.to_lowercase(), |email| email.key().to_owned());
        take(&buckets.log_in_failures, request, client.network())?;
        if let Err(refusal) = take(&buckets.log_in_account, request, account) {
            buckets.log_in_failures.give_back(client.network());
            return Err(refusal);
        }
        Ok(Attempt(Some((Arc::clone(buckets), client))))
    }

    /// All limits, and what is left of them for this caller. Nothing is counted.
    pub(crate) fn left(&self, request: &HttpRequest, viewer: &Viewer) -> Result<Vec<Left>, Problem> {
        let Some(buckets) = &self.0 else { return Ok(Vec::new()) };
        let (network, user, account) = (client(request)?.network(), viewer.user.id, viewer.user.email.key());
        let of = |policy: &Policy, remaining| Left {
            name: policy.name,
            per: policy.per,
            quota: policy.rate.requests.get(),
            window_seconds: policy.rate.seconds.get(),
            remaining,
            whole_in_seconds: policy.seconds_to_whole(remaining),
        };
        let all = |bucket: &Bucket| {
            let remaining = match bucket.policy.per {
                Per::Address => bucket.left(network),
                Per::User => bucket.left(user),
                Per::Account => bucket.left(account),
            };
            of(&bucket.policy, remaining)
        };
        let address = &buckets.address.policy;
        let others = [
            &buckets.register,
            &buckets.log_in,
            &buckets.log_in_account,
            &buckets.log_in_failures,
            &buckets.reset,
            &buckets.send,
            &buckets.read,
            &buckets.export,
            &buckets.lookup,
            &buckets.report,
            &buckets.write,
        ];
        let first = of(address, AddressLimit::left(request).unwrap_or(address.rate.requests.get()));
        Ok(std::iter::once(first).chain(others.into_iter().map(all)).collect())
    }
}

/// A log-in, or whatever else asks for a password, that was counted as one that fails.
pub(crate) struct Attempt(Option<(Arc<Buckets>, ClientAddress)>);

impl Attempt {
    /// It is no failure that did not fail, or not for a wrong password.
    pub(crate) fn settle<T>(self, outcome: &Result<T, UseCaseError>) {
        let is_wrong = match outcome {
            Err(UseCaseError::Unauthenticated(Unauthenticated::WrongCredentials)) => true,
            Err(UseCaseError::Invalid(faults)) => faults.iter().any(|fault| fault.code == "wrong_password"),
            _ => false,
        };
        if !is_wrong && let Some((buckets, client)) = self.0 {
            buckets.log_in_failures.give_back(client.network());
        }
    }
}

/// Counts what is limited by address and by what it asks for, and tells in each answer what the request was counted
/// towards. Stands around the other limits.
pub(crate) async fn limit(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let Some(buckets) = request.app_data::<web::Data<Limits>>().and_then(|limits| limits.0.clone()) else {
        return next.call(request).await.map(ServiceResponse::map_into_left_body);
    };
    let mut response = match count_by_path(&buckets, request.request()) {
        Ok(()) => next.call(request).await?.map_into_left_body(),
        Err(refusal) => request.error_response(refusal).map_into_right_body(),
    };
    let address = AddressLimit::left(response.request());
    let mut fields: Vec<_> = address.map(|left| fields(&buckets.address.policy, left)).into_iter().collect();
    if let Some(Counted(more)) = response.request().extensions_mut().remove() {
        fields.extend(more);
    }
    let (policies, states): (Vec<_>, Vec<_>) = fields.into_iter().unzip();
    for (name, values) in [(RATE_LIMIT_POLICY, policies), (RATE_LIMIT, states)] {
        if let Ok(value) = HeaderValue::from_str(&values.join(", ")) {
            response.headers_mut().insert(name, value);
        }
    }
    for name in LEGACY {
        response.headers_mut().remove(name);
    }
    Ok(response)
}

fn count_by_path(buckets: &Buckets, request: &HttpRequest) -> Result<(), Problem> {
    let Some((_, operation)) = request.path().split_once("/auth/").filter(|_| *request.method() == Method::POST) else {
        return Ok(());
    };
    let bucket = match operation {
        "register" => &buckets.register,
        "token" => &buckets.log_in,
        _ if operation.starts_with("password/") || operation.starts_with("email/") => &buckets.reset,
        _ => return Ok(()),
    };
    take(bucket, request, client(request)?.network())
}

fn take(bucket: &Bucket, request: &HttpRequest, key: impl Hash) -> Result<(), Problem> {
    let taken = bucket.take(key);
    let left = *taken.as_ref().unwrap_or(&0);
    let mut extensions = request.extensions_mut();
    if !extensions.contains::<Counted>() {
        extensions.insert(Counted::default());
    }
    if let Some(Counted(counted)) = extensions.get_mut() {
        counted.push(fields(&bucket.policy, left));
    }
    taken.map(drop)
}

/// What `RateLimit-Policy` and `RateLimit` say of a limit.
fn fields(policy: &Policy, left: u32) -> (String, String) {
    (policy.field(), policy.field_of(left))
}

fn client(request: &HttpRequest) -> Result<ClientAddress, Problem> {
    request.extensions().get().copied().ok_or_else(Problem::internal)
}
