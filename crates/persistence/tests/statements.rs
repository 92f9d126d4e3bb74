//! How many statements each read takes, and that each has an index for what it looks up.
//!
//! One test, for it reads the log of every statement of the process.
#![expect(clippy::unwrap_used, reason = "where a test cannot go on, it has failed")]

#[path = "support/mod.rs"]
#[allow(dead_code, reason = "each test uses a part of it")]
mod support;

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::sync::{Arc, Mutex, PoisonError};

use confab_application::ports::{
    ActivityKey, ConversationFilter, Limit, MessageFilter, Order, Page, PageRequest, Position, StoreError, Submission,
};
use confab_domain::{ConversationId, ConversationKind, EmailAddress, Session, User};
use confab_store_contract::testing::World;
use sea_orm::sqlx::{AssertSqlSafe, Executor as _, Row as _, query, query_scalar};
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::{Context, SubscriberExt as _};
use tracing_subscriber::{Layer, registry};

use support::Place;
use support::postgres::Database;
use support::sqlite::File;

static LOG: Mutex<Vec<String>> = Mutex::new(Vec::new());

#[tokio::test(flavor = "multi_thread")]
async fn a_read_takes_few_statements_however_much_it_reads_and_each_has_its_index() {
    tracing::subscriber::set_global_default(registry().with(LevelFilter::DEBUG).with(Statements)).unwrap();
    let file = File::new().await;
    for sql in reads(&file).await {
        let plan = query(AssertSqlSafe(format!("EXPLAIN QUERY PLAN {sql}")));
        let plan: Vec<String> =
            plan.fetch_all(&mut file.connection().await).await.unwrap().iter().map(|row| row.get("detail")).collect();
        // Not `p` and `page`, which are also what statements within the statement are called.
        for table in ["users", "sessions", "conversations", "participants", "messages", "me", "c", "m", "s", "u"] {
            assert!(!plan.iter().any(|step| *step == format!("SCAN {table}")), "{sql}\n{plan:#?}");
        }
    }

    let database = Database::new().await;
    for sql in reads(&database).await {
        let mut connection = database.connection().await;
        // However small a table is.
        connection.execute("SET enable_seqscan = off; SET plan_cache_mode = force_generic_plan").await.unwrap();
        connection.execute(AssertSqlSafe(format!("PREPARE read AS {sql}"))).await.unwrap();
        let parameters = query_scalar("SELECT cardinality(parameter_types) FROM pg_prepared_statements");
        let parameters: i32 = parameters.fetch_one(&mut connection).await.unwrap();
        let nulls = vec!["NULL"; parameters.unsigned_abs() as usize].join(", ");
        let plan = format!("EXPLAIN EXECUTE read({nulls})").replace("()", "");
        let plan: Vec<String> = query_scalar(AssertSqlSafe(plan)).fetch_all(&mut connection).await.unwrap();
        assert!(!plan.iter().any(|step| step.contains("Seq Scan")), "{sql}\n{plan:#?}");
    }
}

/// Asserts the number of statements of every read, of little and of much; returns the statements.
async fn reads(place: &impl Place) -> Vec<String> {
    let world = World::new(Arc::new(place.store().await));
    let (little, much) = (Content::new(&world, "little", 2).await, Content::new(&world, "much", 100).await);
    let mut statements = Vec::new();
    for (content, items) in [(little, 2), (much, 100)] {
        statements.extend(content.reads(&world, items).await);
    }
    statements
}

/// What a user can see: so many conversations of so many, with so many messages in the last one.
struct Content {
    viewer: User,
    session: Session,
    conversation: ConversationId,
}

impl Content {
    async fn new(world: &World, name: &str, items: usize) -> Self {
        let viewer = world.host(name).await;
        let mut others = Vec::new();
        for number in 0..items {
            others.push(world.host(&format!("{name}{number}")).await);
        }
        let everyone: Vec<&User> = [&viewer].into_iter().chain(&others).collect();
        let mut conversation = None;
        for _ in 0..items {
            let group = world.group_named(Some("Engines"), &everyone).await;
            world.post(group.id, &viewer, &["newest"]).await;
            conversation = Some(group.id);
        }
        let conversation = conversation.unwrap();
        world.post(conversation, &viewer, &vec!["more"; items - 1]).await;
        let session = world.new_session(&viewer, u8::try_from(items).unwrap());
        let tx = world.begin().await;
        tx.sessions().insert(&session).await.unwrap();
        tx.commit().await.unwrap();
        Self { viewer, session, conversation }
    }

    async fn reads(&self, world: &World, items: usize) -> Vec<String> {
        let (store, me) = (world.store(), self.viewer.id);
        let mut log = Vec::new();
        let email: &EmailAddress = &self.viewer.email;
        log.extend(counted(1, store.accounts().find_credentials(email)).await.1);
        log.extend(counted(1, store.accounts().find_session_user(self.session.id)).await.1);
        let (view, statements) = counted(2, store.conversations().find(me, self.conversation)).await;
        assert_eq!(view.unwrap().participants.len(), items + 1);
        log.extend(statements);

        let limit = Limit::new(items).unwrap();
        let all = ConversationFilter::default();
        let some = ConversationFilter {
            participant_id: Some(me),
            kind: Some(ConversationKind::Group),
            title_contains: Some("gin".to_owned()),
        };
        for filter in [all, some] {
            let (page, statements) =
                counted(2, store.conversations().list(me, &filter, &PageRequest::first(limit))).await;
            assert_eq!(page.items.len(), items);
            log.extend(statements);
            let key = ActivityKey::of(&page.items[1].conversation);
            for position in [Position::After(key), Position::Before(key)] {
                let page = PageRequest { limit, position: Some(position) };
                log.extend(counted_up_to(2, store.conversations().list(me, &filter, &page)).await.1);
            }
        }

        let all = MessageFilter::default();
        let some = MessageFilter {
            order: Order::OldestFirst,
            sender_id: Some(me),
            sent_from: Some(world.now()),
            sent_before: Some(world.now().plus_seconds(1)),
            ..all.clone()
        };
        for filter in [all, some] {
            let first = PageRequest::first(limit);
            let (page, statements) = counted(2, store.messages().history(me, self.conversation, &filter, &first)).await;
            let page: Page<_> = page.unwrap();
            assert_eq!(page.items.len(), items);
            log.extend(statements);
            let seq = page.items[1].message.seq;
            for position in [Position::After(seq), Position::Before(seq)] {
                let page = PageRequest { limit, position: Some(position) };
                log.extend(counted(2, store.messages().history(me, self.conversation, &filter, &page)).await.1);
            }
            let id = page.items[0].message.id;
            log.extend(counted(1, store.messages().find(me, self.conversation, id)).await.1);
        }
        counted(2, store.check()).await;
        log.extend(self.appends(world, items).await);
        log
    }

    /// Messages that are appended at once: one batch takes as many statements as the other.
    async fn appends(&self, world: &World, items: usize) -> Vec<String> {
        let append = async || {
            let submissions = (0..items).map(|_| {
                let (log, draft) = (Arc::clone(&world.app.log), world.draft(&self.viewer, "x"));
                let submission = Submission { conversation_id: self.conversation, draft, now: world.now() };
                async move { log.append(submission).await.unwrap() }
            });
            // The first makes a batch of its own, behind which the others gather.
            let appended: Vec<_> = submissions.map(tokio::spawn).collect();
            for appended in appended {
                appended.await.unwrap();
            }
            Ok::<_, StoreError>(())
        };
        let statements = counted_up_to(30, append()).await.1;
        let texts: BTreeSet<_> = statements.into_iter().filter(|sql| sql.contains('(')).collect();
        assert!((3..=5).contains(&texts.len()), "{texts:#?}");
        texts.into_iter().collect()
    }
}

/// Asserts that something takes so many statements, and returns them.
async fn counted<T, E: Debug>(count: usize, read: impl Future<Output = Result<T, E>>) -> (T, Vec<String>) {
    let (value, statements) = counted_up_to(count, read).await;
    assert_eq!(statements.len(), count, "{statements:#?}");
    (value, statements)
}

async fn counted_up_to<T, E: Debug>(most: usize, read: impl Future<Output = Result<T, E>>) -> (T, Vec<String>) {
    LOG.lock().unwrap_or_else(PoisonError::into_inner).clear();
    let value = read.await.unwrap();
    let statements = std::mem::take(&mut *LOG.lock().unwrap_or_else(PoisonError::into_inner));
    assert!(statements.len() <= most, "{statements:#?}");
    (value, statements)
}

/// Keeps the text of each statement that is logged.
struct Statements;

impl<S: tracing::Subscriber> Layer<S> for Statements {
    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        if event.metadata().target() == "sqlx::query" {
            let mut text = Text::default();
            event.record(&mut text);
            let sql = if text.statement.is_empty() { text.summary } else { text.statement };
            // Whenever the pool opens one more connection to a file.
            if !sql.starts_with("PRAGMA foreign_keys = ON") {
                LOG.lock().unwrap_or_else(PoisonError::into_inner).push(sql);
            }
        }
    }
}

#[derive(Default)]
struct Text {
    summary: String,
    statement: String,
}

impl tracing::field::Visit for Text {
    fn record_str(&mut self, field: &tracing::field::Field, value: &str) {
        match field.name() {
            "summary" => value.clone_into(&mut self.summary),
            "db.statement" => value.trim().clone_into(&mut self.statement),
            _ => {}
        }
    }

    fn record_debug(&mut self, _: &tracing::field::Field, _: &dyn Debug) {}
}
