//! Messages to many conversations, and in the same run what they are compared with.

use std::sync::Arc;

use super::bench::{Bench, MakeClient};
use super::compare::{Variant, What, compare};
use super::{SIZE, labels, senders};
use crate::Result;
use crate::load::Echo;
use crate::pgbench::Script;
use crate::stage::{Backend, Kind, Server};

/// Runs it.
pub async fn run(bench: &mut Bench) -> Result<()> {
    for backend in bench.options.backends() {
        let mut stage = bench.stage(backend, SIZE).await?;
        // What puts rows where they do not belong has a database of its own.
        let mut apart = match backend {
            Backend::Postgres => Some(bench.stage(backend, SIZE).await?),
            Backend::Sqlite => None,
        };
        let confab = bench.serve(Kind::Confab, &stage.database)?;
        let transactions = bench.serve(Kind::Transactions, &stage.database)?;
        // The echo has no database; it is run along with one of them.
        let echo = apart.is_some().then(|| bench.serve(Kind::Echo, &stage.database)).transpose()?;
        for clients in bench.options.clients().to_vec() {
            let labels = |variant| labels("send", backend.name(), variant, clients);
            let mut variants = vec![
                Variant::closed(labels(Kind::Confab.name()), &confab, senders()),
                Variant::closed(labels(Kind::Transactions.name()), &transactions, senders()),
            ];
            if let Some(echo) = &echo {
                let pgbench = |script: Script| Variant { labels: labels(script.name()), what: What::Pgbench(script) };
                variants.extend(Script::ALL.map(pgbench));
                let labels = super::labels("send", "none", Kind::Echo.name(), clients);
                variants.push(Variant::closed(labels, echo, echoes()));
            }
            compare(bench, &mut stage, apart.as_mut(), variants).await?;
        }
        [confab, transactions].into_iter().chain(echo).try_for_each(Server::stop)?;
        stage.end(&bench.places).await?;
        if let Some(apart) = apart {
            apart.discard(&bench.places).await?;
        }
    }
    Ok(())
}

fn echoes() -> MakeClient {
    Arc::new(|client, tokens, keys| (0, true, Box::new(Echo::new(client, tokens, keys))))
}
