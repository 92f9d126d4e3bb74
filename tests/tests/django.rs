//! Accounts that came from Django: their hashes are good for a log-in, and are replaced by it.
#![allow(clippy::unwrap_used, reason = "a test that fails, panics")]

use confab_tests::{Backend, Person, Server, on_each_backend};
use futures_util::future::join_all;
use sea_orm::{ConnectionTrait as _, Statement};
use serde_json::json;

const PASSWORD: &str = "Zwölf Boxkämpfer jagen Viktor";

/// What Django 5.2.19 made of that password with `make_password(password, hasher=…)`, argon2-cffi and bcrypt from PyPI.
const DJANGO: [&str; 4] = [
    "pbkdf2_sha256$1000000$mJKZhJ1RtUKTsWCQUmhR4E$OXlULoKgVKNyJQhfR/2zqGdd4vE5FKLnbS+DtgonrYg=",
    "argon2$argon2id$v=19$m=102400,t=2,p=8$M0dxSEwwN0k2VzNUd0F2amdoank5UQ$ULUh704tCcrj7Kb0csVoE0Xgi3rx59TPUh2T4lPmooA",
    "bcrypt_sha256$$2b$12$NDBuaGYwVpC4SQcrH2.n8.ix9LxaYX.pPwIOG.TzfJ8sOfE3/kVj.",
    "scrypt$16384$qf2frYJPeXdYG7MJ4QXXbF$8$5$EVK4LSzOmtQ1DjKhKqgoMLKU/fj9C9eKg5syM2CHCN4D1K6//lFWajue0yRCj9I+escWEoIcpdadZBmsc7oaFg==",
];

on_each_backend!([sqlite, postgres]
    hashes_that_django_made_log_in_and_are_replaced,
    many_log_ins_at_once_on_an_old_hash_all_succeed,
);

/// An account whose hash is this one.
async fn from_django(server: &Server, name: &str, hash: &str) -> Person {
    let person = server.api().sign_up(name).await;
    let database = server.database().await;
    let update = format!("UPDATE users SET password_hash = '{hash}' WHERE email = '{}'", person.email);
    let result = database.execute_unprepared(&update).await.unwrap();
    assert_eq!(result.rows_affected(), 1);
    database.close().await.unwrap();
    Person { password: PASSWORD.to_owned(), ..person }
}

async fn stored(server: &Server, person: &Person) -> String {
    let database = server.database().await;
    let select = format!("SELECT password_hash FROM users WHERE email = '{}'", person.email);
    let row = database.query_one_raw(Statement::from_string(database.get_database_backend(), select)).await;
    let hash = row.unwrap().unwrap().try_get_by_index(0).unwrap();
    database.close().await.unwrap();
    hash
}

async fn hashes_that_django_made_log_in_and_are_replaced(backend: Backend) {
    let server = Server::start(backend).await;
    for (number, hash) in DJANGO.into_iter().enumerate() {
        let ada = from_django(&server, &format!("ada{number}"), hash).await;
        let wrong = json!({ "email": ada.email, "password": "Zwölf Boxkämpfer jagen Victor" });
        server.api().post("/api/v1/auth/token", &wrong).await.expect(401);
        assert_eq!(stored(&server, &ada).await, hash);

        let ada = Person::log_in(server.api(), &ada.email, PASSWORD).await;
        let replaced = stored(&server, &ada).await;
        assert!(replaced.starts_with("$argon2id$"), "{hash}: {replaced}");
        ada.get("/api/v1/users/me").await.expect(200);

        Person::log_in(server.api(), &ada.email, PASSWORD).await;
        assert_eq!(stored(&server, &ada).await, replaced);
        server.api().post("/api/v1/auth/token", &wrong).await.expect(401);
    }
}

/// All of them find the old hash, and one replaces it under the others' feet.
async fn many_log_ins_at_once_on_an_old_hash_all_succeed(backend: Backend) {
    let server = Server::start(backend).await;
    let ada = from_django(&server, "ada", DJANGO[3]).await;
    let log_ins = (0..8).map(|_| Person::log_in(server.api(), &ada.email, PASSWORD));
    for ada in join_all(log_ins).await {
        ada.get("/api/v1/users/me").await.expect(200);
    }
    assert!(stored(&server, &ada).await.starts_with("$argon2id$"));
}
