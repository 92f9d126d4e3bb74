//! What the client learns when a part of the server fails: that it may try again, or the request's id and nothing else.
#![allow(clippy::unwrap_used, reason = "a test that fails, panics")]

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::test::{TestRequest, call_service, init_service, read_body_json};
use async_trait::async_trait;
use confab_application::App;
use confab_application::ports::{
    AccountReader, AuditReader, ConversationReader, Credentials, EventReader, ExportReader, FormerHistory,
    InspectedHistory, MailReader, MessageReader, MessageSearcher, Page, PageRequest, PasswordError, PasswordHasher,
    PeopleReader, ReportReader, SessionReader, Store, StoreError, Transaction, UserFilter, Verdict, Weakness,
};
use confab_domain::{EmailAddress, Password, PasswordHash, SessionId, User, UserId};
use confab_http::{Settings, State, service};
use confab_memory::MemoryStore;
use confab_store_contract::testing;
use serde_json::{Value, json};

/// A store whose look-ups fail like this.
struct Failing {
    error: fn() -> StoreError,
    inner: MemoryStore,
}

#[async_trait]
impl AccountReader for Failing {
    async fn find_credentials(&self, _: &EmailAddress) -> Result<Option<Credentials>, StoreError> {
        Err((self.error)())
    }

    async fn list(&self, _: &UserFilter, _: &PageRequest<UserId>) -> Result<Page<User>, StoreError> {
        Err((self.error)())
    }

    async fn find_departing(&self) -> Result<Option<UserId>, StoreError> {
        Err((self.error)())
    }

    async fn find_session_user(&self, _: SessionId) -> Result<Option<User>, StoreError> {
        Err((self.error)())
    }
}

#[async_trait]
impl Store for Failing {
    fn accounts(&self) -> &dyn AccountReader {
        self
    }

    fn sessions(&self) -> &dyn SessionReader {
        self.inner.sessions()
    }

    fn audit(&self) -> &dyn AuditReader {
        self.inner.audit()
    }

    fn conversations(&self) -> &dyn ConversationReader {
        self.inner.conversations()
    }

    fn messages(&self) -> &dyn MessageReader {
        self.inner.messages()
    }

    fn people(&self) -> &dyn PeopleReader {
        self.inner.people()
    }

    fn reports(&self) -> &dyn ReportReader {
        self.inner.reports()
    }

    fn export(&self) -> &dyn ExportReader {
        self.inner.export()
    }

    fn former_history(&self) -> &dyn FormerHistory {
        self.inner.former_history()
    }

    fn inspected_history(&self) -> &dyn InspectedHistory {
        self.inner.inspected_history()
    }

    fn search(&self) -> &dyn MessageSearcher {
        self.inner.search()
    }

    fn events(&self) -> &dyn EventReader {
        self.inner.events()
    }

    fn mails(&self) -> &dyn MailReader {
        self.inner.mails()
    }

    async fn begin(&self) -> Result<Box<dyn Transaction>, StoreError> {
        Err((self.error)())
    }

    async fn check(&self) -> Result<(), StoreError> {
        Err((self.error)())
    }
}

/// A hasher for which too many wait.
struct Full;

#[async_trait]
impl PasswordHasher for Full {
    async fn judge(&self, _: &Password, _: &[&str]) -> Result<Option<Weakness>, PasswordError> {
        Err(PasswordError::Busy)
    }

    async fn hash(&self, _: Password) -> Result<PasswordHash, PasswordError> {
        Err(PasswordError::Busy)
    }

    async fn verify(&self, _: Password, _: Option<PasswordHash>) -> Result<Verdict, PasswordError> {
        Err(PasswordError::Busy)
    }
}

fn app() -> App {
    testing::app(Arc::new(MemoryStore::new()), Arc::default())
}

fn failing(error: fn() -> StoreError) -> App {
    App { store: Arc::new(Failing { error, inner: MemoryStore::new() }), ..app() }
}

fn log_in() -> TestRequest {
    let credentials = json!({ "email": "ada@example.org", "password": "correct horse" });
    TestRequest::post().uri("/api/v1/auth/token").set_json(credentials)
}

/// The answer to a request: its status, its `Retry-After` and its body.
async fn answer(app: App, request: TestRequest) -> (StatusCode, Option<String>, Value) {
    let settings = Settings { rate_limit: None, ..Settings::default() };
    let server = init_service(service(&State::new(app, settings))).await;
    let response = call_service(&server, request.insert_header(("Host", "localhost")).to_request()).await;
    let retry_after = response.headers().get("retry-after").map(|value| value.to_str().unwrap().to_owned());
    (response.status(), retry_after, read_body_json(response).await)
}

#[actix_web::test]
async fn unavailable_storage_is_503_and_worth_another_try() {
    let unavailable = || failing(|| StoreError::Unavailable("the secret host refused".into()));
    for request in [log_in(), TestRequest::get().uri("/readyz")] {
        let (status, retry_after, problem) = answer(unavailable(), request).await;
        assert_eq!((status, problem["code"].as_str()), (StatusCode::SERVICE_UNAVAILABLE, Some("unavailable")));
        assert_eq!(retry_after.as_deref(), Some("1"));
        assert!(!problem.to_string().contains("secret"), "{problem}");
    }
    let (status, _, _) = answer(unavailable(), TestRequest::get().uri("/healthz")).await;
    assert_eq!(status, StatusCode::OK, "the process lives");
}

#[actix_web::test]
async fn a_fault_tells_the_request_id_and_nothing_else() {
    let app = failing(|| StoreError::Internal("a secret statement failed".into()));
    let (status, retry_after, problem) = answer(app, log_in().insert_header(("X-Request-Id", "id-1"))).await;
    assert_eq!((status, retry_after), (StatusCode::INTERNAL_SERVER_ERROR, None));
    assert_eq!((problem["code"].as_str(), problem["request_id"].as_str()), (Some("internal_error"), Some("id-1")));
    assert!(!problem.to_string().contains("secret"), "{problem}");
}

#[actix_web::test]
async fn too_many_log_ins_at_once_are_503_and_worth_another_try() {
    let (status, retry_after, problem) = answer(App { passwords: Arc::new(Full), ..app() }, log_in()).await;
    assert_eq!((status, problem["code"].as_str()), (StatusCode::SERVICE_UNAVAILABLE, Some("busy")));
    assert_eq!(retry_after.as_deref(), Some("2"));
}
