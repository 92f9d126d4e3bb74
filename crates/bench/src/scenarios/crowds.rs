//! Many in one conversation: all of the load, or beside others who want no part of it.

use std::rc::Rc;
use std::sync::Arc;

use super::bench::{Bench, MakeClient};
use super::compare::{Variant, What, compare};
use super::{SIZE, labels, senders};
use crate::Result;
use crate::load::{Loop, Senders};
use crate::stage::{Backend, Kind};
use crate::world::{HALL, HALL_MEMBERS, groups_by_user};

/// How many send elsewhere, while the hall is flooded.
const OTHERS: u32 = 8;

/// All send to one conversation.
pub async fn hot(bench: &mut Bench) -> Result<()> {
    for backend in bench.options.backends() {
        let mut stage = bench.stage(backend, SIZE).await?;
        let [confab, transactions] = [Kind::Confab, Kind::Transactions].map(|kind| bench.serve(kind, &stage.database));
        let (confab, transactions) = (confab?, transactions?);
        let labels = |kind: Kind| labels("hot", backend.name(), kind.name(), HALL_MEMBERS);
        let variants = vec![
            Variant::closed(labels(Kind::Confab), &confab, hall()),
            Variant::closed(labels(Kind::Transactions), &transactions, hall()),
        ];
        compare(bench, &mut stage, None, variants).await?;
        confab.stop()?;
        transactions.stop()?;
        stage.end(&bench.places).await?;
    }
    Ok(())
}

/// A few send elsewhere: alone, and while all in the hall send to it.
pub async fn flood(bench: &mut Bench) -> Result<()> {
    for backend in bench.options.backends() {
        let mut stage = bench.stage(backend, SIZE).await?;
        let confab = bench.serve(Kind::Confab, &stage.database)?;
        let variants = [("alone", OTHERS), ("flooded", OTHERS + HALL_MEMBERS)].map(|(name, clients)| Variant {
            labels: labels("flood", backend.name(), name, OTHERS),
            what: What::Http { servers: vec![&confab], make: others_first(), clients, pace: Loop::Closed },
        });
        compare(bench, &mut stage, None, variants.into()).await?;
        confab.stop()?;
        stage.end(&bench.places).await?;
    }
    Ok(())
}

/// The members of the hall, who send to it.
fn hall() -> MakeClient {
    Arc::new(|client, tokens, keys| (0, true, Box::new(Senders::new(client, tokens, Rc::new([HALL]), keys))))
}

/// First those who are measured, in their groups, and are not in the hall; then those who are.
fn others_first() -> MakeClient {
    let (others, hall) = (senders(), hall());
    Arc::new(move |client, tokens, keys| {
        if client < OTHERS {
            return others(HALL_MEMBERS + client, tokens, keys);
        }
        let (server, _, client) = hall(client - OTHERS, tokens, keys);
        (server, false, client)
    })
}

/// Two nodes on one PostgreSQL, and one, with the same ten conversations.
pub async fn nodes(bench: &mut Bench) -> Result<()> {
    const CLIENTS: u32 = 64;
    let mut stage = bench.stage(Backend::Postgres, SIZE).await?;
    let [one, other] = [(); 2].map(|()| bench.serve(Kind::Confab, &stage.database));
    let (one, other) = (one?, other?);
    let variants = [("one node", vec![&one]), ("two nodes", vec![&one, &other])].map(|(name, servers)| Variant {
        labels: labels("nodes", Backend::Postgres.name(), name, CLIENTS),
        what: What::Http { make: in_ten(servers.len()), servers, clients: CLIENTS, pace: Loop::Closed },
    });
    compare(bench, &mut stage, None, variants.into()).await?;
    one.stop()?;
    other.stop()?;
    // All that both have acknowledged.
    stage.end(&bench.places).await
}

/// Members of the first ten groups, who send to those of the ten that they are in. They take turns at the servers.
fn in_ten(servers: usize) -> MakeClient {
    let groups = groups_by_user().into_iter().map(|groups| groups.into_iter().filter(|group| *group < 10).collect());
    let members: Vec<(u32, Vec<u32>)> =
        (0..).zip(groups).filter(|(_, groups): &(_, Vec<_>)| !groups.is_empty()).collect();
    Arc::new(move |client, tokens, keys| {
        let (user, groups) = &members[client as usize % members.len()];
        let sender = Senders::new(*user, tokens, groups.as_slice().into(), keys);
        (client as usize % servers, true, Box::new(sender))
    })
}
