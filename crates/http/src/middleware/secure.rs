//! What each answer tells browsers not to do with it.

use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderMap, HeaderName, HeaderValue, REFERRER_POLICY,
    STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};

use crate::settings::Settings;

const CROSS_ORIGIN_OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const CROSS_ORIGIN_RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
const PERMISSIONS_POLICY: HeaderName = HeaderName::from_static("permissions-policy");

/// An answer of the API is no page: nothing in it is ever run or shown.
const OF_DATA: &str = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The Swagger UI runs its own scripts and nothing else's, and calls this server only. React sets its styles as attributes.
const OF_PAGES: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
    font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The headers of every answer.
pub(super) fn add(headers: &mut HeaderMap, path: &str, is_secure: bool, settings: &Settings) {
    let is_page = path == "/docs" || path.starts_with("/docs/");
    for (name, value) in [
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (X_FRAME_OPTIONS, "DENY"),
        (REFERRER_POLICY, "no-referrer"),
        (CONTENT_SECURITY_POLICY, if is_page { OF_PAGES } else { OF_DATA }),
        (CROSS_ORIGIN_OPENER_POLICY, "same-origin"),
        (CROSS_ORIGIN_RESOURCE_POLICY, "same-origin"),
        (PERMISSIONS_POLICY, "camera=(), microphone=(), geolocation=(), payment=(), usb=()"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if !is_page && path != "/api/openapi.json" {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    // Said in the clear it means nothing (RFC 6797, section 7.2).
    if let Some(value) = settings.hsts.as_ref().filter(|_| is_secure) {
        headers.insert(STRICT_TRANSPORT_SECURITY, value.header());
    }
}
