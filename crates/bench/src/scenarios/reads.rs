//! Pages of 50 messages and lists of 20 conversations, beside one hand-written statement each.

use std::sync::Arc;

use super::bench::{Bench, MakeClient};
use super::compare::{Variant, compare};
use super::{SIZE, labels};
use crate::Result;
use crate::load::{Client, Histories, Lists};
use crate::report::Labels;
use crate::stage::Kind;
use crate::world::Size;

/// The clients with which sizes are compared.
const CLIENTS: u32 = 64;

/// Runs the one or the other.
pub async fn run(bench: &mut Bench, name: &str) -> Result<()> {
    let sizes = if bench.options.quick { &[10_000, 100_000][..] } else { &[10_000, 100_000, 1_000_000] };
    for backend in bench.options.backends() {
        for size in sizes.iter().copied().map(Size::new) {
            let mut stage = bench.view(backend, size).await?;
            let confab = bench.serve(Kind::Confab, &stage.database)?;
            let raw = bench.serve(Kind::Raw, &stage.database)?;
            let clients = if size == SIZE { bench.options.clients() } else { &[CLIENTS] }.to_vec();
            for clients in clients {
                let labels = |kind: Kind| Labels {
                    messages: size.messages(),
                    ..labels(name, backend.name(), kind.name(), clients)
                };
                let make = |kind: Kind| if name == "list" { lists(kind) } else { histories(kind, size) };
                let variants = vec![
                    Variant::closed(labels(Kind::Confab), &confab, make(Kind::Confab)),
                    Variant::closed(labels(Kind::Raw), &raw, make(Kind::Raw)),
                ];
                compare(bench, &mut stage, None, variants).await?;
            }
            confab.stop()?;
            raw.stop()?;
            stage.leave().await;
        }
    }
    Ok(())
}

fn histories(kind: Kind, size: Size) -> MakeClient {
    Arc::new(move |client, tokens, _| {
        let client = Histories::new(client, tokens, size);
        (0, true, boxed(if kind == Kind::Raw { client.of_yardstick() } else { client }))
    })
}

fn lists(kind: Kind) -> MakeClient {
    Arc::new(move |client, tokens, _| {
        let client = Lists::new(client, tokens);
        (0, true, boxed(if kind == Kind::Raw { client.of_yardstick() } else { client }))
    })
}

fn boxed(client: impl Client + 'static) -> Box<dyn Client> {
    Box::new(client)
}
