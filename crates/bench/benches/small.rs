//! Single functions that every request goes through, without a network and without a database.
#![expect(clippy::unwrap_used, reason = "where a benchmark cannot go on, it has failed")]

use std::hint::black_box;
use std::sync::Arc;

use actix_web::http::header::AUTHORIZATION;
use actix_web::test::{TestRequest, call_service, init_service};
use confab_application::ports::{AccessClaims, AccessTokens, Appended, MessageLog, Submission};
use confab_domain::{
    ClientMessageId, Conversation, Draft, Membership, MessageBody, MessageId, Participant, PostingFacts, Role, Sender,
    SessionId, Timestamp, User, post,
};
use confab_http::{Settings, State};
use confab_memory::MemoryStore;
use confab_security::{JwtAccessTokens, KeySet, Keyring};
use confab_store_contract::testing::World;
use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use tokio::runtime::{Builder, Runtime};

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

fn world() -> (World, Arc<MemoryStore>) {
    let store = Arc::new(MemoryStore::new());
    (World::new(Arc::clone(&store)), store)
}

fn draft(world: &World, sender: &User) -> Draft {
    let id: MessageId = world.id();
    let body = MessageBody::parse("x".repeat(120)).unwrap();
    let client_message_id = Some(ClientMessageId::parse(&id.to_string()).unwrap());
    Draft { client_message_id, ..Draft::new(id, sender.id, body) }
}

/// The rule by which a message gets its place.
fn posting(criterion: &mut Criterion) {
    let (world, _) = world();
    let user = world.new_user("ada", Role::Host);
    let group = Conversation::create_group(world.id(), user.id, None, 1, world.now());
    let participant = Participant::join(&group, user.id, Membership::Owner, world.now());
    let facts = PostingFacts {
        conversation: Some(group),
        sender: Some(Sender { participant, role: Role::Host, active: true }),
        earlier: None,
        ..PostingFacts::default()
    };
    let input = || (facts.clone(), draft(&world, &user));
    criterion.bench_function("post rule", |bencher| {
        bencher.iter_batched(input, |(facts, draft)| post(facts, draft, world.now()), BatchSize::SmallInput);
    });
}

/// Who asks, as far as the token says it.
fn access_token(criterion: &mut Criterion) {
    let (world, _) = world();
    let now = Timestamp::from_micros(1_769_851_800_000_000).unwrap();
    let tokens = JwtAccessTokens::new(Arc::new(Keyring::new(KeySet::generate(now).unwrap())));
    let claims = AccessClaims {
        user_id: world.id(),
        session_id: world.id::<SessionId>(),
        issued_at: now,
        expires_at: now.plus_seconds(600),
    };
    let token = tokens.issue(&claims).unwrap();
    criterion.bench_function("access token verified", |bencher| {
        bencher.iter(|| tokens.verify(black_box(&token), now).unwrap());
    });
}

/// A page of 50 messages through all of the HTTP service; the storage is in memory.
fn history_page(criterion: &mut Criterion) {
    let system = actix_web::rt::System::new();
    let (world, _) = world();
    let (service, token, id) = system.block_on(async {
        let user = world.host("ada").await;
        let group = world.group(&[&user]).await;
        let texts: Vec<String> = (0..100).map(|number| format!("{number:0>120}")).collect();
        world.post(group.id, &user, &texts.iter().map(String::as_str).collect::<Vec<_>>()).await;
        let session = world.new_session(&user, 1);
        let tx = world.begin().await;
        tx.sessions().insert(&session).await.unwrap();
        tx.commit().await.unwrap();
        let (now, user_id, session_id) = (world.now(), user.id, session.id);
        let claims = AccessClaims { user_id, session_id, issued_at: now, expires_at: now.plus_seconds(60) };
        let token = world.app.access_tokens.issue(&claims).unwrap();
        let settings = Settings { rate_limit: None, ..Settings::default() };
        let service = init_service(confab_http::service(&State::new(world.app.clone(), settings))).await;
        (service, token, group.id)
    });
    let request = || {
        TestRequest::get()
            .uri(&format!("/api/v1/conversations/{id}/messages?limit=50"))
            .insert_header((AUTHORIZATION, format!("Bearer {token}")))
            .to_request()
    };
    criterion.bench_function("history page of 50 over HTTP, in memory", |bencher| {
        bencher.iter_batched(
            request,
            |request| {
                let response = system.block_on(call_service(&service, request));
                assert!(response.status().is_success());
            },
            BatchSize::SmallInput,
        );
    });
}

/// A message into the log in memory.
fn memory_append(criterion: &mut Criterion) {
    let runtime = runtime();
    let (world, store) = world();
    let (user, group) = runtime.block_on(async {
        let user = world.host("ada").await;
        let group = world.group(&[&user]).await;
        (user, group)
    });
    let input = || Submission { conversation_id: group.id, draft: draft(&world, &user), now: world.now() };
    criterion.bench_function("append to the log in memory", |bencher| {
        bencher.iter_batched(
            input,
            |submission| {
                let appended = runtime.block_on(store.append(submission)).unwrap();
                assert!(matches!(appended, Appended::New(_)));
            },
            BatchSize::SmallInput,
        );
    });
}

criterion_group!(small, posting, access_token, history_page, memory_append);
criterion_main!(small);
