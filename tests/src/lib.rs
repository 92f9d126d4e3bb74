//! What the black-box tests stand on: servers on each kind of storage, clients that check every answer against the
//! OpenAPI document, and real conversations to send.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::missing_panics_doc, reason = "a test that fails, panics")]

mod backend;
mod client;
mod contract;
mod corpus;
mod crowd;
mod mail;
mod postgres;
mod process;
mod server;
mod smtp;
pub mod wire;

pub use backend::Backend;
pub use client::{Answer, Api, Person};
pub use contract::{Operation, Parameter, headers, operations};
pub use corpus::{Conversation, Happening, Line, corpus};
pub use crowd::{Attempt, Count, Crowd};
pub use mail::Mails;
pub use postgres::cluster;
pub use process::{Process, binary};
pub use server::{Server, ServerOptions};
pub use smtp::{MailServer, Mood, Received, Secured};

/// Makes one test of each function for each storage: `on_each_backend!([memory, sqlite, postgres] one, another);`.
#[macro_export]
macro_rules! on_each_backend {
    ([$($backend:ident),+] $($test:ident),+ $(,)?) => { $crate::on_each_backend!(@ [$($backend),+] ($($test),+)); };
    (@ [$($backend:ident),+] $tests:tt) => { $($crate::on_each_backend!(@@ $backend $tests);)+ };
    (@@ $backend:ident ($($test:ident),+)) => {
        mod $backend {
            $(
                #[tokio::test(flavor = "multi_thread")]
                async fn $test() {
                    super::$test($crate::Backend::$backend()).await;
                }
            )+
        }
    };
}
