//! Confab over HTTP: REST, its OpenAPI document and Swagger UI.
//!
//! Architecture invariant: a handler reads its input, calls one use-case and shows the outcome. It decides nothing. One
//! list, [`routes`], registers and documents every operation; one `match`, in `problem`, says what each error looks like.

mod client_address;
mod cursor;
mod dto;
mod export;
mod extract;
mod middleware;
mod openapi;
mod permissions;
mod problem;
mod redirect;
mod routes;
mod server;
mod service;
mod settings;
mod tls;

pub use client_address::ClientAddress;
pub use openapi::openapi_json;
pub use permissions::permissions_markdown;
pub use server::{Listeners, serve};
pub use service::{State, service};
pub use settings::{Docs, Hsts, Proxies, ProxyHeader, Rate, RateLimit, Settings};
pub use tls::{Certificate, CertificateError, CertificateFiles};
