//! The same questions to the product and to the yardstick, and the same answers.

use std::sync::Arc;
use std::time::Duration;

use actix_web::http::header::{AUTHORIZATION, HOST};
use actix_web::test::{TestRequest, call_and_read_body, init_service};
use confab_application::ports::Store;
use confab_application::{App, Viewer};
use confab_bench::fill;
use confab_bench::stage::{Backend, Verifier};
use confab_bench::world::{self, HALL, Size};
use confab_bench::yardsticks::{Source, TransactionLog};
use confab_domain::{RefreshToken, RefreshTokenHash, Session, SessionId, SessionUse, Timestamp};
use confab_http::{Settings, State};
use confab_store_contract::Adapter;
use confab_store_contract::testing::{ManualClock, app};
use sea_orm::prelude::Uuid;

use crate::databases::Fresh;

const SIZE: Size = Size::new(10_000);

async fn filled(backend: Backend) -> (Fresh, App, Source) {
    let fresh = Fresh::new(backend).await;
    let store = Arc::new(fresh.store().await);
    fill::fill(&fresh.database, SIZE).await.unwrap();
    let store: Arc<dyn Store> = store;
    let log = Arc::new(TransactionLog::new(Arc::clone(&store)));
    let app = app(Adapter { store, log }, Arc::new(ManualClock::default()));
    let source = Source::connect(&fresh.database.url(), 2, Duration::from_secs(5)).await.unwrap();
    (fresh, app, source)
}

/// Logs a user in, and gives the token.
async fn log_in(app: &App, user: u32) -> (Viewer, String) {
    let now = app.clock.now();
    let session_id = SessionId::from(app.ids.next());
    let hash = RefreshTokenHash::new([u8::try_from(user).unwrap(); 32]);
    let refresh_token = RefreshToken { hash, family: hash, expires_at: now.plus_seconds(60) };
    let session = Session {
        id: session_id,
        user_id: world::user_id(user),
        device: None,
        created_at: now,
        last_use: SessionUse { at: now, address: None, user_agent: None },
        refresh_token,
        previous_token: None,
    };
    let tx = app.store.begin().await.unwrap();
    let found = tx.users().find_many(&[session.user_id]).await.unwrap().remove(0);
    tx.sessions().insert(&session).await.unwrap();
    tx.commit().await.unwrap();
    let claims = confab_application::ports::AccessClaims {
        user_id: session.user_id,
        session_id,
        issued_at: now,
        expires_at: now.plus_seconds(60),
    };
    (Viewer { user: Arc::new(found), session_id }, app.access_tokens.issue(&claims).unwrap())
}

macro_rules! get {
    ($app:expr, $token:expr, $path:expr) => {{
        let request = TestRequest::get().uri(&$path).insert_header((AUTHORIZATION, format!("Bearer {}", $token)));
        let request = request.insert_header((HOST, "localhost"));
        String::from_utf8(call_and_read_body($app, request.to_request()).await.to_vec()).unwrap()
    }};
}

async fn what_is_read_is_the_same(backend: Backend) {
    let (_fresh, app, source) = filled(backend).await;
    let settings = Settings { rate_limit: None, ..Settings::default() };
    let product = init_service(confab_http::service(&State::new(app.clone(), settings))).await;
    // The last one is in the hall, where nothing has been said, and in groups with few messages.
    for user in [0, 100, 255, 63] {
        let (viewer, token) = log_in(&app, user).await;
        let list = get!(&product, token, "/api/v1/conversations?limit=20");
        assert_eq!(String::from_utf8(source.list(&viewer).await.unwrap()).unwrap(), list);

        let mut conversations = world::groups_by_user().swap_remove(user as usize);
        conversations.extend((user < world::HALL_MEMBERS).then_some(HALL));
        for conversation in conversations {
            let id = world::conversation_id(conversation);
            for before in [None, Some(60), Some(3), Some(1)] {
                let parameter = before.map(|seq| format!("&before_seq={seq}")).unwrap_or_default();
                let path = format!("/api/v1/conversations/{id}/messages?limit=50{parameter}");
                let page = source.history(&viewer, id, before).await.unwrap().unwrap();
                assert_eq!(String::from_utf8(page).unwrap(), get!(&product, token, path), "{conversation} {before:?}");
            }
        }
        let elsewhere = (0..).find(|group| !world::members(*group).contains(&user)).unwrap();
        assert!(source.history(&viewer, world::conversation_id(elsewhere), None).await.unwrap().is_none());
    }
}

/// Whole pages, of which all that the fill says is true.
async fn what_is_filled_is_as_the_product_leaves_it(backend: Backend) {
    let (fresh, app, _) = filled(backend).await;
    let verifier = Verifier::new(&fresh.database).await.unwrap();
    assert_eq!(verifier.count().await.unwrap().messages, u64::from(SIZE.messages()));
    verifier.laws(&[]).await.unwrap();
    verifier.close().await;

    let (viewer, _) = log_in(&app, 9).await;
    let group = world::groups_by_user()[9][0];
    let found = confab_application::conversations::get(&app, &viewer, world::conversation_id(group)).await.unwrap();
    let (view, newest) = (found.0, &found.1[0].message);
    assert_eq!(view.conversation.last_seq, newest.seq);
    assert_eq!(view.conversation.last_activity_at, newest.sent_at);
    assert_eq!(view.conversation.participant_count, view.participants.len() as u64);
    assert_eq!(view.unread.count, 0);
    assert_eq!(newest.body().len(), 120);
    assert_eq!(newest.id.as_uuid().get_version_num(), 7);
    let millis = newest.id.as_uuid().as_u128() >> 80;
    assert_eq!(millis, u128::try_from(newest.sent_at.as_micros() / 1000).unwrap());
    assert!(newest.sent_at > Timestamp::from_micros(world::BEGINNING).unwrap());
    assert_eq!(Uuid::parse_str(newest.client_message_id.as_ref().unwrap().as_str()).unwrap(), newest.id.as_uuid());
}

macro_rules! on_both {
    ($($case:ident),*) => {
        mod sqlite {
            $(#[actix_web::test] async fn $case() { super::$case(super::Backend::Sqlite).await; })*
        }
        mod postgres {
            $(#[actix_web::test] async fn $case() { super::$case(super::Backend::Postgres).await; })*
        }
    };
}

on_both!(what_is_read_is_the_same, what_is_filled_is_as_the_product_leaves_it);
