//! All of it at once; and messages at a fixed rate.

use std::sync::Arc;

use super::bench::{Bench, MakeClient};
use super::compare::{Variant, What, compare};
use super::{SIZE, labels, senders};
use crate::Result;
use crate::load::{Loop, Mixed};
use crate::stage::Kind;

/// Sends, histories, lists and read cursors.
pub async fn run(bench: &mut Bench) -> Result<()> {
    for backend in bench.options.backends() {
        let mut stage = bench.stage(backend, SIZE).await?;
        let confab = bench.serve(Kind::Confab, &stage.database)?;
        for clients in bench.options.clients().to_vec() {
            let labels = labels("mixed", backend.name(), Kind::Confab.name(), clients);
            compare(bench, &mut stage, None, vec![Variant::closed(labels, &confab, mixed())]).await?;
        }
        confab.stop()?;
        stage.end(&bench.places).await?;
    }
    Ok(())
}

fn mixed() -> MakeClient {
    Arc::new(|client, tokens, keys| (0, true, Box::new(Mixed::new(client, tokens, SIZE, keys))))
}

/// Sends at half of what the closed loop came to.
pub async fn open(bench: &mut Bench) -> Result<()> {
    const CLIENTS: u32 = 64;
    for backend in bench.options.backends() {
        let mut stage = bench.stage(backend, SIZE).await?;
        let confab = bench.serve(Kind::Confab, &stage.database)?;
        let closed = labels("send", backend.name(), Kind::Confab.name(), CLIENTS);
        if bench.per_second(&closed).is_none() {
            let variants = vec![Variant::closed(closed.clone(), &confab, senders())];
            compare(bench, &mut stage, None, variants).await?;
        }
        let rate = bench.per_second(&closed).ok_or("the closed loop was not measured")? / 2.0;
        // Many connections, so that one that is slow holds up few of those that come after it.
        let clients = 4 * CLIENTS;
        let what = What::Http { servers: vec![&confab], make: senders(), clients, pace: Loop::Open(rate) };
        let labels = labels("open", backend.name(), Kind::Confab.name(), clients);
        compare(bench, &mut stage, None, vec![Variant { labels, what }]).await?;
        confab.stop()?;
        stage.end(&bench.places).await?;
    }
    Ok(())
}
