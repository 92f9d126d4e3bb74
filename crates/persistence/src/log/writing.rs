//! A batch on its way: in which manner each part of it is written, and what comes of it.

use std::collections::{BTreeMap, HashMap};
use std::sync::PoisonError;

use confab_application::ports::{AppendError, StoreError};
use sea_orm::DatabaseConnection;
use tokio::time::Instant;

use super::batch::{self, Batch, Draft, Failed, Locks, Outcome};
use super::session::Session;
use super::shared::Manner;
use super::writer::{Answer, Item, Writer};
use crate::error::Cause;

/// A writer that writes a batch.
pub(super) struct Writing<'a> {
    writer: &'a Writer,
    connections: &'a DatabaseConnection,
    answers: Vec<Answer>,
}

impl<'a> Writing<'a> {
    /// It writes through these connections.
    pub(super) const fn new(writer: &'a Writer, connections: &'a DatabaseConnection) -> Self {
        Self { writer, connections, answers: Vec::new() }
    }

    /// Writes it, and gives the answers to what was written last. All others are told before something else is waited for.
    pub(super) async fn write(mut self, batch: Vec<Item>) -> Vec<Answer> {
        let patience = self.writer.patience;
        let (batch, late): (Vec<_>, Vec<_>) = batch.into_iter().partition(|item| item.since.elapsed() <= patience);
        for item in late {
            item.answer(Err(AppendError::Full));
        }
        let mut parts: BTreeMap<Manner, Vec<Item>> = BTreeMap::new();
        let has_turns = {
            let (queue, now) = (self.writer.queue(), Instant::now());
            for item in batch {
                parts.entry(queue.shared.manner(item.conversation(), now)).or_default().push(item);
            }
            queue.shared.has_turns(now)
        };
        for (manner, part) in parts {
            match manner {
                Manner::InTurn if has_turns => self.write_in_turn(part).await,
                manner => self.write_parts(part, manner, None).await,
            }
        }
        self.answers
    }

    /// Waits for this writer's turn, and then writes with these items what has come for shared conversations meanwhile.
    async fn write_in_turn(&mut self, batch: Vec<Item>) {
        self.tell();
        self.writer.queue().put_back(batch);
        let turn = self.take_turn().await;
        let batch = {
            let mut queue = self.writer.queue();
            if let Err(Failed::Contended(reason)) = &turn {
                tracing::warn!(reason, "another node keeps the turn to write messages: this one goes on without");
                queue.shared.go_without_turns(Instant::now());
            }
            queue.take_in_turn()
        };
        match turn {
            Err(Failed::Unavailable(reason)) => self.give_up(batch, &reason),
            turn => self.write_parts(batch, Manner::InTurn, turn.ok()).await,
        }
    }

    async fn take_turn(&self) -> Result<Session, Failed> {
        let mut session = Session::begin(self.connections).await?;
        match session.take_turn(self.writer.turn).await {
            Ok(()) => Ok(session),
            Err(failed) => {
                session.end().await;
                Err(failed)
            }
        }
    }

    /// Writes a batch in one manner. Where something in it is at fault, it is written in halves and under locks, until only what is at
    /// fault has failed.
    async fn write_parts(&mut self, batch: Vec<Item>, manner: Manner, mut session: Option<Session>) {
        let mut parts = vec![(manner, batch)];
        while let Some((manner, mut part)) = parts.pop() {
            self.tell();
            let attempted = self.attempt(&part, manner, session.take()).await;
            if attempted.is_err() {
                self.forget(&part);
            }
            match attempted {
                Ok(outcomes) => {
                    if let Some(checkpoints) = &self.writer.checkpoints {
                        checkpoints.wrote(part.len());
                    }
                    self.settle(part.into_iter().zip(outcomes), manner);
                }
                Err(Failed::Contended(reason) | Failed::Unavailable(reason)) => {
                    self.give_up(part.into_iter().chain(parts.drain(..).flat_map(|(_, part)| part)), &reason);
                }
                Err(Failed::AtFault(error)) if part.len() == 1 && manner == Manner::Locked => {
                    if let Some(item) = part.pop() {
                        item.answer(Err(error.into()));
                    }
                }
                Err(Failed::AtFault(_)) => {
                    let second = part.split_off(part.len() / 2);
                    parts.extend([second, part].map(|part| (Manner::Locked, part)));
                }
            }
        }
    }

    /// Tells those whose messages are written.
    fn tell(&mut self) {
        self.answers.drain(..).for_each(Answer::give);
    }

    fn give_up(&self, items: impl IntoIterator<Item = Item>, reason: &str) {
        for item in items {
            item.answer(Err(StoreError::Unavailable(Cause::new(reason)).into()));
        }
    }

    /// Takes the answers to those that have a verdict. The others wait again, before those who came later.
    fn settle(&mut self, items: impl Iterator<Item = (Item, Outcome)>, manner: Manner) {
        let (mut passed_over, mut met) = (Vec::new(), HashMap::new());
        for (item, outcome) in items {
            match outcome {
                Outcome::Judged { verdict, beside_others } => {
                    if beside_others {
                        met.insert(item.conversation(), Manner::InTurn);
                    }
                    self.answers.push(item.answered(verdict));
                }
                Outcome::Stale => passed_over.push(item),
                Outcome::Held => {
                    met.insert(item.conversation(), manner.next());
                    passed_over.push(item);
                }
            }
        }
        let mut queue = self.writer.queue();
        queue.shared.learn(met, Instant::now());
        queue.put_back(passed_over);
    }

    async fn attempt(&self, part: &[Item], manner: Manner, session: Option<Session>) -> Result<Vec<Outcome>, Failed> {
        let drafts = drafts(part);
        let locks = match manner {
            Manner::Free => return self.write_unlocked(session, &drafts, Locks::Skip).await,
            Manner::InTurn => match self.write_unlocked(session, &drafts, Locks::Wait).await {
                Err(Failed::Contended(_)) => Locks::Skip,
                written => return written,
            },
            Manner::Locked => Locks::Wait,
        };
        let batch = match Batch::lock(self.connections, &drafts, locks).await {
            // Whoever is in the way for too long is left alone: what is for that conversation fails by itself.
            Err(Failed::Contended(_)) => Batch::lock(self.connections, &drafts, Locks::Skip).await,
            locked => locked,
        }?;
        self.forget(part);
        let verdicts = batch.write(&drafts).await?;
        Ok(verdicts.into_iter().map(|verdict| Outcome::Judged { verdict, beside_others: false }).collect())
    }

    async fn write_unlocked(
        &self,
        session: Option<Session>,
        drafts: &[Draft<'_>],
        locks: Locks,
    ) -> Result<Vec<Outcome>, Failed> {
        let mut session = match session {
            Some(session) => session,
            None => Session::begin(self.connections).await?,
        };
        let written = batch::write_unlocked(&mut session, &self.writer.recall, drafts, locks).await;
        session.end().await;
        written
    }

    fn forget(&self, part: &[Item]) {
        let mut recall = self.writer.recall.lock().unwrap_or_else(PoisonError::into_inner);
        recall.forget(part.iter().map(Item::conversation));
    }
}

fn drafts(items: &[Item]) -> Vec<Draft<'_>> {
    items.iter().map(|item| Draft { submission: &item.submission, search_tokens: &item.search_tokens }).collect()
}
