//! Compares variants: in each round one after the other, so that whatever changes on the machine changes for all.

use super::bench::{Bench, Http, MakeClient, Stage};
use crate::Result;
use crate::load::Loop;
use crate::pgbench::Script;
use crate::report::{Figures, Labels};
use crate::stage::Server;

/// One of those that are compared.
pub struct Variant<'a> {
    /// What the report calls it.
    pub labels: Labels,
    /// What it does.
    pub what: What<'a>,
}

/// What a variant does.
pub enum What<'a> {
    /// Requests to servers.
    Http {
        /// The servers.
        servers: Vec<&'a Server>,
        /// Makes the clients.
        make: MakeClient,
        /// How many there are, those that are not measured included.
        clients: u32,
        /// How requests come about.
        pace: Loop,
    },
    /// pgbench, with as many clients as the labels say.
    Pgbench(Script),
}

impl<'a> Variant<'a> {
    /// So many clients of one server in a closed loop.
    pub fn closed(labels: Labels, server: &'a Server, make: MakeClient) -> Self {
        let clients = labels.clients;
        Self { labels, what: What::Http { servers: vec![server], make, clients, pace: Loop::Closed } }
    }
}

/// Measures them on a stage, and keeps the figures. What puts rows where they do not belong does it apart.
///
/// # Errors
/// Where one of them cannot be measured.
pub async fn compare(
    bench: &mut Bench,
    stage: &mut Stage,
    mut apart: Option<&mut Stage>,
    variants: Vec<Variant<'_>>,
) -> Result<()> {
    let mut rounds: Vec<Vec<Figures>> = variants.iter().map(|_| Vec::new()).collect();
    for _ in 0..bench.options.rounds() {
        for (variant, rounds) in variants.iter().zip(&mut rounds) {
            let labels = &variant.labels;
            let measured = match &variant.what {
                What::Http { servers, make, clients, pace } => {
                    let window = bench.options.window_of(&labels.scenario);
                    let make = MakeClient::clone(make);
                    bench.http(stage, &Http { servers, clients: *clients, make, pace: *pace, window }).await
                }
                What::Pgbench(script) => {
                    let stage = match (script, &mut apart) {
                        (Script::Insert, Some(apart)) => apart,
                        _ => &mut *stage,
                    };
                    bench.pgbench(stage, *script, labels.clients).await
                }
            };
            rounds.push(measured.map_err(|error| format!("{labels}: {error}"))?);
        }
    }
    for (variant, rounds) in variants.into_iter().zip(&rounds) {
        bench.keep(variant.labels, rounds);
    }
    Ok(())
}
