//! Messages to many conversations, and in the same run what they are compared with.

use std::rc::Rc;
use std::sync::Arc;

use super::bench::{Bench, Http, MakeClient, Stage};
use crate::Result;
use crate::load::{Echo, Loop, Senders};
use crate::pgbench::Script;
use crate::report::{Figures, Labels};
use crate::stage::{Backend, Kind, Server};
use crate::world::{self, Size, USERS};

/// How many messages there are to begin with.
pub const SIZE: Size = Size::new(100_000);

/// What is compared.
enum Variant<'a> {
    Http(Kind, &'a Server),
    Pgbench(Script),
}

/// Runs it.
pub async fn run(bench: &mut Bench) -> Result<()> {
    for backend in Backend::ALL {
        let mut stage = bench.stage(backend, SIZE).await?;
        // What puts rows where they do not belong has a database of its own.
        let mut apart = match backend {
            Backend::Postgres => Some(bench.stage(backend, SIZE).await?),
            Backend::Sqlite => None,
        };
        let kinds = [Kind::Confab, Kind::Transactions];
        let servers = [bench.serve(kinds[0], &stage.database)?, bench.serve(kinds[1], &stage.database)?];
        // The echo has no database; it is run along with one of them.
        let echo = (backend == Backend::Postgres).then(|| bench.serve(Kind::Echo, &stage.database)).transpose()?;
        for clients in bench.options.clients() {
            let mut variants: Vec<Variant<'_>> =
                kinds.into_iter().zip(&servers).map(|(kind, server)| Variant::Http(kind, server)).collect();
            if let Some(echo) = &echo {
                variants.extend(Script::ALL.map(Variant::Pgbench));
                variants.push(Variant::Http(Kind::Echo, echo));
            }
            compare(bench, &mut stage, apart.as_mut(), &variants, *clients).await?;
        }
        servers.into_iter().chain(echo).try_for_each(Server::stop)?;
        stage.end(&bench.places).await?;
        if let Some(apart) = apart {
            apart.discard(&bench.places).await?;
        }
    }
    Ok(())
}

async fn compare(
    bench: &mut Bench,
    stage: &mut Stage,
    mut apart: Option<&mut Stage>,
    variants: &[Variant<'_>],
    clients: u32,
) -> Result<()> {
    let mut rounds: Vec<Vec<Figures>> = variants.iter().map(|_| Vec::new()).collect();
    for _ in 0..bench.options.rounds() {
        for (variant, rounds) in variants.iter().zip(&mut rounds) {
            rounds.push(match variant {
                Variant::Http(kind, server) => {
                    let make = if *kind == Kind::Echo { echoes() } else { senders() };
                    let window = bench.options.window();
                    let http = Http { servers: &[server], clients, make, pace: Loop::Closed, window };
                    bench.http(stage, &http).await?
                }
                Variant::Pgbench(script) => {
                    let stage = match (script, &mut apart) {
                        (Script::Insert, Some(apart)) => apart,
                        _ => &mut *stage,
                    };
                    bench.pgbench(stage, *script, clients).await?
                }
            });
        }
    }
    for (variant, rounds) in variants.iter().zip(&rounds) {
        let (variant, database) = match variant {
            Variant::Http(Kind::Echo, _) => (Kind::Echo.name(), "none"),
            Variant::Http(kind, _) => (kind.name(), stage.database.backend().name()),
            Variant::Pgbench(script) => (script.name(), stage.database.backend().name()),
        };
        bench.keep(labels("send", database, variant, clients), rounds);
    }
    Ok(())
}

/// The labels of a measurement on a database of the usual size.
pub fn labels(scenario: &str, database: &str, variant: &str, clients: u32) -> Labels {
    Labels {
        scenario: scenario.to_owned(),
        database: database.to_owned(),
        variant: variant.to_owned(),
        clients,
        messages: SIZE.messages(),
    }
}

/// Clients that send to all the groups that they are in.
pub fn senders() -> MakeClient {
    let groups: Arc<Vec<Vec<u32>>> = Arc::new(world::groups_by_user());
    Arc::new(move |client, tokens, keys| {
        let own: Rc<[u32]> = groups[(client % USERS) as usize].as_slice().into();
        (0, true, Box::new(Senders::new(client, tokens, own, keys)))
    })
}

fn echoes() -> MakeClient {
    Arc::new(|client, tokens, keys| (0, true, Box::new(Echo::new(client, tokens, keys))))
}
